"""``designer retraining``: endpoints that are retrained by themselves."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.commands.deploy import as_click
from designer.cli.listing import (
    ListGroup,
    examples,
    json_option,
    print_grid,
    workspace_option,
)
from designer.cli.output import print_json
from designer.cli.schedule_errors import schedule_errors
from designer.cli.trigger_options import change_options, read_trigger

if TYPE_CHECKING:
    from designer.retraining.loop import Loop, Round
    from designer.workspace import Workspace


@click.group(cls=ListGroup)
def retraining() -> None:
    """Retrain endpoints on new data, and deploy a model that is better.

    A round trains a challenger, compares it with the champion, the current version of the
    endpoint, on held rows that neither was trained on, and writes the decision down.
    """


def _command(name: str, *lines: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a sub-command whose function gets the workspace first."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @retraining.command(name, epilog=examples(*lines))
        @workspace_option
        @json_option
        @functools.wraps(function)
        def command(folder: Path | None, **arguments: Any) -> None:
            from designer.deployment import ServingError
            from designer.workspace import Workspace

            try:
                with schedule_errors():
                    function(Workspace(folder), **arguments)
            except ServingError as error:
                raise as_click(error) from error

        return command

    return decorate


def _stages(ctx: click.Context, parameter: click.Parameter, text: str) -> tuple[float, ...]:
    from designer.deployment import ServingError
    from designer.retraining.staging import read_stages

    try:
        return read_stages(text)
    except ServingError as error:
        raise click.BadParameter(f"{error.message} {error.hint}") from None


@_command(
    "on",
    "designer retraining on prices --pipeline p.pipeline.json --data prices",
    "designer retraining on a --pipeline a.pipeline.json --data a --approve",
    "designer retraining on a --pipeline a.pipeline.json --data a --metric auc",
    "designer retraining on a --pipeline a.pipeline.json --data new/a.csv",
    "designer retraining on a --pipeline p.json --data import_data",
    "designer retraining on a --pipeline p.json --data a --on-change incoming",
)
@click.argument("endpoint")
@click.option(
    "--pipeline",
    required=True,
    type=click.Path(path_type=Path),
    help="Training pipeline; it reads the dataset.",
)
@click.option(
    "--data",
    required=True,
    metavar="NAME|FILE|STEP",
    help="Where new data comes from: a registered dataset, a file that the pipeline reads, or one "
    "of its steps, a database query for example.",
)
@click.option(
    "--read-every",
    default="1d",
    show_default=True,
    metavar="INTERVAL",
    help="With --data STEP: how often the step looks for new data.",
)
@click.option(
    "--metric",
    type=click.Choice(["accuracy", "auc", "log-loss", "mae", "rmse"]),
    help="Metric to compare by. Default: accuracy of classes, mae of numbers.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Improvement that is needed, in the unit of the metric.",
)
@click.option(
    "--significance",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.05,
    show_default=True,
    help="Largest p-value of the improvement; 1 to ignore it.",
)
@click.option(
    "--group",
    default="",
    metavar="COLUMN",
    help="Column; the challenger may not be significantly worse in any of its groups.",
)
@click.option("--label", default="", metavar="COLUMN", help="Label. Default: that of the model.")
@click.option(
    "--held",
    type=click.FloatRange(0.01, 0.9),
    default=0.25,
    show_default=True,
    help="Share of the rows that are held for the comparison.",
)
@click.option(
    "--stages",
    default="100%",
    show_default=True,
    metavar="SHARES",
    callback=_stages,
    help="Shares of the requests that a better challenger answers, one after the other: "
    "shadow,10%,100% for example.",
)
@click.option("--approve", is_flag=True, help="Wait for your approval before the first stage.")
@click.option(
    "--stage-hours",
    type=click.FloatRange(0),
    default=24.0,
    show_default=True,
    help="Shortest time of a stage.",
)
@click.option(
    "--stage-requests",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    help="Fewest requests of a stage.",
)
@click.option(
    "--watch-hours",
    type=click.FloatRange(0),
    default=72.0,
    show_default=True,
    help="Time after a deployment during which it may be rolled back automatically.",
)
@click.option(
    "--most-errors",
    type=click.FloatRange(0, 1),
    default=0.02,
    show_default=True,
    help="Share of failed requests beyond which the champion returns.",
)
@click.option(
    "--most-drift",
    type=click.FloatRange(0),
    default=0.25,
    show_default=True,
    help="Population stability index beyond which a column has drifted.",
)
@click.option(
    "--cron",
    metavar="'M H D M W'",
    help="Retrain at these times, too, whether or not the dataset has a new version.",
)
@change_options
@click.option("--no-register", is_flag=True, help="Don't register the models of challengers.")
def on(
    workspace: Workspace,
    endpoint: str,
    pipeline: Path,
    data: str,
    read_every: str,
    cron: str | None,
    no_register: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Retrain ENDPOINT whenever there is new data.

    That is a new version of the dataset, a changed file, or another answer of the step. Rounds
    can also begin at set times, or when something else changes. This happens where schedules
    are served: by “designer schedules install”, or while ModelDesk is open.
    """
    from designer.retraining.loop import Loop
    from designer.retraining.sources import data_named
    from designer.scheduling.retraining import switch_on
    from designer.scheduling.times import read_interval

    now = time.time()
    options = {name: settings.pop(name) for name in settings.keys() - Loop.model_fields.keys()}
    changes = (value for name, value in options.items() if name.startswith("on_"))
    trigger = read_trigger(now, **options) if any(changes) else None
    settings |= data_named(workspace, endpoint, pipeline, data)
    loop = Loop(
        endpoint=endpoint,
        pipeline=str(pipeline.absolute()),
        register_model=not no_register,
        created=now,
        read_hours=read_interval(read_every, now).seconds / 3600,
        **settings,
    )
    notes = switch_on(workspace, loop, cron=cron, trigger=trigger)
    if as_json:
        print_json(loop.model_dump(mode="json"))
        return
    click.echo(f"“{endpoint}” is retrained on “{loop.data_title}” from now on.")
    for note in notes:
        click.secho(note, fg="yellow", err=True)
        click.echo(f"To watch it: designer endpoints record {endpoint} --share 0.2", err=True)


