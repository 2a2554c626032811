"""Cox models: how they are fitted, stored, and applied."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, Role, warn
from modules.contract.sheet import Sheet
from modules.values import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from modules.learning.features import FeatureEncoder

TASK = "survival"
RISK = "Risk score"
MEDIAN = "Median time"
SURVIVAL = "Survival at "

_LARGEST = 500.0


@dataclass(frozen=True, eq=False, kw_only=True)
class CoxModel(TrainedModel):
    """A fitted Cox proportional hazards model.

    Parameters
    ----------
    encoding : dict
        The attributes of the ``FeatureEncoder`` from columns to numbers; of each column with text,
        the first value is left out.
    names : list of str
        Of the numbers.
    coefficients, errors, means : list of float
        In the units of the data: weights, their standard errors, and the means of the numbers.
    times, hazards : numpy.ndarray, shape (distinct times of events,)
        The cumulative hazard of a row with the means, after each time.
    """

    encoding: dict[str, Any]
    names: list[str]
    coefficients: list[float]
    errors: list[float]
    means: list[float]
    times: np.ndarray
    hazards: np.ndarray

    @property
    def encoder(self) -> FeatureEncoder:
        """The fitted encoder of the columns."""
        from modules.learning.features import FeatureEncoder

        encoder = FeatureEncoder("one-hot", fill_missing=True)
        for name, value in self.encoding.items():
            setattr(encoder, name, value)
        encoder.fill_ = [math.nan if fill is None else fill for fill in self.encoding["fill_"]]
        return encoder

    def log_risk(self, table: DataTable) -> np.ndarray:
        """Return the logarithm of each row's hazard relative to that of a row with the means."""
        import numpy as np

        used = [column.name for column in self.features]
        table.require(used, port="dataset")
        matrix = without_references(self.encoder, table.frame[used])
        found: np.ndarray = (matrix - np.array(self.means)) @ np.array(self.coefficients)
        return found

    def scores(self, table: DataTable, times: Sequence[float]) -> pd.DataFrame:
        """Return the columns of :func:`survival_scores` for the rows of a table."""
        return survival_scores(self.log_risk(table), self.times, self.hazards, times)

    def score(self, table: DataTable) -> DataTable:
        """Return risk scores and median times; see :meth:`TrainedModel.score`."""
        scores = self.scores(table, ())
        return DataTable(scores, dict.fromkeys(map(str, scores), Role.SCORE))

    def coefficient_table(self) -> pd.DataFrame:
        """Return the weights of the numbers; see :func:`coefficient_table`."""
        import numpy as np

        return coefficient_table(self.names, np.array(self.coefficients), np.array(self.errors))

    def sheets(self) -> dict[str, Sheet]:
        """Return the coefficients and the baseline curve."""
        import numpy as np

        curve = np.exp(-self.hazards)
        rows = tuple(zip(self.times.tolist(), curve.tolist(), strict=True))
        note = "Of a row with the mean of every number."
        return {
            "Coefficients": Sheet.of(self.coefficient_table()),
            "Survival": Sheet(("Time", "Share"), rows[:10_000], note),
        }

    @property
    def known_values(self) -> Mapping[str, list[Any]]:
        """The values of each string and category column in training."""
        known = zip(self.encoding["names_"], self.encoding["categories_"], strict=True)
        return {name: values for name, values in known if values is not None}


def survival_scores(
    log_risk: np.ndarray, times: np.ndarray, hazards: np.ndarray, wanted: Sequence[float]
) -> pd.DataFrame:
    """Return risk scores, median times, and the survival at some times.

    The median is the first time at which the share without the event is at most 0.5; NaN if it
    never is.

    Parameters
    ----------
    log_risk : numpy.ndarray, shape (rows,)
        Logarithm of each row's hazard relative to that of the baseline.
    times, hazards : numpy.ndarray, shape (times,)
        The cumulative hazard of the baseline after each time.
    wanted : sequence of float
        Times from 0 on.
    """
    import numpy as np
    import pandas as pd

    risk = np.exp(np.clip(log_risk, -_LARGEST, _LARGEST))
    # Rounding must not miss a curve that reaches exactly 0.5.
    index = np.searchsorted(hazards, math.log(2) / risk * (1 - 1e-12), side="left")
    scores = pd.DataFrame({RISK: risk, MEDIAN: np.append(times, np.nan)[index]})
    for time in wanted:
        passed = int(np.searchsorted(times, time, side="right"))
        hazard = float(hazards[passed - 1]) if passed else 0.0
        scores[f"{SURVIVAL}{time:g}"] = np.exp(-hazard * risk)
    return scores


