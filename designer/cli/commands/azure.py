"""``designer azure``: the sign-in, and what is scheduled and published in a workspace."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.azure.sign_in import SIGN_INS
from designer.cli.listing import FullHelpGroup, ListGroup, examples, json_option, print_grid
from designer.cli.output import print_json
from designer.cli.remote_runs import TARGETS, cloud_option, print_to_stderr, translated_errors

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
        cloud_option,
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
    """Sign in to Azure, and manage schedules and endpoints of an Azure ML workspace."""


@azure.command(
    "sign-in",
    epilog=examples(
        "designer azure sign-in",
        "designer azure sign-in --sign-in device-code --tenant contoso.com",
    ),
)
@click.option(
    "--sign-in",
    "way",
    type=click.Choice(["browser", "device-code"]),
    default="browser",
    show_default=True,
    help="In the browser, or with a code on any device.",
)
@click.option("--tenant", metavar="ID", help="Directory to sign in to. Default: your own.")
@cloud_option
def sign_in(way: str, tenant: str | None, cloud: str | None) -> None:
    """Sign in to Azure, so that later commands and the window don't ask.

    Tokens are kept in the system keyring, never in a file that others could read. “az login” and
    --sign-in azure-cli do the same with the Azure CLI.
    """
    from designer.azure import kept_sign_in
    from designer.azure.clouds import PUBLIC
    from designer.azure.errors import translated_errors as azure_errors
    from designer.azure.sdk_output import quiet
    from designer.azure.workspace import WorkspaceConfig, credential

    config = WorkspaceConfig("", "", "", tenant, cloud or PUBLIC)
    with translated_errors(), azure_errors(config, way), quiet():
        made = credential(config, way, print_to_stderr)
        name = kept_sign_in.sign_in(made, config.cloud)
    click.echo(f"Signed in as {name}.")
    where = kept_sign_in.place()
    if where:
        print_to_stderr(f"The sign-in is kept in {where}.")
    else:
        print_to_stderr(
            "There is no system keyring, so the sign-in can't be kept. Use “az login” and "
            "--sign-in azure-cli."
        )


@azure.command("sign-out", epilog=examples("designer azure sign-out"))
def sign_out() -> None:
    """Sign out of Azure on this computer: remove the accounts and their tokens."""
    from designer.azure import kept_sign_in

    names = kept_sign_in.sign_out()
    click.echo(f"Signed out: {', '.join(names)}." if names else "You weren't signed in.")


@azure.command("status", epilog=examples("designer azure status", "designer azure status --json"))
@json_option
def status(as_json: bool) -> None:
    """Show who is signed in to Azure with “designer azure sign-in” or a command."""
    from designer.azure import kept_sign_in

    where = kept_sign_in.place()
    found = [
        {
            "account": str(each.get("username", "")),
            "cloud": key.partition("/")[0],
            "tenant": str(each.get("tenantId", "")),
        }
        for key, each in sorted(kept_sign_in.accounts().items())
    ]
    if as_json:
        print_json({"accounts": found, "kept_in": where or None})
        return
    if found:
        print_grid(("Account", "Cloud", "Tenant"), [tuple(each.values()) for each in found])
    else:
        click.echo("You aren't signed in.")
    kept = f"Tokens are kept in {where}." if where else "There is no keyring to keep tokens in."
    print_to_stderr(kept)


@azure.group(cls=ListGroup)
def schedules() -> None:
    """List, pause, and remove the schedules of pipelines on Azure ML.

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
def list_schedules(
    config_path: Path, sign_in: str, cloud: str | None, target: str, as_json: bool
) -> None:
    """List the schedules of the workspace."""
    from designer.azure.publish import managing

    with translated_errors():
        found = managing.list_schedules(
            _destination(config_path, sign_in, cloud, target), notify=print_to_stderr
        )
    if as_json:
        print_json([each.to_json() for each in found])
    elif not found:
        click.echo("There are no schedules.")
    else:
        rows = [
            (
                each.name,
                each.when,
                "paused" if each.status == "paused" else _moment(each.next),
                f"{_moment(each.last)} {each.last_status}".strip(),
                each.experiment,
                each.id,
            )
            for each in found
        ]
        print_grid(("Schedule", "Runs", "Next run", "Last run", "Experiment", "Id"), rows)


