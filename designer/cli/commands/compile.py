"""``designer compile``: a pipeline as files for Azure Machine Learning."""

from __future__ import annotations

from pathlib import Path

import click

from designer.azure.gc_pause import paused_gc
from designer.cli.errors import InputError
from designer.cli.listing import datasets_for, examples, modules_of
from designer.cli.remote_runs import TARGETS
from designer.cli.run_report import print_problems
from designer.cli.run_values import dataset_option, given_values, parameters_option


@click.command(
    epilog=examples(
        "designer compile cars.pipeline.json --to azureml-v2 -o out",
        "designer compile cars.pipeline.json --to azureml-v1 -o out --compute gpu",
        "designer compile cars.pipeline.json --to azureml-v2 -o out --param n=9",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Choice(TARGETS),
    required=True,
    help="SDK that the files are for.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder to write.",
)
@click.option(
    "--compute",
    metavar="NAME",
    help="Compute target. Default: the pipeline's, or cpu-cluster.",
)
@click.option("--image", metavar="NAME", help="Base image of the environment.")
@parameters_option
@dataset_option
@click.option(
    "--workspace",
    "workspace_folder",
    type=click.Path(path_type=Path, file_okay=False, readable=False),
    help="Workspace folder with the registered datasets.",
)
@click.option("--force", is_flag=True, help="Write to a folder that contains other files.")
@paused_gc()
def compile(
    file: Path,
    target: str,
    folder: Path,
    compute: str | None,
    image: str | None,
    given: tuple[str, ...],
    registered: tuple[str, ...],
    workspace_folder: Path | None,
    force: bool,
) -> None:
    """Compile the pipeline in FILE for Azure Machine Learning.

    This needs no network and no sign-in. The folder contains the code, the environment, the data,
    and the pipeline: pipeline.py for SDK v1, pipeline.yml for SDK v2.
    The exit status is 2 if the pipeline or an option is wrong; then nothing is written.
    """
    from designer.azure.compile.compiling import compile_pipeline, summary
    from designer.azure.compile.data_references import registered_datasets
    from designer.azure.compile.describing import describe
    from designer.azure.compile.problems import FolderError, check_sdk
    from designer.azure.compile.steps import is_compute_name
    from designer.azure.errors import AzureError
    from designer.packaging.errors import PackagingError
    from designer.pipeline.file import SUFFIX, read
    from designer.workspace import Workspace

    if compute is not None and not is_compute_name(compute):
        raise InputError(f"“{compute}” can't be the name of a compute target.")
    workspace = Workspace(workspace_folder)
    pipeline = read(file, workspace.modules_folder)
    catalog = modules_of(workspace)
    try:
        check_sdk(target.removeprefix("azureml-"))
        there = registered_datasets(registered)
        description = describe(
            pipeline,
            catalog,
            base=file.absolute().parent,
            name=file.name.removesuffix(SUFFIX),
            parameters=given_values(pipeline, given),
            resolve=workspace.resolve,
            datasets=[*datasets_for(pipeline, workspace), *there],
            registered=there,
        )
        compile_pipeline(description, target, folder, compute=compute, image=image, force=force)
    except PackagingError as error:
        print_problems(error.problems)
        raise click.exceptions.Exit(2) from None
    except (AzureError, FolderError) as error:
        raise InputError(error.message, error.hint) from None
    click.echo(summary(description, target, folder))
