"""Which models can be asked about the rows of a table."""

from __future__ import annotations

from pathlib import Path

from designer.app.runs.models_beside import models_beside
from designer.catalog import load_catalog
from designer.engine.results import Output
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline


def trained_and_scored() -> Pipeline:
    pipeline = Pipeline()
    for module in ("dataset", "linear_regression", "train_model", "score_model", "dataset"):
        pipeline, _ = edits.add_node(pipeline, module)
    for source, target in (
        ("dataset.dataset", "train_model.dataset"),
        ("linear_regression.untrained_model", "train_model.untrained_model"),
        ("train_model.trained_model", "score_model.trained_model"),
        ("dataset_2.dataset", "score_model.dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    return pipeline


def asked(node: str, port: str, pipeline: Pipeline | None = None, *, ran: bool = True) -> list[str]:
    def stored(node: str, port: str) -> Output | None:
        kind = {"trained_model": "TrainedModel", "untrained_model": "UntrainedModel"}
        return Output(kind.get(port, "DataTable"), Path(node, port)) if ran else None

    pipeline = pipeline or trained_and_scored()
    found = models_beside(pipeline, load_catalog(), node, port, stored)
    assert all(each.folder == Path("train_model", "trained_model") for each in found)
    return [each.title for each in found]


def test_of_a_scored_dataset_the_model_that_scored_it() -> None:
    assert asked("score_model", "scored_dataset") == ["Train Model (train_model)"]


def test_of_training_and_of_new_rows_the_model_that_reads_them() -> None:
    assert asked("dataset", "dataset") == ["Train Model (train_model)"]
    assert asked("dataset_2", "dataset") == ["Train Model (train_model)"]


def test_none_where_there_is_no_model_or_no_module() -> None:
    assert asked("dataset", "dataset", ran=False) == []
    alone, _ = edits.add_node(Pipeline(), "dataset")
    assert asked("dataset", "dataset", alone) == []
    assert asked("dataset", "dataset", Pipeline()) == []
