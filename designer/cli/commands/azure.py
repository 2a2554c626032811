"""``designer azure``: what is scheduled and published in an Azure ML workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.azure.sign_in import SIGN_INS
from designer.cli.listing import FullHelpGroup, ListGroup, examples, json_option, print_grid
from designer.cli.output import print_json
from designer.cli.remote_runs import TARGETS, print_to_stderr, translated_errors

if TYPE_CHECKING:
    from designer.azure.submission_target import SubmissionTarget

Command = Callable[..., Any]


def _workspace_options(function: Command) -> Command:
    for option in (
        click.option(
            "--config",
            "config_path",
            type=click.Path(path_type=Path),
            default=Path("config.json"),
            help="The config.json of the Azure ML workspace. Default: the one in the current "
            "folder.",
        ),
        click.option(
            "--sign-in",
            type=click.Choice(list(SIGN_INS)),
            default="browser",
            show_default=True,
            help="How to sign in to Azure.",
        ),
    ):
        function = option(function)
    return function


_sdk_option = click.option(
    "--sdk",
    "target",
    type=click.Choice(TARGETS),
    default="azureml-v2",
    show_default=True,
    help="SDK that created them; each SDK lists its own.",
)


@click.group(cls=FullHelpGroup)
def azure() -> None:
    """Manage the schedules and endpoints of an Azure ML workspace."""


@azure.group(cls=ListGroup)
def schedules() -> None:
    """List and remove the schedules of pipelines on Azure ML.

    “designer submit --schedule” creates one.
    """


@schedules.command(
    "list",
    epilog=examples(
        "designer azure schedules list",
        "designer azure schedules list --sdk azureml-v1 --sign-in azure-cli --json",
    ),
)
@_workspace_options
@_sdk_option
@json_option
def list_schedules(config_path: Path, sign_in: str, target: str, as_json: bool) -> None:
    """List the active schedules of the workspace."""
    from designer.azure.publish import managing

    with translated_errors():
        found = managing.list_schedules(
            _destination(config_path, sign_in, target), notify=print_to_stderr
        )
    if as_json:
        print_json([each.to_json() for each in found])
    elif not found:
        click.echo("There are no active schedules.")
    else:
        rows = [(each.name, each.when, each.experiment, each.id) for each in found]
        print_grid(("Schedule", "Runs", "Experiment", "Id"), rows)


@schedules.command(
    "remove",
    epilog=examples(
        "designer azure schedules remove nightly",
        "designer azure schedules remove fresh --sdk azureml-v1",
    ),
)
@click.argument("name")
@_workspace_options
@_sdk_option
@json_option
def remove_schedule(name: str, config_path: Path, sign_in: str, target: str, as_json: bool) -> None:
    """Remove the schedule NAME, so that it starts no more runs.

    Runs in progress continue. SDK v1 can't delete a schedule; it is disabled.
    """
    from designer.azure.publish import managing

    with translated_errors():
        ended = managing.end_schedule(
            _destination(config_path, sign_in, target), name, notify=print_to_stderr
        )
    if as_json:
        print_json(ended.to_json())
    else:
        click.echo(f"Removed the schedule “{ended.name}”.")


@azure.group(cls=ListGroup)
def endpoints() -> None:
    """List and remove published pipelines on Azure ML.

    “designer submit --publish” creates one. Endpoints that score rows are listed by
    “designer endpoints”.
    """


@endpoints.command(
    "list",
    epilog=examples(
        "designer azure endpoints list",
        "designer azure endpoints list --sdk azureml-v1 --json",
    ),
)
@_workspace_options
@_sdk_option
@json_option
def list_endpoints(config_path: Path, sign_in: str, target: str, as_json: bool) -> None:
    """List the published pipelines of the workspace."""
    from designer.azure.publish import managing

    with translated_errors():
        found = managing.list_endpoints(
            _destination(config_path, sign_in, target), notify=print_to_stderr
        )
    if as_json:
        print_json([each.to_json() for each in found])
    elif not found:
        click.echo("There are no published pipelines.")
    else:
        rows = [(each.name, each.kind, each.version, each.status, each.url) for each in found]
        print_grid(("Name", "Kind", "Version", "Status", "URL"), rows)


@endpoints.command(
    "remove",
    epilog=examples(
        "designer azure endpoints remove credit-risk",
        "designer azure endpoints remove credit-risk --sdk azureml-v1",
    ),
)
@click.argument("name")
@_workspace_options
@_sdk_option
@json_option
def remove_endpoint(name: str, config_path: Path, sign_in: str, target: str, as_json: bool) -> None:
    """Remove the published pipeline NAME, so that no client can start it.

    SDK v1 can't delete it; it is disabled, with all its versions.
    """
    from designer.azure.publish import managing

    with translated_errors():
        ended = managing.end_endpoint(
            _destination(config_path, sign_in, target), name, notify=print_to_stderr
        )
    if as_json:
        print_json(ended.to_json())
    else:
        click.echo(f"Removed “{ended.name}”.")


def _destination(config: Path, sign_in: str, target: str) -> SubmissionTarget:
    from designer.azure.submission_target import SubmissionTarget
    from designer.azure.workspace import read_config

    return SubmissionTarget(target, read_config(config), sign_in=sign_in)
