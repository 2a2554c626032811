"""Unpivot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep, TableFacts
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.contract.normalize_frame import set_columns
from modules.tables.frames import free_name, warn_of_lost_digits, without_categories

if TYPE_CHECKING:
    import pandas as pd

_NUMERIC = ("integer", "number", "boolean")
_TEXT = ("string", "categorical")


def _code(step: CodeStep) -> None:
    given = [step.columns("columns", "dataset"), step.source("name_column")]
    given += [step.source("value_column"), step.source("drop_missing")]
    step.write(
        f"{step.outputs[0]} = {step.helper(unpivoted)}({step.inputs['dataset']}, "
        f"{', '.join(given)})"
    )
    facts: TableFacts = step.facts("dataset")
    step.know("results_dataset", TableFacts(facts.roles))


@module(
    "Unpivot",
    outputs=("results_dataset",),
    keywords=("melt", "long", "reshape", "gather", "stack"),
    requires=("pandas",),
    when_serving=Serving.MERGES_ROWS,
    row="a row becomes several",
    code=_code,
)
def unpivot(
    dataset: DataTable,
    *,
    columns: Annotated[ColumnSelector, Field(title="Columns to unpivot"), Columns(of="dataset")],
    name_column: Annotated[str, Field(title="Column of names")] = "Name",
    value_column: Annotated[str, Field(title="Column of values")] = "Value",
    drop_missing: Annotated[bool, Field(title="Drop rows without a value")] = False,
) -> DataTable:
    """Turn columns into rows: from a wide table to a long one.

    Parameters
    ----------
    dataset : DataTable
        A wide table: a column for each month, for example.
    columns : ColumnSelector
        The columns that become rows. All others are repeated.
    name_column : str
        The new column with the names of the columns.
    value_column : str
        The new column with their values.
    drop_missing : bool
        Leave out rows whose value is missing.

    Returns
    -------
    results_dataset : DataTable
        For each column all rows, in the order of the columns.

    Notes
    -----
    The columns have to be of one type: numbers and booleans together are numbers, text and
    categories together are text. Times get the time zone of the first column. Pivot does the
    opposite.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    result = unpivoted(dataset.frame, names, name_column, value_column, drop_missing)
    return dataset.with_frame(result)


def unpivoted(
    frame: pd.DataFrame, columns: list[str], name: str, value: str, drop_missing: bool
) -> pd.DataFrame:
    """Return a frame with a row for each value of the columns."""
    columns = list(dict.fromkeys(columns))
    parts = [without_categories(frame[each]) for each in columns]
    kinds = [kind_of(part.dtype) for part in parts]
    if set(kinds) & set(_NUMERIC) and len(set(kinds)) > 1:
        parts = [
            part.astype("float64") if kind == "boolean" else part
            for part, kind in zip(parts, kinds, strict=True)
        ]
    first = kinds[0]
    for each, kind in zip(columns, kinds, strict=True):
        alike = (kind in _NUMERIC) == (first in _NUMERIC) and (kind in _TEXT) == (first in _TEXT)
        if not alike:
            raise ModuleError(
                "types-differ",
                f"Column “{each}” contains {KIND_LABELS[kind]}, but “{columns[0]}” "
                f"contains {KIND_LABELS[first]}.",
                "Choose columns of one type, or convert them with Edit Metadata.",
                parameter="columns",
                column=each,
            )
    if first == "datetime":
        parts = _in_one_zone(columns, parts)
    kept = [each for each in frame.columns if each not in columns]
    taken = list(kept)
    titles = []
    for title in (name.strip() or "Name", value.strip() or "Value"):
        titles.append(free_name(title, taken))
        taken.append(titles[-1])
    whole = set_columns(frame, dict(zip(columns, parts, strict=True)))
    result = whole.melt(kept, columns, var_name=titles[0], value_name=titles[1])
    if kind_of(result[titles[1]].dtype) == "number":
        warn_of_lost_digits(titles[1], *parts)
    if result[titles[0]].dtype != "str":
        result = result.astype({titles[0]: "str"})
    return result.dropna(subset=titles[1:], ignore_index=True) if drop_missing else result


def _in_one_zone(columns: list[str], parts: list[pd.Series]) -> list[pd.Series]:
    """Return columns of times in the time zone of the first."""
    zone = parts[0].dt.tz
    for each, part in zip(columns, parts, strict=True):
        if (part.dt.tz is None) != (zone is None):
            raise ModuleError(
                "types-differ",
                f"Of the columns “{columns[0]}” and “{each}” only one has a time zone.",
                "Choose columns of one type, or convert them with Edit Metadata.",
                parameter="columns",
                column=each,
            )
    return parts if zone is None else [part.dt.tz_convert(zone) for part in parts]
