"""Inference pipelines score the same rows as their training pipelines did, for every module.

Each case trains a small pipeline on the engine, converts it, and compares what the scorer
gives for the rows of the dataset with what the training pipeline gave for the same rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from served import (
    FEATURES,
    PALETTE,
    Chain,
    Served,
    assert_serves_the_same,
    equal,
    inputs_for,
    parameters_for,
    request,
    run,
    some,
)

from designer import paths
from designer.engine import Engine
from designer.examples import stated
from designer.inference.conversion import InferenceError
from designer.pipeline import file
from designer.pipeline.model import Node
from designer.pipeline.validation import validate
from modules.contract import DataTable, ModuleSpec, Serving
from modules.requests.tables import rows_of
from modules.scoring import Prepared, Scorer
from modules.values import Transformation, UntrainedModel

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")

NOT_SERVED = {
    "customer_segments": "isn't used to score rows",
    "flight_summary": "There is no trained model",
}
"""Samples without an inference pipeline, with the reason: one only compares two clusterings."""

IMAGES = {"digit_pictures"}
"""Samples whose rows are images: ``test_image_pipelines.py`` is about these."""

SAMPLES = sorted(
    path
    for path in paths.samples().glob(f"*{file.SUFFIX}")
    if path.name.removesuffix(file.SUFFIX) not in {*NOT_SERVED, *IMAGES}
)
COMBINED = {"senate_votes": "split_data.results_dataset2"}
"""Samples that rank the rows of a whole request, with the output that was ranked in training."""

SHORT = {"automobile_price", "credit_risk", "iris_clustering"}
"""The samples that make test tries: a regression, a classification, and a clustering."""

LABELS = {"two-class": "label", "multiclass": "size3", "regression": "target"}

COMPILED = {
    "boosted_decision_tree_regression",
    "decision_forest_regression",
    "k_means_clustering",
    "lightgbm_regression",
    "linear_regression",
    "multiclass_decision_forest",
    "multiclass_lightgbm",
    "multiclass_logistic_regression",
    "two_class_boosted_decision_tree",
    "two_class_decision_forest",
    "two_class_lightgbm",
    "two_class_logistic_regression",
}
"""Learners that are served without scikit-learn."""

CROSS_FITTED = ("target_encoding",)
"""Modules whose own output isn't what their transformation gives: its rows see other labels."""

WITHOUT_LABEL: dict[str, dict[str, Any]] = {
    "convert_to_indicator_values": {"columns": ["city", "size"]},
}
"""Parameters of transformations that would make features of the label otherwise."""

OF_SERIES = {"lag_and_rolling_features"}
"""What a row gets depends on the rows before, which aren't the same in a request."""

LEARNERS = [
    spec
    for spec in PALETTE.values()
    if [p.types for p in spec.outputs] == [(UntrainedModel,)]
    and spec.outputs[0].tasks not in (("forecasting",), ("image classification",))
]
TRANSFORMATIONS = [
    spec
    for spec in PALETTE.values()
    if any(Transformation in port.types for port in spec.outputs)
    and spec.inputs
    and spec.id not in OF_SERIES
]
DROPPED = [
    spec
    for spec in PALETTE.values()
    if spec.when_serving == Serving.DROP
    and spec.inputs
    and [DataTable in port.types for port in spec.inputs if not port.optional] == [True]
    and any(DataTable in port.types for port in spec.outputs)
    # Those that need a learner, or scores, have other rows than those to train with.
    and not any(UntrainedModel in port.types for port in spec.inputs)
    and "score_model" not in stated(spec).get("inputs", {}).values()
]


# How each of them scores is tried in tests/deployment; converting goes the same way for most.
@pytest.mark.parametrize("spec", some({spec.id: spec for spec in LEARNERS}, 24))
def test_every_learner(spec: ModuleSpec, engine: Engine, base: Path, tmp_path: Path) -> None:
    (untrained,) = spec(*inputs_for(spec, tmp_path))
    label = LABELS.get(untrained.task)
    chain = Chain()
    columns = [*FEATURES, *([label] if label else [])]
    chain.add(
        "select_columns_in_dataset", f"dataset={chain.people()}", name="select", columns=columns
    )
    place = chain.scored(spec.id, "select.results_dataset", untrained.task, label)
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, label)
    if spec.id in COMPILED:
        assert served.prepared == Prepared(True)


