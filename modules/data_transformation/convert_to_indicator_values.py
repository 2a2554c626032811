"""Convert to Indicator Values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    module,
    warn,
)
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.value import Row, RowFunction
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import free_name, with_columns, wrong_kind
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_VALUES = 10_000
"""Maximum number of distinct values of a column."""

MOST_CELLS = 4_000_000_000
"""Maximum number of indicator cells (bytes)."""


def _code(step: CodeStep) -> None:
    given = step.columns("columns", "dataset") + arguments(step, "overwrite")
    port = "indicator_values_transformation"
    write_fitted(step, fit_indicators, IndicatorValues, port=port, given=given)


@module(
    "Convert to Indicator Values",
    outputs=("results_dataset", "indicator_values_transformation"),
    keywords=("one-hot", "dummy", "encode", "categorical", "get_dummies", "continuize"),
    requires=("pandas", "numpy", "pyarrow"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def convert_to_indicator_values(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Categorical columns to convert"),
        Columns(of="dataset", kinds=("categorical", "string", "boolean", "integer")),
    ] = ColumnSelector.types("categorical", "string"),
    overwrite: Annotated[bool, Field(title="Overwrite categorical columns")] = False,
) -> tuple[DataTable, Transformation]:
    """Convert each value of a categorical column to a column of ones and zeros.

    A column ``color`` with the values red and green becomes ``color-green`` and
    ``color-red``. Learners encode text and categories automatically; use this for scripts,
    for sums and means per value, and to choose which columns to encode.

    The values are output as a transformation, so that new data has the same columns.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to convert: categories, strings, booleans, or integers that represent
        categories.
    overwrite : bool
        Remove the converted columns from the result.

    Returns
    -------
    results_dataset : DataTable
        The table with the indicator columns at its end.
    indicator_values_transformation : Transformation
        Adds the same columns to new data; all are zero for unseen values.

    Notes
    -----
    The indicators of a column are in the sorted order of its values and are one-byte
    integers; their values equal those of ``pandas.get_dummies``. A column with missing
    values also has an indicator ``<name>-Missing``.

    Azure ML designer accepts only columns marked as categorical with Edit Metadata; here text
    columns are accepted too. Exclude a text label, because its indicators
    leak the label.
    """
    names = columns.resolve(dataset.columns, parameter="columns", allow_empty=True)
    if not names:
        if not columns.is_empty:
            warn("There are no categorical or text columns; nothing was converted.")
        else:
            columns.resolve(dataset.columns, parameter="columns")
    for name in set(names) & set(dataset.having_role(Role.LABEL)):
        warn(f"“{name}” is the label; its indicators leak the label to the model.")
    encoding = IndicatorValues(**fit_indicators(dataset.frame, names, overwrite=overwrite))
    return encoding.apply(dataset), encoding


def fit_indicators(
    frame: pd.DataFrame, names: list[str], *, overwrite: bool = False
) -> dict[str, Any]:
    """Return the values of each column, and the names of their indicators."""
    taken = set(frame.columns)
    fitted = []
    for name in names:
        values, has_missing = _values(name, frame[name])
        _reject_too_many(name, len(values), len(frame))
        indicators = []
        for value in [*values, None] if has_missing else values:
            indicators.append(free_name(f"{name}-{_text(value)}", taken))
            taken.add(indicators[-1])
        fitted.append(
            {"column": name, "values": values, "missing": has_missing, "indicators": indicators}
        )
    return {"columns": fitted, "overwrite": overwrite}


def add_indicators(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with a column of ones and zeros for each fitted value."""
    import numpy as np

    indicators = [name for entry in fitted["columns"] for name in entry["indicators"]]
    matrix = np.empty((len(indicators), len(frame)), dtype=bool)
    row = 0
    for entry in fitted["columns"]:
        codes = _codes(frame[entry["column"]], entry["values"])
        for index in range(len(entry["indicators"])):
            np.equal(codes, index, out=matrix[row])
            row += 1
    names = [entry["column"] for entry in fitted["columns"]]
    kept = frame.drop(columns=names) if fitted["overwrite"] else frame
    return with_columns(kept, matrix.view("uint8"), indicators)


