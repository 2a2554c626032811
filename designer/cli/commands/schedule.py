"""``designer schedule``: run the pipeline in a file by itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.listing import examples, json_option, modules_of, workspace_option
from designer.cli.output import print_json
from designer.cli.schedule_errors import schedule_errors
from designer.cli.trigger_options import read_trigger, trigger_options

if TYPE_CHECKING:
    from designer.scheduling.creating import Created
    from designer.scheduling.schedule import Trigger

UPCOMING = 5
"""Times that are shown."""


@click.command(
    epilog=examples(
        "designer schedule prices.pipeline.json --cron '0 6 * * 1-5'",
        "designer schedule prices.pipeline.json --every 2h --missed skip",
        "designer schedule prices.pipeline.json --on-change incoming --param rows=10",
        "designer schedule prices.pipeline.json --on-dataset prices",
        "designer schedule x.pipeline.json --on-query SQL --connection sqlite:///a.db",
        "designer schedule x.pipeline.json --on-drift new.csv --reference dataset:a",
        "designer schedule x.pipeline.json --cron @daily --run-on azureml-v2:cpu",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@trigger_options
@click.option("--name", metavar="NAME", help="Name of the schedule. Default: that of FILE.")
@click.option(
    "--set",
    "settings",
    metavar="NODE.PARAM=VALUE",
    multiple=True,
    help="Parameter of a node to set for the runs. Can be repeated.",
)
@click.option(
    "--param",
    "values",
    metavar="NAME=VALUE",
    multiple=True,
    help="Value of a pipeline parameter. Can be repeated.",
)
@click.option(
    "--run-on",
    "target",
    metavar="local|dask:ADDRESS|azureml-v2:COMPUTE|azureml-v1:COMPUTE",
    help="Where it runs. Default: on this computer, or where the run configuration has it.",
)
@click.option(
    "--sign-in",
    default="azure-cli",
    show_default=True,
    metavar="azure-cli|managed-identity|environment",
    help="With a target on Azure ML: how to sign in.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="With a target on Azure ML: config.json of the workspace. Default: the one beside FILE.",
)
@click.option(
    "--missed",
    type=click.Choice(["once", "skip"]),
    default="once",
    show_default=True,
    help="What to do after times at which nothing could run, in sleep for example: run once, or "
    "wait for the next time.",
)
@click.option(
    "--notify",
    metavar="NAME",
    multiple=True,
    help="Notification to send, or “none”. Can be repeated. Default: the default ones.",
)
@workspace_option
@json_option
def schedule(
    file: Path,
    name: str | None,
    settings: tuple[str, ...],
    values: tuple[str, ...],
    target: str | None,
    sign_in: str,
    config: Path | None,
    missed: str,
    notify: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
    **triggers: Any,
) -> None:
    """Run the pipeline in FILE at set times, or when something changes.

    FILE may be the run configuration of a script, too: see “designer script save”.

    By making the schedule you agree to what the pipeline does now: the code that it runs,
    and what it reads and writes. If that changes, its runs wait until you allow it.
    """
    from designer.scheduling.creating import create
    from designer.scheduling.delivery import NONE
    from designer.scheduling.schedule import Schedule, free_name
    from designer.scheduling.server_list import ServerList
    from designer.scheduling.store import ScheduleStore
    from designer.scripts.configuration_file import SUFFIXES
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    now = time.time()
    with schedule_errors():
        trigger = read_trigger(now, **triggers)
        store = ScheduleStore(workspace)
        wanted = Schedule(
            name=name or free_name(file, (each.name for each in store.entries())),
            file=str(file.absolute()),
            trigger=trigger,
            settings=settings,
            parameters=values,
            target=target or ("" if file.suffix in SUFFIXES else "local"),
            sign_in=sign_in,
            config="" if config is None else str(config.absolute()),
            missed=missed,  # type: ignore[arg-type]
            notify=None if not notify else tuple(each for each in notify if each != NONE),
            created=now,
        )
        created = create(wanted, workspace, modules_of(workspace))
    upcoming = _upcoming(trigger, now)
    served = bool(ServerList(workspace).all())
    if as_json:
        agreed = [
            {"node": each.node, "kind": each.kind, "targets": list(each.targets)}
            for each in created.agreed
        ]
        document = {"upcoming": upcoming, "agreed": agreed, "served": served}
        print_json(created.entry.to_json() | document)
        return
    _report(created, upcoming, served)


def _report(created: Created, upcoming: list[str], served: bool) -> None:
    from designer.scheduling.times import Cron

    trigger = created.entry.schedule.trigger
    click.echo(f"The schedule “{created.entry.name}” is active: {trigger.description()}.")
    for moment in upcoming:
        click.echo(f"  {moment}")
    if isinstance(trigger, Cron):
        now = time.time()
        for sentence in trigger.clock_changes(now, now + 366 * 86_400):
            click.secho(f"Note: {sentence}", fg="yellow", err=True)
    for each in created.agreed:
        what = {"code": "runs code", "read": "reads", "write": "writes"}[each.kind]
        click.echo(f"Allowed: {each.node} {what} {', '.join(each.targets)}".rstrip(), err=True)
    if not served:
        click.secho(
            "Schedules aren't served now. Run “designer schedules install” once, "
            "or keep ModelDesk open.",
            fg="yellow",
            err=True,
        )


def _upcoming(trigger: Trigger, now: float) -> list[str]:
    from designer.scheduling.entry import iso
    from designer.scheduling.times import Cron, Interval

    if not isinstance(trigger, Cron | Interval):
        return []
    return [str(iso(each)) for each in trigger.upcoming(now, UPCOMING)]
