"""Hypothesis tests with their effect sizes and confidence intervals, by SciPy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """What a test found.

    Parameters
    ----------
    rows : int
        Rows without missing values, which are those that count.
    statistic, p_value : float
    freedom : float
        Degrees of freedom; NaN if the test has none.
    estimate : float
        What the interval from ``low`` to ``high`` is of, named by ``estimated``; NaN if the test
        estimates nothing.
    effect : float
        The size of the effect, by the measure ``effect_size``.
    note : str
        What the reader should know.
    """

    rows: int
    statistic: float
    p_value: float
    effect_size: str
    effect: float
    freedom: float = math.nan
    estimated: str = ""
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def one_sample(values: np.ndarray, mean: float, alternative: str, level: float) -> Result:
    """Return Student's t-test of a mean."""
    from scipy import stats

    _need(len(values), 2)
    found = stats.ttest_1samp(values, mean, alternative=alternative)
    interval = found.confidence_interval(level)
    center = float(values.mean())
    return Result(
        len(values),
        found.statistic,
        found.pvalue,
        "Cohen's d",
        _share(center - mean, values.std(ddof=1)),
        found.df,
        "mean",
        center,
        *interval,
    )


def two_samples(
    first: np.ndarray, second: np.ndarray, equal: bool, alternative: str, level: float
) -> Result:
    """Return the t-test of Student (equal variances) or Welch of two means."""
    import numpy as np
    from scipy import stats

    _need(min(len(first), len(second)), 2)
    found = stats.ttest_ind(first, second, equal_var=equal, alternative=alternative)
    interval = found.confidence_interval(level)
    free = len(first) + len(second) - 2
    pooled = np.sqrt(
        ((len(first) - 1) * first.var(ddof=1) + (len(second) - 1) * second.var(ddof=1)) / free
    )
    difference = float(first.mean() - second.mean())
    return Result(
        len(first) + len(second),
        found.statistic,
        found.pvalue,
        "Cohen's d",
        _share(difference, pooled),
        found.df,
        "difference of means",
        difference,
        *interval,
    )


def paired(first: np.ndarray, second: np.ndarray, alternative: str, level: float) -> Result:
    """Return Student's t-test of the differences of pairs."""
    from scipy import stats

    _need(len(first), 2)
    found = stats.ttest_rel(first, second, alternative=alternative)
    interval = found.confidence_interval(level)
    differences = first - second
    center = float(differences.mean())
    return Result(
        len(first),
        found.statistic,
        found.pvalue,
        "Cohen's d of differences",
        _share(center, differences.std(ddof=1)),
        found.df,
        "mean difference",
        center,
        *interval,
    )


def mann_whitney(first: np.ndarray, second: np.ndarray, alternative: str) -> Result:
    """Return the rank test of Mann and Whitney of two samples."""
    from scipy import stats

    _need(min(len(first), len(second)), 1)
    found = stats.mannwhitneyu(first, second, alternative=alternative)
    effect = 2 * found.statistic / (len(first) * len(second)) - 1
    rows = len(first) + len(second)
    return Result(rows, found.statistic, found.pvalue, "rank-biserial correlation", effect)


def wilcoxon(first: np.ndarray, second: np.ndarray, alternative: str) -> Result:
    """Return the signed-rank test of Wilcoxon of pairs; equal pairs don't count."""
    import numpy as np
    from scipy import stats

    differences = first - second
    differences = differences[differences != 0]
    _need(len(differences), 1)
    found = stats.wilcoxon(differences, alternative=alternative)
    ranks = stats.rankdata(np.abs(differences))
    effect = float((ranks * np.sign(differences)).sum() / ranks.sum())
    return Result(
        len(first), found.statistic, found.pvalue, "matched-pairs rank-biserial correlation", effect
    )


def anova(groups: list[np.ndarray]) -> Result:
    """Return the one-way analysis of variance."""
    import numpy as np
    from scipy import stats

    together = np.concatenate(groups)
    _need(len(together) - len(groups), 1)
    found = stats.f_oneway(*groups)
    between = sum(len(group) * (group.mean() - together.mean()) ** 2 for group in groups)
    total = ((together - together.mean()) ** 2).sum()
    return Result(
        len(together),
        found.statistic,
        found.pvalue,
        "eta squared",
        _share(between, total),
        len(groups) - 1,
        note=f"Within groups: {len(together) - len(groups):,} degrees of freedom.",
    )


def kruskal(groups: list[np.ndarray]) -> Result:
    """Return the rank test of Kruskal and Wallis of several samples."""
    import numpy as np
    from scipy import stats

    together = np.concatenate(groups)
    if (together == together[0]).all():
        raise ModuleError(
            "constant-column",
            "All values are equal, so they have no ranks.",
            "Choose other columns.",
        )
    found = stats.kruskal(*groups)
    effect = found.statistic / (len(together) - 1)
    rows = len(together)
    return Result(rows, found.statistic, found.pvalue, "epsilon squared", effect, len(groups) - 1)