@dataclass(frozen=True, eq=False)
class IndicatorValues(Transformation):
    """The values seen by Convert to Indicator Values.

    Parameters
    ----------
    columns : list of dict
        ``column``, its ``values`` (JSON scalars, sorted), ``missing`` (whether missing
        values have an indicator too) and the names of the ``indicators`` in that order.
    overwrite : bool
        The converted columns are removed.
    """

    title: ClassVar[str] = "Indicator values"
    on_frames = staticmethod(add_indicators)

    columns: list[dict[str, Any]]
    overwrite: bool = False

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with indicators; see :class:`Transformation`."""
        table.require(fitted["column"] for fitted in self.columns)
        return table.with_frame(add_indicators(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        encoders = [_compiled(fitted) for fitted in self.columns]
        dropped = frozenset(fitted["column"] for fitted in self.columns if self.overwrite)

        def encode(row: Row) -> dict[str, Any]:
            result = {name: value for name, value in row.items() if name not in dropped}
            for encoder in encoders:
                encoder(row, result)
            return result

        return encode

    def describe(self) -> pd.DataFrame:
        """Return one row for each indicator."""
        import pandas as pd

        rows = [
            (fitted["column"], _text(value), indicator)
            for fitted in self.columns
            for value, indicator in zip(
                [*fitted["values"], None], fitted["indicators"], strict=False
            )
        ]
        return pd.DataFrame(rows, columns=["Column", "Value", "Indicator"], dtype="str")


def _values(name: str, column: pd.Series) -> tuple[list[Any], bool]:
    """Return the sorted distinct values as JSON scalars, and whether any is missing."""
    import pandas as pd

    kind = kind_of(column.dtype)
    if kind in ("number", "datetime"):
        raise wrong_kind(
            name,
            kind,
            "categories are required",
            parameter="columns",
            hint="First group the values into bins, or mark the column as categorical.",
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        distinct = pd.Series(column.cat.remove_unused_categories().cat.categories)
    else:
        distinct = pd.Series(column.unique())
    has_missing = bool(column.isna().any())
    values = [_scalar(value) for value in distinct.dropna()]
    return sorted(values, key=lambda value: (isinstance(value, str), value)), has_missing


def _codes(column: pd.Series, values: list[Any]) -> np.ndarray:
    """Return the index of each value among the known ones.

    Missing values have the index after the last; unknown ones have -1.
    """
    import numpy as np
    import pandas as pd

    count = len(values)
    small = np.int8 if count < 127 else np.int16
    if isinstance(column.dtype, pd.CategoricalDtype):
        indices = {value: index for index, value in enumerate(values)}
        lookup = [indices.get(_scalar(value), -1) for value in column.cat.categories]
        return np.asarray([*lookup, count], dtype=small)[column.cat.codes.to_numpy()]
    missing = column.isna().to_numpy()
    if not count:
        return np.where(missing, 0, -1).astype(small)
    if kind_of(column.dtype) == "string":
        codes = _text_codes(column, values)
    else:
        if isinstance(values[0], str):
            column = column.astype("str")
        codes = pd.Index(values).get_indexer(pd.Index(column)).astype(small)
    if missing.any():
        codes[missing] = count
    return codes.astype(small, copy=False)


def _text_codes(column: pd.Series, values: list[Any]) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.array([str(value) for value in values])
    codes = pc.index_in(pa.array(column, from_pandas=True), known)
    # A chunked column returns chunks; both kinds convert to numpy in the same way.
    filled: np.ndarray = codes.fill_null(-1).to_numpy()
    return filled.copy()


def _reject_too_many(name: str, count: int, rows: int) -> None:
    if count > MOST_VALUES or count * rows > MOST_CELLS:
        raise ModuleError(
            "too-many-values",
            f"Column “{name}” has {count:,} distinct values; each would become a column.",
            "Exclude it, or group its values first.",
            parameter="columns",
            column=name,
        )


def _scalar(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _text(value: Any) -> str:
    return "Missing" if value is None else str(value)


def _compiled(fitted: Mapping[str, Any]) -> Callable[[Row, dict[str, Any]], None]:
    name, indicators = fitted["column"], fitted["indicators"]
    indices = {value: index for index, value in enumerate(fitted["values"])}
    text = any(isinstance(value, str) for value in indices)

    def encode(row: Row, result: dict[str, Any]) -> None:
        for indicator in indicators:
            result[indicator] = 0
        value = row[name]
        if value is None or value != value:
            index = len(indices)
        else:
            index = indices.get(str(value) if text else value, -1)
        if 0 <= index < len(indicators):
            result[indicators[index]] = 1

    return encode
