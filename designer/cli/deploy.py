"""``designer deploy``: from a pipeline file to an endpoint in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from designer.cli.errors import InputError
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.serving import ServingError

TARGETS = ("local", "docker", "aci", "aks", "managed")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The endpoint's name.")
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="local",
    show_default=True,
    help="Where it runs: this computer, a container, or a service of Azure.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Its port; by default the next that is free."
)
@click.option(
    "--key",
    help="Its primary key; “-” reads it from the standard input. By default one is made.",
)
@click.option(
    "--score",
    "scores",
    metavar="NODE",
    multiple=True,
    help="Of a training pipeline: take only this scoring step; may be repeated.",
)
@click.option("--no-register", is_flag=True, help="Do not register the model.")
@click.option("--dry-run", is_flag=True, help="Only write the files of the deployment into -o.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for --dry-run.",
)
@click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace folder to use.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def deploy(
    file: Path,
    name: str,
    target: str,
    port: int | None,
    key: str | None,
    scores: tuple[str, ...],
    no_register: bool,
    dry_run: bool,
    output: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Deploy the pipeline in FILE as an endpoint that answers requests.

    FILE is an inference pipeline, or a training pipeline that was run. On this computer
    the endpoint goes on when this command has ended; see designer endpoints.
    """
    from designer.serving import ServingError
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    if dry_run != (output is not None):
        raise InputError("--dry-run and -o belong together.", "Give both or none.")
    try:
        if output is not None:
            _write_files(workspace, file, name, target, output, scores, port, as_json)
        elif target != "local":
            raise InputError(
                f"Deploying to {target} from here is not available in this version.",
                "Write its files with --dry-run -o DIR, and run the script among them.",
            )
        else:
            _deploy_here(workspace, file, name, port, _key(key), scores, not no_register, as_json)
    except ServingError as error:
        raise as_click(error) from error


def as_click(error: ServingError) -> click.ClickException:
    """Return an error of serving as one of the command line."""
    if error.wrong_input:
        return InputError(error.message, error.hint)
    return click.ClickException(
        f"{error.message}\nHint: {error.hint}" if error.hint else error.message
    )


def _deploy_here(
    workspace: object,
    file: Path,
    name: str,
    port: int | None,
    key: str | None,
    scores: tuple[str, ...],
    register: bool,
    as_json: bool,
) -> None:
    from designer.serving.deploying import deploy as deploy_here
    from designer.serving.targets import TargetOptions
    from designer.workspace import Workspace

    assert isinstance(workspace, Workspace)
    made = deploy_here(
        workspace,
        file,
        name,
        options=TargetOptions(port=port),
        key=key,
        scores=scores,
        register=register,
        on_step=_say_step,
    )
    if as_json:
        print_json(made.to_json())
        return
    for text in made.said:
        click.echo(f"- {text}")
    click.echo(f"The endpoint “{name}”, version {made.version}, is ready.")
    click.echo(f"Address: {made.url}")
    click.echo(f"Key:     {made.key}")
    click.echo(f"Example: designer endpoints consume {name} --language curl")


def _write_files(
    workspace: object,
    file: Path,
    name: str,
    target: str,
    output: Path,
    scores: tuple[str, ...],
    port: int | None,
    as_json: bool,
) -> None:
    from designer.serving.targets import TargetOptions, write_deployment
    from designer.workspace import Workspace

    assert isinstance(workspace, Workspace)
    made = write_deployment(
        workspace, file, name, target, output, scores=scores, options=TargetOptions(port=port)
    )
    if as_json:
        files = [path.as_posix() for path in made.files]
        print_json({"name": name, "target": target, "folder": str(output), "files": files})
        return
    for text in made.said:
        click.echo(f"- {text}")
    click.echo(f"The files of the deployment are in “{output}”; README.txt says how to use them.")


def _key(given: str | None) -> str | None:
    return sys.stdin.readline().strip() if given == "-" else given


def _say_step(step: str, status: str, text: str) -> None:
    from designer.serving.deploying import STEPS

    if status == "running":
        click.echo(f"{STEPS[step]} … {text}".rstrip(), err=True)
