"""Detect Drift, Data Profile, and Correlation Matrix against SciPy, pandas, and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from modules.contract import ColumnSelector, DataTable, Role
from modules.statistical_functions.correlation_matrix import correlation_matrix
from modules.statistical_functions.data_profile import data_profile
from modules.statistical_functions.detect_drift import detect_drift

RNG = np.random.default_rng(2)


def people(count: int, shift: float = 0.0, oslo: float = 0.5) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "age": RNG.normal(40 + shift, 10, count),
            "town": np.where(RNG.random(count) < oslo, "Oslo", "Rome"),
            "same": RNG.normal(size=count),
        }
    )
    frame.loc[::10, "age"] = np.nan
    return frame


BEFORE, NOW = people(500), people(400, shift=8, oslo=0.8)


def drift(**more: object) -> pd.DataFrame:
    table, report = detect_drift(DataTable(BEFORE), DataTable(NOW), **more)
    assert report.sections[0].text.startswith("The data has")
    return table.frame.set_index("Column")


@pytest.mark.proves("detect_drift", by="SciPy")
def test_tests_equal_those_of_scipy() -> None:
    found = drift()
    ks = stats.ks_2samp(BEFORE["age"].dropna(), NOW["age"].dropna())
    assert found.loc["age", "Statistic"] == pytest.approx(ks.statistic)
    assert found.loc["age", "P-value"] == pytest.approx(ks.pvalue)
    counts = [[(each["town"] == name).sum() for name in ("Oslo", "Rome")] for each in (BEFORE, NOW)]
    chi2 = stats.chi2_contingency(counts, correction=False)
    assert found.loc["town", "P-value"] == pytest.approx(chi2.pvalue)
    assert found.loc["age", "Missing now"] == pytest.approx(0.1)


def test_index_and_distance_by_hand() -> None:
    found = drift()
    r, c = ((each["town"].value_counts(normalize=True).sort_index()) for each in (BEFORE, NOW))
    assert found.loc["town", "Population stability index"] == pytest.approx(
        ((c - r) * np.log(c / r)).sum()
    )
    assert found.loc["town", "Jensen-Shannon distance"] == pytest.approx(jensenshannon(r, c, 2))
    edges = np.quantile(BEFORE["age"].dropna(), np.arange(0.1, 1, 0.1))
    shares = []
    for each in (BEFORE, NOW):
        binned = np.histogram(
            each["age"].dropna(), [-np.inf, *np.nextafter(edges, np.inf), np.inf]
        )[0]
        shares.append(np.array([*binned, each["age"].isna().sum()]) / len(each))
    index = ((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()
    assert found.loc["age", "Population stability index"] == pytest.approx(index)
    assert found.loc["age", "Jensen-Shannon distance"] == pytest.approx(jensenshannon(*shares, 2))


@pytest.mark.parametrize(
    ("more", "drifted"),
    [
        ({}, {"age": True, "town": True, "same": False}),
        ({"stability_threshold": 100.0}, {"age": False, "town": False, "same": False}),
        ({"measure": "p-value"}, {"age": True, "town": True, "same": False}),
        ({"measure": "Jensen-Shannon distance", "distance_threshold": 0.15}, {"same": False}),
    ],
)
def test_verdicts(more: dict, drifted: dict) -> None:
    found = drift(**more)
    assert {name: bool(found.loc[name, "Drift"]) for name in drifted} == drifted


def test_columns_that_are_gone_or_of_another_type_have_drifted(refused) -> None:
    now = NOW.assign(age="old").drop(columns="town")
    table, _ = detect_drift(DataTable(BEFORE), DataTable(now))
    found = table.frame.set_index("Column")
    assert found.loc[["age", "town"], "Drift"].all()
    assert "isn't in the current dataset" in found.loc["town", "Note"]
    assert "now contains text" in found.loc["age", "Note"]
    assert table.metrics["Columns with drift"] == 2
    with refused("no-common-column", "in common"):
        detect_drift(DataTable(BEFORE), DataTable(pd.DataFrame({"x": [1]})))


@pytest.mark.proves("data_profile", by="by hand")
def test_a_profile_tells_what_harms_a_model() -> None:
    count = 200
    label = RNG.choice(["yes", "no"], count)
    frame = pd.DataFrame(
        {
            "id": np.arange(count) * 7 + 3,
            "price": RNG.normal(size=count),
            "constant": 1.0,
            "gaps": [None, None, "x", "y"] * 50,
            "leak": np.where(label == "yes", "Y", "N"),
            "label": label,
        }
    )
    frame.loc[5, "price"] = np.inf
    table, report = data_profile(DataTable(frame, {"label": Role.LABEL}))
    found = table.frame.set_index("Column")
    warnings = found["Warnings"]
    assert "identifier" in warnings["id"]
    assert "constant" in warnings["constant"]
    assert "50%" in warnings["gaps"]
    assert "“label”" in warnings["leak"]
    assert "infinite" in warnings["price"]
    assert pd.isna(warnings["label"])
    finite = frame["price"][np.isfinite(frame["price"])]
    assert found.loc["price", "95%"] == pytest.approx(finite.quantile(0.95))
    assert found.loc["price", "Skewness"] == pytest.approx(finite.skew())
    assert found.loc["gaps", "Missing"] == 100
    assert report.sections[1].heading == "Warnings"
    assert "0 rows repeat" in report.sections[0].text


@pytest.mark.parametrize("method", ["Pearson", "Spearman", "Kendall"])
@pytest.mark.proves("correlation_matrix", by="SciPy")
def test_correlations_equal_those_of_scipy(method: str) -> None:
    frame = BEFORE[["age", "same"]].head(100).assign(more=lambda each: each["age"] + each["same"])
    table, _ = correlation_matrix(DataTable(frame), method=method)
    function = {"Pearson": stats.pearsonr, "Spearman": stats.spearmanr, "Kendall": stats.kendalltau}
    known = frame.dropna()
    expected = function[method](known["age"], known["more"]).statistic
    assert table.frame.set_index("Column").loc["age", "more"] == pytest.approx(expected)


def test_association_of_categories_equals_that_of_scipy() -> None:
    frame = pd.DataFrame({"a": RNG.choice(list("xyz"), 300), "b": RNG.choice(list("pqrs"), 300)})
    frame["b"] = np.where(frame["a"] == "x", "p", frame["b"])
    table, report = correlation_matrix(
        DataTable(frame), columns=ColumnSelector.all(), method="Cramér's V"
    )
    expected = stats.contingency.association(pd.crosstab(frame["a"], frame["b"]).to_numpy())
    assert table.frame.set_index("Column").loc["a", "b"] == pytest.approx(expected)
    assert report.sections[1].sheet.rows[0][:2] == ("a", "b")


def test_text_has_no_correlation(refused) -> None:
    with refused("column-type", "“town”", parameter="columns", column="town"):
        correlation_matrix(DataTable(BEFORE), columns=ColumnSelector.all())