def chi_squared(counts: np.ndarray) -> Result:
    """Return Pearson's test of independence, without continuity correction."""
    from scipy import stats

    found = stats.chi2_contingency(counts, correction=False)
    smallest = min(counts.shape) - 1
    effect = math.sqrt(found.statistic / counts.sum() / smallest)
    few = (found.expected_freq < 5).mean()
    note = f"{few:.0%} of the cells are expected to have fewer than 5 rows." if few > 0.2 else ""
    return Result(
        int(counts.sum()), found.statistic, found.pvalue, "Cramér's V", effect, found.dof, note=note
    )


def fisher(counts: np.ndarray, alternative: str, level: float) -> Result:
    """Return Fisher's exact test of two columns with two values each."""
    from scipy import stats

    if counts.shape != (2, 2):
        raise ModuleError(
            "not-two-by-two",
            f"Fisher's test needs two values in each column, not {counts.shape[0]} and "
            f"{counts.shape[1]}.",
            "Choose the chi-squared test, or merge categories.",
        )
    found = stats.fisher_exact(counts, alternative=alternative)
    ratio = stats.contingency.odds_ratio(counts)
    interval = ratio.confidence_interval(level, alternative)
    return Result(
        int(counts.sum()),
        found.statistic,
        found.pvalue,
        "odds ratio",
        ratio.statistic,
        estimated="odds ratio",
        estimate=ratio.statistic,
        low=interval.low,
        high=interval.high,
    )


def correlation(
    kind: str, first: np.ndarray, second: np.ndarray, alternative: str, level: float
) -> Result:
    """Return the test of a correlation coefficient; ``pearson``, ``spearman`` or ``kendall``.

    Intervals are by Fisher's transformation; of rank correlations with the variances of Bonett and
    Wright (2000), Psychometrika 65.
    """
    from scipy import stats

    _need(len(first), 4)
    if (first == first[0]).all() or (second == second[0]).all():
        raise ModuleError(
            "constant-column", "All values of a column are equal.", "Choose other columns."
        )
    function = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}
    found = function[kind](first, second, alternative=alternative)
    r = float(found.statistic)
    count = len(first)
    variance = {
        "pearson": _share(1, count - 3),
        "spearman": _share(1 + r**2 / 2, count - 3),
        "kendall": _share(0.437, count - 4),
    }[kind]
    low, high = _fisher_interval(r, variance, alternative, level)
    return Result(
        count,
        r,
        found.pvalue,
        "correlation",
        r,
        count - 2 if kind == "pearson" else math.nan,
        "correlation",
        r,
        low,
        high,
    )


def _fisher_interval(
    r: float, variance: float, alternative: str, level: float
) -> tuple[float, float]:
    from scipy import stats

    if abs(r) >= 1 or not math.isfinite(variance):
        return (math.nan, math.nan) if abs(r) < 1 else (r, r)
    share = (1 + level) / 2 if alternative == "two-sided" else level
    width = stats.norm.ppf(share) * math.sqrt(variance)
    low, high = math.tanh(math.atanh(r) - width), math.tanh(math.atanh(r) + width)
    return (-1.0 if alternative == "less" else low), (1.0 if alternative == "greater" else high)


def adjusted(p_values: list[float], method: str) -> list[float]:
    """Return p-values for several tests; ``none``, ``Holm`` or ``Benjamini-Hochberg``.

    One that is NaN stays so, and doesn't count as a test.
    """
    import numpy as np
    from scipy import stats

    found = np.asarray(p_values, dtype="float64")
    known = np.flatnonzero(~np.isnan(found))
    if method == "none" or len(known) < 2:
        return p_values
    given = found[known]
    if method == "Benjamini-Hochberg":
        found[known] = stats.false_discovery_control(given)
    else:
        order = np.argsort(given)
        scaled = given[order] * np.arange(len(given), 0, -1)
        found[known[order]] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return [float(each) for each in found]


def cross_table(first: pd.Series, second: pd.Series) -> pd.DataFrame:
    """Return how often each pair of values occurs."""
    import pandas as pd

    counts = pd.crosstab(first.astype(str), second.astype(str))
    if min(counts.shape) < 2:
        raise ModuleError(
            "constant-column",
            "A column has fewer than two different values where the other has one.",
            "Choose other columns.",
        )
    return counts


def _need(count: int, least: int) -> None:
    if count < least:
        raise ModuleError(
            "too-few-rows",
            f"The test needs at least {least} rows without missing values, not {count}.",
            "Use more rows, or choose other columns.",
        )


def _share(value: Any, of: Any) -> float:
    return float(value / of) if of > 0 else math.nan
