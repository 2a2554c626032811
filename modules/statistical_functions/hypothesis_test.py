"""Hypothesis Test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    When,
    module,
)
from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet
from modules.statistical_functions import _hypotheses as hypotheses
from modules.statistical_functions._hypothesis_code import write_test
from modules.statistical_functions._samples import (
    CORRELATIONS,
    COUNTS,
    GROUPS,
    PAIRS,
    SIDED,
    TWO_GROUPS,
    finite_numbers,
    group_names,
    group_test,
    pair_test,
    pairs,
    results_table,
    values_by_group,
)
from modules.tables.frames import shown, wrong_kind
from modules.values import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@module(
    "Hypothesis Test",
    outputs=("results_dataset", "report"),
    keywords=(
        "t-test", "anova", "chi-squared", "significance", "p-value", "mann-whitney", "wilcoxon",
        "kruskal", "fisher", "correlation", "effect size", "confidence interval", "a/b test",
    ),
    requires=("numpy", "pandas", "scipy"),
    row="it combines all rows of a request",
    code=write_test,
)  # fmt: skip
def hypothesis_test(
    dataset: DataTable,
    *,
    test: Literal[
        "Welch's t-test",
        "Student's t-test",
        "one-sample t-test",
        "paired t-test",
        "Mann-Whitney U test",
        "Wilcoxon signed-rank test",
        "analysis of variance",
        "Kruskal-Wallis test",
        "chi-squared test",
        "Fisher's exact test",
        "Pearson correlation",
        "Spearman correlation",
        "Kendall correlation",
    ] = "Welch's t-test",
    columns: Annotated[ColumnSelector, Field(title="Columns to test"), Columns(of="dataset")],
    group: Annotated[
        ColumnSelector,
        Field(title="Column of the groups"),
        Columns(of="dataset", single=True),
        When(test=GROUPS),
    ] = ColumnSelector(),
    second: Annotated[
        ColumnSelector,
        Field(title="Second column"),
        Columns(of="dataset", single=True),
        When(test=(*PAIRS, *CORRELATIONS, *COUNTS)),
    ] = ColumnSelector(),
    mean: Annotated[
        float, Field(title="Expected mean", allow_inf_nan=False), When(test="one-sample t-test")
    ] = 0.0,
    alternative: Annotated[Literal["two-sided", "less", "greater"], When(test=SIDED)] = "two-sided",
    confidence: Annotated[float, Field(gt=0, lt=1, title="Confidence level")] = 0.95,
    correction: Annotated[
        Literal["Holm", "Benjamini-Hochberg", "none"],
        Field(title="Correction for several columns"),
    ] = "Holm",
) -> tuple[DataTable, Report]:
    """Test whether a difference or a relationship in the data could be chance.

    With the size of the effect and a confidence interval: a tiny difference of many rows is
    significant and still tiny.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    test : str
        Means of two groups (t-tests of Welch, or Student for equal variances) or their ranks
        (Mann-Whitney); a mean and a number; pairs of values in a row (paired, Wilcoxon); means or
        ranks of several groups (analysis of variance, Kruskal-Wallis); independence of categories
        (chi-squared, Fisher for two values each); correlation.
    columns : ColumnSelector
        Each is tested on its own.
    group : ColumnSelector
        Its values are the groups.
    second : ColumnSelector
        The other column of pairs, correlations, and independence.
    mean : float
        The mean if there is no effect.
    alternative : str
        Two-sided, or only whether the first is less or greater than the second. The first group is
        the first value in sorted order.
    confidence : float
        Of the intervals; p-values below 1 minus this are significant.
    correction : str
        For several columns: Holm's method keeps the chance of any false finding, the one of
        Benjamini and Hochberg the share of false findings.

    Returns
    -------
    results_dataset : DataTable
        A row for each column: statistic, p-value, effect size, and interval.
    report : Report
        The results in words, with charts.

    Notes
    -----
    Computed by ``scipy.stats``. Rows with a missing or infinite value in the columns of a test are
    left out. Effect sizes are Cohen's d with the pooled standard deviation (0.2 is small, 0.5
    medium, 0.8 large), rank-biserial correlation, eta squared, epsilon squared, and Cramér's V. The
    chi-squared test has no continuity correction.
    """
    import numpy as np

    names = columns.resolve(dataset.columns, parameter="columns")
    other = ""
    if test in GROUPS:
        other = group.resolve_one(dataset.columns, parameter="group")
    elif test != "one-sample t-test":
        other = second.resolve_one(dataset.columns, parameter="second")
    if other in names:
        raise ModuleError(
            "same-column",
            f"Column “{other}” can't be tested against itself.",
            "Remove it from the columns to test.",
            parameter="columns",
            column=other,
        )
    kinds = {column.name: column.kind for column in dataset.columns}
    if test not in COUNTS:
        numeric = [*names, other] if test in (*PAIRS, *CORRELATIONS) else names
        for name in numeric:
            if kinds[name] not in ("integer", "number", "boolean"):
                raise wrong_kind(
                    name,
                    kinds[name],
                    f"numbers are required for “{test}”",
                    parameter="second" if name == other else "columns",
                )
    found, charts = [], []
    for name in names:
        try:
            # SciPy warns of constant columns, whose statistics are missing or infinite.
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                result, chart, groups = _run(
                    dataset.frame, name, other, test, mean, alternative, confidence
                )
        except ModuleError as error:
            raise ModuleError(
                error.code,
                f"Column “{name}”: {error.message[0].lower()}{error.message[1:]}",
                error.hint,
                parameter=error.parameter or "columns",
                column=error.column or name,
            ) from error
        found.append((name, groups, result))
        charts.append(chart)
    table = results_table(test, found, confidence, correction)
    return DataTable(table), _report(test, table, charts, confidence)


def _run(
    frame: pd.DataFrame,
    name: str,
    other: str,
    test: str,
    mean: float,
    alternative: str,
    level: float,
) -> tuple[hypotheses.Result, Chart, str]:
    """Return the result for a column with its chart and what it was compared with."""
    if test in COUNTS:
        both = frame[[name, other]].dropna()
        counts = hypotheses.cross_table(both[name], both[other])
        plain = counts.to_numpy()
        if test == "chi-squared test":
            result = hypotheses.chi_squared(plain)
        else:
            result = hypotheses.fisher(plain, alternative, level)
        rows = [Series(str(index), y=row) for index, row in zip(counts.index, plain, strict=True)]
        return (
            result,
            Chart("heatmap", f"{name} and {other}", series=rows, categories=counts),
            other,
        )
    if test == "one-sample t-test":
        known = finite_numbers(frame[name])
        result = hypotheses.one_sample(known, mean, alternative, level)
        return result, _boxes(name, {name: known}), f"{mean:g}"
    if test in GROUPS:
        groups = values_by_group(frame, name, other, two=test in TWO_GROUPS)
        function = group_test(test)
        if test not in TWO_GROUPS:
            result = function(list(groups.values()))
        elif test == "Mann-Whitney U test":
            result = function(*groups.values(), alternative)
        else:
            result = function(*groups.values(), test == "Student's t-test", alternative, level)
        return result, _boxes(f"{name} by {other}", groups), group_names(other, groups)
    pair = pairs(frame, name, other)
    function, kind = pair_test(test)
    if test == "paired t-test":
        result = function(*pair, alternative, level)
    elif test == "Wilcoxon signed-rank test":
        result = function(*pair, alternative)
    else:
        result = function(kind, *pair, alternative, level)
        points = Series(name, *pair).thinned(2000)
        return result, Chart("points", f"{name} and {other}", name, other, [points]), other
    return result, _boxes(f"{name} and {other}", dict(zip((name, other), pair, strict=True))), other


def _boxes(title: str, groups: dict[str, np.ndarray]) -> Chart:
    import numpy as np

    series = []
    for name, values in groups.items():
        low, lower, middle, upper, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
        reach = 1.5 * (upper - lower)
        inside = values[(values >= lower - reach) & (values <= upper + reach)]
        whiskers = (inside.min(), inside.max()) if len(inside) else (low, high)
        outliers = values[(values < whiskers[0]) | (values > whiskers[1])]
        series.append(
            Series(shown(name), outliers[:500], (whiskers[0], lower, middle, upper, whiskers[1]))
        )
    return Chart("boxes", title, series=series)


def _report(test: str, table: pd.DataFrame, charts: list[Chart], confidence: float) -> Report:
    count = int(table["Significant"].sum())
    summary = (
        f"{count:,} of {len(table):,} tests are significant at the level {1 - confidence:g}, "
        "after correction for several tests."
    )
    sections = [Section("Results", summary, Sheet.of(table))]
    for row, chart in zip(table.to_dict("records")[:100], charts, strict=False):
        verdict = "significant" if row["Significant"] else "not significant"
        text = (
            f"The result is {verdict}: p = {row['Adjusted p-value']:.3g}. "
            f"The {row['Effect size']} is {row['Effect']:.3g}."
        )
        if row["Estimate"] == row["Estimate"]:
            text += (
                f" The {row['Estimated']} is {row['Estimate']:.4g}, with a {confidence:.0%} "
                f"confidence interval from {row['Lower']:.4g} to {row['Upper']:.4g}."
            )
        if isinstance(row["Note"], str):
            text += f" {row['Note']}"
        sections.append(Section(f"{row['Column']}: {row['Compared with']}", text, chart=chart))
    return Report(test[:1].upper() + test[1:], tuple(sections))