def without_references(encoder: Any, frame: Any) -> np.ndarray:
    """Return the encoded columns without the first value of each column with text."""
    import numpy as np

    from modules.learning.estimators.dense import dense

    matrix = dense(encoder.transform(frame))
    kept = indices_without_references(encoder.categories_)
    return np.asarray(matrix[:, kept], dtype="float64")


def indices_without_references(categories: Sequence[list[Any] | None]) -> np.ndarray:
    """Return the indices of the encoded columns that aren't a first value.

    Parameters
    ----------
    categories : sequence of (list or None)
        The values of each column with text; None for numbers.
    """
    import numpy as np

    kept: list[int] = []
    at = 0
    for known in categories:
        width = 1 if known is None else len(known)
        kept += range(at + (known is not None), at + width)
        at += width
    return np.array(kept, dtype=int)


def attributes(encoder: FeatureEncoder) -> dict[str, Any]:
    """Return the fitted attributes of an encoder as JSON."""
    fills = [None if math.isnan(fill) else float(fill) for fill in encoder.fill_]
    return {
        "names_": encoder.names_,
        "kinds_": encoder.kinds_,
        "categories_": encoder.categories_,
        "fill_": fills,
        "feature_names_": encoder.feature_names_,
        "sparse_": bool(encoder.sparse_),
    }


def names_of_features(columns: Iterable[str], categories: Sequence[list[Any] | None]) -> list[str]:
    """Return the names of the columns of :func:`without_references`."""
    names: list[str] = []
    for name, known in zip(columns, categories, strict=True):
        names += [name] if known is None else [f"{name}={value}" for value in known[1:]]
    return names


@dataclass(frozen=True)
class Fit:
    """What fitting found; arrays in the units of the data."""

    coefficients: np.ndarray
    errors: np.ndarray
    means: np.ndarray
    times: np.ndarray
    hazards: np.ndarray


def fit_cox(matrix: np.ndarray, time: np.ndarray, happened: np.ndarray, names: list[str]) -> Fit:
    """Fit by the partial likelihood with Efron's approximation for ties.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (rows, features)
    time : numpy.ndarray, shape (rows,)
    happened : numpy.ndarray of bool, shape (rows,)
    names : list of str
        Of the features, for errors.

    Raises
    ------
    ModuleError
        If there are no events, or a feature is a sum of others or constant.
    """
    import warnings

    import numpy as np
    from statsmodels.duration.hazard_regression import PHReg

    if not happened.any():
        raise ModuleError(
            "no-events",
            "The event doesn't happen in any row.",
            "Check the event column, or enter the value that means it happened.",
            parameter="event_column",
        )
    if not np.isfinite(matrix).all():
        name = names[int(np.flatnonzero(~np.isfinite(matrix).all(axis=0))[0])]
        raise ModuleError(
            "infinite-value",
            f"Column “{name}” contains infinite values, which a Cox model doesn't support.",
            "Limit them with Clip Values, or clean them first.",
            port="dataset",
            column=name,
        )
    means, spread = matrix.mean(axis=0), matrix.std(axis=0)
    spread = np.where(spread > 1e-9 * np.maximum(np.abs(means), 1e-300), spread, 0.0)
    _check_independent(np.divide(matrix - means, spread, where=spread > 0, out=matrix * 0), names)
    standard = (matrix - means) / spread
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = PHReg(time, standard, happened.astype(float), ties="efron").fit(disp=False)
        params, errors = np.asarray(found.params), np.asarray(found.bse)
    if not np.isfinite([*params, *errors]).all() or max(np.abs(params).max(), errors.max()) > 10:
        warn(
            "The model didn't converge: some columns separate rows with the event from the others. "
            "Remove columns, or combine rare values."
        )
        params, errors = np.nan_to_num(params), np.nan_to_num(errors)
    log_risk = standard @ params
    times, hazards = _baseline(time, happened, log_risk)
    return Fit(params / spread, errors / spread, means, times, hazards)


