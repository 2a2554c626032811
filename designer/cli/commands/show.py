"""``designer show``: a result of the last run of a pipeline file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import examples, json_option, readable_workspace, workspace_option
from designer.cli.output import print_json
from designer.cli.show_content import content_of
from designer.cli.show_text import print_content

if TYPE_CHECKING:
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
@click.argument("target", metavar="NODE[.PORT]")
@click.option(
    "--rows",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Number of table rows to print.",
)
@workspace_option
@json_option
def show(file: Path, target: str, rows: int, folder: Path | None, as_json: bool) -> None:
    """Show an output of NODE from the last run of the pipeline in FILE.

    A table is shown with its first rows, an evaluation with its metrics and confusion
    matrix, a model with its settings and what it learned: coefficients, feature
    importances or cluster centers. Long lists are cut after 20 items; --json has all,
    and the curves of an evaluation too. Without PORT, the first output is shown. The exit
    status is 1 if the step failed; the cause is printed.
    """
    from modules.contract import ModuleError

    workspace = readable_workspace(folder, "runs")
    node, port, output = _find(workspace, file, target)
    if output is None:
        _show_failure(node, as_json)
        return
    try:
        content = content_of(output.path, rows, workspace)
    except ModuleError as error:
        raise InputError(error.message, error.hint) from None
    if as_json:
        print_json({"node": node, "port": port} | output.to_json() | content)
    else:
        print_content(f"{node}.{port}", output, content)


def _find(workspace: Workspace, file: Path, target: str) -> tuple[Any, str, Output | None]:
    from designer.engine.results import RunResult, read_record
    from designer.pipeline.problem import near

    if not file.exists():
        raise InputError(f"There is no file “{file}”.")
    run = workspace.latest_run(file)
    if run is None:
        raise InputError(f"“{file.name}” hasn't been run yet.", f"Run it: designer run {file}")
    result = RunResult.from_json(read_record(workspace, run))
    node_id, dot, port = target.partition(".")
    node = result.nodes.get(node_id)
    if node is None:
        if _has(workspace, file, node_id):
            raise InputError(
                f"“{node_id}” wasn't part of the last run.", f"Run all of it: designer run {file}"
            )
        raise InputError(
            f"The last run had no node “{node_id}”.", near(node_id, result.nodes, "nodes")
        )
    if node.status not in ("completed", "reused"):
        return node, port, None
    if not dot:
        if not node.outputs:
            raise InputError(f"“{node_id}” has no output.")
        port = next(iter(node.outputs))
    if port not in node.outputs:
        raise InputError(
            f"“{node_id}” has no output “{port}”.", near(port, node.outputs, "outputs")
        )
    output = node.outputs[port]
    if not output.path.is_dir():
        raise InputError(
            f"The result of “{node_id}” is no longer stored.", f"Run it again: designer run {file}"
        )
    return node_id, port, output


def _has(workspace: Workspace, file: Path, node: str) -> bool:
    """Return whether a pipeline has a node now."""
    from designer.pipeline.file import PipelineFileError, read

    with contextlib.suppress(PipelineFileError):
        return node in read(file, workspace.modules_folder).nodes
    return False


def _show_failure(node: NodeResult, as_json: bool) -> None:
    """Print why there is no result; the exit status is 1."""
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
