"""Hypothesis Test against SciPy, statsmodels, and published figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from modules.contract import ColumnSelector, DataTable
from modules.contract.specification import specification
from modules.statistical_functions.hypothesis_test import hypothesis_test

RNG = np.random.default_rng(11)
ROWS = pd.DataFrame(
    {
        "before": RNG.normal(10, 2, 60),
        "group": RNG.choice(["a", "b"], 60),
        "three": RNG.choice(["x", "y", "z"], 60),
        "town": RNG.choice(["Rome", "Oslo"], 60),
    }
)
ROWS["after"] = ROWS["before"] + RNG.normal(0.5, 1, 60) + (ROWS["group"] == "a")
ROWS.loc[3, "after"] = np.nan
KNOWN = ROWS.dropna()


def result_of(test: str, column: str = "after", rows: pd.DataFrame = ROWS, **more: object) -> dict:
    given = {"test": test, "columns": [column], **more}
    arguments = specification(hypothesis_test).read_parameters(given)
    table, report = hypothesis_test(DataTable(rows), **arguments)
    assert report.sections[0].sheet is not None
    return table.frame.to_dict("records")[0]


def parts(column: str = "after", by: str = "group") -> list[np.ndarray]:
    return [part.to_numpy() for _, part in KNOWN.groupby(by)[column]]


@pytest.mark.parametrize(
    ("test", "more", "expected"),
    [
        ("one-sample t-test", {"mean": 10}, lambda: stats.ttest_1samp(KNOWN["after"], 10)),
        (
            "Welch's t-test",
            {"group": ["group"]},
            lambda: stats.ttest_ind(*parts(), equal_var=False),
        ),
        ("Student's t-test", {"group": ["group"]}, lambda: stats.ttest_ind(*parts())),
        ("Mann-Whitney U test", {"group": ["group"]}, lambda: stats.mannwhitneyu(*parts())),
        ("analysis of variance", {"group": ["three"]}, lambda: stats.f_oneway(*parts(by="three"))),
        ("Kruskal-Wallis test", {"group": ["three"]}, lambda: stats.kruskal(*parts(by="three"))),
        (
            "paired t-test",
            {"second": ["before"]},
            lambda: stats.ttest_rel(KNOWN["after"], KNOWN["before"]),
        ),
        (
            "Wilcoxon signed-rank test",
            {"second": ["before"], "alternative": "greater"},
            lambda: stats.wilcoxon(KNOWN["after"], KNOWN["before"], alternative="greater"),
        ),
        (
            "Spearman correlation",
            {"second": ["before"]},
            lambda: stats.spearmanr(KNOWN["after"], KNOWN["before"]),
        ),
        (
            "Kendall correlation",
            {"second": ["before"]},
            lambda: stats.kendalltau(KNOWN["after"], KNOWN["before"]),
        ),
    ],
)
@pytest.mark.proves("hypothesis_test", by="SciPy")
def test_results_equal_those_of_scipy(test: str, more: dict, expected) -> None:
    found, wanted = result_of(test, **more), expected()
    assert found["Statistic"] == pytest.approx(wanted.statistic)
    assert found["P-value"] == pytest.approx(wanted.pvalue)
    assert found["Significant"] == (wanted.pvalue < 0.05)


def test_intervals_and_effects() -> None:
    first, second = parts()
    found = result_of("Welch's t-test", group=["group"], confidence=0.9)
    low, high = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.9)
    assert (found["Lower"], found["Upper"]) == pytest.approx((low, high))
    pooled = np.sqrt(
        (first.var(ddof=1) * (len(first) - 1) + second.var(ddof=1) * (len(second) - 1))
        / (len(first) + len(second) - 2)
    )
    assert found["Effect"] == pytest.approx((first.mean() - second.mean()) / pooled)
    found = result_of("Pearson correlation", second=["before"])
    wanted = stats.pearsonr(KNOWN["after"], KNOWN["before"])
    interval = wanted.confidence_interval(0.95)
    assert found["Effect"] == pytest.approx(wanted.statistic)
    assert (found["Lower"], found["Upper"]) == pytest.approx(tuple(interval))
    larger = sum(np.sign(a - b) for a in first for b in second) / (len(first) * len(second))
    assert result_of("Mann-Whitney U test", group=["group"])["Effect"] == pytest.approx(larger)


def test_fishers_tea_tasting_and_a_published_chi_squared() -> None:
    """Fisher (1935): p = 0.2429 one-sided, conditional odds ratio 6.408 as R's fisher.test."""
    tea = pd.DataFrame({"poured": ["milk"] * 4 + ["tea"] * 4, "said": list("mmmtmttt")})
    found = result_of("Fisher's exact test", "poured", tea, second=["said"], alternative="greater")
    assert found["P-value"] == pytest.approx(17 / 70)
    assert found["Effect"] == pytest.approx(6.408309, abs=1e-4)
    # Agresti (2007), Categorical Data Analysis, table 2.5: gender and party, X² = 30.07, df = 2.
    counts = {"F": (762, 327, 468), "M": (484, 239, 477)}
    rows = [
        (sex, party)
        for sex, row in counts.items()
        for party, n in zip("DIR", row, strict=True)
        for _ in range(n)
    ]
    survey = pd.DataFrame(rows, columns=["sex", "party"])
    found = result_of("chi-squared test", "sex", survey, second=["party"])
    assert found["Statistic"] == pytest.approx(30.07, abs=0.005)
    assert found["Degrees of freedom"] == 2
    assert found["Effect"] == pytest.approx(np.sqrt(30.0701 / 2757), abs=1e-4)


def test_p_values_are_corrected_as_by_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    rows = pd.DataFrame(RNG.normal(0.2, 1, (40, 5)), columns=list("abcde"))
    for correction, name in {"Holm": "holm", "Benjamini-Hochberg": "fdr_bh"}.items():
        table, _ = hypothesis_test(
            DataTable(rows),
            test="one-sample t-test",
            columns=ColumnSelector.all(),
            correction=correction,
        )
        expected = multipletests(table.frame["P-value"], method=name)[1]
        assert table.frame["Adjusted p-value"].to_numpy() == pytest.approx(expected)


def test_what_can_not_be_result_of(refused) -> None:
    with refused("wrong-groups", "“three”", "exactly 2", parameter="group", column="three"):
        result_of("Welch's t-test", group=["three"])
    with refused("column-type", "“town”", parameter="columns", column="town"):
        result_of("Welch's t-test", "town", group=["group"])
    with refused("same-column", "“after”", parameter="columns", column="after"):
        result_of("Pearson correlation", second=["after"])
    with refused("not-two-by-two", "“three”", parameter="columns"):
        result_of("Fisher's exact test", "three", second=["town"])
    with refused("too-few-rows", "“after”", column="after"):
        result_of("one-sample t-test", rows=ROWS.head(1))
