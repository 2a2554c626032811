"""The lineage of a result, model, endpoint, or dataset: drawn, and as a list with all facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent, QTransform
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QSplitter,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.lineage.lineage_scene import LineageScene, kind_title
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.views.message_view import MessageView
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.fields.nested_rows import NestedTree
from designer.composed_texts import in_language
from designer.texts import tr

_SMALLEST = 0.6
"""Of the usual size of the drawing."""

_ID = Qt.ItemDataRole.UserRole


class LineageDialog(QDialog):
    """A window that shows a lineage once it is known."""

    def __init__(self, subject: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Lineage of {subject}").format(subject=subject))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        usual_size(self, 940, 640)
        self.view = QGraphicsView()
        self.view.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.view.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.view.setAccessibleName(tr("Lineage, drawn"))
        # The list below shows the same, and has the keyboard.
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list = NestedTree()
        keep_directions(self.list)
        self.list.setHeaderLabels([tr("Item"), tr("Value")])
        self.list.setAccessibleName(tr("Lineage"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        fit_columns(header, (300,))
        self.list.currentItemChanged.connect(lambda *_: self._on_current())
        follow_selection(self.list)
        self.missing = QLabel()
        self.missing.setWordWrap(True)
        self.missing.setTextFormat(Qt.TextFormat.PlainText)
        self.missing.setProperty("role", "muted")
        self.missing.hide()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.view)
        splitter.addWidget(self.list)
        splitter.setSizes([260, 320])
        self.waiting = MessageView(tr("Reading the lineage…"), icon="clock")
        self._stack = QStackedLayout()
        self._stack.addWidget(self.waiting)
        self._stack.addWidget(splitter)
        buttons = dialog_buttons(self, QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(tr("Copy as text"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setEnabled(False)
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 10)
        layout.addLayout(self._stack, 1)
        layout.addWidget(self.missing)
        layout.addWidget(buttons)
        for each in (self.missing, buttons):
            each.setContentsMargins(12, 0, 12, 0)
        self._text = ""
        self.scene: LineageScene | None = None
        theme.notifier().changed.connect(self._on_theme)

    def show_lineage(self, lineage: Mapping[str, Any], text: str) -> None:
        """Show a lineage.

        Parameters
        ----------
        text : str
            The same as an outline, to be copied.
        """
        self._text = text
        lineage = _in_language(lineage)
        self.scene = LineageScene(lineage)
        self.scene.setParent(self)
        self.scene.chosen.connect(self._choose)
        self.view.setScene(self.scene)
        self._on_theme()
        near, far = ("from", "to") if lineage["forth"] else ("to", "from")
        below: dict[str, list[str]] = {}
        for link in lineage["links"]:
            below.setdefault(link[near], []).append(link[far])
        items = {item["id"]: item for item in lineage["items"]}

        def add(id: str, parent: QTreeWidgetItem | QTreeWidget) -> None:
            about = items[id]
            row = QTreeWidgetItem(parent, [kind_title(about["kind"]), about["title"]])
            row.setData(0, _ID, id)
            row.setToolTip(1, plain_tooltip(about["title"]))
            for label, value in about["facts"].items():
                fact = QTreeWidgetItem(row, [label, value])
                fact.setData(0, _ID, id)
                fact.setToolTip(1, plain_tooltip(value))
            for each in below.get(id, ()):
                add(each, row)

        # Rows that are added before the style sheet applies stay too low.
        self.list.ensurePolished()
        add(lineage["subject"], self.list)
        self.list.expandAll()
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        self.missing.setText("\n".join(lineage["missing"]))
        self.missing.setVisible(bool(lineage["missing"]))
        self.copy.setEnabled(True)
        self._stack.setCurrentIndex(1)
        self._fit()
        self.list.setFocus()

    def show_problem(self, message: str) -> None:
        """Show why there is no lineage."""
        problem = MessageView(tr("The lineage can't be read."), message)
        self._stack.addWidget(problem)
        self._stack.setCurrentWidget(problem)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show all of the drawing, as far as it stays legible."""
        super().resizeEvent(event)
        self._fit()

    def _choose(self, id: str) -> None:
        found = self.list.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)
        row = next((each for each in found if each.data(0, _ID) == id), None)
        if row is not None:
            self.list.setCurrentItem(row)
            self.list.scrollToItem(row)

    def _on_current(self) -> None:
        item = self.list.currentItem()
        if self.scene is not None and item is not None:
            id = item.data(0, _ID)
            self.scene.select(id)
            self.view.ensureVisible(self.scene.boxes[id])

    def _on_theme(self) -> None:
        if self.scene is not None:
            self.scene.arrange()
            self.scene.setBackgroundBrush(QColor(theme.current().canvas))
            self.scene.setSceneRect(self.scene.itemsBoundingRect().adjusted(-24, -24, 24, 24))
            self._fit()

    def _fit(self) -> None:
        if self.scene is not None:
            room = self.view.viewport().width() / max(1.0, self.scene.sceneRect().width())
            scale = min(1.0, max(_SMALLEST, room))
            self.view.setTransform(QTransform.fromScale(scale, scale))

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text)


def _in_language(lineage: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lineage with labels, states, and reasons in the language of the window."""
    items = []
    for item in lineage["items"]:
        facts = {
            # A step has its own fact, which is called like it.
            (in_language(label) if label[:1].isupper() else label): (
                in_language(value) if label in _OF_WORDS else value
            )
            for label, value in item["facts"].items()
        }
        title = in_language(item["title"]) if item["kind"] == "code" else item["title"]
        items.append({**item, "title": title, "facts": facts})
    return {**lineage, "items": items, "missing": list(map(in_language, lineage["missing"]))}


_OF_WORDS = ("Status", "Stored", "Now")
"""Facts whose values are words, and not names."""
