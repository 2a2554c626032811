"""Encode the columns of a table as the matrix for a learner.

The encoder is fitted in training and is part of the trained model, so that
scoring new data, with unseen categories and missing values, needs nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator, TransformerMixin  # noqa: TID253

from modules.contract.columns import column_not_found
from modules.contract.data_table import kind_of
from modules.contract.errors import ModuleError
from modules.contract.messages import KIND_LABELS
from modules.learning.categories import CODES_LIMIT, SPARSE_ABOVE, scalar

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_CHUNK = 1_024
_SECONDS_A_DAY = 86_400.0


class FeatureEncoder(TransformerMixin, BaseEstimator):
    """Encode numbers, booleans, datetimes, strings and categories as numbers.

    Numbers and booleans pass as floats, datetimes become days since 1970.
    Strings and categories become one column for each value (``one-hot``; a value
    that training never saw, or a missing one, is zero in all) or their index
    in the sorted values (``codes``; unseen or missing is NaN).

    Parameters
    ----------
    encoding : str
        ``one-hot`` or ``codes``.
    fill_missing : bool
        Replace missing numbers with the mean of the training rows.

    Attributes
    ----------
    names_ : list of str
        Columns of the frame that are read, in the order of training.
    kinds_ : list of str
        Their kinds.
    categories_ : list of (list or None)
        The known values of each string or category column, sorted.
    fill_ : list of float
        The replacement of a missing number, NaN if there is none.
    average_ : numpy.ndarray of float
        The average training row of the matrix, for explanations: means of numbers, shares of
        the values of one-hot columns, and of codes the most frequent one.
    feature_names_ : list of str
        Names of the columns of the matrix; ``column=value`` for one-hot.
    sparse_ : bool
        Whether the matrix is a ``scipy.sparse.csr_array``.
    """

    def __init__(self, encoding: str = "one-hot", fill_missing: bool = True) -> None:
        self.encoding = encoding
        self.fill_missing = fill_missing

    def fit(self, X: pd.DataFrame, y: Any = None) -> FeatureEncoder:
        """Fit kinds, categories and means to a frame of shape (rows, columns)."""
        import numpy as np

        self.names_ = [str(name) for name in X.columns]
        self.kinds_: list[str] = []
        self.categories_: list[list[Any] | None] = []
        self.fill_: list[float] = []
        average: list[float] = []
        for name in self.names_:
            column = X[name]
            kind = kind_of(column.dtype)
            self.kinds_.append(kind)
            if kind in ("string", "categorical"):
                known, counts = _known_values(column, self._limit)
                self.categories_.append(known)
                self.fill_.append(float("nan"))
                average += self._average_of(counts, len(column))
                continue
            self.categories_.append(None)
            values = _floats(column)
            count = int((~np.isnan(values)).sum())
            # The sum of scikit-learn's SimpleImputer, which exported code uses.
            # Infinite and huge values don't have a mean; the learner rejects them.
            with np.errstate(invalid="ignore", over="ignore"):
                mean = float(np.nansum(values) / count) if count else 0.0
            average.append(mean)
            self.fill_.append(mean if self.fill_missing else float("nan"))
        width = sum(len(values) for values in self.categories_ if values is not None)
        self.sparse_ = self.encoding == "one-hot" and width > SPARSE_ABOVE
        self.feature_names_ = self._feature_names()
        self.average_ = np.asarray(average, float)
        return self

    def _average_of(self, counts: list[int], rows: int) -> list[float]:
        if self.encoding == "codes":
            return [float(counts.index(max(counts))) if counts else float("nan")]
        return [count / rows for count in counts]

    @property
    def _limit(self) -> int | None:
        return CODES_LIMIT if self.encoding == "codes" else None

    @property
    def average_row(self) -> dict[str, Any]:
        """The average training row: means, of datetimes in days, and most frequent values."""
        found: dict[str, Any] = {}
        at = 0
        for name, known in zip(self.names_, self.categories_, strict=True):
            width = 1 if known is None or self.encoding == "codes" else len(known)
            values = self.average_[at : at + width].tolist()
            at += width
            if known is None:
                found[name] = values[0]
            elif not known:
                found[name] = None
            elif self.encoding == "codes":
                found[name] = known[int(values[0])]
            else:
                found[name] = known[values.index(max(values))]
        return found

    @property
    def categorical_mask(self) -> list[bool]:
        """Which columns of the matrix contain codes of categories."""
        if self.encoding != "codes":
            return [False] * len(self.feature_names_)
        return [values is not None for values in self.categories_]

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return the names of the matrix's columns, as scikit-learn requires."""
        import numpy as np

        return np.asarray(self.feature_names_, dtype=object)

    def transform(self, X: pd.DataFrame) -> Any:
        """Return the matrix, float64 of shape (rows, features).

        Raises
        ------
        ModuleError
            If a column is missing, or contains text but had numbers in training.
        """
        import numpy as np

        blocks = []
        for index, name in enumerate(self.names_):
            if name not in X.columns:
                raise column_not_found(name, X.columns)
            blocks.append(self._block(index, X[name]))
        if self.sparse_:
            return _sparse(blocks, self.categories_, len(X))
        matrix = np.zeros((len(X), len(self.feature_names_)))
        # In chunks of rows, so that the written block stays in the processor's cache.
        for start in range(0, len(X), _CHUNK):
            rows = slice(start, start + _CHUNK)
            part = matrix[rows]
            at = 0
            for values, known in zip(blocks, self.categories_, strict=True):
                if known is None or self.encoding == "codes":
                    part[:, at] = values[rows]
                    at += 1
                else:
                    codes = values[rows]
                    hit = np.flatnonzero(codes >= 0)
                    part[hit, at + codes[hit]] = 1.0
                    at += len(known)
        return matrix

    def _block(self, index: int, column: pd.Series) -> np.ndarray:
        import numpy as np

        name, known = self.names_[index], self.categories_[index]
        if known is None:
            kind = kind_of(column.dtype)
            if kind in ("string", "categorical"):
                column = _as_numbers(name, column, self.kinds_[index])
            elif (kind == "datetime") != (self.kinds_[index] == "datetime"):
                raise ModuleError(
                    "column-type-changed",
                    f"Column “{name}” contained {KIND_LABELS[self.kinds_[index]]} in training; "
                    f"here it contains {KIND_LABELS[kind]}.",
                    "Use the same columns as in training.",
                    column=name,
                )
            values = _floats(column)
            fill = self.fill_[index]
            if fill == fill and np.isnan(values).any():
                values = np.where(np.isnan(values), fill, values)
            return values
        codes = _codes(column, known)
        if self.encoding == "codes":
            return np.where(codes >= 0, codes, np.nan)
        return codes

    def _feature_names(self) -> list[str]:
        names: list[str] = []
        for name, known in zip(self.names_, self.categories_, strict=True):
            if known is None or self.encoding == "codes":
                names.append(name)
            else:
                names.extend(f"{name}={value}" for value in known)
        return names


