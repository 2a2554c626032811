"""``designer schedules``: the schedules of the workspace."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.listing import (
    ListGroup,
    examples,
    json_option,
    print_grid,
    workspace_option,
)
from designer.cli.output import print_json
from designer.cli.schedule_errors import schedule_errors

if TYPE_CHECKING:
    from designer.scheduling.entry import Entry, Occurrence
    from designer.scheduling.store import ScheduleStore
    from designer.workspace import Workspace


@click.group(cls=ListGroup)
def schedules() -> None:
    """List, pause, and remove schedules, and serve them.

    “designer schedule FILE” makes one.
    """


def _command(name: str, *lines: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a sub-command whose function gets the workspace first."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @schedules.command(name, epilog=examples(*lines))
        @workspace_option
        @functools.wraps(function)
        def command(folder: Path | None, **arguments: Any) -> None:
            from designer.workspace import Workspace

            with schedule_errors():
                function(Workspace(folder), **arguments)

        return command

    return decorate


@_command("list", "designer schedules list", "designer schedules list --json")
@json_option
def list_schedules(workspace: Workspace, as_json: bool) -> None:
    """List the schedules with their next and last runs."""
    from designer.scheduling.server_list import ServerList

    store = _store(workspace)
    damaged: list[Exception] = []
    entries = store.entries(damaged.append)
    servers = ServerList(workspace).all()
    for error in damaged:
        click.secho(str(error), fg="yellow", err=True)
    if as_json:
        serving = [{"kind": each.kind, "pid": each.pid} for each in servers]
        print_json({"schedules": [each.to_json() for each in entries], "servers": serving})
        return
    if not entries:
        click.echo("There are no schedules. Make one: designer schedule FILE --cron '0 6 * * 1-5'")
        return
    rows = [
        (each.name, Path(each.schedule.file).name, _when(each), _next(each), _last(each.last))
        for each in entries
    ]
    print_grid(("Name", "Pipeline", "When", "Next", "Last"), rows)
    _print_problems(entries)
    if not servers:
        click.secho(
            "Schedules aren't served now. Run “designer schedules install” once, "
            "or keep ModelDesk open.",
            fg="yellow",
            err=True,
        )


@_command("show", "designer schedules show prices", "designer schedules show prices --json")
@click.argument("name")
@click.option("--runs", "count", type=click.IntRange(0, 200), default=10, show_default=True,
              help="Number of latest runs to show.")  # fmt: skip
@json_option
def show(workspace: Workspace, name: str, count: int, as_json: bool) -> None:
    """Show a schedule, its next times, and its latest runs."""
    from designer.scheduling.entry import LABELS, iso
    from designer.scheduling.times import Cron, Interval

    store = _store(workspace)
    entry = store.entry(name)
    trigger, now = entry.schedule.trigger, time.time()
    upcoming, notes = [], []
    if isinstance(trigger, Cron | Interval) and not entry.paused:
        upcoming = [iso(each) for each in trigger.upcoming(now, 5)]
        notes = trigger.clock_changes(now, now + 366 * 86_400)
    history = store.history(name, count)
    if as_json:
        document = {"upcoming": upcoming, "clock_changes": notes}
        print_json(entry.to_json() | document | {"runs": [each.to_json() for each in history]})
        return
    click.echo(f"{entry.name}: {_when(entry)}")
    click.echo(f"{'Script' if entry.schedule.is_script else 'Pipeline':<8} {entry.schedule.file}")
    click.echo(f"Runs on  {entry.schedule.target or 'as configured'}")
    for moment in upcoming:
        click.echo(f"Next     {moment}")
    for sentence in notes:
        click.echo(f"Note     {sentence}")
    _print_problems([entry])
    if history:
        click.echo()
        rows = [
            (_moment(each.due), LABELS[each.state], each.run, _remarks(each)) for each in history
        ]
        print_grid(("Due", "Status", "Run", "Remarks"), rows)


@_command("pause", "designer schedules pause prices")
@click.argument("name")
@json_option
def pause(workspace: Workspace, name: str, as_json: bool) -> None:
    """Pause a schedule."""
    _store(workspace).pause(name)
    _done(workspace, name, as_json, f"The schedule “{name}” is paused.")


@_command("resume", "designer schedules resume prices")
@click.argument("name")
@json_option
def resume(workspace: Workspace, name: str, as_json: bool) -> None:
    """Resume a paused schedule; times during the pause aren't made up for."""
    from designer.scheduling import creating

    creating.resume(name, workspace)
    _done(workspace, name, as_json, f"The schedule “{name}” is active.")


