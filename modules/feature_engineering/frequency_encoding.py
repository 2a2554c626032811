"""Frequency Encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import (
    ColumnRule,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.registry.automated import Preparation
from modules.contract.value import Row, RowFunction
from modules.tables.automated import many_valued_features
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import free_name, rebuilt, without_categories, wrong_kind
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_FEATURES = ColumnSelector(
    (
        ColumnRule("types", ("string", "categorical")),
        ColumnRule("roles", (Role.LABEL, Role.SCORE, Role.WEIGHT), exclude=True),
    )
)


def _automated(table: DataTable, label: str) -> list[dict[str, Any]]:
    names = many_valued_features(table, label)
    return [{"columns": names, "overwrite": False}] if names else []


def _code(step: CodeStep) -> None:
    given = step.columns("columns", "dataset") + arguments(step, "measure", "overwrite")
    write_fitted(step, fit_frequencies, Frequencies, port="encoding_transformation", given=given)


@module(
    "Frequency Encoding",
    outputs=("results_dataset", "encoding_transformation"),
    keywords=("count encoding", "high cardinality", "categorical", "encode", "rare values"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
    code=_code,
    automated=Preparation(20, _automated),
)
def frequency_encoding(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to encode"),
        Columns(of="dataset", kinds=("categorical", "string", "boolean", "integer")),
    ] = _FEATURES,
    measure: Literal["share", "count"] = "share",
    overwrite: Annotated[bool, Field(title="Overwrite columns")] = True,
) -> tuple[DataTable, Transformation]:
    """Replace each value of a categorical column with how often it occurs.

    For columns with many values, such as postal codes, where one column per value would be too
    many, and where it matters whether a value is common or rare. It doesn't use the label.

    Parameters
    ----------
    dataset : DataTable
        A table with text or categories.
    columns : ColumnSelector
        The columns to encode, by default all text and categories but the label.
    measure : str
        The share of the rows that have the value, or their number.
    overwrite : bool
        Replace the columns; otherwise ``<name> frequency`` is added for each.

    Returns
    -------
    results_dataset : DataTable
        The table with the encoded columns.
    encoding_transformation : Transformation
        Encodes new data with the frequencies of this dataset.

    Notes
    -----
    Equal to ``column.map(column.value_counts(normalize=True, dropna=False))`` of pandas. Missing
    is treated as one more value. A value that isn't in this dataset becomes 0. Values that are
    equally frequent can't be distinguished afterwards.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    dataset.require_rows(1, port="dataset")
    kinds = {column.name: column.kind for column in dataset.columns}
    for name in names:
        if kinds[name] in ("number", "datetime"):
            raise wrong_kind(
                name,
                kinds[name],
                "categories are required",
                parameter="columns",
                hint="Group the values into bins first, or choose other columns.",
            )
    fitted = Frequencies(
        **fit_frequencies(dataset.frame, names, measure=measure, overwrite=overwrite)
    )
    return fitted.apply(dataset), fitted


def fit_frequencies(
    frame: pd.DataFrame, names: list[str], *, measure: str = "share", overwrite: bool = True
) -> dict[str, Any]:
    """Return the frequency of each value of the columns, the most frequent first."""
    taken = set(frame.columns)
    fitted = []
    for name in names:
        column = without_categories(frame[name])
        counts = column.value_counts()
        divisor = len(column) if measure == "share" else 1
        output = name
        if not overwrite:
            output = free_name(f"{name} frequency", taken)
            taken.add(output)
        fitted.append(
            {
                "column": name,
                "output": output,
                "values": [
                    value.item() if hasattr(value, "item") else value for value in counts.index
                ],
                "frequencies": [int(count) / divisor for count in counts],
                "missing": int(column.isna().sum()) / divisor,
            }
        )
    return {"columns": fitted}


def encode_frequencies(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with the frequencies of values."""
    changed = {
        entry["output"]: _encoded(frame[entry["column"]], entry) for entry in fitted["columns"]
    }
    added = {name: values for name, values in changed.items() if name not in frame.columns}
    return rebuilt(frame, changed=changed, appended=added)


@dataclass(frozen=True, eq=False)
class Frequencies(Transformation):
    """How often each value occurred, as found by Frequency Encoding.

    Parameters
    ----------
    columns : list of dict
        ``column``, the ``output`` column, the ``values`` with their ``frequencies``, and the
        frequency of ``missing`` values.
    """

    title: ClassVar[str] = "Frequencies"
    on_frames = staticmethod(encode_frequencies)

    columns: list[dict[str, Any]]

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the frequencies; see :class:`Transformation`."""
        table.require(entry["column"] for entry in self.columns)
        for entry in self.columns:
            _check_kind(table, entry)
        return table.with_frame(encode_frequencies(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        steps = [
            (
                entry["column"],
                entry["output"],
                dict(zip(entry["values"], entry["frequencies"], strict=True)),
                entry["missing"],
            )
            for entry in self.columns
        ]

        def encode(row: Row) -> dict[str, Any]:
            result = dict(row)
            for name, output, known, missing in steps:
                value = row[name]
                result[output] = (
                    missing if value is None or value != value else known.get(value, 0.0)
                )
            return result

        return encode

    def describe(self) -> pd.DataFrame:
        """Return one row for each value."""
        import pandas as pd

        rows = [
            (entry["column"], text, frequency)
            for entry in self.columns
            for text, frequency in [
                *zip(map(str, entry["values"]), entry["frequencies"], strict=True),
                ("(missing)", entry["missing"]),
            ]
        ]
        frame = pd.DataFrame(rows, columns=["Column", "Value", "Frequency"])
        return frame.astype({"Column": "str", "Value": "str", "Frequency": float})


def _encoded(column: pd.Series, fitted: Mapping[str, Any]) -> np.ndarray:
    import numpy as np
    import pandas as pd

    column = without_categories(column)
    frequencies = np.array([*fitted["frequencies"], 0.0])
    if fitted["values"]:
        codes = pd.Index(fitted["values"]).get_indexer(pd.Index(column.astype(object)))
    else:
        codes = np.full(len(column), -1)
    found: np.ndarray = np.where(column.isna().to_numpy(), fitted["missing"], frequencies[codes])
    return found


def _check_kind(table: DataTable, fitted: Mapping[str, Any]) -> None:
    """Raise a ModuleError for numbers where the fitted values are text."""
    name = fitted["column"]
    kind = kind_of(without_categories(table.frame[name]).dtype)
    texts = any(isinstance(value, str) for value in fitted["values"])
    if texts and kind != "string" and table.frame[name].notna().any():
        raise ModuleError(
            "column-type",
            f"Column “{name}” doesn't contain text, but the frequencies are those of text.",
            "Change the type with Edit Metadata.",
            column=name,
        )