@schedules.command("run-now", epilog=examples("designer azure schedules run-now nightly"))
@click.argument("name")
@_workspace_options
@_sdk_option
@json_option
def run_schedule_now(name: str, as_json: bool, config_path: Path, **where: Any) -> None:
    """Start a run of the schedule NAME besides its times.

    With SDK v1, its experiment has the name of the schedule.
    """
    from designer.azure.publish import managing

    with translated_errors():
        run = managing.run_now(_destination(config_path, **where), name, notify=print_to_stderr)
    if as_json:
        print_json({"name": name, "run": run})
    else:
        click.echo(f"Started the run {run}.")


@schedules.command(
    "pause",
    epilog=examples(
        "designer azure schedules pause nightly",
        "designer azure schedules pause fresh --sdk azureml-v1",
    ),
)
@click.argument("name")
@_workspace_options
@_sdk_option
@json_option
def pause_schedule(name: str, as_json: bool, config_path: Path, **where: Any) -> None:
    """Let the schedule NAME start no runs until it is resumed."""
    _set_paused(name, True, as_json, config_path, where)


@schedules.command("resume", epilog=examples("designer azure schedules resume nightly"))
@click.argument("name")
@_workspace_options
@_sdk_option
@json_option
def resume_schedule(name: str, as_json: bool, config_path: Path, **where: Any) -> None:
    """Let the paused schedule NAME start runs again."""
    _set_paused(name, False, as_json, config_path, where)


def _set_paused(
    name: str, paused: bool, as_json: bool, config: Path, where: dict[str, Any]
) -> None:
    from designer.azure.publish import managing

    with translated_errors():
        destination = _destination(config, **where)
        found = managing.set_paused(destination, name, paused, notify=print_to_stderr)
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(f"{'Paused' if paused else 'Resumed'} the schedule “{found.name}”.")


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
def remove_schedule(
    name: str, config_path: Path, sign_in: str, cloud: str | None, target: str, as_json: bool
) -> None:
    """Remove the schedule NAME, so that it starts no more runs.

    Runs in progress continue. SDK v1 can't delete a schedule; it is disabled.
    """
    from designer.azure.publish import managing

    with translated_errors():
        ended = managing.end_schedule(
            _destination(config_path, sign_in, cloud, target), name, notify=print_to_stderr
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
def list_endpoints(
    config_path: Path, sign_in: str, cloud: str | None, target: str, as_json: bool
) -> None:
    """List the published pipelines of the workspace."""
    from designer.azure.publish import managing

    with translated_errors():
        found = managing.list_endpoints(
            _destination(config_path, sign_in, cloud, target), notify=print_to_stderr
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
def remove_endpoint(
    name: str, config_path: Path, sign_in: str, cloud: str | None, target: str, as_json: bool
) -> None:
    """Remove the published pipeline NAME, so that no client can start it.

    SDK v1 can't delete it; it is disabled, with all its versions.
    """
    from designer.azure.publish import managing

    with translated_errors():
        ended = managing.end_endpoint(
            _destination(config_path, sign_in, cloud, target), name, notify=print_to_stderr
        )
    if as_json:
        print_json(ended.to_json())
    else:
        click.echo(f"Removed “{ended.name}”.")


def _moment(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _destination(config: Path, sign_in: str, cloud: str | None, target: str) -> SubmissionTarget:
    from designer.azure.submission_target import SubmissionTarget
    from designer.azure.workspace import read_config

    return SubmissionTarget(target, read_config(config, cloud), sign_in=sign_in)