def _check_independent(standard: np.ndarray, names: list[str]) -> None:
    """Raise a ModuleError for a column that is constant, or a sum of others."""
    import numpy as np
    from scipy.linalg import qr

    triangle, order = qr(standard, mode="r", pivoting=True)
    sizes = np.zeros(len(names))
    diagonal = np.abs(np.diagonal(triangle))
    sizes[: len(diagonal)] = diagonal
    dependent = np.flatnonzero(sizes <= 1e-9 * max(sizes.max(), 1e-300))
    if len(dependent) or sizes.max() == 0:
        name = names[int(order[dependent[0]])]
        raise ModuleError(
            "dependent-columns",
            f"“{name}” is constant or follows from other columns, so its weight can't be "
            "determined.",
            "Exclude the column, or another one with the same information.",
            port="dataset",
            column=name,
        )


def _baseline(
    time: np.ndarray, happened: np.ndarray, log_risk: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the times of events, and the cumulative hazard after each (Breslow 1972)."""
    import numpy as np

    times, codes = np.unique(time, return_inverse=True)
    risk = np.exp(np.clip(log_risk, -_LARGEST, _LARGEST))
    at_risk = np.bincount(codes, risk, minlength=len(times))[::-1].cumsum()[::-1]
    events = np.bincount(codes, happened, minlength=len(times))
    kept = events > 0
    return times[kept], np.cumsum(events[kept] / at_risk[kept])


def coefficient_table(names: list[str], weights: np.ndarray, errors: np.ndarray) -> pd.DataFrame:
    """Return the coefficients with hazard ratios, 95 % intervals, and p-values."""
    import numpy as np
    import pandas as pd
    from scipy.stats import norm

    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "Feature": pd.Series(names, dtype="str"),
                "Coefficient": weights,
                "Standard error": errors,
                "Hazard ratio": np.exp(weights),
                "Hazard ratio, lower": np.exp(weights - norm.ppf(0.975) * errors),
                "Hazard ratio, upper": np.exp(weights + norm.ppf(0.975) * errors),
                "p-value": 2 * norm.sf(np.abs(weights / errors)),
            }
        )


def concordance(time: np.ndarray, happened: np.ndarray, risk: np.ndarray) -> tuple[float, int]:
    """Return Harrell's concordance index, and the number of comparable pairs.

    Of each pair in which the event happened to one row while the other was still observed, the
    share in which that row has the higher risk; equal risks count half (Harrell 1982).
    """
    import numpy as np

    right, total = 0.0, 0
    block = max(1, 5_000_000 // max(len(time), 1))
    rows = np.flatnonzero(happened)
    for start in range(0, len(rows), block):
        own = rows[start : start + block]
        later = (time > time[own, None]) | ((time == time[own, None]) & ~happened)
        higher, equal = risk[own, None] > risk, risk[own, None] == risk
        total += int(later.sum())
        right += float((later & higher).sum()) + 0.5 * float((later & equal).sum())
    return (right / total if total else math.nan), total


def concordance_table(time: np.ndarray, happened: np.ndarray, risk: pd.Series) -> pd.DataFrame:
    """Return the concordance index and what it was counted of."""
    import pandas as pd

    index, pairs = concordance(time, happened, risk.to_numpy("float64"))
    metrics = {
        "Concordance index": index,
        "Comparable pairs": pairs,
        "Rows": len(time),
        "Events": int(happened.sum()),
    }
    return pd.DataFrame([metrics])
