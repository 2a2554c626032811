"""The menu of a cell of a table, and what a model predicts if values of its row are changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu

from designer.app.views.background import Caller
from designer.app.views.registry import StoredModel
from designer.app.views.table.bar import TableBar
from designer.app.views.table.grid import TableGrid
from designer.app.views.table.what_if_window import WhatIfWindow
from designer.app.views.what_if_page import StartRow
from designer.texts import tr


class RowQuestions(QObject):
    """Asks models about the current row of a grid.

    Parameters
    ----------
    folder : Path
        Where the table is stored.
    models : sequence of StoredModel
        Without one, none can be asked.
    add_cell_acts : callable
        Adds what can be done with the current cell to its menu.
    """

    def __init__(
        self,
        grid: TableGrid,
        bar: TableBar,
        folder: Path,
        models: Sequence[StoredModel],
        engine: Caller | None,
        add_cell_acts: Callable[[QMenu], object],
    ) -> None:
        super().__init__(grid)
        self._grid = grid
        self._bar = bar
        self._folder = folder
        self._models = models
        self._engine = engine
        self._add_cell_acts = add_cell_acts
        bar.what_if.setVisible(bool(models))
        bar.what_if.triggered.connect(self._choose)
        grid.menu_asked.connect(self._show_menu)

    def _show_menu(self, at: QPoint) -> None:
        if not self._grid.table_model.rowCount():
            return
        menu = self._menu()
        menu.addAction(self._bar.copy)
        if len(self._models) == 1:
            menu.addAction(self._bar.what_if)
        elif self._models:
            self._add_models(menu.addMenu(self._bar.what_if.icon(), tr("What if…")))
        menu.addSeparator()
        self._add_cell_acts(menu)
        menu.popup(at)

    def _choose(self) -> None:
        """Ask the only model, or show the choice of them."""
        if not self._grid.currentIndex().isValid():
            self._bar.show_message(tr("Choose a row first."))
        elif len(self._models) == 1:
            self._ask(self._models[0])
        else:
            menu = self._menu()
            self._add_models(menu)
            corner = self._grid.visualRect(self._grid.currentIndex()).bottomLeft()
            menu.popup(self._grid.viewport().mapToGlobal(corner))

    def _menu(self) -> QMenu:
        menu = QMenu(self._grid)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _add_models(self, menu: QMenu) -> None:
        for model in self._models:
            menu.addAction(model.title.replace("&", "&&"), partial(self._ask, model))

    def _ask(self, model: StoredModel) -> None:
        position = self._grid.table_model.position(self._grid.currentIndex().row())
        start = StartRow(self._folder, position)
        WhatIfWindow(model, start, self._engine, self._grid.window()).show()
