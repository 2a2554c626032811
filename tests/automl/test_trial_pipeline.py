"""Every trial is a pipeline: run, it gives the numbers of the leaderboard."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from designer.automl.dataset_pipeline import NoDatasetError, for_file, for_pipeline
from designer.automl.trial_pipeline import TrialError, trial_pipeline
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.own_modules import AUTOMATED_FORECASTING
from designer.pipeline.validation import validate
from designer.workspace import Workspace
from modules.contract import DataTable
from modules.values import Evaluation, storage
from modules.values.leaderboard import Leaderboard

SPECS = load_catalog()
LIGHTGBM = {"module": "two_class_lightgbm", "parameters": {"trees": 100}, "through": None}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine(Workspace(tmp_path_factory.mktemp("workspace")), SPECS, workers=2) as made:
        yield made


def people(rows: int, seed: int) -> pd.DataFrame:
    """Return rows with everything that is prepared: ids, dates, texts, many values, gaps."""
    random = np.random.default_rng(seed)
    words = ["good", "bad", "fine", "awful", "dog", "cat", "tree"]
    frame = pd.DataFrame(
        {
            "id": range(1, rows + 1),
            "constant": 1,
            "when": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(random.integers(0, 400, rows), "D"),
            "text": [" ".join(random.choice(words, 6)) for _ in range(rows)],
            "zip": random.choice([f"z{number}" for number in range(40)], rows),
            "x": random.normal(size=rows),
        }
    )
    frame.loc[::9, "x"] = np.nan
    score = frame["text"].str.count("good") - frame["text"].str.count("bad")
    score = score + frame["x"].fillna(0) + random.normal(size=rows) * 0.5
    frame["y"] = np.where(score > 0.5, "yes", "no")
    frame["amount"] = score.round(3)
    return frame


def searched(engine: Engine, folder: Path, **parameters) -> tuple[Pipeline, str, Leaderboard]:
    """Run Automated ML on people."""
    label = parameters["label_column"][0]
    other = {"y": "amount", "amount": "y"}[label]
    people(160, 1).drop(columns=other).to_csv(folder / "people.csv", index=False)
    pipeline, node = for_file("people.csv", parameters, SPECS)
    result = engine.run(pipeline, base=folder)
    assert result.status == "completed", result.nodes[node].error
    found = storage.load(result.nodes[node].outputs["leaderboard"].path)
    assert isinstance(found, Leaderboard)
    return pipeline, node, found


def opened_row(leaderboard: Leaderboard, row: int, *more) -> Pipeline:
    return trial_pipeline(leaderboard.plan, leaderboard.trials[row], *more)


def numbers_of(engine: Engine, folder: Path, pipeline: Pipeline) -> dict[str, float]:
    """Run a trial's pipeline and return the metrics that it evaluates."""
    assert [
        each for each in validate(pipeline, SPECS, base=folder) if each.severity == "error"
    ] == []
    result = engine.run(pipeline, base=folder)
    failed = {name: node.error for name, node in result.nodes.items() if node.error}
    assert result.status == "completed", failed
    for node in pipeline.nodes.values():
        outputs = result.nodes[node.id].outputs
        if node.module == "cross_validate_model":
            table = storage.load(outputs["evaluation_results_by_fold"].path)
            assert isinstance(table, DataTable)
            means = {name.removesuffix(" (mean)"): value for name, value in table.metrics.items()}
            return means
        if node.module == "back_test_forecast":
            table = storage.load(outputs["metrics"].path)
            assert isinstance(table, DataTable)
            return table.metrics
        if node.module == "evaluate_model":
            evaluation = storage.load(outputs["evaluation_results"].path)
            assert isinstance(evaluation, Evaluation)
            return dict(evaluation.reports[0].metrics)
    raise AssertionError("nothing is evaluated")


def assert_equal(leaderboard: Leaderboard, row: int, numbers: dict[str, float]) -> None:
    expected = leaderboard.trials[row]["metrics"]
    assert expected
    for name, value in expected.items():
        assert math.isclose(numbers[name], value, rel_tol=1e-9, abs_tol=1e-9), name


