"""The menus of a cell and of a column's header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from designer.app.shell import theme
from designer.app.views.table.filter_bar import value_text
from designer.engine.tables.row_filters import RowFilter
from designer.texts import tr
from modules.contract.columns import Column


@dataclass(frozen=True)
class TableActs:
    """What the menus do with a table.

    Parameters
    ----------
    sort : callable
        Accepts the name of a column, or None, and whether in descending order.
    add_filter : callable
        Accepts a condition.
    edit_filter, statistics, copy_column, pin : callable
        Accept the position of a column.
    """

    sort: Callable[[str | None, bool], None]
    add_filter: Callable[[RowFilter], None]
    edit_filter: Callable[[int], None]
    statistics: Callable[[int], None]
    copy_column: Callable[[int], object]
    pin: Callable[[int], None]


def add_cell_acts(menu: QMenu, acts: TableActs, column: Column, at: int, value: Any) -> None:
    """Add what can be done with a cell."""
    text = value_text(value).replace("&", "&&")
    menu.addAction(
        theme.icon("filter"),
        tr("Show only {text}").format(text=text),
        lambda: acts.add_filter(RowFilter(column.name, "in", (value,))),
    )
    menu.addAction(
        tr("Hide {text}").format(text=text),
        lambda: acts.add_filter(RowFilter(column.name, "not in", (value,))),
    )
    menu.addSeparator()
    add_order(menu, acts, column)
    menu.addAction(theme.icon("histogram"), tr("Statistics"), lambda: acts.statistics(at))


def column_menu(
    parent: QWidget, acts: TableActs, column: Column, at: int, *, ordered: bool, pinned: bool
) -> QMenu:
    """Return the menu of a column's header.

    Parameters
    ----------
    ordered : bool
        Whether the rows are sorted by any column.
    """
    menu = QMenu(parent)
    name = column.name
    add_order(menu, acts, column)
    if ordered:
        menu.addAction(tr("Original order"), lambda: acts.sort(None, False))
    menu.addSeparator()
    menu.addAction(theme.icon("filter"), tr("Filter…"), lambda: acts.edit_filter(at))
    menu.addAction(
        tr("Hide missing values"), lambda: acts.add_filter(RowFilter(name, "not in", (None,)))
    )
    menu.addAction(
        tr("Show only missing values"), lambda: acts.add_filter(RowFilter(name, "in", (None,)))
    )
    menu.addSeparator()
    menu.addAction(theme.icon("copy"), tr("Copy column"), lambda: acts.copy_column(at))
    pin = tr("Unpin column") if pinned else tr("Pin column")
    menu.addAction(theme.icon("pin"), pin, lambda: acts.pin(at))
    menu.addAction(theme.icon("histogram"), tr("Statistics"), lambda: acts.statistics(at))
    return menu


def add_order(menu: QMenu, acts: TableActs, column: Column) -> None:
    """Add the two orders by a column."""
    name = column.name
    menu.addAction(theme.icon("arrow-up"), tr("Sort ascending"), lambda: acts.sort(name, False))
    menu.addAction(theme.icon("arrow-down"), tr("Sort descending"), lambda: acts.sort(name, True))
