"""Add Rows."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.tables.frames import warn_of_lost_digits

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = {"integer", "number"}
_TEXTS = {"string", "categorical"}


def _code(step: CodeStep) -> None:
    frames = ", ".join(step.inputs.values())
    step.write(f"{step.outputs[0]} = {step.helper(stack)}({frames})")


@module(
    "Add Rows",
    outputs=("results_dataset",),
    keywords=("append", "concatenate", "union", "stack", "combine", "below"),
    requires=("pandas",),
    when_serving=Serving.MERGES_ROWS,
    code=_code,
    row="its rows don't all come from the request",
)
def add_rows(dataset1: DataTable, dataset2: DataTable) -> DataTable:
    """Append the rows of a second dataset to those of a first.

    Parameters
    ----------
    dataset1 : DataTable
        The table whose rows come first.
    dataset2 : DataTable
        The table whose rows follow. It has the same columns, in any order.

    Returns
    -------
    results_dataset : DataTable
        All rows, with the columns in the order of the first table and its roles.

    Notes
    -----
    Columns with the same name must have the same type. Integers and numbers are combined to
    numbers, and categories have the values of both; times are converted to the first
    table's time zone; a column with no values matches any type. Azure ML designer also
    requires the same column order.
    """
    return dataset1.with_frame(stack(dataset1.frame, dataset2.frame))


def stack(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of two frames with the same columns, in the order of the first."""
    import pandas as pd

    missing = [name for name in first.columns if name not in second.columns]
    further = [name for name in second.columns if name not in first.columns]
    if missing or further:
        name, has, lacks = (
            (missing[0], "first", "second") if missing else (further[0], "second", "first")
        )
        raise ModuleError(
            "columns-differ",
            f"The {has} dataset has a column “{name}” that is missing in the {lacks} one.",
            _how_to_agree(name, further if missing else missing),
            port="dataset2",
            column=name,
        )
    names = first.columns.tolist()
    second = second if second.columns.tolist() == names else second[names]
    types = first.dtypes.tolist()
    if types == second.dtypes.tolist() and "categorical" not in map(kind_of, types):
        # All at once, which is quicker than column by column.
        return pd.concat([first, second], ignore_index=True)
    columns = {name: _stacked(first[name], second[name]) for name in names}
    return pd.DataFrame(columns, copy=False)


def _how_to_agree(name: str, others: list[str]) -> str:
    close = difflib.get_close_matches(name.casefold(), [other.casefold() for other in others], n=1)
    meant = next((other for other in others if close and other.casefold() == close[0]), None)
    if meant is not None:
        return f"If “{meant}” is the same, rename it with Edit Metadata."
    return "Use the same columns in both, for example with Select Columns in Dataset."


def _stacked(first: pd.Series, second: pd.Series) -> pd.Series:
    import pandas as pd

    kinds = [kind_of(column.dtype) for column in (first, second)]
    if kinds == ["categorical", "categorical"]:
        inner = [kind_of(column.cat.categories.dtype) for column in (first, second)]
        if inner[0] != inner[1] and not set(inner) <= _NUMBERS:
            labels = (f"categories of {KIND_LABELS[kind]}" for kind in inner)
            raise _types_differ(str(first.name), *labels)
        union = first.cat.categories.union(second.cat.categories, sort=False)
        shared = pd.CategoricalDtype(union)
        first, second = first.astype(shared), second.astype(shared)
    elif kinds[0] != kinds[1]:
        first, second = _same_kind(first, second, kinds)
    elif kinds[0] == "datetime" and (first.dt.tz is None) != (second.dt.tz is None):
        kinds = [
            f"times {'without' if c.dt.tz is None else 'with'} a zone" for c in (first, second)
        ]
        raise _types_differ(str(first.name), *kinds)
    elif kinds[0] == "datetime" and first.dt.tz is not None:
        # Different zones don't have a common type; the instants don't change.
        second = second.dt.tz_convert(first.dt.tz)
    result = pd.concat([first, second], ignore_index=True)
    if kind_of(result.dtype) == "number":
        warn_of_lost_digits(str(first.name), first, second)
    return result


def _same_kind(
    first: pd.Series, second: pd.Series, kinds: list[str]
) -> tuple[pd.Series, pd.Series]:
    import pandas as pd

    if set(kinds) == _NUMBERS:
        return first, second
    if second.isna().all() or first.isna().all():
        model = first if second.isna().all() else second
        dtype: Any = model.dtype
        empty = second if model is first else first
        # Use a type that supports missing values only if there are some.
        if len(empty) and kind_of(dtype) in ("integer", "number"):
            dtype = "float64"
        elif len(empty) and kind_of(dtype) == "boolean":
            dtype = "boolean"
        filled = pd.Series([None] * len(empty), dtype=dtype)
        return (first, filled) if model is first else (filled, second)
    texts = [
        kind == "string" or (kind == "categorical" and kind_of(c.cat.categories.dtype) == "string")
        for kind, c in zip(kinds, (first, second), strict=True)
    ]
    if set(kinds) == _TEXTS and all(texts):
        return first.astype("str"), second.astype("str")
    raise _types_differ(str(first.name), *(KIND_LABELS[kind] for kind in kinds))


def _types_differ(name: str, first: str, second: str) -> ModuleError:
    return ModuleError(
        "column-types-differ",
        f"Column “{name}” contains {first} in the first dataset and {second} in the second.",
        "Convert both to the same type with Edit Metadata.",
        port="dataset2",
        column=name,
    )
