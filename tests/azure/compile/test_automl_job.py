"""Automated ML cards as Azure's automated ML job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import yaml
from pyarrow import parquet

from designer.azure.compile.compiling import compile_pipeline
from designer.azure.compile.describing import describe
from designer.azure.compile.problems import CompileError
from designer.azure.write_mltable import main as write_mltable
from designer.catalog import Catalog
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from modules.contract import DataTable, Role
from modules.values import storage

if TYPE_CHECKING:
    from azure.ai.ml.entities import PipelineJob

BY_ROLE = {"rules": [{"include": "roles", "values": ["label"]}]}
JOB = {"azure": {"automl_job": True}}
CLASSES = {
    "label_column": ["income"],
    "task": "classification",
    "trials": 20,
    "minutes": 30.5,
    "folds": 4,
    "allowed_learners": "LightGBM, Decision Forest",
    "blocked_learners": "Neural Network",
    "positive_class": "high",
}


def pipeline(parameters: dict[str, Any], module: str = "automated_training", **more: Any) -> Any:
    """Return data, a card that searches, and optionally a second table for it."""
    rows = {"data": "age,income,pay\n1,low,2\n3,high,4\n"}
    nodes = {
        "people": Node("people", "enter_data_manually", parameters=rows),
        "best": Node("best", module, parameters=parameters, extra=JOB),
    }
    links = [Link(Endpoint("people", "dataset"), Endpoint("best", "dataset"))]
    if more.get("second"):
        nodes["others"] = Node("others", "enter_data_manually", parameters=rows)
        links.append(Link(Endpoint("others", "dataset"), Endpoint("best", "validation_dataset")))
    return Pipeline(nodes=nodes, links=tuple(links))


@pytest.fixture
def compiling(catalog: Catalog, tmp_path: Path) -> Callable[..., PipelineJob]:
    from azure.ai.ml import load_job
    from azure.ai.ml.entities import PipelineJob

    def compiled(made: Pipeline, target: str = "azureml-v2") -> PipelineJob:
        description = describe(made, catalog, base=tmp_path, name="search")
        compile_pipeline(description, target, tmp_path / "out")
        job = load_job(tmp_path / "out" / "pipeline.yml")
        assert isinstance(job, PipelineJob)
        return job

    return compiled


def test_a_classification_is_a_job_that_the_sdk_accepts(
    compiling: Callable[..., PipelineJob], tmp_path: Path
) -> None:
    job = compiling(pipeline(CLASSES))
    assert job._validate().passed
    best = job.jobs["best"]
    assert type(best).__name__ == "ClassificationJob"
    assert best.target_column_name == "income"
    assert best.primary_metric == "AUCWeighted"
    assert best.limits.max_trials == 20
    assert best.limits.timeout_minutes == 31
    assert best.n_cross_validations == 4
    assert best.positive_label == "high"
    assert best.training.allowed_training_algorithms == ["LightGBM", "RandomForest"]
    assert best.training.blocked_training_algorithms is None
    assert best.training.enable_vote_ensemble
    assert not best.training.enable_stack_ensemble
    documents = yaml.safe_load((tmp_path / "out" / "pipeline.yml").read_text())
    assert documents["jobs"]["best"]["outputs"] == {
        "best_model": "${{parent.outputs.best_best_model}}"
    }
    assert documents["outputs"]["best_best_model"] == {"type": "mlflow_model"}
    tables = job.jobs["best_tables"]
    assert tables.component.outputs["dataset_table"].type == "mltable"
    assert not (tmp_path / "out" / "parameters" / "best").exists()


def test_a_second_table_validates_instead_of_folds(
    compiling: Callable[..., PipelineJob], tmp_path: Path
) -> None:
    parameters = {"label_column": ["pay"], "task": "regression", "ensemble": "stacked models"}
    job = compiling(pipeline(parameters, second=True))
    assert job._validate().passed
    best = job.jobs["best"]
    assert type(best).__name__ == "RegressionJob"
    assert best.n_cross_validations is None
    table = "${{parent.jobs.best_tables.outputs.validation_dataset_table}}"
    assert best.validation_data == table
    assert best.training.enable_stack_ensemble


def test_forecasting(compiling: Callable[..., PipelineJob]) -> None:
    parameters = {
        "time_column": ["month"],
        "value_column": ["sold"],
        "series_columns": ["shop"],
        "horizon": 6,
        "frequency": "month",
        "aggregate": "sum",
        "allowed_learners": "ARIMA, Seasonal Naive, Exponential Smoothing, Boosted Trees",
    }
    job = compiling(pipeline(parameters, "automated_forecasting"))
    assert job._validate().passed
    best = job.jobs["best"]
    assert type(best).__name__ == "ForecastingJob"
    settings = best.forecasting_settings
    assert (settings.time_column_name, settings.forecast_horizon) == ("month", 6)
    assert settings.time_series_id_column_names == ["shop"]
    assert settings.frequency == "MS"
    assert best.primary_metric == "NormalizedRootMeanSquaredError"


def test_the_job_is_the_choice_of_the_card(
    compiling: Callable[..., PipelineJob],
) -> None:
    made = pipeline(CLASSES)
    ours = Node("best", "automated_training", parameters=CLASSES)
    job = compiling(Pipeline(nodes={**made.nodes, "best": ours}, links=made.links))
    assert set(job.jobs) == {"people", "best"}
    assert job.jobs["best"].type == "command"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "automatic"}, "Task: Azure's automated ML job doesn't choose it."),
        ({"label_column": BY_ROLE}, "needs the names of the columns"),
        ({"classification_metric": "Log loss"}, "“Log loss” isn't a primary metric"),
        ({"validation": "latest rows", "time_column": ["age"]}, "can't hold out the latest rows"),
        ({"allowed_learners": "Neural Network"}, "doesn't have “Neural Network”"),
        ({"balance_classes": True}, "balances by itself"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_the_job_has_no_counterpart_for_is_told(
    compiling: Callable[..., PipelineJob], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(CompileError) as caught:
        compiling(pipeline({**CLASSES, **changes}))
    assert message in "\n".join(problem.message for problem in caught.value.problems)


@pytest.mark.long
def test_a_card_that_reads_the_model_and_sdk_v1_are_told(
    compiling: Callable[..., PipelineJob],
) -> None:
    with pytest.raises(CompileError) as caught:
        compiling(pipeline(CLASSES), "azureml-v1")
    assert [problem.message for problem in caught.value.problems] == [
        "Automated ML: Azure's automated ML job needs SDK v2."
    ]
    made = pipeline(CLASSES)
    links = (
        *made.links,
        Link(Endpoint("best", "best_model"), Endpoint("score", "trained_model")),
        Link(Endpoint("people", "dataset"), Endpoint("score", "dataset")),
    )
    nodes = {**made.nodes, "score": Node("score", "score_model")}
    with pytest.raises(CompileError) as caught:
        compiling(Pipeline(nodes=nodes, links=links))
    (problem,) = caught.value.problems
    assert problem.node == "score"
    assert "outputs only its model, in MLflow's format" in problem.message


def test_the_table_of_the_job_has_the_features_and_the_label(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "age": [1, 2],
            "city": pd.Categorical(["a", "b"]),
            "weight": [1.0, 2.0],
            "y": ["low", "high"],
        }
    )
    table = DataTable(frame, {"weight": Role.WEIGHT, "y": Role.LABEL})
    storage.save(table, tmp_path / "stored")
    assert write_mltable([str(tmp_path / "stored"), str(tmp_path / "made")]) == 0
    found = parquet.read_table(tmp_path / "made" / "data.parquet")
    assert found.to_pydict() == {"age": [1, 2], "city": ["a", "b"], "y": ["low", "high"]}
    description = yaml.safe_load((tmp_path / "made" / "MLTable").read_text())
    assert description["paths"] == [{"file": "./data.parquet"}]
    assert description["transformations"] == ["read_parquet"]
