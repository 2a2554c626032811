"""``designer deploy``: from a pipeline file to an endpoint in one line."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import examples, json_option, near_file, workspace_option
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.deployment import ServingError
    from designer.deployment.options import Option
    from designer.deployment.problem import Remedy
    from designer.deployment.target import DeploymentTarget

_REMEDIES: Mapping[Remedy, str] = {
    "allow": "--allow {}",
    "delete": "designer endpoints delete {}",
    "files": "--dry-run -o DIR",
    "run": "designer run {}",
    "show": "designer endpoints show {}",
    "start": "designer endpoints start {}",
}
"""The command for each remedy."""


def allow_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option ``--allow``; ``what`` is what the effects are allowed of."""
    return click.option(
        "--allow",
        type=click.Choice(["code", "reads", "writes"]),
        multiple=True,
        help=f"Allow {what} to run custom code, or to read or write elsewhere. Can be repeated.",
    )


class _DeployCommand(click.Command):
    """A command with the options of all deployment targets, found when they are needed."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, those of the targets after the name."""
        file, name, *rest = super().get_params(ctx)
        return [file, name, *_target_parameters(), *rest]


@click.command(
    cls=_DeployCommand,
    epilog=examples(
        "designer deploy cars.pipeline.json --name cars",
        "designer deploy cars.pipeline.json --name cars --port 8080",
        "designer deploy cars.pipeline.json --name cars --target managed",
        "designer deploy cars.pipeline.json --name cars --target aci --dry-run -o out",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="Name of the endpoint.")
@click.option("--key", help="Primary key; “-” reads it from stdin. Default: a random key.")
@click.option(
    "--score",
    "scores",
    metavar="NODE",
    multiple=True,
    help="Scoring step of a training pipeline to include. Can be repeated.",
)
@click.option(
    "--explain", is_flag=True, help="Return the contributions of the columns to each prediction."
)
@allow_option("the pipeline, if it wasn't run here,")
@click.option("--no-register", is_flag=True, help="Don't register the model on this computer.")
@click.option("--dry-run", is_flag=True, help="Only write the files of the deployment to -o.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for --dry-run.",
)
@workspace_option
@json_option
def deploy(
    file: Path,
    name: str,
    target: str,
    key: str | None,
    scores: tuple[str, ...],
    explain: bool,
    allow: tuple[str, ...],
    no_register: bool,
    dry_run: bool,
    output: Path | None,
    folder: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Deploy the pipeline in FILE as an endpoint.

    FILE is an inference pipeline, or a training pipeline that was run. The endpoint keeps
    running after this command; see designer endpoints. The exit status is 2 if something was
    wrong before anything was deployed, and 1 if the deployment failed.
    """
    from designer.deployment import ServingError
    from designer.deployment.deploying import deploy as deploy_now
    from designer.deployment.dry_run import write_deployment
    from designer.deployment.targets import find_target
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    if dry_run != (output is not None):
        raise InputError("--dry-run and -o must be used together.", "Use both or neither.")
    kind = find_target(target)
    for option in kind.options:
        if option.file_name and options[option.name] is None:
            options[option.name] = near_file(file, option.file_name)
    more: dict[str, Any] = {
        "scores": scores,
        "options": options,
        "allow": allow,
        "explain": explain,
    }
    more["on_step"] = _reporter(kind)
    try:
        if output is not None:
            written = write_deployment(workspace, file, name, target, output, **more)
            paths = [path.as_posix() for path in written.files]
            document = {"name": name, "target": target, "folder": str(output), "files": paths}
            messages = written.messages
            lines = [f"The files are in “{output}”; see README.txt for how to use them."]
        else:
            made = deploy_now(
                workspace,
                file,
                name,
                target,
                key=sys.stdin.readline().strip() if key == "-" else key,
                register=not no_register,
                **more,
            )
            document, messages = made.to_json(), made.messages
            lines = [
                f"The endpoint “{name}”, version {made.version}, is ready.",
                f"URL:     {made.url}",
                f"Key:     {made.key}",
                *([f"Studio:  {made.portal}"] if made.portal else []),
                f"Logs:    {made.logs}",
                f"Example: designer endpoints consume {name} --language curl",
            ]
    except ServingError as error:
        raise as_click(error) from error
    if as_json:
        print_json(document)
        return
    for line in (*(f"- {message}" for message in messages), *lines):
        click.echo(line)


def as_click(error: ServingError) -> click.ClickException:
    """Return an error of serving as one of the command line."""
    hint = error.hint
    if error.remedy is not None:
        # An option that is repeated.
        subject = error.subject.replace(",", " --allow ")
        hint = f"{hint.removesuffix('.')}: {_REMEDIES[error.remedy].format(subject)}"
    elif error.option and hint:
        hint = f"{hint.removesuffix('.')}: {_flag(error.option)}"
    if error.wrong_input:
        return InputError(error.message, hint)
    return click.ClickException(f"{error.message}\nHint: {hint}" if hint else error.message)


def _target_parameters() -> list[click.Parameter]:
    from designer.deployment.targets import targets

    return list(_parameters_of(tuple(targets().values())))


@functools.cache
def _parameters_of(found: tuple[type[DeploymentTarget], ...]) -> tuple[click.Parameter, ...]:
    """Return --target, and the options of the targets, each once."""
    from designer.deployment.targets import options_by_name

    listed = ", ".join(f"{each.name} ({each.title})" for each in found)
    made: list[click.Parameter] = [
        click.Option(
            ["--target"],
            type=click.Choice([each.name for each in found]),
            default=found[0].name,
            help=f"Where the endpoint runs: {listed}. Default: {found[0].name}.",
        )
    ]
    for name, option in options_by_name(found).items():
        names = [each.name for each in found if name in options_by_name([each])]
        default = option.default_text if option.default is None else _text(option.default)
        help = f"{option.help.removesuffix('.')} ({', '.join(names)})."
        help += f" Default: {default}." if default else ""
        made.append(click.Option([_flag(name)], type=_type_of(option), help=help))
    return tuple(made)


def _type_of(option: Option) -> click.ParamType[Any]:
    if option.kind == "integer":
        return click.IntRange(int(option.minimum), int(option.maximum))
    if option.kind == "number":
        return click.FLOAT
    if option.kind == "choice":
        return click.Choice(list(option.choices))
    return click.Path(path_type=Path) if option.kind == "file" else click.STRING


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _reporter(target: type[DeploymentTarget]) -> Callable[[str, str, str], None]:
    """Return what prints steps, on the stderr of now: an SDK may be silenced later."""
    from designer.deployment.steps import FILE_STEPS

    titles, stream = {**target.steps, **FILE_STEPS}, sys.stderr

    def report(step: str, status: str, text: str) -> None:
        if status == "running":
            click.echo(f"{titles[step]} … {text}".rstrip(), file=stream)

    return report
