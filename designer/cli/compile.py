"""``designer compile``: a pipeline as files for Azure Machine Learning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError

if TYPE_CHECKING:
    from designer.azure.problems import CompileError
    from designer.pipeline.model import Pipeline

_START = {
    "azureml-v1": "Put the config.json of your workspace there, then: python pipeline.py",
    "azureml-v2": "Send it with: az ml job create --file pipeline.yml",
}


@click.command()
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
@click.option(
    "--parameters",
    "given",
    metavar="FILE|NAME=VALUE",
    multiple=True,
    help="Values of pipeline parameters, as a JSON file or one by one; may be repeated.",
)
@click.option(
    "--workspace",
    "workspace_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace folder that registered datasets are in.",
)
@click.option("--force", is_flag=True, help="Write into a folder that holds other things.")
def compile(
    file: Path,
    target: str,
    folder: Path,
    compute: str | None,
    image: str | None,
    given: tuple[str, ...],
    workspace_folder: Path | None,
    force: bool,
) -> None:
    """Compile the pipeline in FILE for Azure Machine Learning.

    Needs no network and no login. The folder gets the code, the environment, the data
    and what starts the pipeline: pipeline.py for SDK v1, pipeline.yml for SDK v2.
    The exit status is 2 if the pipeline or an option is wrong; then nothing is written.
    """
    from designer.azure.compiling import compile_pipeline
    from designer.azure.problems import CompileError, FolderError, check_sdk
    from designer.azure.steps import describe, is_compute_name
    from designer.catalog import load_catalog
    from designer.pipeline.file import SUFFIX, read
    from designer.workspace import Workspace

    if compute is not None and not is_compute_name(compute):
        raise InputError(f"“{compute}” can't be the name of a compute target.")
    pipeline = read(file)
    workspace = Workspace(workspace_folder)
    own_modules = workspace.folder / "modules"
    catalog = load_catalog(own_modules if own_modules.is_dir() else None)
    for problem in catalog.problems:
        click.secho(f"A module can't be loaded. {problem}", fg="yellow", err=True)
    try:
        check_sdk(target.removeprefix("azureml-"))
        description = describe(
            pipeline,
            catalog,
            base=file.absolute().parent,
            name=file.name.removesuffix(SUFFIX),
            parameters=_values(pipeline, given),
            resolve=workspace.resolve,
            datasets=list(workspace.datasets()),
        )
        compile_pipeline(description, target, folder, compute=compute, image=image, force=force)
    except CompileError as error:
        _say(error)
        raise click.exceptions.Exit(2) from None
    except FolderError as error:
        raise InputError(error.message, error.hint) from None
    count = len(description.steps)
    click.echo(f"“{folder}” holds {count} step{'s' if count != 1 else ''}. {_START[target]}")


def _values(pipeline: Pipeline, given: tuple[str, ...]) -> dict[str, Any]:
    """Return values of pipeline parameters from JSON files and ``NAME=VALUE`` texts."""
    from designer.cli.run import parameter_values

    values: dict[str, Any] = {}
    for text in given:
        if "=" in text and not Path(text).is_file():
            values |= parameter_values(pipeline, (text,))
            continue
        try:
            content = json.loads(Path(text).read_text("utf-8"))
        except FileNotFoundError:
            hint = "Give NAME=VALUE, or a JSON file."
            raise InputError(f"There is no file “{text}”.", hint) from None
        except ValueError as error:
            raise InputError(f"“{text}” is not JSON: {error}.") from None
        if not isinstance(content, dict):
            raise InputError(f"“{text}” doesn't hold one JSON object.")
        values |= content
    return values


def _say(error: CompileError) -> None:
    for problem in error.problems:
        place = ".".join(filter(None, (problem.node, problem.port or problem.parameter)))
        click.echo(f"Error: {f'{place}: ' if place else ''}{problem.message}", err=True)
        if problem.hint:
            click.echo(f"    {problem.hint}", err=True)
