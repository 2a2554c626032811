"""``designer automl``: find the best model for a dataset, as a pipeline."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import examples, modules_of, readable_workspace, workspace_option
from designer.cli.run_report import ProblemsError, print_summary, wait_for
from designer.run_values import with_settings

if TYPE_CHECKING:
    from designer.catalog import Catalog
    from designer.engine import RunResult, events
    from designer.pipeline.model import Pipeline
    from modules.values.leaderboard import Leaderboard


@click.command(
    epilog=examples(
        "designer automl people.csv --label income --trials 60 -o best.pipeline.json",
        "designer automl cars.pipeline.json --minutes 10 -o best.pipeline.json",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--label", metavar="COLUMN", help="Column to predict. Default: the label role.")
@click.option("--trials", type=click.IntRange(1, 10_000), help="Number of trials. Default: 30.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Time limit; 0 for none. Default: 0.")
@click.option(
    "--set",
    "settings",
    metavar="PARAM=VALUE",
    multiple=True,
    help="Another parameter of Automated ML, as in “designer modules automated_training”. "
    "Can be repeated.",
)
@click.option(
    "--rank",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Which row of the leaderboard to write.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Pipeline file to write.",
)
@workspace_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a JSON document in a line for each trial, and one for the result.",
)
@click.pass_context
def automl(
    ctx: click.Context,
    file: Path,
    label: str | None,
    trials: int | None,
    minutes: float | None,
    settings: tuple[str, ...],
    rank: int,
    target: Path,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Find the best model for FILE, a data file or a pipeline, and write it as a pipeline.

    Of a pipeline, the Automated ML card is run, or one is linked to the only dataset that no card
    reads. The first Ctrl+C stops the search and keeps the best so far, the second cancels it.
    Progress goes to stderr.
    """
    from designer.engine.executors.forking import prepare

    with contextlib.suppress(OSError):
        prepare()
    from designer.cli.run_progress import RunProgress
    from designer.engine import Engine, events
    from designer.tracking.trigger import record_runs

    workspace = readable_workspace(folder, "")
    catalog = modules_of(workspace)
    given = {
        name: value
        for name, value in (
            ("label_column", [label] if label else None),
            ("trials", trials),
            ("minutes", minutes),
        )
        if value is not None
    }
    pipeline, node, base, source = _pipeline(file, target, given, catalog)
    pipeline, wrong = with_settings(pipeline, catalog, tuple(f"{node}.{each}" for each in settings))
    _check(pipeline, node, base, catalog, wrong)
    printing = threading.Lock()

    def on_event(event: events.Event) -> None:
        progress.take(event)
        if as_json and isinstance(event, events.TrialEnded):
            with printing:
                _print_line({"event": "trial"} | asdict(event.trial))

    with Engine(workspace, catalog) as engine, RunProgress(pipeline) as progress:
        record_runs(engine)
        handle = engine.start(pipeline, base=base, to=[node], on_event=on_event, source=source)
        result = wait_for(handle)
    _finish(ctx, result, pipeline, node, target, rank, catalog, as_json)


def _pipeline(
    file: Path, target: Path, given: dict[str, Any], catalog: Catalog
) -> tuple[Pipeline, str, Path, Path | None]:
    """Return what to run, the card of Automated ML, the folder of paths, and the file if any."""
    from designer.automl.dataset_pipeline import NoDatasetError, for_file, for_pipeline
    from designer.pipeline.file import SUFFIX, read

    folder = target.absolute().parent
    if not folder.is_dir():
        raise InputError(f"There is no folder “{folder}”.", "Create it, or choose another file.")
    if not file.name.endswith(SUFFIX):
        if not file.is_file():
            raise InputError(f"There is no file “{file}”.", "Use a data file or a pipeline.")
        path = Path(os.path.relpath(file.absolute(), folder)).as_posix()
        return *for_file(path, given, catalog), folder, None
    if file.absolute().parent != folder:
        raise InputError(
            f"“{target}” isn't in the folder of “{file.name}”, from which its paths start.",
            "Choose a file in that folder.",
        )
    try:
        return *for_pipeline(read(file), given, catalog), folder, file
    except NoDatasetError as error:
        raise InputError(str(error), "Link an Automated ML card to the dataset.") from None


def _check(pipeline: Pipeline, node: str, base: Path, catalog: Catalog, wrong: list[Any]) -> None:
    from designer.pipeline.validation import validate

    wanted = pipeline.ancestors([node])
    problems = wrong + [
        problem
        for problem in validate(pipeline, catalog, base=base)
        if problem.severity == "error" and (problem.node is None or problem.node in wanted)
    ]
    if problems:
        raise ProblemsError(problems)


def _finish(
    ctx: click.Context,
    result: RunResult,
    pipeline: Pipeline,
    node: str,
    target: Path,
    rank: int,
    catalog: Catalog,
    as_json: bool,
) -> None:
    from designer.automl.trial_pipeline import TrialError, trial_pipeline
    from designer.pipeline.file import write
    from modules.values import storage

    if result.status != "completed":
        if as_json:
            _print_line({"event": "result"} | result.to_json())
        else:
            print_summary(result)
        ctx.exit(1)
    board: Any = storage.load(result.nodes[node].outputs["leaderboard"].path)
    if rank > len(board.trials):
        raise InputError(
            f"The leaderboard has only {len(board.trials)} rows.", "Choose a lower rank."
        )
    try:
        best = trial_pipeline(board.plan, board.trials[rank - 1], pipeline, node, catalog)
    except TrialError as error:
        raise InputError(str(error)) from None
    write(best, target)
    if as_json:
        rows = [{**trial, "rank": at} for at, trial in enumerate(board.trials, start=1)]
        _print_line(
            {
                "event": "result",
                "status": result.status,
                "run": result.id,
                "file": str(target),
                "metric": board.metric,
                "trials": rows,
            }
        )
        return
    for text in result.nodes[node].warnings:
        click.secho(f"Warning: {text}", fg="yellow", err=True)
    _print_board(board, rank, target)


def _print_board(board: Leaderboard, rank: int, target: Path) -> None:
    click.echo(f"{board.metric} of the best of {len(board.trials)} rows:")
    for at, trial in enumerate(board.trials[:10], start=1):
        score = "–" if trial["score"] is None else f"{trial['score']:.5g}"
        parts = (trial["title"], trial["settings"], trial["problem"])
        click.echo(f"{at:>4}  {score:<9} {'  '.join(filter(None, parts))}")
    click.echo(f"Row {rank} is in “{target}”.")


def _print_line(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, default=str))
