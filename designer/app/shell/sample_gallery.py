"""The samples of the start page, found by task and by search."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.shell.samples import WIDTH, SampleCard, find_samples
from designer.app.widgets.fields.line_buttons import add_icon, let_clear
from designer.app.widgets.flow_layout import FlowLayout
from designer.app.widgets.search import ranked
from designer.app.widgets.text_scale import scaled
from designer.texts import tr
from modules.contract import ModuleSpec

ALL = tr("All")


class SampleGallery(QWidget):
    """A search field, one button per task, and the cards of the samples that match.

    Parameters
    ----------
    folder : Path
        The folder of the samples.
    """

    chosen = Signal(Path)

    def __init__(self, folder: Path, specs: Mapping[str, ModuleSpec]) -> None:
        super().__init__()
        found = find_samples(folder, specs)
        self.cards = [SampleCard(sample, specs) for sample in found]
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search samples"))
        self.search.setAccessibleName(tr("Search samples"))
        let_clear(self.search)
        add_icon(self.search, theme.icon("search", "text_muted"))
        self.search.setFixedWidth(scaled(WIDTH))
        self.search.textChanged.connect(self._show_matching)
        self._group = QButtonGroup(self)
        order = dict.fromkeys(
            tr(spec.category.task) for spec in specs.values() if spec.category.task
        )
        used = dict.fromkeys(task for sample in found for task in sample.tasks)
        tasks = [*(task for task in order if task in used), *(t for t in used if t not in order)]
        self.tasks = [self._task_button(task) for task in (ALL, *tasks)]
        self.tasks[0].setChecked(True)
        self._group.buttonClicked.connect(self._show_matching)
        self.nothing = QLabel()
        self.nothing.setProperty("role", "muted")
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        bar, gallery = QWidget(), QWidget()
        filters = FlowLayout(bar, QSize(40, 28), gap=8)
        for each in (self.search, *self.tasks):
            filters.addWidget(each)
        flow = FlowLayout(gallery, QSize(WIDTH, WIDTH))
        for card in self.cards:
            card.clicked.connect(lambda _=False, path=card.sample.path: self.chosen.emit(path))
            flow.addWidget(card)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(bar)
        layout.addWidget(self.nothing)
        layout.addWidget(gallery)

    def focus_order(self) -> list[QWidget]:
        """Return the widgets that Tab visits, in their order."""
        return [self.search, *self.tasks, *self.cards]

    def _task_button(self, task: str) -> QToolButton:
        button = QToolButton()
        button.setText(task)
        button.setCheckable(True)
        button.setAccessibleName(tr("Samples: {task}").format(task=task))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._group.addButton(button)
        return button

    def _show_matching(self) -> None:
        task = next(button.text() for button in self.tasks if button.isChecked())
        samples = [card.sample for card in self.cards]
        of_task = [each for each in samples if task in (ALL, *each.tasks)]
        matching = {each.path for each in ranked(of_task, self.search.text())}
        for card in self.cards:
            card.setVisible(card.sample.path in matching)
        within = "" if task == ALL else tr(" in {task}").format(task=task)
        self.nothing.setText(
            tr("No sample matches “{text}”{within}.").format(
                text=self.search.text().strip(), within=within
            )
        )
        self.nothing.setVisible(not matching)
