"""The values that hypothesis tests compare, and which function computes a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.statistical_functions import _hypotheses as hypotheses
from modules.statistical_functions._hypotheses import adjusted
from modules.tables.frames import without_categories

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TWO_GROUPS = ("Welch's t-test", "Student's t-test", "Mann-Whitney U test")
GROUPS = (*TWO_GROUPS, "analysis of variance", "Kruskal-Wallis test")
PAIRS = ("paired t-test", "Wilcoxon signed-rank test")
CORRELATIONS = ("Pearson correlation", "Spearman correlation", "Kendall correlation")
COUNTS = ("chi-squared test", "Fisher's exact test")
SIDED = (
    "one-sample t-test", *TWO_GROUPS, *PAIRS, *CORRELATIONS, "Fisher's exact test",
)  # fmt: skip

_MOST_GROUPS = 100


def group_test(test: str) -> Callable[..., hypotheses.Result]:
    """Return a test of groups."""
    functions: dict[str, Callable[..., hypotheses.Result]] = {
        "analysis of variance": hypotheses.anova,
        "Kruskal-Wallis test": hypotheses.kruskal,
        "Mann-Whitney U test": hypotheses.mann_whitney,
    }
    return functions.get(test, hypotheses.two_samples)


def pair_test(test: str) -> tuple[Callable[..., hypotheses.Result], str]:
    """Return a test, and the kind of correlation, which is its first argument."""
    if test == "paired t-test":
        return hypotheses.paired, ""
    if test == "Wilcoxon signed-rank test":
        return hypotheses.wilcoxon, ""
    return hypotheses.correlation, test.partition(" ")[0].lower()


def _numbers(column: pd.Series) -> np.ndarray:
    return column.astype("float64").to_numpy("float64", na_value=float("nan"))


def finite_numbers(column: pd.Series) -> np.ndarray:
    """Return the values of a column that are finite."""
    import numpy as np

    values = _numbers(column)
    found: np.ndarray = values[np.isfinite(values)]
    return found


def pairs(frame: pd.DataFrame, first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of two columns in the rows where both are finite."""
    import numpy as np

    values, others = _numbers(frame[first]), _numbers(frame[second])
    known = np.isfinite(values) & np.isfinite(others)
    return values[known], others[known]


def group_names(column: str, groups: dict[str, np.ndarray]) -> str:
    """Return what is compared: the names of two groups, or the number of more."""
    named = " and ".join(groups) if len(groups) == 2 else f"{len(groups)} groups"
    return f"{column}: {named}"


def values_by_group(
    frame: pd.DataFrame, column: str, name: str, *, two: bool
) -> dict[str, np.ndarray]:
    """Return the finite values of a column for each group.

    Parameters
    ----------
    name : str
        The column of the groups.
    two : bool
        The test compares two groups.
    """
    import numpy as np
    import pandas as pd

    values = _numbers(frame[column])
    codes, labels = pd.factorize(without_categories(frame[name]), sort=True)
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


def results_table(test: str, found: list[Any], confidence: float, correction: str) -> pd.DataFrame:
    """Return a row for each column: its name, what it was compared with, and the result."""
    import numpy as np
    import pandas as pd

    results = [result for _, _, result in found]
    p_values = adjusted([result.p_value for result in results], correction)
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
        "Adjusted p-value": p_values,
    }.items():
        frame[title] = np.array(values, dtype="float64")
    frame["Significant"] = np.array([value < 1 - confidence for value in p_values], dtype=bool)
    frame["Effect size"] = pd.Series([result.effect_size for result in results], dtype="str")
    frame["Effect"] = np.array([result.effect for result in results], dtype="float64")
    frame["Estimated"] = pd.Series([result.estimated or None for result in results], dtype="str")
    for title, name in {"Estimate": "estimate", "Lower": "low", "Upper": "high"}.items():
        frame[title] = np.array([getattr(result, name) for result in results], dtype="float64")
    frame["Note"] = pd.Series([result.note or None for result in results], dtype="str")
    return frame
