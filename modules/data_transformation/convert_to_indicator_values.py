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
from modules.contract.columns import Column
from modules.contract.data_table import kind_of
from modules.contract.value import Row, RowFunction
from modules.data_transformation._frames import beside, free_name, wrong_kind
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_VALUES = 10_000
"""Different values of a column beyond which indicators are refused."""

MOST_CELLS = 4_000_000_000
"""Indicator cells (bytes) beyond which they are refused."""


@module(
    "Convert to Indicator Values",
    outputs=("results_dataset", "indicator_values_transformation"),
    keywords=("one-hot", "dummy", "encode", "categorical", "get_dummies"),
    requires=("pandas", "numpy", "pyarrow"),
    when_serving=Serving.AS_FITTED,
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
    """Turn each value of a categorical column into a column of ones and zeros.

    A column ``colour`` with the values red and green becomes ``colour-green`` and
    ``colour-red``. Learners encode text and categories by themselves; this is for scripts, for
    sums and means of single values, and for a choice of which columns to encode.

    The values that were seen go out as a transformation, so that new data gets the same
    columns.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to convert: categories, texts, true and false, or whole numbers that
        stand for categories.
    overwrite : bool
        Leave the converted columns out of the result.

    Returns
    -------
    results_dataset : DataTable
        The table with the indicator columns at its end.
    indicator_values_transformation : Transformation
        Gives new data the same columns; a value that is new there is zero in all of them.

    Notes
    -----
    The indicators of a column come in the sorted order of its values and are whole numbers
    of one byte; their values equal those of ``pandas.get_dummies``. A column with missing
    values also gets ``<name>-Missing``.

    Azure ML designer accepts only columns marked as categorical with Edit Metadata; here text
    columns are accepted too. A text label is one of them: leave it out, since its indicators
    leak the label.
    """
    names = columns.resolve(dataset.columns, parameter="columns", allow_empty=True)
    if not names:
        if not columns.is_empty:
            warn("No column is categorical or text; nothing was converted.")
        else:
            columns.resolve(dataset.columns, parameter="columns")
    for name in set(names) & set(dataset.having_role(Role.LABEL)):
        warn(f"“{name}” is the label; indicators made from it give the answer away.")
    kinds = {column.name: column for column in dataset.columns}
    taken = set(dataset.names)
    learnt = []
    for name in names:
        values, has_missing = _values(dataset.frame[name], kinds[name])
        _refuse_too_many(name, len(values), len(dataset))
        indicators = []
        for value in [*values, None] if has_missing else values:
            indicators.append(free_name(f"{name}-{_text(value)}", taken))
            taken.add(indicators[-1])
        learnt.append(
            {"column": name, "values": values, "missing": has_missing, "indicators": indicators}
        )
    encoding = IndicatorValues(columns=learnt, overwrite=overwrite)
    return encoding.apply(dataset), encoding


@dataclass(frozen=True, eq=False)
class IndicatorValues(Transformation):
    """The values that Convert to Indicator Values found.

    Parameters
    ----------
    columns : list of dict
        ``column``, its ``values`` (JSON scalars, sorted), ``missing`` (whether missing
        ones have an indicator too) and the names of the ``indicators`` in that order.
    overwrite : bool
        The converted columns are left out.
    """

    title: ClassVar[str] = "Indicator values"

    columns: list[dict[str, Any]]
    overwrite: bool = False

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with indicators; see :class:`Transformation`."""
        import numpy as np

        names = [learnt["column"] for learnt in self.columns]
        table.require(names)
        frame = table.frame
        indicators = [name for learnt in self.columns for name in learnt["indicators"]]
        matrix = np.empty((len(indicators), len(frame)), dtype=bool)
        row = 0
        for learnt in self.columns:
            codes = _codes(frame[learnt["column"]], learnt["values"])
            for place in range(len(learnt["indicators"])):
                np.equal(codes, place, out=matrix[row])
                row += 1
        kept = frame.drop(columns=names) if self.overwrite else frame
        return table.with_frame(beside(kept, matrix.view("uint8"), indicators))

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        encoders = [_compiled(learnt) for learnt in self.columns]
        dropped = frozenset(learnt["column"] for learnt in self.columns if self.overwrite)

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
            (learnt["column"], _text(value), indicator)
            for learnt in self.columns
            for value, indicator in zip(
                [*learnt["values"], None], learnt["indicators"], strict=False
            )
        ]
        return pd.DataFrame(rows, columns=["Column", "Value", "Indicator"], dtype="str")


def _values(column: pd.Series, known: Column) -> tuple[list[Any], bool]:
    """Return the sorted distinct values as JSON scalars, and whether any is missing."""
    import pandas as pd

    if known.kind in ("number", "datetime"):
        raise wrong_kind(
            known.name,
            known.kind,
            "categories are needed",
            parameter="columns",
            hint="Group the values into bins, or mark the column as categorical, before.",
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        distinct = pd.Series(column.cat.remove_unused_categories().cat.categories)
    else:
        distinct = pd.Series(column.unique())
    has_missing = bool(column.isna().any())
    values = [_scalar(value) for value in distinct.dropna()]
    return sorted(values, key=lambda value: (isinstance(value, str), value)), has_missing


def _codes(column: pd.Series, values: list[Any]) -> np.ndarray:
    """Return the place of each value among the known ones.

    Missing values have the place after the last; unknown ones have -1.
    """
    import numpy as np
    import pandas as pd

    count = len(values)
    small = np.int8 if count < 127 else np.int16
    if isinstance(column.dtype, pd.CategoricalDtype):
        places = {value: place for place, value in enumerate(values)}
        lookup = [places.get(_scalar(value), -1) for value in column.cat.categories]
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
    # A column of several pieces gives several pieces; both kinds go to numpy alike.
    filled: np.ndarray = codes.fill_null(-1).to_numpy()
    return filled.copy()


def _refuse_too_many(name: str, count: int, rows: int) -> None:
    if count > MOST_VALUES or count * rows > MOST_CELLS:
        raise ModuleError(
            "too-many-values",
            f"Column “{name}” has {count:,} different values; each would become a column.",
            "Leave it out, or group its values before.",
            parameter="columns",
            column=name,
        )


def _scalar(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _text(value: Any) -> str:
    return "Missing" if value is None else str(value)


def _compiled(learnt: Mapping[str, Any]) -> Callable[[Row, dict[str, Any]], None]:
    name, indicators = learnt["column"], learnt["indicators"]
    places = {value: place for place, value in enumerate(learnt["values"])}
    text = any(isinstance(value, str) for value in places)

    def encode(row: Row, result: dict[str, Any]) -> None:
        for indicator in indicators:
            result[indicator] = 0
        value = row[name]
        if value is None or value != value:
            place = len(places)
        else:
            place = places.get(str(value) if text else value, -1)
        if 0 <= place < len(indicators):
            result[indicators[place]] = 1

    return encode
