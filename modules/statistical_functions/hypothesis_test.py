"""Hypothesis Test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal

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
from modules.tables.frames import shown, without_categories, wrong_kind
from modules.values import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_TWO_GROUPS = ("Welch's t-test", "Student's t-test", "Mann-Whitney U test")
_GROUPS = (*_TWO_GROUPS, "analysis of variance", "Kruskal-Wallis test")
_PAIRS = ("paired t-test", "Wilcoxon signed-rank test")
_CORRELATIONS = ("Pearson correlation", "Spearman correlation", "Kendall correlation")
_COUNTS = ("chi-squared test", "Fisher's exact test")
_SIDED = (
    "one-sample t-test", *_TWO_GROUPS, *_PAIRS, *_CORRELATIONS, "Fisher's exact test",
)  # fmt: skip
_MOST_GROUPS = 100


@module(
    "Hypothesis Test",
    outputs=("results_dataset", "report"),
    keywords=(
        "t-test", "anova", "chi-squared", "significance", "p-value", "mann-whitney", "wilcoxon",
        "kruskal", "fisher", "correlation", "effect size", "confidence interval", "a/b test",
    ),
    requires=("numpy", "pandas", "scipy"),
    row="it combines all rows of a request",
    code="its report is drawn by ModelDesk",
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
        When(test=_GROUPS),
    ] = ColumnSelector(),
    second: Annotated[
        ColumnSelector,
        Field(title="Second column"),
        Columns(of="dataset", single=True),
        When(test=(*_PAIRS, *_CORRELATIONS, *_COUNTS)),
    ] = ColumnSelector(),
    mean: Annotated[
        float, Field(title="Expected mean", allow_inf_nan=False), When(test="one-sample t-test")
    ] = 0.0,
    alternative: Annotated[
        Literal["two-sided", "less", "greater"], When(test=_SIDED)
    ] = "two-sided",
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
    if test in _GROUPS:
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
    if test not in _COUNTS:
        numeric = [*names, other] if test in (*_PAIRS, *_CORRELATIONS) else names
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
    table = _table(test, found, confidence, correction)
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
    import numpy as np

    if test in _COUNTS:
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
    values = _numbers(frame[name])
    if test == "one-sample t-test":
        known = values[np.isfinite(values)]
        result = hypotheses.one_sample(known, mean, alternative, level)
        return result, _boxes(name, {name: known}), f"{mean:g}"
    if test in _GROUPS:
        groups = _groups(frame[other], values, other, two=test in _TWO_GROUPS)
        result = _of_groups(test, list(groups.values()), alternative, level)
        named = " and ".join(groups) if len(groups) == 2 else f"{len(groups)} groups"
        return result, _boxes(f"{name} by {other}", groups), f"{other}: {named}"
    others = _numbers(frame[other])
    known = np.isfinite(values) & np.isfinite(others)
    pair = values[known], others[known]
    if test == "paired t-test":
        result = hypotheses.paired(*pair, alternative, level)
    elif test == "Wilcoxon signed-rank test":
        result = hypotheses.wilcoxon(*pair, alternative)
    else:
        kind = test.partition(" ")[0].lower()
        result = hypotheses.correlation(kind, *pair, alternative, level)
        points = Series(name, *pair).thinned(2000)
        return result, Chart("points", f"{name} and {other}", name, other, [points]), other
    return result, _boxes(f"{name} and {other}", dict(zip((name, other), pair, strict=True))), other


def _of_groups(
    test: str, groups: list[np.ndarray], alternative: str, level: float
) -> hypotheses.Result:
    if test == "analysis of variance":
        return hypotheses.anova(groups)
    if test == "Kruskal-Wallis test":
        return hypotheses.kruskal(groups)
    first, second = groups
    if test == "Mann-Whitney U test":
        return hypotheses.mann_whitney(first, second, alternative)
    equal = test == "Student's t-test"
    return hypotheses.two_samples(first, second, equal, alternative, level)


def _numbers(column: pd.Series) -> np.ndarray:
    return column.astype("float64").to_numpy("float64", na_value=float("nan"))


def _groups(
    column: pd.Series, values: np.ndarray, name: str, *, two: bool
) -> dict[str, np.ndarray]:
    import numpy as np
    import pandas as pd

    codes, labels = pd.factorize(without_categories(column), sort=True)
    usable = np.isfinite(values) & (codes >= 0)
    found = {
        str(label): values[usable & (codes == code)] for code, label in enumerate(labels[:200])
    }
    found = {label: part for label, part in found.items() if len(part)}
    if (two and len(found) != 2) or not 2 <= len(found) <= _MOST_GROUPS:
        wanted = "exactly 2" if two else f"2 to {_MOST_GROUPS}"
        raise ModuleError(
            "wrong-groups",
            f"Column “{name}” has {len(labels):,} groups with values; {wanted} are needed.",
            "Choose another column of groups, another test, or filter the rows.",
            parameter="group",
            column=name,
        )
    return found


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


def _table(test: str, found: list[Any], confidence: float, correction: str) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    results = [result for _, _, result in found]
    adjusted = hypotheses.adjusted([result.p_value for result in results], correction)
    texts = {
        "Test": [test] * len(found),
        "Column": [name for name, _, _ in found],
        "Compared with": [other for _, other, _ in found],
    }
    frame = pd.DataFrame({name: pd.Series(each, dtype="str") for name, each in texts.items()})
    frame["Rows"] = np.array([result.rows for result in results], dtype="int64")
    for title, values in {
        "Statistic": [result.statistic for result in results],
        "Degrees of freedom": [result.freedom for result in results],
        "P-value": [result.p_value for result in results],
        "Adjusted p-value": adjusted,
    }.items():
        frame[title] = np.array(values, dtype="float64")
    frame["Significant"] = np.array([value < 1 - confidence for value in adjusted], dtype=bool)
    frame["Effect size"] = pd.Series([result.effect_size for result in results], dtype="str")
    frame["Effect"] = np.array([result.effect for result in results], dtype="float64")
    frame["Estimated"] = pd.Series([result.estimated or None for result in results], dtype="str")
    for title, name in {"Estimate": "estimate", "Lower": "low", "Upper": "high"}.items():
        frame[title] = np.array([getattr(result, name) for result in results], dtype="float64")
    frame["Note"] = pd.Series([result.note or None for result in results], dtype="str")
    return frame


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
