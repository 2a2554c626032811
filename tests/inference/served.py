"""Pipelines that are trained, turned into inference pipelines and made ready to score."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from designer.engine import Engine, RunResult
from designer.inference.conversion import Inference, convert
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract import DataTable
from modules.requests.tables import rows_of
from modules.scoring import EVERYTHING, Prepared, Scorer, check, prepare
from modules.values.storage import load

sys.path.append(str(Path(__file__).parents[1] / "modules"))

from diagonals import some
from module_examples import PALETTE, example_table, inputs_for, parameters_for, run

__all__ = ["PALETTE", "example_table", "inputs_for", "parameters_for", "run", "some"]

FEATURES = ("age", "price", "city", "member", "active", "joined")
ROWS = 240


def people() -> pd.DataFrame:
    frame = example_table(ROWS).frame
    third = pd.cut(frame["age"], [0, 35, 55, 200], labels=["low", "middle", "high"])
    return frame.assign(size3=third.astype("str"))


class Chain:
    """Builds a pipeline, mostly from top to bottom."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()

    def add(self, module: str, *inputs: str, name: str | None = None, **parameters: Any) -> str:
        """Add a node; inputs are ``port=node.port`` texts."""
        self.pipeline, node = edits.add_node(
            self.pipeline, module, node_id=name, parameters=parameters
        )
        for text in inputs:
            port, _, source = text.partition("=")
            start, _, output = source.rpartition(".")
            self.pipeline = edits.connect(
                self.pipeline, Endpoint(start, output), Endpoint(node, port)
            )
        return node

    def people(self) -> str:
        self.add("dataset", name="people", path="people.parquet")
        return "people.dataset"

    def split(self, source: str) -> tuple[str, str]:
        self.add("split_data", f"dataset={source}", name="split", fraction=0.7, randomized=False)
        return "split.results_dataset1", "split.results_dataset2"

    def scored(self, learner: str, source: str, task: str, label: str | None) -> str:
        """Add splitting, training and scoring; return the scored output."""
        train, test = self.split(source)
        # A learner may be made of another one.
        bases = [
            f"{port.name}={self.add('two_class_logistic_regression')}.untrained_model"
            for port in PALETTE[learner].inputs
        ]
        self.add(learner, *bases, name="learner")
        trainer, scorer = {
            "clustering": ("train_clustering_model", "assign_data_to_clusters"),
            "anomaly": ("train_anomaly_detection_model", "score_model"),
        }.get(task, ("train_model", "score_model"))
        known = PALETTE[trainer].parameter_by_name
        chosen = {"label_column": [label]} if label and "label_column" in known else {}
        self.add(
            trainer,
            "untrained_model=learner.untrained_model",
            f"dataset={train}",
            name="train",
            **chosen,
        )
        self.add(scorer, "trained_model=train.trained_model", f"dataset={test}", name="score")
        return f"score.{PALETTE[scorer].outputs[0].name}"


class Served:
    """A pipeline that was run, converted and made ready to score."""

    def __init__(
        self, engine: Engine, pipeline: Pipeline, base: Path, folder: Path, **options: Any
    ) -> None:
        self.engine, self.base, self.folder = engine, base, folder
        self.pipeline = pipeline
        self.result: RunResult = engine.run(pipeline, base=base)
        errors = {name: node.error for name, node in self.result.nodes.items() if node.error}
        assert not errors
        self.inference: Inference = convert(
            pipeline,
            self.result,
            engine.catalog,
            base=base,
            values=folder / "values",
            target=folder,
            **options,
        )
        self.prepared: Prepared = self.write(self.inference.pipeline)

    def write(self, pipeline: Pipeline) -> Prepared:
        write_scoring_folder(
            pipeline, self.engine.catalog, self.folder / "scoring", base=self.folder
        )
        return prepare(self.folder / "scoring")

    @property
    def messages(self) -> str:
        return "\n".join(self.inference.messages)

    def scorer(self, *, compiled: bool | None = None) -> Scorer:
        return Scorer(self.folder / "scoring", compiled=compiled, allowed=EVERYTHING)

    def output(self, place: str) -> DataTable:
        node, _, port = place.rpartition(".")
        table = load(self.result.nodes[node].outputs[port].path)
        assert isinstance(table, DataTable)
        return table

    def modules(self) -> list[str]:
        return sorted(node.module for node in self.inference.pipeline.nodes.values())


def request(scorer: Scorer, table: DataTable, name: str = "input1") -> list[dict[str, Any]]:
    """Return the rows of a table as a caller sends them: without what need not be sent."""
    needed = [column.name for column in scorer.inputs[name].columns if not column.optional]
    return [{name: row[name] for name in needed} for row in rows_of(table)]


def assert_same_rows(found: list[dict[str, Any]], expected: DataTable) -> None:
    rows = rows_of(expected)
    assert len(found) == len(rows)
    for one, two in zip(found, rows, strict=True):
        for name in one:
            assert equal(one[name], two[name]), (name, one[name], two[name])
        assert set(expected.having_role("score")) <= set(one)


def equal(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, (int, float)):
        return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-9)
    return one == two


def assert_serves_the_same(served: Served, place: str, label: str | None) -> None:
    """Compare both ways of scoring with what the training pipeline gave for the same rows."""
    expected = served.output(place)
    source = served.output("people.dataset")
    test = source.with_frame(source.frame.iloc[len(source) - len(expected) :])
    scorer = served.scorer(compiled=False)
    rows = request(scorer, test)
    assert label is None or label not in rows[0]
    answer = scorer.score({"input1": rows})["output1"]
    assert label is None or label not in answer[0]
    assert_same_rows(answer, expected)
    if served.prepared.compiled:
        assert_same_rows(served.scorer(compiled=True).score({"input1": rows})["output1"], expected)
        assert check(served.scorer(), {"input1": rows}) == []
    else:
        assert served.prepared.reasons
