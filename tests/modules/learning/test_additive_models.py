"""Explainable boosting against interpret called directly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable
from modules.requests.tables import rows_of
from modules.scoring_evaluation.explain_model import explain_model
from modules.values import TrainedModel, UntrainedModel
from modules.values.storage import load, save

pytest.importorskip("interpret", reason="interpret isn't installed")

Learner = Callable[..., UntrainedModel]
TWO = "classification.two_class_explainable_boosting"
NUMBER = "regression.explainable_boosting_regression"
SMALL = {"interactions": 2, "bags": 2, "rounds": 60, "rate": 0.1}
FEATURES = ["x", "z", "color", "flag"]


@pytest.fixture(scope="module")
def table() -> DataTable:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=300),
            "z": rng.integers(0, 20, 300).astype("float64"),
            "color": pd.Series(rng.choice(["red", "blue", "green"], 300), dtype="str"),
            "flag": rng.random(300) < 0.5,
        }
    )
    frame.loc[:20, "z"] = np.nan
    frame.loc[15:30, "color"] = None
    number = frame["x"] * frame["flag"] + (frame["color"] == "blue") + frame["z"].fillna(5) / 10
    frame["number"] = number + rng.normal(0, 0.2, 300)
    frame["buys"] = np.where(frame["number"] > frame["number"].median(), "yes", "no")
    return DataTable(frame)


def trained(make: Learner, path: str, table: DataTable, label: str, **more: Any) -> TrainedModel:
    return make(path, **SMALL, **more).fit(table, label, features=FEATURES)


def by_hand(kind: str, table: DataTable, label: Any) -> Any:
    from interpret import glassbox

    frame = table.frame[FEATURES]
    known = sorted(frame["color"].dropna().unique())
    codes = [None if pd.isna(each) else str(known.index(each)) for each in frame["color"]]
    matrix = frame.assign(color=pd.Series(codes, dtype=object), flag=frame["flag"].astype(float))
    model = getattr(glassbox, kind)(
        feature_types=["continuous", "continuous", "nominal", "continuous"],
        interactions=2, outer_bags=2, max_rounds=60, learning_rate=0.1, random_state=0, n_jobs=1,
    )  # fmt: skip
    with pytest.warns(UserWarning, match="Missing values detected"):
        model.fit(matrix, label)
    return model, matrix


@pytest.mark.proves("two_class_explainable_boosting", by="interpret")
def test_two_classes_equal_interpret(make_learner: Learner, table: DataTable) -> None:
    model = trained(make_learner, TWO, table, "buys")
    other, matrix = by_hand("ExplainableBoostingClassifier", table, table.frame["buys"] == "yes")
    found = model.score(table).frame["Scored Probabilities"].to_numpy()
    assert found == pytest.approx(other.predict_proba(matrix)[:, 1], abs=1e-9)
    assert len(model.final_estimator.terms_) == 4 + 2


@pytest.mark.proves("explainable_boosting_regression", by="interpret")
def test_numbers_equal_interpret(make_learner: Learner, table: DataTable) -> None:
    model = trained(make_learner, NUMBER, table, "number")
    other, matrix = by_hand("ExplainableBoostingRegressor", table, table.frame["number"])
    found = model.score(table).frame["Scored Labels"].to_numpy()
    assert found == pytest.approx(other.predict(matrix), abs=1e-9)


def test_the_function_of_a_feature_is_found(make_learner: Learner) -> None:
    """y = 2 sign(x) + a step for “b”, so the scores differ by 4 and by 1."""
    rng = np.random.default_rng(1)
    x, letter = rng.uniform(-1, 1, 600), rng.choice(["a", "b"], 600)
    frame = pd.DataFrame({"x": x, "letter": letter, "y": 2 * np.sign(x) + (letter == "b")})
    learner = make_learner(NUMBER, interactions=0, bags=2, rounds=400, rate=0.1)
    model = learner.fit(DataTable(frame), "y")
    final = model.final_estimator
    step, letters = final.scores_[0], final.scores_[1]
    assert step[-1] - step[1] == pytest.approx(4, abs=0.1)
    assert letters[2] - letters[1] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("path", "label"), [(TWO, "buys"), (NUMBER, "number")])
def test_the_compiled_form_equals_the_model(
    path: str, label: str, make_learner: Learner, table: DataTable
) -> None:
    model = trained(make_learner, path, table, label)
    row = model.compile().row_function()
    odd = pd.DataFrame({"x": [np.nan, 1e9], "z": [-1e9, np.nan], "color": ["black", "red"]})
    rows = pd.concat([table.frame[FEATURES], odd.assign(flag=[True, False])], ignore_index=True)
    new = DataTable(rows)
    for given, expected in zip(rows_of(new), rows_of(model.score(new)), strict=True):
        assert row(given) == pytest.approx(expected, abs=1e-12)


def test_a_stored_model_scores_without_interpret(
    make_learner: Learner, table: DataTable, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained(make_learner, TWO, table, "buys")
    save(model, tmp_path / "model")
    # An import of it now fails.
    monkeypatch.setitem(__import__("sys").modules, "interpret", None)
    again = load(tmp_path / "model")
    assert isinstance(again, TrainedModel)
    pd.testing.assert_frame_equal(again.score(table).frame, model.score(table).frame)


def test_a_report_shows_the_terms(make_learner: Learner, table: DataTable) -> None:
    model = trained(make_learner, TWO, table, "buys")
    assert model.sheets()["Terms"].rows[0][0] == "Intercept"
    report, _ = explain_model(model, table, dependence=6, rows=20, repeats=1)
    sections = {section.heading: section for section in report.sections}
    assert {"Terms", "x", "z", "color", "flag"} <= set(sections)
    pairs = [section.chart.kind for name, section in sections.items() if " × " in name]
    assert pairs == ["heatmap", "heatmap"]
    color = sections["color"].sheet
    assert [row[0] for row in color.rows] == ["missing or unseen", "blue", "green", "red"]
    steps = sections["x"].chart
    assert steps.kind == "steps"
    assert steps.series[0].x[0] == pytest.approx(table.frame["x"].min())


def test_weights_count(make_learner: Learner) -> None:
    from modules.contract import Role

    frame = pd.DataFrame({"x": [0.0, 1.0] * 50, "y": [0.0] * 50 + [1.0] * 50, "w": [1.0] * 100})
    frame.loc[50:, "w"] = 3.0
    model = make_learner(NUMBER, **SMALL).fit(DataTable(frame, {"w": Role.WEIGHT}), "y")
    found = model.score(DataTable(frame)).frame["Scored Labels"]
    assert found.mean() == pytest.approx(0.75, abs=0.02)
