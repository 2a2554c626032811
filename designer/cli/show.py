"""``designer show``: a result of the last run of a pipeline file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    examples,
    json_option,
    modules_of,
    print_grid,
    wide_console,
    workspace_option,
)
from designer.cli.output import print_json

if TYPE_CHECKING:
    from rich.console import Console

    from designer.engine.results import NodeResult, Output
    from designer.workspace import Workspace


@click.command(
    epilog=examples(
        "designer show prices.pipeline.json score_model --rows 20",
        "designer show prices.pipeline.json split_data.results_dataset2",
        "designer show prices.pipeline.json evaluate_model --json",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("place", metavar="NODE[.PORT]")
@click.option(
    "--rows",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Rows of a table to print.",
)
@workspace_option
@json_option
def show(file: Path, place: str, rows: int, folder: Path | None, as_json: bool) -> None:
    """Show what NODE gave in the last run of the pipeline in FILE.

    A table is shown with its first rows, an evaluation with its metrics, a model
    with what it has learnt. Without a PORT it is the first output. The exit status is
    1 if the step failed: then it says why.
    """
    from designer.workspace import Workspace
    from modules.contract import ModuleError

    workspace = Workspace(folder)
    node, port, output = _find(workspace, file, place)
    if output is None:
        _show_failure(node, as_json)
        return
    try:
        content = _content(output.path, rows, workspace)
    except ModuleError as error:
        raise InputError(error.message, "Run the pipeline again.") from None
    if as_json:
        print_json({"node": node, "port": port} | output.to_json() | content)
    else:
        _print(f"{node}.{port}", output, content)


def _find(workspace: Workspace, file: Path, place: str) -> tuple[Any, str, Output | None]:
    from designer.engine.results import RunResult
    from designer.pipeline.problem import near

    if not file.exists():
        raise InputError(f"There is no file “{file}”.")
    run = workspace.latest_run(file)
    if run is None:
        raise InputError(f"“{file.name}” was not run yet.", f"Run it: designer run {file}")
    result = RunResult.from_json(workspace.run_record(run))
    node_id, dot, port = place.partition(".")
    node = result.nodes.get(node_id)
    if node is None:
        if _has(file, node_id):
            raise InputError(
                f"“{node_id}” was no part of the last run.", f"Run all of it: designer run {file}"
            )
        raise InputError(
            f"The last run had no node “{node_id}”.", near(node_id, result.nodes, "nodes")
        )
    if node.status not in ("completed", "reused"):
        return node, port, None
    if not dot:
        if not node.outputs:
            raise InputError(f"“{node_id}” gave no output.")
        port = next(iter(node.outputs))
    if port not in node.outputs:
        raise InputError(
            f"“{node_id}” gave nothing at “{port}”.", near(port, node.outputs, "outputs")
        )
    output = node.outputs[port]
    if not output.path.is_dir():
        raise InputError(
            f"The result of “{node_id}” is no longer stored.", f"Run it again: designer run {file}"
        )
    return node_id, port, output


def _has(file: Path, node: str) -> bool:
    """Tell whether a pipeline has a node now."""
    from designer.pipeline.file import PipelineFileError, read

    with contextlib.suppress(PipelineFileError):
        return node in read(file).nodes
    return False


def _show_failure(node: NodeResult, as_json: bool) -> None:
    """Say why there is no result; the exit status is 1."""
    error = node.error or {"message": node.reason or f"The step was {node.status}."}
    if as_json:
        print_json({"status": node.status, "error": dict(error)})
    else:
        what = "failed" if node.status == "failed" else f"was {node.status}"
        click.echo(f"The step {what}: {error['message']}", err=True)
        if error.get("hint"):
            click.echo(error["hint"], err=True)
        if node.log is not None:
            click.echo(f"Its log is “{node.log}”.", err=True)
    raise click.exceptions.Exit(1)


def _content(folder: Path, rows: int, workspace: Workspace) -> dict[str, Any]:
    """Return what there is to show of a stored value as plain data.

    Raises
    ------
    ModuleError
        If the value is gone or damaged.
    """
    from modules.contract import storage

    summary = storage.describe(folder)
    kind = summary["type"]
    if kind == "DataTable":
        return _table(folder, rows)
    if kind == "Evaluation":
        return {"metrics": summary.get("metrics", {})}
    about = {name: value for name, value in summary.items() if name not in ("format", "type")}
    if kind in ("TrainedModel", "UntrainedModel"):
        value: Any = storage.load(folder)
        about["parameters"] = dict(value.parameters)
        if kind == "TrainedModel":
            about["label"] = value.label
            about["classes"] = list(value.classes)
            about["features"] = [column._asdict() for column in value.features]
    elif kind == "Transformation":
        # It may be one of the person's own.
        modules_of(workspace)
        frame = storage.load(folder).describe()  # type: ignore[attr-defined]
        about["fitted"] = [_plain_row(row) for row in frame.to_dict("records")]
    return about


def _table(folder: Path, rows: int) -> dict[str, Any]:
    from designer.engine.stored_table import open_table

    table = open_table(folder)
    names = [column.name for column in table.columns]
    head = table.data.slice(0, rows).to_pylist() if rows else []
    return {
        "schema": [column._asdict() for column in table.columns],
        "data": [[_plain(row[name]) for name in names] for row in head],
    }


def _plain_row(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what is not a number is null."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None if value != value else str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _print(place: str, output: Output, content: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    console = wide_console()
    size = f", {output.rows:,} rows × {output.columns} columns" if output.rows is not None else ""
    console.print(Text(f"{place}: {output.type}{size}"))
    if "schema" in content:
        _print_table(console, content["schema"], content["data"])
        return
    if "metrics" in content:
        for report, metrics in content["metrics"].items():
            grid = Table("Metric", "Value", title=Text(report), show_edge=False, pad_edge=False)
            for name, value in metrics.items():
                grid.add_row(Text(name), "undefined" if value is None else f"{value:.6g}")
            console.print(grid)
        return
    for name, value in content.items():
        if name == "features":
            value = [f"{each['name']} ({each['kind']})" for each in value]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            console.print(Text(f"{name}:"))
            print_grid(list(value[0]), [[_words(each) for each in row.values()] for row in value])
        elif isinstance(value, dict):
            console.print(Text(f"{name}:"))
            for key, each in value.items():
                console.print(Text(f"  {key}: {_words(each)}"))
        elif value not in ([], ""):
            console.print(Text(f"{name}: {_words(value)}"))


def _words(value: Any) -> str:
    """Return a plain value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return "–" if value is None else str(value)


def _print_table(console: Console, schema: list[dict[str, str]], rows: list[list[Any]]) -> None:
    """Print as many columns as fit on the terminal, all of them anywhere else."""
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    cells = [["" if value is None else str(value)[:_CELL] for value in row] for row in rows]
    room = console.width
    grid = Table(show_edge=False, pad_edge=False)
    shown = 0
    for number, column in enumerate(schema):
        name = column["name"][:_CELL]
        width = max(map(cell_len, (name, column["kind"], *(row[number] for row in cells))))
        room -= width + 3
        if shown and room < 0:
            break
        right = column["kind"] in ("integer", "number")
        heading = Text(f"{name}\n{column['kind']}")
        grid.add_column(heading, justify="right" if right else "left", no_wrap=True, width=width)
        shown += 1
    for row in cells:
        grid.add_row(*(Text(cell) for cell in row[:shown]))
    console.print(grid)
    if shown < len(schema):
        others = ", ".join(column["name"] for column in schema[shown:])
        console.print(Text(f"and {len(schema) - shown} more columns: {others}"))


_CELL = 32
"""Characters of a cell that are shown."""
