"""Earlier runs of the open pipeline file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedLayout,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.canvas.state import duration
from designer.app.panels.outline.outline import ICONS
from designer.app.panels.panel import Panel
from designer.app.runs.compute_target import LOCAL, TITLES
from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.flow_layout import BarLayout
from designer.composed_texts import in_language
from designer.texts import tr

THIS_PIPELINE, SCRIPTS = tr("This pipeline"), tr("Scripts")
EMPTY = tr("Runs of this pipeline are listed here.")
STATUS_LABELS = {"completed": tr("Completed"), "failed": tr("Failed"), "cancelled": tr("Canceled")}

_WITH_TEXT = Qt.ToolButtonStyle.ToolButtonTextBesideIcon

RUN = Qt.ItemDataRole.UserRole
FAILED = Qt.ItemDataRole.UserRole + 1


class Runs(QWidget):
    """A table of runs, latest first, with the metrics of each.

    Signals
    -------
    results_requested : str
        The id of a run whose results are to be shown.
    comparison_requested : list of str
        The ids of two or more runs.
    error_requested : str
        The id of a run whose error is to be copied.
    lineage_requested : str
        The id of a run whose data and code are to be shown.
    pipeline_requested : str
        The id of a run whose pipeline is to be opened.
    scope_changed
        The runs of scripts are to be listed, or those of the pipeline again.
    """

    results_requested = Signal(str)
    comparison_requested = Signal(list)
    error_requested = Signal(str)
    lineage_requested = Signal(str)
    pipeline_requested = Signal(str)
    scope_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QTreeWidget()
        keep_directions(self.list)
        self.list.setHeaderLabels(
            [
                tr("Started"),
                tr("Status"),
                tr("Duration"),
                tr("Steps"),
                tr("Compute target"),
                tr("Started by"),
                tr("Metrics"),
            ]
        )
        self.list.setUniformRowHeights(True)
        self.list.setRootIsDecorated(False)
        self.list.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName(tr("Runs"))
        header = self.list.header()
        fit_columns(header, (170, 120, 90, 170, 150, 140))
        header.setSectionResizeMode(6, QHeaderView.ResizeMode.Stretch)
        self.empty = QLabel(EMPTY)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("role", "muted")
        self.results = self._action(
            "eye", tr("Load results"), tr("Show this run's results on the canvas")
        )
        self.results.triggered.connect(lambda: self.results_requested.emit(self._chosen()[0]))
        self.compare = self._action("compare", tr("Compare"), tr("Compare the selected runs"))
        self.compare.triggered.connect(lambda: self.comparison_requested.emit(self._chosen()))
        self.copy_error = self._action("copy", tr("Copy error"), tr("Copy the errors of this run"))
        self.copy_error.triggered.connect(lambda: self.error_requested.emit(self._chosen()[0]))
        self.lineage = self._action("link", tr("Lineage"), tr("Show the data and code of this run"))
        self.lineage.triggered.connect(lambda: self.lineage_requested.emit(self._chosen()[0]))
        self.open_pipeline = self._action(
            "window",
            tr("Open pipeline"),
            tr("Open the pipeline as it was in this run, in another window"),
        )
        self.open_pipeline.triggered.connect(
            lambda: self.pipeline_requested.emit(self._chosen()[0])
        )
        self.scope = ChoiceBox()
        self.scope.addItems([THIS_PIPELINE, SCRIPTS])
        self.scope.set_spoken_label(tr("Runs to list"))
        self.scope.currentIndexChanged.connect(lambda _: self._on_scope())
        self._bar = QWidget()
        self._buttons: list[QToolButton] = []
        head = BarLayout(self._bar)
        head.setContentsMargins(8, 4, 8, 4)
        head.addWidget(self.scope)
        for action in self._actions():
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(_WITH_TEXT)
            head.addWidget(button)
            self._buttons.append(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._bar)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.list)
        whole.addLayout(self._stack, 1)
        self.list.itemSelectionChanged.connect(self._update)
        self.list.itemActivated.connect(lambda *_: self.results.trigger())
        self.list.itemDoubleClicked.connect(lambda *_: self.results.trigger())
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self._update()

    @property
    def of_scripts(self) -> bool:
        """Whether the runs of scripts are listed instead of the pipeline's."""
        return self.scope.currentText() == SCRIPTS

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the buttons without their texts where there is no room for these."""
        super().resizeEvent(event)
        for style in (_WITH_TEXT, Qt.ToolButtonStyle.ToolButtonIconOnly):
            for button in self._buttons:
                button.setToolButtonStyle(style)
            if self._bar.sizeHint().width() <= self.width():
                return

    def show_runs(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Show the records of runs, latest first."""
        chosen = set(self._chosen())
        self.list.clear()
        for record in records:
            status = str(record.get("status", ""))
            nodes = record.get("nodes", {})
            reused = sum(node.get("status") == "reused" for node in nodes.values())
            steps = tr("{number} steps").format(number=len(nodes)) + (
                tr(", {reused} reused").format(reused=reused) if reused else ""
            )
            if self.of_scripts:
                steps = Path(str(record.get("source") or "")).name
            item = QTreeWidgetItem(
                [
                    moment(record.get("started")),
                    STATUS_LABELS.get(status, status),
                    duration(float(record.get("seconds", 0))),
                    steps,
                    _where(record),
                    _by(record),
                    _metrics(record.get("metrics", {})),
                ]
            )
            item.setIcon(1, theme.icon(*ICONS.get(status, ("unknown", "text_muted"))))
            item.setData(0, RUN, str(record.get("run", "")))
            item.setData(0, FAILED, any(n.get("status") == "failed" for n in nodes.values()))
            item.setToolTip(0, str(record.get("run", "")))
            item.setToolTip(6, formatting.plain_tooltip(item.text(6)))
            self.list.addTopLevelItem(item)
            item.setSelected(item.data(0, RUN) in chosen)
        self._update()
        self._stack.setCurrentIndex(1 if records else 0)

    def _on_scope(self) -> None:
        scripts = self.of_scripts
        self.list.headerItem().setText(3, tr("Script") if scripts else tr("Steps"))
        self.results.setText(tr("View run") if scripts else tr("Load results"))
        self.results.setToolTip(
            tr("Show the output, metrics, and files of this run")
            if scripts
            else tr("Show this run's results on the canvas")
        )
        self.scope_changed.emit()

    def _action(self, icon: str, text: str, tip: str) -> QAction:
        action = QAction(theme.icon(icon), text, self)
        action.setToolTip(tip)
        return action

    def _actions(self) -> list[QAction]:
        return [self.results, self.open_pipeline, self.compare, self.lineage, self.copy_error]

    def _chosen(self) -> list[str]:
        return [item.data(0, RUN) for item in self.list.selectedItems()]

    def _update(self) -> None:
        items = self.list.selectedItems()
        self.results.setEnabled(len(items) == 1)
        self.lineage.setEnabled(len(items) == 1)
        self.open_pipeline.setEnabled(len(items) == 1 and not self.of_scripts)
        self.compare.setEnabled(len(items) > 1)
        self.compare.setToolTip(
            tr("Compare the selected runs")
            if len(items) > 1
            else tr("Select two or more runs to compare them (Ctrl+click)")
        )
        self.copy_error.setEnabled(len(items) == 1 and bool(items[0].data(0, FAILED)))

    def _open_menu(self, point: QPoint) -> None:
        if not self.list.selectedItems():
            return
        menu = QMenu(self)
        menu.addActions(self._actions())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.list.viewport().mapToGlobal(point))


def moment(started: Any) -> str:
    """Return when a run started, as text; empty if that isn't known."""
    if not isinstance(started, (int, float)):
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(started))


PANEL = Panel("runs", tr("Runs"), "below", lambda context: Runs())


def _where(record: Mapping[str, Any]) -> str:
    azure = record.get("azure")
    target = azure.get("target") if isinstance(azure, Mapping) else LOCAL
    return TITLES.get(str(target), str(target))


def _by(record: Mapping[str, Any]) -> str:
    by = str(record.get("started_by") or "you")
    return in_language(by[:1].upper() + by[1:])


def _metrics(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    parts = []
    for values in metrics.values():
        for name, value in values.items():
            if isinstance(value, (int, float)):
                shown = in_language(name.replace("_", " "))
                parts.append(f"{shown} {formatting.number(value, 4)}")
    return "  ·  ".join(parts[:6])