@_command("run-now", "designer schedules run-now prices")
@click.argument("name")
@json_option
def run_now(workspace: Workspace, name: str, as_json: bool) -> None:
    """Start a run of a schedule now; a paused one, too."""
    from designer.scheduling.starting import start_now

    start_now(_store(workspace), name)
    _done(workspace, name, as_json, f"A run of the schedule “{name}” has started.")


@_command("remove", "designer schedules remove prices")
@click.argument("name")
@json_option
def remove(workspace: Workspace, name: str, as_json: bool) -> None:
    """Remove a schedule; a run in progress finishes, and results of runs are kept."""
    _store(workspace).remove(name)
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        click.echo(f"The schedule “{name}” was removed.")


@_command("serve", "designer schedules serve")
@click.option("--service", is_flag=True, hidden=True, help="Started by the system.")
def serve(workspace: Workspace, service: bool) -> None:
    """Start the runs of the schedules when they are due, until you press Ctrl+C.

    Several processes may do this at once: each run is started by one of them.
    """
    import threading

    from designer.cli.run_report import on_interrupt
    from designer.scheduling.server import Server
    from designer.scheduling.starting import start_process

    def start(store: ScheduleStore, number: int) -> Any:
        occurrence = store.occurrence(number)
        if occurrence is not None:
            click.echo(f"{_moment(time.time())}  {occurrence.schedule}: started", err=True)
        return start_process(store, number)

    stop = threading.Event()
    server = Server(_store(workspace), "service" if service else "command", start=start)
    click.echo(f"Serving the schedules in “{workspace.folder}”. Ctrl+C ends this.", err=True)

    def end() -> None:
        stop.set()
        server.wake()

    # Not in the signal's handler, which may come while the event is being locked.
    with on_interrupt(lambda: threading.Thread(target=end).start()):
        server.serve(stop)


@_command("install", "designer schedules install")
@click.option("--print", "only_print", is_flag=True, help="Only print what would be written.")
@json_option
def install(workspace: Workspace, only_print: bool, as_json: bool) -> None:
    """Let the system serve the schedules from now on, whenever you are logged in.

    On Linux this is a systemd user service, on macOS a launchd agent, on Windows a task.
    """
    from designer.scheduling.services import service_for

    service = service_for(workspace)
    if only_print:
        if as_json:
            print_json({"file": str(service.path), "content": service.content()})
        else:
            click.echo(service.content(), nl=False)
        return
    service.install()
    if as_json:
        print_json({"installed": True, "file": str(service.path)})
    else:
        click.echo(f"The service is installed and running: {service.path}")
        if service.advice:
            click.echo(service.advice, err=True)


@_command("uninstall", "designer schedules uninstall")
@json_option
def uninstall(workspace: Workspace, as_json: bool) -> None:
    """Remove what “install” installed; the schedules stay."""
    from designer.scheduling.services import service_for

    service = service_for(workspace)
    service.uninstall()
    if as_json:
        print_json({"installed": False, "file": str(service.path)})
    else:
        click.echo("The service was removed.")


def _store(workspace: Workspace) -> ScheduleStore:
    from designer.scheduling.store import ScheduleStore

    return ScheduleStore(workspace)


def _done(workspace: Workspace, name: str, as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(_store(workspace).entry(name).to_json())
    else:
        click.echo(sentence)


def _when(entry: Entry) -> str:
    trigger = entry.schedule.trigger
    zone = getattr(trigger, "timezone", "")
    return trigger.description() + (f" ({zone})" if zone else "")


def _next(entry: Entry) -> str:
    if entry.active:
        return "running"
    if entry.paused:
        return "paused"
    return "" if entry.next_due is None else _moment(entry.next_due)


def _last(last: Occurrence | None) -> str:
    from designer.scheduling.entry import LABELS

    return "" if last is None else f"{LABELS[last.state]} {_moment(last.due)}"


def _remarks(occurrence: Occurrence) -> str:
    parts = (occurrence.note, occurrence.reason, occurrence.delivery)
    return " ".join(part for part in parts if part)


def _print_problems(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.problem:
            click.secho(f"{entry.name}: {entry.problem}", fg="yellow", err=True)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