@_command("off", "designer retraining off prices")
@click.argument("endpoint")
def off(workspace: Workspace, endpoint: str, as_json: bool) -> None:
    """Stop retraining ENDPOINT; its current version and the records of its rounds stay."""
    from designer.scheduling.retraining import switch_off

    switch_off(workspace, endpoint)
    if as_json:
        print_json({"endpoint": endpoint, "retrained": False})
    else:
        click.echo(f"“{endpoint}” isn't retrained any more.")


@_command("list", "designer retraining list", "designer retraining list --json")
def list_loops(workspace: Workspace, as_json: bool) -> None:
    """List the endpoints that are retrained, with their latest rounds."""
    from designer.retraining.loop import LABELS, Loops

    loops = Loops(workspace)
    found = [(loops.get(name), loops.latest(name)) for name in loops.names()]
    if as_json:
        print_json([_document(loop, last) for loop, last in found])
        return
    if not found:
        click.echo(
            "No endpoint is retrained. Switch it on: "
            "designer retraining on ENDPOINT --pipeline FILE --data NAME"
        )
        return
    rows = [
        (
            loop.endpoint,
            loop.data_title,
            "" if last is None else str(last.number),
            "" if last is None else LABELS[last.state],
            "" if last is None else _moment(last.started),
        )
        for loop, last in found
    ]
    print_grid(("Endpoint", "Data", "Round", "Status", "Started"), rows)


@_command("show", "designer retraining show prices", "designer retraining show prices --json")
@click.argument("endpoint")
def show(workspace: Workspace, endpoint: str, as_json: bool) -> None:
    """Show how ENDPOINT is retrained, and the decisions with their numbers."""
    from designer.retraining.loop import Loops
    from designer.retraining.staging import title

    loops = Loops(workspace)
    loop, rounds = loops.get(endpoint), loops.rounds(endpoint)
    if as_json:
        plain = loop.model_dump(mode="json")
        print_json(plain | {"rounds": [each.to_json() for each in rounds]})
        return
    click.echo(f"Pipeline  {loop.pipeline}")
    click.echo(f"Data      {loop.source or loop.dataset}, {loop.held:.0%} held")
    click.echo(f"Stages    {', '.join(title(share) for share in loop.stages)}")
    if loop.approve:
        click.echo("Approval  needed")
    for each in rounds:
        click.echo()
        _print_round(each)


