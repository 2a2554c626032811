"""``designer runs``: the runs of the workspace, side by side."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    ListGroup,
    click_error,
    examples,
    json_option,
    print_grid,
    readable_workspace,
    report_damage,
    workspace_option,
)
from designer.cli.output import print_json
from designer.cli.remote_runs import cancel, follow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.tracking import RunRecord
    from designer.workspace import Workspace
    from modules.contract import ModuleSpec


@click.group(cls=ListGroup)
def runs() -> None:
    """List and compare finished runs, and open them in MLflow.

    RUN is a run's id, the beginning of one, or “latest”.
    """


runs.add_command(follow)
runs.add_command(cancel)


@runs.command(
    "list",
    epilog=examples(
        "designer runs list",
        "designer runs list --pipeline prices.pipeline.json --limit 5",
        "designer runs list --json",
    ),
)
@click.option(
    "--pipeline",
    type=click.Path(path_type=Path),
    help="Pipeline file whose runs are listed. Default: all.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Maximum number of runs to list.",
)
@workspace_option
@json_option
def list_runs(pipeline: Path | None, limit: int, folder: Path | None, as_json: bool) -> None:
    """List the finished runs, newest first."""
    from designer.tracking import run_records

    workspace = readable_workspace(folder, "runs")
    found = run_records(workspace, limit=None if pipeline else limit, on_damage=report_damage)
    if pipeline is not None:
        wanted = pipeline.absolute()
        found = [each for each in found if each.source and each.source.absolute() == wanted]
        found = found[:limit]
    if as_json:
        print_json([_brief(each) for each in found])
        return
    if not found:
        click.echo("There are no finished runs.")
        return
    rows = [
        (each.id, each.name, each.status, f"{each.seconds:.1f} s", _main_metrics(each.metrics))
        for each in found
    ]
    print_grid(("Run", "Pipeline", "Status", "Time", "Metrics"), rows)


@runs.command(
    "show", epilog=examples("designer runs show latest", "designer runs show 20260131-0930 --json")
)
@click.argument("run", metavar="RUN")
@workspace_option
@json_option
def show_run(run: str, folder: Path | None, as_json: bool) -> None:
    """Show the steps and results of a run."""
    from designer.tracking.comparison import data_of
    from designer.tracking.run_records import flat

    workspace = readable_workspace(folder, "runs")
    record = _find(workspace, run)
    specs = _specs()
    data = data_of(record, specs, workspace)
    parameters = record.parameters(specs)
    if as_json:
        plain = _brief(record) | {"nodes": dict(record.nodes), "parameters": parameters}
        plain |= {"data": data, "versions": record.versions, "folder": str(record.folder)}
        print_json(plain)
        return
    click.echo(f"{record.id}: {record.name}, {record.status} in {record.seconds:.1f} s")
    if record.started:
        by = record.plain.get("started_by")
        click.echo(f"Started {_moment(record.started)}{f' by {by}' if by else ''}")
    if record.source:
        click.echo(f"Pipeline {record.source}")
    if record.error:
        click.echo(f"Error    {record.error}")
    nodes = [
        (node, result["status"], f"{result.get('seconds', 0):.2f} s")
        for node, result in record.nodes.items()
    ]
    print_grid(("Node", "Status", "Time"), nodes)
    if record.metrics:
        click.echo()
        print_grid(("Metric", "Value"), [(n, _number(v)) for n, v in record.metrics.items()])
    if parameters:
        click.echo()
        print_grid(("Parameter", "Value"), [(n, flat(v)) for n, v in parameters.items()])
    if data:
        click.echo()
        rows = [
            (key, each.get("dataset") or each["path"], each["hash"][:16])
            for key, each in data.items()
        ]
        print_grid(("Data", "File", "Hash"), rows)
    if record.versions:
        click.echo()
        print_grid(("Library", "Version"), list(record.versions.items()))


@runs.command(
    "compare",
    epilog=examples(
        "designer runs compare latest 20260131-0930",
        "designer runs compare latest 20260131-0930 20260130 --all",
    ),
)
@click.argument("first", metavar="RUN")
@click.argument("others", metavar="RUN...", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="Include equal values.")
@workspace_option
@json_option
def compare(
    first: str, others: tuple[str, ...], everything: bool, folder: Path | None, as_json: bool
) -> None:
    """Compare runs: parameters, metrics, data, nodes, and library versions that differ."""
    from designer.tracking.comparison import ABSENT, compare_runs
    from designer.tracking.run_records import flat

    workspace = readable_workspace(folder, "runs")
    records = [_find(workspace, run) for run in (first, *others)]
    parts = compare_runs(records, _specs(), workspace, everything=everything)._asdict()
    if as_json:
        plain = {
            key: {
                name: [None if value is ABSENT else value for value in values]
                for name, values in rows.items()
            }
            for key, rows in parts.items()
        }
        print_json({"runs": [_brief(each) for each in records], **plain})
        return
    headings = ("", *(each.id for each in records))
    titles = {
        "parameters": "Parameters",
        "metrics": "Metrics",
        "data": "Data",
        "nodes": "Nodes",
        "versions": "Libraries",
    }
    shown = False
    for key, title in titles.items():
        if not parts[key]:
            continue
        if shown:
            click.echo()
        write = _number if key == "metrics" else flat
        rows = [
            (name, *("–" if value is ABSENT else write(value) for value in values))
            for name, values in parts[key].items()
        ]
        print_grid((title, *headings[1:]), rows)
        shown = True
    if not shown:
        click.echo("The runs don't differ.")


@runs.command("record", epilog=examples("designer runs record"))
@workspace_option
@json_option
def record_runs(folder: Path | None, as_json: bool) -> None:
    """Record pending runs in MLflow; retry failed recordings."""
    from designer.tracking import TrackingError
    from designer.tracking.recording import record_pending

    try:
        recorded, failed = record_pending(readable_workspace(folder, "runs"), wait=60)
    except TrackingError as error:
        raise click_error(error) from None
    if as_json:
        print_json({"recorded": recorded, "failed": failed})
    else:
        click.echo(f"{len(recorded)} recorded.")
        for run in failed:
            click.echo(f"{run} couldn't be recorded.", err=True)
    if failed:
        raise click.exceptions.Exit(1)


@runs.command("ui", epilog=examples("designer runs ui", "designer runs ui --port 5001"))
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=5000,
    show_default=True,
    help="Port of the MLflow UI on this computer.",
)
@workspace_option
@json_option
def show_ui(port: int, folder: Path | None, as_json: bool) -> None:
    """Print the command that shows runs and models in a browser."""
    from designer.redaction import without_passwords
    from designer.tracking import tracking_uri, ui_command

    workspace = readable_workspace(folder, "")
    command = ui_command(workspace, port=port)
    address = without_passwords(tracking_uri(workspace))
    if as_json:
        print_json({"command": command, "address": address})
    elif command is None:
        click.echo(f"Runs and models are at {address}")
    else:
        click.echo(command)
        click.echo(f"Then open http://127.0.0.1:{port}", err=True)


@runs.command(
    "server",
    epilog=examples(
        "designer runs server",
        "designer runs server http://mlflow.example:5000",
        "designer runs server --none",
    ),
)
@click.argument("address", required=False)
@click.option("--none", "nowhere", is_flag=True, help="Use the workspace's own database again.")
@workspace_option
@json_option
def use_server(address: str | None, nowhere: bool, folder: Path | None, as_json: bool) -> None:
    """Show where runs and models are recorded, or set a tracking server.

    The environment variable MODELDESK_TRACKING_URI overrides this setting.
    """
    from designer.redaction import without_passwords
    from designer.tracking import TrackingError, tracking_uri
    from designer.tracking import use_server as keep

    workspace = readable_workspace(folder, "")
    if address and nowhere:
        raise InputError("Use a URL or --none, not both.")
    if address or nowhere:
        try:
            keep(workspace, address)
        except TrackingError as error:
            raise click_error(error) from None
    shown = without_passwords(tracking_uri(workspace))
    if as_json:
        print_json({"address": shown})
    else:
        click.echo(shown)


def _find(workspace: Workspace, run: str) -> RunRecord:
    from designer.tracking import TrackingError, find_run

    try:
        return find_run(workspace, run)
    except TrackingError as error:
        raise click_error(error) from None


def _specs() -> Mapping[str, ModuleSpec]:
    # Looking at a run runs no code of the user's own.
    from designer.catalog import load_catalog

    return load_catalog()


def _brief(record: RunRecord) -> dict[str, Any]:
    return {
        "run": record.id,
        "pipeline": str(record.source) if record.source else None,
        "name": record.name,
        "status": record.status,
        "started": record.started or None,
        "seconds": record.seconds,
        "metrics": record.metrics,
    }


def _main_metrics(metrics: dict[str, float | None]) -> str:
    """Return the most telling metrics, the first of each kind."""
    found = []
    for wanted in _MAIN:
        for name, value in metrics.items():
            if name.endswith((f".{wanted}", f": {wanted}")):
                found.append(f"{wanted} {_number(value)}")
                break
    return ", ".join(found[:3])


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.6g}"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


_MAIN = (
    "AUC",
    "Accuracy",
    "Overall accuracy",
    "F1 score",
    "Coefficient of determination",
    "Root mean squared error",
    "Mean absolute error",
)
