"""``designer schedule``: run the pipeline in a file by itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import examples, json_option, modules_of, workspace_option
from designer.cli.output import print_json
from designer.cli.schedule_errors import schedule_errors

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
@click.option(
    "--cron",
    metavar="'M H D M W'",
    help="At the times of a cron line: minute, hour, day of the month, month, day of the week.",
)
@click.option("--every", metavar="INTERVAL", help="At an interval: 30m, 2h, 1d, or 1w.")
@click.option(
    "--on-change", metavar="PATH", help="When a file, or a file in a folder, has changed."
)
@click.option("--on-dataset", metavar="NAME", help="When a registered dataset gets a new version.")
@click.option("--on-query", metavar="SQL", help="When the answer of a database changes.")
@click.option("--on-drift", metavar="TABLE", help="When a table drifts from --reference.")
@click.option(
    "--timezone", metavar="NAME", help="With --cron: time zone. Default: that of this computer."
)
@click.option(
    "--settle",
    metavar="SECONDS",
    type=click.FloatRange(0, 86_400),
    default=10.0,
    show_default=True,
    help="With --on-change: time without a change after which a file counts as complete.",
)
@click.option(
    "--connection", metavar="URL", help="With --on-query: SQLAlchemy URL without a password."
)
@click.option(
    "--password", metavar="SECRET", default="", help="With --on-query: secret with the password."
)
@click.option(
    "--reference", metavar="TABLE", help="With --on-drift: file or dataset:NAME to compare with."
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=0.2,
    show_default=True,
    help="With --on-drift: population stability index above which a column has drifted.",
)
@click.option(
    "--check-every",
    metavar="INTERVAL",
    help="Interval between two checks. Default: 5m with --on-query, 1h with --on-drift.",
)
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
    cron: str | None,
    every: str | None,
    on_change: str | None,
    on_dataset: str | None,
    on_query: str | None,
    on_drift: str | None,
    timezone: str | None,
    settle: float,
    connection: str | None,
    password: str,
    reference: str | None,
    threshold: float,
    check_every: str | None,
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
        trigger = _trigger(
            {
                "--cron": cron,
                "--every": every,
                "--on-change": on_change,
                "--on-dataset": on_dataset,
                "--on-query": on_query,
                "--on-drift": on_drift,
            },
            now,
            timezone=timezone,
            settle=settle,
            connection=connection,
            password=password,
            reference=reference,
            threshold=threshold,
            check_every=check_every,
        )
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


def _trigger(
    given: dict[str, str | None],
    now: float,
    *,
    timezone: str | None,
    settle: float,
    connection: str | None,
    password: str,
    reference: str | None,
    threshold: float,
    check_every: str | None,
) -> Trigger:
    """Return the trigger that the options describe."""
    from designer.scheduling.times import local_timezone, read_cron, read_interval
    from designer.scheduling.triggers import DataDrift, FileChange, NewVersion, QueryAnswer

    chosen = {option: value for option, value in given.items() if value is not None}
    if len(chosen) != 1:
        *most, last = given
        raise InputError(
            f"A schedule has one trigger, not {len(chosen)}.", f"Use {', '.join(most)}, or {last}."
        )
    ((option, value),) = chosen.items()
    if option == "--cron":
        return read_cron(value, timezone or local_timezone())
    if option == "--every":
        return read_interval(value, now)
    if option == "--on-change":
        return FileChange(path=str(Path(value).expanduser().absolute()), settle=settle)
    if option == "--on-dataset":
        return NewVersion(name=value)
    pause: dict[str, Any] = {}
    if check_every is not None:
        pause = {"every": float(read_interval(check_every, now).seconds)}
    if option == "--on-query":
        if connection is None:
            raise InputError("--on-query needs --connection.", "Use sqlite:///sales.db.")
        return QueryAnswer(
            connection=_absolute(connection), password=password, query=value, **pause
        )
    if reference is None:
        raise InputError("--on-drift needs --reference.", "Use a file, or dataset:NAME.")
    return DataDrift(
        reference=_table(reference), current=_table(value), threshold=threshold, **pause
    )


def _absolute(connection: str) -> str:
    """Return the URL of an SQLite file with its whole path: the server has another folder."""
    scheme, slashes, path = connection.partition(":///")
    if scheme.partition("+")[0] != "sqlite" or not slashes or path in ("", ":memory:"):
        return connection
    return f"{scheme}:///{Path(path).absolute()}"


def _table(path: str) -> str:
    from designer.workspace import DATASET_PREFIX

    return path if path.startswith(DATASET_PREFIX) else str(Path(path).expanduser().absolute())


def _upcoming(trigger: Trigger, now: float) -> list[str]:
    from designer.scheduling.entry import iso
    from designer.scheduling.times import Cron, Interval

    if not isinstance(trigger, Cron | Interval):
        return []
    return [str(iso(each)) for each in trigger.upcoming(now, UPCOMING)]