@_command("run", "designer retraining run prices")
@click.argument("endpoint")
@click.option("--unless-open", is_flag=True, help="Do nothing while a round isn't over.")
def run(workspace: Workspace, endpoint: str, unless_open: bool, as_json: bool) -> None:
    """Do a round now, whether or not there is new data."""
    from designer.retraining.actions import open_round
    from designer.retraining.rounds import run_round

    before = open_round(workspace, endpoint) if unless_open else None
    if before is not None:
        summary = f"Round {before.number} isn't over, so none was begun."
        if as_json:
            print_json({"endpoint": endpoint, "state": None, "summary": summary})
        else:
            click.echo(summary)
        return
    round = run_round(workspace, endpoint, on_step=lambda text: click.echo(f"{text} …", err=True))
    _finish(endpoint, round, as_json)


@_command("approve", "designer retraining approve prices")
@click.argument("endpoint")
def approve(workspace: Workspace, endpoint: str, as_json: bool) -> None:
    """Deploy the challenger that waits for your approval, by its stages."""
    from designer.retraining import actions

    _finish(endpoint, actions.approve(workspace, endpoint), as_json)


@_command("reject", "designer retraining reject prices")
@click.argument("endpoint")
def reject(workspace: Workspace, endpoint: str, as_json: bool) -> None:
    """Drop the challenger that waits for your approval."""
    from designer.retraining import actions

    _finish(endpoint, actions.reject(workspace, endpoint), as_json)


@_command("roll-back", "designer retraining roll-back prices")
@click.argument("endpoint")
def roll_back(workspace: Workspace, endpoint: str, as_json: bool) -> None:
    """End the stages of a challenger, or return to the version that it replaced."""
    from designer.retraining import actions

    _finish(endpoint, actions.roll_back(workspace, endpoint), as_json)


@_command("watch", "designer retraining watch prices")
@click.argument("endpoint")
def watch(workspace: Workspace, endpoint: str, as_json: bool) -> None:
    """Do what is due: roll back, begin the next stage, or retrain on new data.

    Where schedules are served, this happens by itself.
    """
    from designer.retraining import actions

    found = actions.watch(
        workspace, endpoint, on_step=lambda text: click.echo(f"{text} …", err=True)
    )
    if found is not None:
        _finish(endpoint, found, as_json)
    elif as_json:
        print_json({"endpoint": endpoint, "state": None})
    else:
        click.echo("Nothing is due.")


def _finish(endpoint: str, round: Round, as_json: bool) -> None:
    if as_json:
        print_json({"endpoint": endpoint, "summary": round.summary, **round.to_json()})
    else:
        _print_round(round)


def _document(loop: Loop, last: Round | None) -> dict[str, Any]:
    return loop.model_dump(mode="json") | {"last": last.to_json() if last else None}


def _print_round(round: Round) -> None:
    from designer.retraining.loop import LABELS

    data = round.data
    read = f", {data['name']} version {data['version']}" if data else ""
    click.echo(f"Round {round.number}: {LABELS[round.state]} ({_moment(round.started)}{read})")
    if round.reason:
        click.echo(f"  {round.reason}")
    if round.groups:
        rows = [
            (
                f"  {each['group']}",
                f"{each['rows']:,}",
                f"{each['champion']:.4g}",
                f"{each['challenger']:.4g}",
                f"{each['p_worse']:.2g}",
            )
            for each in round.groups
        ]
        print_grid(("  Group", "Rows", "Champion", "Challenger", "P-value of worse"), rows)
    for event in round.events:
        click.echo(f"  {_moment(event.time)}  {event.text}")


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
