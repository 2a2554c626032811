"""``designer deploy``: from a pipeline file to an endpoint in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import examples, json_option, workspace_option
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.deployment import ServingError
    from designer.deployment.options import TargetOptions
    from designer.deployment.problem import Remedy
    from designer.workspace import Workspace

# Named here too, so that asking for help imports nothing of serving.
TARGETS = ("local", "docker", "aci", "aks", "managed")
_SIGN_INS = ("browser", "device-code", "azure-cli", "managed-identity", "environment")

_REMEDIES: Mapping[Remedy, str] = {
    "allow-code": "--allow-code",
    "cluster": "--cluster NAME",
    "delete": "designer endpoints delete {}",
    "files": "--dry-run -o DIR",
    "run": "designer run {}",
    "show": "designer endpoints show {}",
    "start": "designer endpoints start {}",
}
"""What is typed for each remedy."""


@click.command(
    epilog=examples(
        "designer deploy cars.pipeline.json --name cars",
        "designer deploy cars.pipeline.json --name cars --port 8080",
        "designer deploy cars.pipeline.json --name cars --target managed",
        "designer deploy cars.pipeline.json --name cars --target aci --dry-run -o out",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The endpoint's name.")
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="local",
    show_default=True,
    help="Where it runs: this computer, a container of Docker's, Azure Container Instances, "
    "Azure Kubernetes Service, or a managed online endpoint of Azure ML's.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="local, docker: its port; by default the next that is free.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Azure: the config.json of the workspace; default: the one beside FILE, or here.",
)
@click.option("--sign-in", type=click.Choice(_SIGN_INS), help="Azure: how you sign in.")
@click.option("--cores", type=float, help="docker, aci, aks: cores of each instance; default 1.")
@click.option("--memory", type=float, help="docker, aci, aks: GB of each instance; default 2.")
@click.option("--instances", type=int, help="aks, managed: how many; default 1.")
@click.option(
    "--instance-type", metavar="TYPE", help="managed: the machine; default Standard_DS3_v2."
)
@click.option("--cluster", metavar="NAME", help="aks: the cluster in the workspace.")
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
@click.option("--no-register", is_flag=True, help="Do not register the model on this computer.")
@click.option("--dry-run", is_flag=True, help="Only write the files of the deployment into -o.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for --dry-run.",
)
@workspace_option
@json_option
def deploy(
    file: Path,
    name: str,
    target: str,
    key: str | None,
    scores: tuple[str, ...],
    no_register: bool,
    dry_run: bool,
    output: Path | None,
    folder: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Deploy the pipeline in FILE as an endpoint that answers requests.

    FILE is an inference pipeline, or a training pipeline that was run. The endpoint goes
    on when this command has ended; see designer endpoints. The exit status is 2 if
    something was wrong before anything was deployed, and 1 if the deployment failed.
    """
    from designer.deployment import ServingError
    from designer.deployment.options import AZURE, TargetOptions
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    if dry_run != (output is not None):
        raise InputError("--dry-run and -o belong together.", "Give both or none.")
    if target in AZURE and not dry_run and given["config"] is None:
        given["config"] = _config_near(file)
    try:
        options = TargetOptions(**{each: it for each, it in given.items() if it is not None})
        if output is not None:
            _write_files(workspace, file, name, target, options, output, scores, as_json)
        else:
            _deploy(
                workspace, file, name, target, options, _key(key), scores, not no_register, as_json
            )
    except ServingError as error:
        raise as_click(error) from error


def as_click(error: ServingError) -> click.ClickException:
    """Return an error of serving as one of the command line."""
    hint = error.hint
    if error.remedy is not None:
        words = _REMEDIES[error.remedy].format(error.subject)
        hint = f"{hint.removesuffix('.')}: {words}"
    if error.wrong_input:
        return InputError(error.message, hint)
    return click.ClickException(f"{error.message}\nHint: {hint}" if hint else error.message)


def _deploy(
    workspace: Workspace,
    file: Path,
    name: str,
    target: str,
    options: TargetOptions,
    key: str | None,
    scores: tuple[str, ...],
    register: bool,
    as_json: bool,
) -> None:
    from designer.deployment.deploying import deploy as deploy_now

    made = deploy_now(
        workspace,
        file,
        name,
        target,
        options,
        key=key,
        scores=scores,
        register=register,
        on_step=_sayer(),
    )
    if as_json:
        print_json(made.to_json())
        return
    for text in made.said:
        click.echo(f"- {text}")
    click.echo(f"The endpoint “{name}”, version {made.version}, is ready.")
    click.echo(f"Address: {made.url}")
    click.echo(f"Key:     {made.key}")
    if made.portal:
        click.echo(f"Studio:  {made.portal}")
    click.echo(f"Logs:    {made.logs}")
    click.echo(f"Example: designer endpoints consume {name} --language curl")


def _write_files(
    workspace: Workspace,
    file: Path,
    name: str,
    target: str,
    options: TargetOptions,
    output: Path,
    scores: tuple[str, ...],
    as_json: bool,
) -> None:
    from designer.deployment.targets import write_deployment

    made = write_deployment(
        workspace,
        file,
        name,
        target,
        output,
        scores=scores,
        options=options,
        on_step=_sayer(),
    )
    if as_json:
        files = [path.as_posix() for path in made.files]
        print_json({"name": name, "target": target, "folder": str(output), "files": files})
        return
    for text in made.said:
        click.echo(f"- {text}")
    click.echo(f"The files of the deployment are in “{output}”; README.txt says how to use them.")


def _config_near(file: Path) -> Path:
    beside = file.absolute().parent / "config.json"
    return beside if beside.is_file() else Path("config.json")


def _key(given: str | None) -> str | None:
    return sys.stdin.readline().strip() if given == "-" else given


def _sayer() -> Callable[[str, str, str], None]:
    """Return what prints steps, on the standard error of now: later an SDK may be silenced."""
    from designer.deployment.steps import FILE_STEPS, STEPS

    titles, stream = {**STEPS, **FILE_STEPS}, sys.stderr

    def say(step: str, status: str, text: str) -> None:
        if status == "running":
            click.echo(f"{titles[step]} … {text}".rstrip(), file=stream)

    return say