def _known_values(column: pd.Series, limit: int | None) -> tuple[list[Any], list[int]]:
    """Return the sorted distinct values as JSON scalars, and how often each is there.

    With a limit, those of the most frequent.
    """
    counts = column.value_counts(dropna=True)
    counts = counts[counts > 0]
    if limit is not None and len(counts) > limit:
        counts = counts.iloc[:limit]
    pairs = [(scalar(value), int(count)) for value, count in counts.items()]
    pairs.sort(key=lambda pair: (isinstance(pair[0], str), pair[0]))
    return [value for value, _ in pairs], [count for _, count in pairs]


def _codes(column: pd.Series, known: Sequence[Any]) -> np.ndarray:
    """Return the index of each value among the known ones, -1 for unseen and missing."""
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        if column.cat.categories.dtype == "str":
            # Numbers are text here if another category is text.
            known = [str(value) for value in known]
        indices = {value: index for index, value in enumerate(known)}
        lookup = [indices.get(scalar(value), -1) for value in column.cat.categories]
        lookup.append(-1)
        return np.asarray(lookup, dtype=np.int64)[column.cat.codes.to_numpy()]
    if not known:
        return np.full(len(column), -1, dtype="int64")
    text = isinstance(known[0], str)
    if text and kind_of(column.dtype) != "string":
        column = column.astype("str").where(column.notna())
    if not text:
        return pd.Categorical(column, categories=list(known)).codes.astype("int64")
    import pyarrow as pa
    import pyarrow.compute as pc

    indices = pc.index_in(pa.array(column, from_pandas=True), pa.array(known))
    codes: np.ndarray = indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")
    return codes


def _floats(column: pd.Series) -> np.ndarray:
    import numpy as np
    import pandas as pd

    kind = getattr(column.dtype, "kind", "O")
    if kind == "M":
        moments = column.dt.tz_convert(None) if column.dt.tz is not None else column
        seconds = moments.astype("datetime64[us]").to_numpy().astype("int64") / 1e6
        return np.where(moments.isna().to_numpy(), np.nan, seconds / _SECONDS_A_DAY)
    if isinstance(column.dtype, pd.BooleanDtype):
        return column.to_numpy(dtype="float64", na_value=np.nan)
    return column.to_numpy(dtype="float64")


def _as_numbers(name: str, column: pd.Series, trained: str) -> pd.Series:
    import pandas as pd

    numbers = pd.to_numeric(column.astype("str").where(column.notna()), errors="coerce")
    bad = column[numbers.isna() & column.notna()]
    if len(bad):
        raise ModuleError(
            "not-a-number",
            f"Column “{name}” contained {KIND_LABELS[trained]} in training; "
            f"here it contains “{bad.iloc[0]}”.",
            "Use the same columns as in training.",
            column=name,
        )
    return numbers


def _sparse(blocks: list[np.ndarray], categories: list[Any], rows: int) -> Any:
    import numpy as np
    from scipy import sparse

    parts = []
    for values, known in zip(blocks, categories, strict=True):
        if known is None:
            parts.append(sparse.csr_array(values.reshape(-1, 1)))
            continue
        hit = np.flatnonzero(values >= 0)
        ones = np.ones(len(hit))
        # Some learners only accept 32-bit indices.
        indices = hit.astype(np.int32), values[hit].astype(np.int32)
        parts.append(sparse.csr_array((ones, indices), shape=(rows, len(known))))
    return sparse.hstack(parts, format="csr")
