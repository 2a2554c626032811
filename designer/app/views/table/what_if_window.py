"""A window in which values of a row are changed, and its path through the trees of the model."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QTabWidget, QVBoxLayout, QWidget

from designer.app.views.background import Caller
from designer.app.views.registry import StoredModel
from designer.app.views.tree_page import TreePage
from designer.app.views.what_if_page import StartRow, WhatIfPage
from designer.texts import filled, tr


class WhatIfWindow(QDialog):
    """Shows what a model predicts if values of a row are changed."""

    def __init__(
        self, model: StoredModel, start: StartRow, engine: Caller | None, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = filled(
            tr("What if: row {position:,}, {title}"), position=start.position + 1, title=model.title
        )
        self.setWindowTitle(f"{title} – ModelDesk")
        self._model = model
        self._name = title.replace(":", "")
        self._engine = engine
        self.page = WhatIfPage(model.folder, self._name, engine, start)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.page, tr("What if"))
        self.tabs.tabBar().hide()
        # Tab would stop at the tabs also while their bar is hidden.
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.page.opened.connect(self._add_trees)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.setFocusProxy(self.page.form)
        self.resize(900, 600)

    @Slot(int)
    def _add_trees(self, count: int) -> None:
        if count:
            trees = TreePage(self._model.folder, count, self._name, self._engine)
            self.page.predicted.connect(trees.show_row)
            self.tabs.addTab(trees, tr("Trees") if count > 1 else tr("Tree"))
            self.tabs.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.tabs.tabBar().show()
