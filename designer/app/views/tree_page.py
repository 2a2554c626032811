"""The trees of a model one by one, with the path of a row through the one that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import image_export
from designer.app.views.background import Caller, Task, Tasks
from designer.app.views.charts.tree_canvas import SUMMED, TreeCanvas
from designer.app.widgets.fields.number_box import WholeBox
from designer.texts import filled, tr
from modules.scoring.tree_path import tree_path
from modules.values.drawn_tree import DrawnTree

_DEPTH = 3


class TreePage(QWidget):
    """Shows a tree at a time; a worker reads it.

    Parameters
    ----------
    folder : Path
        The stored model.
    count : int
        Of its trees.
    title : str
        Proposed as the name of an image.

    Attributes
    ----------
    number, levels : QSpinBox
        Which tree, and how deep it is shown.
    canvas : TreeCanvas
    path : QLabel
        What the tree predicts for the row, or what is wrong with it.
    """

    def __init__(
        self,
        folder: Path,
        count: int,
        title: str,
        engine: Caller | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder, self._title = folder, title
        self._row: Mapping[str, Any] | None = None
        self._tasks = Tasks(self, engine)
        self._task: Task | None = None
        self._shown = False
        self.number, self.levels = WholeBox(), WholeBox()
        self.number.setRange(1, count)
        self.number.setAccessibleName(tr("Tree number"))
        self.number.setSuffix(filled(tr(" of {count:,}"), count=count))
        self.number.setKeyboardTracking(False)
        self.levels.setRange(1, 99)
        self.levels.setValue(_DEPTH)
        self.levels.setAccessibleName(tr("Depth"))
        self.canvas = TreeCanvas()
        self.path = QLabel(tr("Reading the tree…"))
        self.path.setTextFormat(Qt.TextFormat.PlainText)
        self.path.setProperty("role", "muted")
        self.path.setWordWrap(True)
        self.number.valueChanged.connect(lambda _: self._read())
        self.levels.valueChanged.connect(self.canvas.set_depth)
        self._build()

    def show_row(self, row: Mapping[str, Any]) -> None:
        """Show the path of another row."""
        self._row = row
        if self._shown:
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the first tree when the page is shown for the first time."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._read()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 12, 6)
        head.setSpacing(8)
        for text, box in ((tr("Tree"), self.number), (tr("Depth"), self.levels)):
            label = QLabel(text)
            label.setBuddy(box)
            head.addWidget(label)
            head.addWidget(box)
        head.addStretch(1)
        save = QToolButton()
        save.setIcon(theme.icon("save"))
        save.setToolTip(tr("Save image"))
        save.setAccessibleName(tr("Save image of the tree"))
        save.clicked.connect(self._save)
        head.addWidget(save)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.canvas)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.canvas.marked.connect(self._reveal)
        line = QHBoxLayout()
        line.setContentsMargins(12, 0, 12, 6)
        line.addWidget(self.path)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(line)
        column.addWidget(self._scroll, 1)

    def _read(self) -> None:
        if self._task is not None:
            # Only the last choice counts.
            self._task.drop()
        self._task = self._tasks.run(
            tree_path,
            self._folder,
            self.number.value(),
            self._row,
            done=partial(self._take, self._row is None),
            failed=lambda message, hint: self.path.setText(f"{message} {hint}".strip()),
        )

    def _take(self, average: bool, tree: DrawnTree) -> None:
        self.canvas.show_tree(tree)
        self.levels.setMaximum(max(self.canvas.deepest, 1))
        leaf = tree.nodes[tree.path[-1]]
        output = tr(" for “{output}”").format(output=tree.output) if tree.output else ""
        found = f"{leaf.value}{output}"
        text = (
            tr("The bold path is that of the average row: {found}.")
            if average
            else tr("The bold path is that of the row of the tab “What if”: {found}.")
        )
        text = text.format(found=found)
        if tree.model:
            text += " " + tr("The tree belongs to the model “{model}”.").format(model=tree.model)
        self.path.setText(f"{text} {SUMMED}" if tree.summed else text)
        boxes = self.canvas.boxes
        self._reveal(boxes[0])

    def _reveal(self, box: QRectF) -> None:
        center = box.center().toPoint()
        self._scroll.ensureVisible(center.x(), center.y(), round(box.width()), round(box.height()))

    def _save(self) -> None:
        name = tr("{title}, tree {value}").format(title=self._title, value=self.number.value())
        message = image_export.ask_and_save(self.canvas, name)
        if message:
            self.path.setText(message)
