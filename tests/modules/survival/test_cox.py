"""Cox models against published figures, statsmodels, and pairs counted by hand."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.hazard_regression import PHReg

from modules.contract import ColumnSelector, DataTable
from modules.survival_analysis.evaluate_survival_model import evaluate_survival_model
from modules.survival_analysis.kaplan_meier import kaplan_meier
from modules.survival_analysis.score_survival_model import score_survival_model
from modules.survival_analysis.train_cox_model import train_cox_model
from modules.values.storage import load, save

WHICH = {
    "duration_column": ColumnSelector.names("weeks"),
    "event_column": ColumnSelector.names("relapse"),
}


def leukemia() -> DataTable:
    """Return weeks of remission (Freireich et al. 1963, Blood 21)."""
    rows = [("6-MP", week, True) for week in (6, 6, 6, 7, 10, 13, 16, 22, 23)]
    rows += [("6-MP", week, False) for week in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)]
    placebo = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
    rows += [("placebo", week, True) for week in placebo]
    return DataTable(pd.DataFrame(rows, columns=["group", "weeks", "relapse"]))


def simulated(rows: int = 400) -> DataTable:
    """Return times whose hazard is exp(0.8 x - 0.5 z) / 10, some of them censored."""
    rng = np.random.default_rng(2)
    x, z = rng.normal(0, 1, rows), rng.normal(5, 2, rows)
    time = rng.exponential(10 / np.exp(0.8 * x - 0.5 * (z - 5)))
    seen = rng.uniform(0, 30, rows)
    frame = pd.DataFrame({"x": x, "z": z, "weeks": np.minimum(time, seen), "relapse": time <= seen})
    frame["city"] = rng.choice(["Oslo", "Rome", "Lima"], rows)
    return DataTable(frame)


@pytest.mark.proves("train_cox_model", by="a published figure")
def test_the_published_hazard_ratio_is_found() -> None:
    model, coefficients = train_cox_model(leukemia(), **WHICH)
    row = coefficients.frame.iloc[0]
    # R: coxph(Surv(weeks, relapse) ~ group): coef 1.5721, exp(coef) 4.817, se 0.4124, C 0.69.
    assert row["Feature"] == "group=placebo"
    assert row["Coefficient"] == pytest.approx(1.5721, abs=5e-5)
    assert row["Standard error"] == pytest.approx(0.4124, abs=5e-5)
    assert row["Hazard ratio"] == pytest.approx(4.817, abs=5e-4)
    assert coefficients.metrics["Concordance index (training)"] == pytest.approx(0.69, abs=0.005)
    assert model.sheets()["Coefficients"].rows[0][0] == "group=placebo"


def test_it_equals_statsmodels_in_any_unit() -> None:
    table = simulated()
    frame = table.frame.assign(z=table.frame["z"] * 1e6)
    _, coefficients = train_cox_model(table.with_frame(frame), **WHICH)
    matrix = np.column_stack(
        [table.frame["x"], table.frame["z"], *(table.frame["city"] == c for c in ("Oslo", "Rome"))]
    ).astype(float)
    other = PHReg(
        table.frame["weeks"], matrix, table.frame["relapse"].astype(float), ties="efron"
    ).fit(disp=False)
    units = np.array([1, 1e6, 1, 1])
    found = coefficients.frame
    assert found["Feature"].tolist() == ["x", "z", "city=Oslo", "city=Rome"]
    assert found["Coefficient"].to_numpy() * units == pytest.approx(other.params, rel=1e-4)
    assert found["Standard error"].to_numpy() * units == pytest.approx(other.bse, rel=1e-4)
    assert found["p-value"].to_numpy() == pytest.approx(other.pvalues, abs=1e-6)
    assert found["Coefficient"].iloc[0] == pytest.approx(0.8, abs=0.15)


@pytest.mark.proves("score_survival_model", by="by hand")
def test_curves_follow_the_risk(tmp_path: Path) -> None:
    table = simulated(3_000)
    save(train_cox_model(table, **WHICH)[0], tmp_path / "model")
    model = load(tmp_path / "model")
    new = pd.DataFrame({"x": [0.0, 1.0], "z": [5.0, 5.0], "city": ["Lima", "Lima"]})
    scored = score_survival_model(model, DataTable(new), times="0, 5, 10").frame
    hazard = np.exp(0.8 * new["x"]) / 10
    assert scored["Survival at 0"].tolist() == [1.0, 1.0]
    assert scored["Survival at 5"].to_numpy() == pytest.approx(np.exp(-5 * hazard), abs=0.04)
    assert scored["Survival at 10"].to_numpy() == pytest.approx(np.exp(-10 * hazard), abs=0.04)
    assert scored["Median time"].to_numpy() == pytest.approx(np.log(2) / hazard, rel=0.12)
    ratio = scored["Risk score"].iloc[1] / scored["Risk score"].iloc[0]
    assert ratio == pytest.approx(np.exp(0.8), rel=0.1)


def test_without_effects_the_curve_is_that_of_all_rows() -> None:
    table = simulated()
    frame = table.frame[["weeks", "relapse"]].assign(noise=np.arange(400) % 2)
    model, _ = train_cox_model(DataTable(frame), **WHICH)
    scored = score_survival_model(model, DataTable(frame), times="4").frame
    curves, _, _ = kaplan_meier(DataTable(frame), **WHICH)
    expected = curves.frame.loc[curves.frame["Time"] <= 4, "Survival"].iloc[-1]
    assert scored["Survival at 4"].mean() == pytest.approx(expected, abs=0.01)


@pytest.mark.proves("evaluate_survival_model", by="by hand")
def test_concordance_counts_pairs() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "weeks": rng.integers(1, 12, 60),
            "relapse": rng.random(60) < 0.6,
            "Risk score": rng.integers(0, 6, 60),
        }
    )
    right = pairs = 0.0
    for one, two in permutations(frame.itertuples(index=False), 2):
        if one[1] and (one[0] < two[0] or (one[0] == two[0] and not two[1])):
            pairs += 1
            right += 1 if one[2] > two[2] else 0.5 * (one[2] == two[2])
    found = evaluate_survival_model(DataTable(frame), **WHICH)
    assert found.frame["Comparable pairs"].tolist() == [pairs]
    assert found.metrics["Concordance index"] == pytest.approx(right / pairs)


def test_a_scored_dataset_can_be_evaluated() -> None:
    table = simulated()
    model, coefficients = train_cox_model(table, **WHICH)
    evaluation = evaluate_survival_model(score_survival_model(model, table), **WHICH)
    index = evaluation.metrics["Concordance index"]
    assert index == pytest.approx(coefficients.metrics["Concordance index (training)"])
    assert index > 0.7


def test_mistakes_are_explained(refused) -> None:
    table = simulated()
    for extra in (table.frame["x"] * 2 + table.frame["z"], 7.0):
        with refused("dependent-columns", "follows from"):
            train_cox_model(table.with_frame(table.frame.assign(extra=extra)), **WHICH)
    with refused("no-events", parameter="event_column"):
        train_cox_model(table.with_frame(table.frame.assign(relapse=False)), **WHICH)
    with refused("infinite-value", "“x”", column="x"):
        train_cox_model(table.with_frame(table.frame.assign(x=np.inf)), **WHICH)
    model, _ = train_cox_model(table, **WHICH)
    for times in ("a", "-1", "inf"):
        with refused("bad-times", parameter="times"):
            score_survival_model(model, table, times=times)
    with refused("no-scored-rows", column="Risk score"):
        scored = table.with_frame(table.frame.assign(**{"Risk score": np.nan}))
        evaluate_survival_model(scored, **WHICH)


def test_separation_is_said() -> None:
    frame = pd.DataFrame({"x": [0.0] * 20 + [1.0] * 20, "weeks": range(1, 41)})
    frame["relapse"] = frame["x"] == 0
    with pytest.warns(match="didn't converge"):
        train_cox_model(DataTable(frame), **WHICH)
