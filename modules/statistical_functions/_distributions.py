"""How far the distributions of a column in two tables are apart."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.tables.frames import without_categories

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

EMPTY = 0.0001
"""The share that an empty bin counts as in the population stability index."""

MISSING = "(missing)"
OTHERS = "(others)"
_MOST_SHOWN = 30
_NUMERIC = ("integer", "number", "datetime")


@dataclass(frozen=True)
class Difference:
    """What was found for a column.

    Parameters
    ----------
    stability : float
        Population stability index.
    distance : float
        Jensen-Shannon distance, from 0 to 1.
    missing_before, missing_now : float
        Shares of the rows.
    labels : tuple of str
        Bins or values, with their shares ``before`` and ``now``.
    problem : str
        Why the column can't be compared.
    """

    test: str = ""
    statistic: float = math.nan
    p_value: float = math.nan
    stability: float = math.nan
    distance: float = math.nan
    missing_before: float = math.nan
    missing_now: float = math.nan
    labels: tuple[str, ...] = ()
    before: tuple[float, ...] = ()
    now: tuple[float, ...] = ()
    problem: str = ""


def difference(reference: pd.Series, current: pd.Series | None, bins: int) -> Difference:
    """Return how far two columns are apart; None is a column that isn't there."""
    if current is None:
        return Difference(problem="It isn't in the current dataset.")
    kinds = [_kind(each) for each in (reference, current)]
    numeric = [kind in _NUMERIC for kind in kinds]
    missing = float(reference.isna().mean()), float(current.isna().mean())
    if numeric[0] != numeric[1] or ("datetime" in kinds and kinds[0] != kinds[1]):
        labels = [KIND_LABELS[kind] for kind in kinds]
        problem = f"It contained {labels[0]} and now contains {labels[1]}."
        return Difference(missing_before=missing[0], missing_now=missing[1], problem=problem)
    if numeric[0]:
        found = _numbers(_values(reference), _values(current), bins)
    else:
        found = _categories(reference, current)
    labels, counts, test, statistic, p_value = found
    shares = counts / counts.sum(axis=1, keepdims=True)
    shown_labels, shown_shares = _shortened(labels, shares)
    return Difference(
        test,
        statistic,
        p_value,
        stability_index(*shares),
        jensen_shannon(*shares),
        *missing,
        tuple(shown_labels),
        before=tuple(shown_shares[0].tolist()),
        now=tuple(shown_shares[1].tolist()),
    )


def stability_index(before: np.ndarray, now: np.ndarray) -> float:
    """Return the population stability index of two distributions over the same bins."""
    import numpy as np

    either = (before > 0) | (now > 0)
    r, c = np.maximum(before[either], EMPTY), np.maximum(now[either], EMPTY)
    return float(((c - r) * np.log(c / r)).sum())


def jensen_shannon(before: np.ndarray, now: np.ndarray) -> float:
    """Return the Jensen-Shannon distance of two distributions, with logarithms of base 2."""
    import numpy as np
    from scipy.special import rel_entr

    middle = (before + now) / 2
    divergence = (rel_entr(before, middle).sum() + rel_entr(now, middle).sum()) / 2 / np.log(2)
    return float(np.sqrt(max(divergence, 0.0)))


def _kind(column: pd.Series) -> str:
    return kind_of(without_categories(column).dtype)


def _values(column: pd.Series) -> np.ndarray:
    """Return numbers; dates as seconds since 1970."""
    import numpy as np

    plain = without_categories(column)
    if plain.dtype.kind == "M":
        if getattr(plain.dtype, "tz", None) is not None:
            plain = plain.dt.tz_convert(None)
        seconds = plain.to_numpy("datetime64[us]").astype("int64") / 1e6
        return np.where(plain.isna().to_numpy(), np.nan, seconds)
    return plain.to_numpy("float64")


def _numbers(before: np.ndarray, now: np.ndarray, bins: int) -> tuple[Any, ...]:
    import numpy as np
    from scipy import stats

    known = before[~np.isnan(before)], now[~np.isnan(now)]
    finite = known[0][np.isfinite(known[0])]
    edges: Any = (
        np.unique(np.quantile(finite, np.linspace(0, 1, bins + 1)[1:-1])) if len(finite) else []
    )
    counts = np.array(
        [
            [
                *np.bincount(np.searchsorted(edges, each, side="left"), minlength=len(edges) + 1),
                gaps,
            ]
            for each, gaps in zip(
                known, (len(before) - len(known[0]), len(now) - len(known[1])), strict=True
            )
        ],
        dtype="float64",
    )
    ends = [f"{edge:.4g}" for edge in edges]
    labels = ["all"] if not ends else [f"≤ {ends[0]}"]
    labels += [f"{low} – {high}" for low, high in itertools.pairwise(ends)]
    labels += [f"> {ends[-1]}"] if ends else []
    statistic = p_value = math.nan
    if len(known[0]) and len(known[1]):
        method = "auto" if max(map(len, known)) <= 10_000 else "asymp"
        found = stats.ks_2samp(*known, method=method)
        statistic, p_value = float(found.statistic), float(found.pvalue)
    return [*labels, MISSING], counts, "Kolmogorov-Smirnov", statistic, p_value


def _categories(before: pd.Series, now: pd.Series) -> tuple[Any, ...]:
    import numpy as np
    import pandas as pd
    from scipy import stats

    counted = [pd.Series(_texts(each)).value_counts() for each in (before, now)]
    table = pd.concat(counted, axis=1).fillna(0.0)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    counts = table.to_numpy("float64").T
    statistic = p_value = math.nan
    if counts.shape[1] > 1:
        found = stats.chi2_contingency(counts, correction=False)
        statistic, p_value = float(found.statistic), float(found.pvalue)
    elif counts.size:
        statistic, p_value = 0.0, 1.0
    return list(table.index), np.asarray(counts), "chi-squared", statistic, p_value


def _texts(column: pd.Series) -> np.ndarray:
    """Return the values of a column as texts, missing ones too."""
    plain = without_categories(column).astype(object)
    texts: np.ndarray = plain.where(plain.notna(), MISSING).astype(str).to_numpy(object)
    return texts


def _shortened(labels: list[str], shares: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the first bins or values, with the rest together."""
    import numpy as np

    if shares.shape[1] <= _MOST_SHOWN:
        return labels, shares
    rest = shares[:, _MOST_SHOWN:].sum(axis=1, keepdims=True)
    return [*labels[:_MOST_SHOWN], OTHERS], np.hstack([shares[:, :_MOST_SHOWN], rest])
