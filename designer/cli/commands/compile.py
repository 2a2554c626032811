"""``designer compile``: a pipeline as files for Azure Machine Learning."""

from __future__ import annotations

from pathlib import Path

import click

from designer.azure.gc_pause import no_collections
from designer.cli.errors import InputError
from designer.cli.listing import datasets_for, examples, modules_of
from designer.cli.run_report import print_problems
from designer.cli.run_values import dataset_option, given_values, parameters_option

_START = {
    "azureml-v1": "Put the config.json of your workspace there, then: python pipeline.py",
    "azureml-v2": "Send it with: az ml job create --file pipeline.yml",
}


@click.command(
    epilog=examples(
        "designer compile cars.pipeline.json --to azureml-v2 -o out",
        "designer compile cars.pipeline.json --to azureml-v1 -o out --compute gpu",
        "designer compile cars.pipeline.json --to azureml-v2 -o out --parameters n=9",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Choice(list(_START)),
    required=True,
    help="The SDK of Azure ML that the files are for.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="The folder to write.",
)
@click.option(
    "--compute",
    metavar="NAME",
    help="The compute target; default: the pipeline's, or cpu-cluster.",
)
@click.option("--image", metavar="NAME", help="The image that the environment is built on.")
@parameters_option
@dataset_option
@click.option(
    "--workspace",
    "workspace_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace folder that registered datasets are in.",
)
@click.option("--force", is_flag=True, help="Write into a folder that holds other things.")
@no_collections()
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

    Needs no network and no login. The folder gets the code, the environment, the data
    and what starts the pipeline: pipeline.py for SDK v1, pipeline.yml for SDK v2.
    The exit status is 2 if the pipeline or an option is wrong; then nothing is written.
    """
    from designer.azure.compile.compiling import compile_pipeline
    from designer.azure.compile.data_references import registered_datasets
    from designer.azure.compile.problems import CompileError, FolderError, check_sdk
    from designer.azure.compile.steps import describe, is_compute_name
    from designer.azure.errors import AzureError
    from designer.pipeline.file import SUFFIX, read
    from designer.workspace import Workspace

    if compute is not None and not is_compute_name(compute):
        raise InputError(f"“{compute}” can't be the name of a compute target.")
    pipeline = read(file)
    workspace = Workspace(workspace_folder)
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
    except CompileError as error:
        print_problems(error.problems)
        raise click.exceptions.Exit(2) from None
    except (AzureError, FolderError) as error:
        raise InputError(error.message, error.hint) from None
    count = len(description.steps)
    click.echo(f"“{folder}” holds {count} step{'s' if count != 1 else ''}. {_START[target]}")
