"""A module with a parameter of every kind, and helpers of the tests of its panel."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field as Info
from PySide6.QtTest import QTest

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    PathOf,
    Script,
    Secret,
    Text,
    When,
    module,
)
from modules.contract.columns import Column
from modules.contract.specification import specification


@module("Everything", outputs=("out",))
def everything(
    data: DataTable,
    *,
    switch: bool = False,
    count: Annotated[int, Info(ge=1, le=10, title="How many")] = 5,
    share: Annotated[float, Info(ge=0, le=1)] = 0.5,
    maybe: Annotated[float | None, Info(gt=0)] = None,
    mode: Literal["rows", "columns"] = "rows",
    only_rows: Annotated[str, When(mode="rows")] = "",
    label: Annotated[ColumnSelector, Columns("data", single=True)] = ColumnSelector(),
    chosen: Annotated[ColumnSelector, Columns("data")] = ColumnSelector(),
    words: Annotated[str, Text()] = "",
    code: Annotated[str, Script("python")] = "a = 1\n",
    path: Annotated[str, PathOf("read", (".csv",))] = "",
    password: Annotated[str, Secret()] = "",
    plain: list[int] = [],  # noqa: B006
    encoding: str = "auto",
    parts: tuple[Literal["year", "month", "day"], ...] = ("year", "month"),
) -> DataTable:
    """Have one parameter of every kind.

    Parameters
    ----------
    count
        The number of things.
    """
    return data


SPECS = {"everything": replace(specification(everything), id="everything")}


KNOWN = [Column("age", "integer"), Column("name", "string"), Column("price", "number", "label")]


def stored(panel) -> dict[str, Any]:
    return dict(panel.document.pipeline.nodes["everything"].parameters)


def type_into(widget, text: str) -> None:
    widget.setFocus()
    widget.selectAll()
    QTest.keyClicks(widget, text)
