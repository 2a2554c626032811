"""How missing columns are added in code without this project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def fill_columns(
    frame: pd.DataFrame, values: Mapping[str, tuple[str, Any]], order: Sequence[str] = ()
) -> pd.DataFrame:
    """Return a frame with missing columns added, and missing values of the others filled.

    Parameters
    ----------
    values : mapping of str to tuple of (str, object)
        By column: the type of a column to add, and its value.
    order : sequence of str
        The names of the first columns.
    """
    import pandas as pd

    columns = {str(name): frame[name] for name in frame}
    for name, (dtype, value) in values.items():
        if name not in columns or (len(frame) and columns[name].isna().all()):
            columns[name] = pd.Series([value] * len(frame), index=frame.index, dtype=dtype)
        elif columns[name].isna().any():
            column = columns[name]
            if isinstance(column.dtype, pd.CategoricalDtype) and value not in column.cat.categories:
                column = column.cat.add_categories([value])
            columns[name] = column.fillna(value)
    names = [name for name in order if name in columns]
    names += [name for name in columns if name not in names]
    return pd.DataFrame({name: columns[name] for name in names}, index=frame.index)