@pytest.mark.long
@pytest.mark.parametrize("learners", ["Seasonal Naive", "Seasonal Naive, Exponential Smoothing"])
def test_the_best_forecaster(learners: str, engine: Engine, tmp_path: Path) -> None:
    t = np.arange(60)
    values = 20 + 0.2 * t + 4 * np.sin(2 * np.pi * t / 12)
    months = pd.date_range("2018-01", periods=60, freq="MS")
    pd.DataFrame({"month": months, "y": values}).to_parquet(tmp_path / "months.parquet")
    chain = Chain()
    data = f"{chain.add('dataset', name='people', path='months.parquet')}.dataset"
    chain.add("split_by_time", f"dataset={data}", name="split", time_column=["month"])
    chain.add(
        "automated_forecasting",
        "dataset=split.earlier_rows",
        name="best",
        time_column=["month"],
        value_column=["y"],
        horizon=3,
        folds=2,
        trials=2,
        allowed_learners=learners,
    )
    chain.add("forecast", "trained_model=best.best_model", "dataset=split.later_rows", name="score")
    served = Served(engine, chain.pipeline, tmp_path, tmp_path)
    assert_serves_the_same(served, "score.forecast", "y")


def test_the_best_model_of_a_sweep(engine: Engine, base: Path, tmp_path: Path) -> None:
    chain = Chain()
    columns = [*FEATURES, "label"]
    chain.add(
        "select_columns_in_dataset", f"dataset={chain.people()}", name="select", columns=columns
    )
    train, test = chain.split("select.results_dataset")
    chain.add("two_class_decision_forest", name="learner")
    chain.add(
        "tune_model_hyperparameters",
        "untrained_model=learner.untrained_model",
        f"training_dataset={train}",
        f"validation_dataset={test}",
        name="tune",
        label_column=["label"],
    )
    chain.add(
        "score_model", "trained_model=tune.trained_best_model", f"dataset={test}", name="score"
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, "score.scored_dataset", "label")
    assert not {"tune_model_hyperparameters", "two_class_decision_forest"} & set(served.modules())
    assert "trained in the run" in served.messages
    assert served.prepared == Prepared(True)


