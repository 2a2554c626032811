"""How many rows a second the best model of Automated ML scores in batch behind an endpoint.

Run: python benchmarks/automl_endpoint.py [--trials N] [--rows N] [TABLE ...]

A line per table of ``benchmarks/automl.py``: the best model, rows per second of processor time on
one core as a file is scored, and as single rows of requests are where all parts have a compiled
form; and the largest difference of both from the model's own predictions. Exit status 1 if a file
is scored with fewer than 10,000 rows a second, or a prediction differs by more than 1e-9.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
from automl import tables
from threadpoolctl import threadpool_limits

from designer.catalog import load_catalog
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.automated_ml.automated_training import automated_training
from modules.contract import DataTable, Role
from modules.contract.context import using_threads
from modules.requests.tables import rows_of, schema_of
from modules.scoring import Scorer, prepare
from modules.values import TrainedModel, storage

LEAST = 10_000.0
DIFFERENT = 1e-9
EXAMPLES, SINGLE = 50, 500


def scoring_folder(model: TrainedModel, table: DataTable, folder: Path) -> Path:
    """Write the scoring folder of an endpoint that scores rows with a model."""
    storage.save(model, folder / "project" / "model")
    storage.save(table.slice(0, EXAMPLES), folder / "project" / "rows")
    pipeline = Pipeline()
    for module, parameters in (
        ("web_service_input", {"columns": schema_of(table).to_json()}),
        ("saved_model", {"path": "model"}),
        ("score_model", {}),
        ("web_service_output", {}),
        ("saved_dataset", {"path": "rows"}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("web_service_input.dataset", "score_model.dataset"),
        ("saved_dataset.dataset", "score_model.dataset"),
        ("saved_model.trained_model", "score_model.trained_model"),
        ("score_model.scored_dataset", "web_service_output.dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    scoring = folder / "scoring"
    write_scoring_folder(pipeline, load_catalog(), scoring, base=folder / "project")
    prepare(scoring)
    return scoring


def numbers(frame: pd.DataFrame) -> np.ndarray:
    """Return the probabilities, or the predicted numbers."""
    names = [name for name in frame.columns if name.startswith("Scored Probabilities")]
    return frame[names or ["Scored Labels"]].to_numpy(float)


def measured(frame: pd.DataFrame, options: Any) -> tuple[str, float, float, float]:
    """Return the model's title, rows a second of a file and of requests, and the difference."""
    with using_threads(options.workers):
        model, _, _ = automated_training(
            DataTable(frame, {"y": Role.LABEL}), trials=options.trials, minutes=0
        )
    rows = frame.drop(columns="y")
    many = rows.iloc[np.arange(options.rows) % len(rows)].reset_index(drop=True)
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        scorer = Scorer(scoring_folder(model, DataTable(rows), Path(folder)))
        scorer.score_tables({"input1": DataTable(rows.head(10))})
        began = time.process_time()
        scored = scorer.score_tables({"input1": DataTable(many)})["output1"].frame
        fast = options.rows / (time.process_time() - began)
        expected = numbers(model.score(DataTable(many)).frame)
        different = np.abs(numbers(scored) - expected).max()
        single = float("nan")
        if scorer.compiled:
            requests = [[row] for row in rows_of(DataTable(many.head(SINGLE)))]
            began = time.process_time()
            answers = [scorer.score({"input1": each})["output1"][0] for each in requests]
            single = SINGLE / (time.process_time() - began)
            found = numbers(pd.DataFrame(answers))
            different = max(different, np.abs(found - expected[: len(found)]).max())
    return model.title, fast, single, float(different)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("tables", nargs="*")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    failures = 0
    print(f"{'table':<14} {'file, rows/s':>12} {'single, rows/s':>14} {'difference':>10}  model")
    for name, frame in tables(None):
        if options.tables and name not in options.tables:
            continue
        title, fast, single, different = measured(frame, options)
        failures += fast < LEAST or different > DIFFERENT
        print(f"{name:<14} {fast:12,.0f} {single:14,.0f} {different:10.1e}  {title}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