@pytest.mark.parametrize(
    "parameters",
    [
        {"label_column": ["y"], "folds": 2, "balance_classes": True, "positive_class": "no"},
        pytest.param(
            {"label_column": ["amount"], "validation": "share of rows"}, marks=pytest.mark.long
        ),
        pytest.param(
            {"label_column": ["y"], "validation": "latest rows", "time_column": ["when"]},
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"label_column": ["y"], "folds": 2, "ensemble": "stacked models"},
            marks=pytest.mark.long,
        ),
    ],
    ids=["folds", "share", "time", "stacked models"],
)
def test_the_pipeline_of_a_trial_gives_its_numbers(engine, tmp_path, parameters):
    regression = parameters["label_column"] == ["amount"]
    linear = "Linear Regression" if regression else "Logistic Regression"
    allowed = {"allowed_learners": f"LightGBM, {linear}"}
    pipeline, node, leaderboard = searched(engine, tmp_path, trials=3, **allowed, **parameters)
    assert leaderboard.plan["left_out"] == ["id", "constant"]
    combined = [trial["combination"] is not None for trial in leaderboard.trials]
    assert any(combined) or "time_column" in parameters
    for row in {0, *(combined.index(each) for each in set(combined))}:
        opened = opened_row(leaderboard, row, pipeline, node, SPECS)
        assert_equal(leaderboard, row, numbers_of(engine, tmp_path, opened))


@pytest.mark.long
def test_a_second_table_is_prepared_like_the_first(engine, tmp_path):
    people(160, 1).drop(columns="amount").to_csv(tmp_path / "people.csv", index=False)
    people(80, 2).drop(columns="amount").to_csv(tmp_path / "others.csv", index=False)
    parameters = {
        "label_column": ["y"],
        "trials": 2,
        "allowed_learners": "LightGBM, Logistic Regression",
    }
    pipeline, node = for_file("people.csv", parameters, SPECS)
    others = Node("others", "dataset", parameters={"path": "others.csv"})
    output = SPECS["dataset"].outputs[0].name
    link = Link(Endpoint("others", output), Endpoint(node, "validation_dataset"))
    pipeline = Pipeline(nodes={**pipeline.nodes, "others": others}, links=(*pipeline.links, link))
    result = engine.run(pipeline, base=tmp_path)
    assert result.status == "completed", result.nodes[node].error
    leaderboard = storage.load(result.nodes[node].outputs["leaderboard"].path)
    assert isinstance(leaderboard, Leaderboard)
    opened = opened_row(leaderboard, 0, pipeline, node, SPECS)
    assert_equal(leaderboard, 0, numbers_of(engine, tmp_path, opened))


@pytest.mark.long
def test_the_pipeline_of_a_learner_with_target_encoding_gives_its_numbers(engine, tmp_path):
    random = np.random.default_rng(5)
    codes = random.integers(0, 60, 240)
    better = random.random(60) > 0.5
    frame = pd.DataFrame({"zip": [f"z{code}" for code in codes], "x": random.normal(size=240)})
    frame["y"] = np.where(better[codes] ^ (random.random(240) < 0.1), "yes", "no")
    frame.to_csv(tmp_path / "people.csv", index=False)
    parameters = {
        "label_column": ["y"],
        "folds": 2,
        "trials": 4,
        "allowed_learners": "Logistic Regression",
        "seed": 3,
    }
    pipeline, node = for_file("people.csv", parameters, SPECS)
    result = engine.run(pipeline, base=tmp_path)
    assert result.status == "completed", result.nodes[node].error
    leaderboard = storage.load(result.nodes[node].outputs["leaderboard"].path)
    titles = [trial["title"] for trial in leaderboard.trials]
    encoded = titles.index("Two-Class Logistic Regression with target encoding")
    combined = next(i for i, each in enumerate(leaderboard.trials) if each["combination"])
    for row in {0, encoded, combined}:
        opened = opened_row(leaderboard, row, pipeline, node, SPECS)
        assert_equal(leaderboard, row, numbers_of(engine, tmp_path, opened))


@pytest.mark.long
def test_the_pipeline_of_a_forecaster_gives_its_numbers(engine, tmp_path):
    t = np.arange(60)
    values = 20 + 5 * np.sin(2 * np.pi * t / 12) + np.random.default_rng(1).normal(size=60)
    months = pd.date_range("2018-01", periods=60, freq="MS")
    pd.DataFrame({"month": months, "y": values}).to_csv(tmp_path / "sales.csv", index=False)
    parameters = {
        "time_column": ["month"],
        "value_column": ["y"],
        "horizon": 6,
        "folds": 2,
        "trials": 3,
        "blocked_learners": "ARIMA",
    }
    pipeline, node = for_file("sales.csv", parameters, SPECS, AUTOMATED_FORECASTING)
    result = engine.run(pipeline, base=tmp_path)
    assert result.status == "completed", result.nodes[node].error
    leaderboard = storage.load(result.nodes[node].outputs["leaderboard"].path)
    combined = [trial["combination"] is not None for trial in leaderboard.trials]
    for row in {0, combined.index(True), combined.index(False)}:
        opened = opened_row(leaderboard, row, pipeline, node, SPECS)
        assert_equal(leaderboard, row, numbers_of(engine, tmp_path, opened))


