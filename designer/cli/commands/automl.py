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
from designer.cli.run_report import ProblemsError, print_summary, run_to_end
from designer.run_values import with_settings

if TYPE_CHECKING:
    from designer.catalog import Catalog
    from designer.engine import RunResult, events
    from designer.pipeline.model import Pipeline
    from modules.values.leaderboard import Leaderboard

_SHOWN = 10
"""Rows of the leaderboard that are printed; of others, why trials have no score."""

FORECASTING = "forecasting"
"""The task that another module searches for than for the others."""


@click.command(
    epilog=examples(
        "designer automl people.csv --label income --trials 60 -o best.pipeline.json",
        "designer automl cars.pipeline.json --minutes 10 -o best.pipeline.json",
        "designer automl co2.csv --task forecasting --time date --label co2 -o f.json",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--label", metavar="COLUMN", help="Column to predict. Default: the label role.")
@click.option(
    "--task",
    type=click.Choice(["automatic", "classification", "regression", FORECASTING]),
    help="What to predict: classes, a number, or the next values of series. Default: automatic.",
)
@click.option("--time", metavar="COLUMN", help="Column of the times. With --task forecasting.")
@click.option(
    "--series",
    metavar="COLUMN",
    multiple=True,
    help="Column that identifies a series. Can be repeated. With --task forecasting.",
)
@click.option(
    "--horizon",
    type=click.IntRange(1, 10_000),
    help="Number of periods to forecast. Default: 12. With --task forecasting.",
)
@click.option("--trials", type=click.IntRange(1, 10_000), help="Number of trials. Default: 30.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Time limit; 0 for none. Default: 0.")
@click.option(
    "--set",
    "settings",
    metavar="PARAM=VALUE",
    multiple=True,
    help="Another parameter of the Automated ML or Automated Forecasting card, as in "
    "“designer modules”. Can be repeated.",
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
    task: str | None,
    time: str | None,
    series: tuple[str, ...],
    horizon: int | None,
    trials: int | None,
    minutes: float | None,
    settings: tuple[str, ...],
    rank: int,
    target: Path,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Find the best model for FILE, a data file or a pipeline, and write it as a pipeline.

    Of a pipeline, the Automated ML or Automated Forecasting card is run, or one is linked to the
    only dataset that no card reads. The first Ctrl+C stops the search and keeps the best so far,
    the second cancels it. Progress goes to stderr.
    """
    from designer.engine.executors.forking import prepare

    with contextlib.suppress(OSError):
        prepare()
    from designer.cli.run_progress import RunProgress
    from designer.engine import Engine, events
    from designer.engine.accesses import allow_reading
    from designer.tracking.trigger import record_runs

    workspace = readable_workspace(folder, "")
    catalog = modules_of(workspace)
    given = {
        "label": [label] if label else None,
        "task": task,
        "time_column": [time] if time else None,
        "series_columns": list(series) or None,
        "horizon": horizon,
        "trials": trials,
        "minutes": minutes,
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
        result = run_to_end(
            lambda: engine.start(pipeline, base=base, to=[node], on_event=on_event, source=source)
        )
    made = _finish(ctx, result, pipeline, node, target, rank, catalog, as_json)
    if source is None:
        # The window needn't ask whether the pipeline may read the file that was named here.
        with contextlib.suppress(OSError):
            allow_reading(file, made, catalog, base, workspace)


def _pipeline(
    file: Path, target: Path, given: dict[str, Any], catalog: Catalog
) -> tuple[Pipeline, str, Path, Path | None]:
    """Return what to run, the card of Automated ML, the folder of paths, and the file if any."""
    from designer.automl.dataset_pipeline import NoDatasetError, for_file, for_pipeline, search_in
    from designer.pipeline.file import SUFFIX, read
    from designer.pipeline.model import Pipeline

    folder = target.absolute().parent
    if not folder.is_dir():
        raise InputError(f"There is no folder “{folder}”.", "Create it, or choose another file.")
    if target.exists() and file.exists() and target.samefile(file):
        raise InputError(f"The best model's pipeline would replace “{file}”.", "Use another -o.")
    if not file.name.endswith(SUFFIX):
        if not file.is_file():
            raise InputError(f"There is no file “{file}”.", "Use a data file or a pipeline.")
        path = Path(os.path.relpath(file.absolute(), folder)).as_posix()
        module, parameters = _parameters(given, search_in(Pipeline()))
        return *for_file(path, parameters, catalog, module), folder, None
    if file.absolute().parent != folder:
        raise InputError(
            f"“{target}” isn't in the folder of “{file.name}”, from which its paths start.",
            "Choose a file in that folder.",
        )
    pipeline = read(file)
    module, parameters = _parameters(given, search_in(pipeline))
    try:
        return *for_pipeline(pipeline, parameters, catalog, module), folder, file
    except NoDatasetError as error:
        raise InputError(str(error), f"Link a card of {catalog[module].title} to it.") from None


def _parameters(given: dict[str, Any], module: str) -> tuple[str, dict[str, Any]]:
    """Return the module that searches, and its parameters.

    Parameters
    ----------
    module : str
        That of the pipeline, which a task takes precedence over.
    """
    from designer.pipeline.own_modules import AUTOMATED_FORECASTING, AUTOMATED_TRAINING

    found = {name: value for name, value in given.items() if value is not None}
    task = found.pop("task", FORECASTING if module == AUTOMATED_FORECASTING else None)
    label = found.pop("label", None)
    if task == FORECASTING:
        return AUTOMATED_FORECASTING, ({"value_column": label} if label else {}) | found
    wrong = [name for name in ("time_column", "series_columns", "horizon") if name in found]
    if wrong:
        option = f"--{wrong[0].partition('_')[0]}"
        raise InputError(f"{option} is for forecasting only.", "Add --task forecasting.")
    chosen = {"label_column": label, "task": task}
    return AUTOMATED_TRAINING, {name: each for name, each in chosen.items() if each} | found


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
) -> Pipeline:
    """Write a row of the leaderboard as a pipeline and return it."""
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
            f"The last row of the leaderboard is {len(board.trials)}.", "Choose a lower rank."
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
        return best
    for text in result.nodes[node].warnings:
        click.secho(f"Warning: {text}", fg="yellow", err=True)
    _print_board(board, rank, target)
    return best


def _print_board(board: Leaderboard, rank: int, target: Path) -> None:
    click.echo(f"{board.metric}, the best first ({len(board.trials)} in all):")
    for at, trial in enumerate(board.trials[:_SHOWN], start=1):
        score = "–" if trial["score"] is None else f"{trial['score']:.5g}"
        parts = (trial["title"], trial["settings"], trial["problem"])
        click.echo(f"{at:>4}  {score:<9} {'  '.join(filter(None, parts))}")
    failed = [trial for trial in board.trials[_SHOWN:] if trial["problem"]]
    for problem in dict.fromkeys(trial["problem"] for trial in failed):
        count = sum(trial["problem"] == problem for trial in failed)
        click.echo(f"  {count} more without a score: {problem}")
    click.echo(f"Row {rank} is in “{target}”.")


def _print_line(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, default=str))
