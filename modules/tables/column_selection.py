"""A selection of columns as a fitted transformation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from modules.contract import DataTable
from modules.contract.value import Row, RowFunction
from modules.values import Transformation

if TYPE_CHECKING:
    import pandas as pd


def selected(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the selected columns of a frame; labels may be missing."""
    names = [
        name for name in fitted["columns"] if name in frame.columns or name not in fitted["labels"]
    ]
    return frame[names]


@dataclass(frozen=True, eq=False)
class ColumnSelection(Transformation):
    """Keep the columns that a dataset had, in its order.

    Parameters
    ----------
    columns : list of str
        The names of the columns.
    labels : list of str
        Those among them that new data may lack, since it is to be predicted.
    """

    title: ClassVar[str] = "Column selection"

    columns: list[str]
    labels: list[str]

    on_frames = staticmethod(selected)

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the selected columns; see :class:`Transformation`."""
        known = set(table.names)
        names = [name for name in self.columns if name in known or name not in self.labels]
        table.require(names)
        return table.select(names)

    def compile(self) -> RowFunction | None:
        """Return a row function."""
        needed = {name for name in self.columns if name not in self.labels}

        def select(row: Row) -> dict[str, Any]:
            return {name: row[name] for name in self.columns if name in needed or name in row}

        return select

    def describe(self) -> pd.DataFrame:
        """Return the columns, and whether new data may lack them."""
        import pandas as pd

        rows = [(name, name in self.labels) for name in self.columns]
        frame = pd.DataFrame(rows, columns=["Column", "Optional"])
        return frame.astype({"Column": "str", "Optional": bool})