def board(**changes) -> Leaderboard:
    trial = {
        "number": 1,
        "title": "Two-Class LightGBM",
        "settings": "",
        "score": 0.5,
        "spread": None,
        "metrics": {},
        "problem": "",
        "learners": [LIGHTGBM],
        "combination": None,
    }
    plan = {
        "left_out": [],
        "steps": [],
        "label": "y",
        "positive": "",
        "validation": {"kind": "folds", "folds": 5, "seed": 0},
    }
    return Leaderboard("two-class", "y", "Accuracy", True, [trial | changes], plan)


def test_only_what_differs_from_the_defaults_is_set():
    pipeline, node = for_file("data.csv", {}, SPECS)
    opened = opened_row(board(), 0, pipeline, node, SPECS)
    assert {name: dict(each.parameters) for name, each in opened.nodes.items()} == {
        "dataset": {"path": "data.csv"},
        "two_class_lightgbm": {},
        "cross_validate_model": {"label_column": ["y"], "folds": 5},
        "train_model": {"label_column": ["y"]},
    }
    positions = [each.position for each in opened.nodes.values()]
    assert len(set(positions)) == len(positions)


def test_ten_learners_are_in_rows_that_can_be_read():
    pipeline, node = for_file("data.csv", {}, SPECS)
    average = {"module": "voting_ensemble", "parameters": {}}
    trials = board(learners=[LIGHTGBM] * 10, combination=average)
    nodes = opened_row(trials, 0, pipeline, node, SPECS).nodes
    places = [each.position for each in nodes.values()]
    assert len(set(places)) == len(places)
    assert max(Counter(down for _, down in places).values()) == 5
    rows: dict[float, list[float]] = {}
    for name, each in nodes.items():
        if name.startswith(LIGHTGBM["module"]):
            rows.setdefault(each.position[1], []).append(each.position[0])
    upper, lower = (rows[down] for down in sorted(rows))
    # Links lead from the upper row through the gaps of the lower one.
    assert all(min(abs(one - two) for two in lower) == 150 for one in upper)
    assert nodes["voting_ensemble"].position[1] > max(rows)


def test_what_stands_in_the_way_is_said():
    pipeline, node = for_file("data.csv", {}, SPECS)
    missing = board(learners=[LIGHTGBM | {"module": "gone"}])
    with pytest.raises(TrialError, match="“gone” isn't installed"):
        opened_row(missing, 0, pipeline, node, SPECS)
    with pytest.raises(TrialError, match="no card “other”"):
        opened_row(board(), 0, pipeline, "other", SPECS)
    alone = Pipeline(nodes={node: pipeline.nodes[node]})
    with pytest.raises(TrialError, match="has no dataset"):
        opened_row(board(), 0, alone, node, SPECS)


def test_automated_ml_is_linked_to_the_only_dataset_that_nobody_reads():
    nodes = {
        "data": Node("data", "dataset", parameters={"path": "a.csv"}),
        "clean": Node("clean", "remove_duplicate_rows"),
    }
    source, target = SPECS["dataset"].outputs[0].name, SPECS["remove_duplicate_rows"].inputs[0].name
    pipeline = Pipeline(
        nodes=nodes, links=(Link(Endpoint("data", source), Endpoint("clean", target)),)
    )
    found, name = for_pipeline(pipeline, {"trials": 3}, SPECS)
    assert found.inputs_of(name)["dataset"].node == "clean"
    again, same = for_pipeline(found, {"folds": 4}, SPECS)
    assert same == name
    assert again.nodes[name].parameters == {"trials": 3, "folds": 4}
    other = Node("more", "dataset", parameters={"path": "b.csv"})
    with pytest.raises(NoDatasetError, match="“clean”, “more”"):
        for_pipeline(Pipeline(nodes={**nodes, "more": other}, links=pipeline.links), {}, SPECS)