@pytest.mark.parametrize("spec", some({spec.id: spec for spec in TRANSFORMATIONS}, 10))
def test_every_transformation(spec: ModuleSpec, engine: Engine, base: Path, tmp_path: Path) -> None:
    chain = Chain()
    source = chain.people()
    port = next(p.name for p in spec.inputs if DataTable in p.types)
    parameters = parameters_for(spec, tmp_path) | WITHOUT_LABEL.get(spec.id, {})
    learners = [
        f"{p.name}={chain.add(stated(spec)['inputs'][p.name])}.untrained_model"
        for p in spec.inputs
        if UntrainedModel in p.types and not p.optional
    ]
    chain.add(spec.id, f"{port}={source}", *learners, name="fit", **parameters)
    table = next((p.name for p in spec.outputs if DataTable in p.types), None)
    if table is None or spec.id in CROSS_FITTED:
        table = None
        learnt = next(p.name for p in spec.outputs if Transformation in p.types)
        chain.add(
            "apply_transformation",
            f"transformation=fit.{learnt}",
            f"dataset={source}",
            name="apply",
        )
    place = chain.scored(
        "two_class_logistic_regression",
        f"fit.{table}" if table else "apply.transformed_dataset",
        "two-class",
        "label",
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    assert spec.id not in served.modules()
    assert "saved_transformation" in served.modules()


@pytest.mark.parametrize("spec", some({spec.id: spec for spec in DROPPED}, 3))
def test_every_module_of_training_alone_leaves(
    spec: ModuleSpec, engine: Engine, base: Path, tmp_path: Path
) -> None:
    chain = Chain()
    port = next(p.name for p in spec.inputs if DataTable in p.types)
    output = next(p.name for p in spec.outputs if DataTable in p.types)
    parameters = parameters_for(spec, tmp_path)
    example = run(spec, inputs_for(spec, tmp_path), parameters)
    table = next(value for value in example if isinstance(value, DataTable))
    columns = {"age", "active", "label"}
    for parameter in spec.parameters:
        if parameter.kind == "columns":
            columns.update(parameters.get(parameter.name, ()))
    chain.add(
        "select_columns_in_dataset",
        f"dataset={chain.people()}",
        name="select",
        columns=sorted(columns),
    )
    chain.add(spec.id, f"{port}=select.results_dataset", name="sample", **parameters)
    # What gives figures is beside the way to the scores.
    trained = f"sample.{output}" if "label" in table.frame else "select.results_dataset"
    chain.scored("two_class_logistic_regression", trained, "two-class", "label")
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert spec.id not in served.modules()
    assert ("“sample” was left out" in served.messages) == ("label" in table.frame)
    source = served.output("people.dataset")
    rows = request(served.scorer(), source)
    assert len(served.scorer().score({"input1": rows})["output1"]) == len(source)


@pytest.mark.parametrize(("name", "reason"), NOT_SERVED.items(), ids=list(NOT_SERVED))
def test_a_sample_that_scores_nothing_gives_no_inference_pipeline(
    name: str, reason: str, engine: Engine, tmp_path: Path
) -> None:
    path = paths.samples() / f"{name}{file.SUFFIX}"
    with pytest.raises(InferenceError, match=reason):
        Served(engine, file.read(path), path.parent, tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name, marks=() if name in SHORT else pytest.mark.long)
        for path in SAMPLES
        for name in [path.name.removesuffix(file.SUFFIX)]
    ],
)
def test_every_sample(path: Path, engine: Engine, tmp_path: Path) -> None:
    pipeline = file.read(path)
    served = Served(engine, pipeline, path.parent, tmp_path)
    assert validate(served.inference.pipeline, engine.catalog, base=tmp_path) == []
    again = engine.run(served.inference.pipeline, base=tmp_path)
    assert again.status == "completed"
    scored = COMBINED.get(path.name.removesuffix(file.SUFFIX))
    rows = served.output(scored) if scored else whole_dataset(served)
    for compiled in {False, served.prepared.compiled}:
        scorer = served.scorer(compiled=compiled)
        answers = scorer.score({"input1": accepted(scorer, rows)})
        for node in served.inference.pipeline.nodes.values():
            if node.module == "web_service_output":
                name = node.parameters.get("name", "output1")
                assert_knows(answers[name], scored_in_training(served, node))


def whole_dataset(served: Served) -> DataTable:
    """Return what the source of the rows gave in the training run."""
    (origin,) = {
        str(node.extra["origin"])
        for node in served.inference.pipeline.nodes.values()
        if node.module == "web_service_input"
    }
    return served.output(origin)


def accepted(scorer: Scorer, table: DataTable) -> list[dict[str, Any]]:
    """Return the rows that a request may have, at most some thousands."""
    schema = scorer.inputs["input1"]
    frame = table.frame
    for column in schema.columns:
        if not column.missing and not column.optional:
            frame = frame[frame[column.name].notna()]
    return request(scorer, table.with_frame(frame))


def scored_in_training(served: Served, output: Node) -> DataTable:
    """Return what the scoring step in front of an output gave in the training run."""
    node = output.id
    while node not in served.pipeline.nodes:
        node = served.inference.pipeline.inputs_of(node)["dataset"].node
    port = next(iter(served.result.nodes[node].outputs))
    return served.output(f"{node}.{port}")


def assert_knows(answer: list[dict[str, Any]], expected: DataTable) -> None:
    """Assert that every scored row of training is among the answers, with its scores."""
    scores = expected.having_role("score")
    features = [name for name in answer[0] if name not in scores]
    known = {tuple(row[name] for name in features): row for row in answer}
    for row in rows_of(expected):
        found = known[tuple(row[name] for name in features)]
        for name in scores:
            assert equal(found[name], row[name]), (name, found, row)
