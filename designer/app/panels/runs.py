"""Earlier runs of the open pipeline file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from designer.app import theme
from designer.app.canvas.state import duration
from designer.app.panels.outline import ICONS
from designer.app.remote.place import LOCAL, TITLES

WORDS = {"completed": "Completed", "failed": "Failed", "cancelled": "Cancelled"}


class Runs(QWidget):
    """A table of runs, latest first, with the metrics of each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QTreeWidget()
        self.list.setHeaderLabels(["Started", "Status", "Time", "Steps", "Where", "Metrics"])
        self.list.setUniformRowHeights(True)
        self.list.setRootIsDecorated(False)
        self.list.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName("Runs")
        header = self.list.header()
        for column, width in enumerate((170, 120, 90, 170, 150)):
            header.resizeSection(column, width)
        header.setSectionResizeMode(5, QHeaderView.ResizeMode.Stretch)
        self.empty = QLabel("Runs of this pipeline are listed here.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "muted")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.list)

    def show_runs(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Show the records of runs, latest first."""
        self.list.clear()
        for record in records:
            status = str(record.get("status", ""))
            nodes = record.get("nodes", {})
            reused = sum(node.get("status") == "reused" for node in nodes.values())
            steps = f"{len(nodes)} steps" + (f", {reused} reused" if reused else "")
            item = QTreeWidgetItem(
                [
                    _moment(record.get("started")),
                    WORDS.get(status, status),
                    duration(float(record.get("seconds", 0))),
                    steps,
                    _where(record),
                    _metrics(record.get("metrics", {})),
                ]
            )
            item.setIcon(1, theme.icon(*ICONS.get(status, ("unknown", "text_muted"))))
            item.setToolTip(0, str(record.get("run", "")))
            item.setToolTip(5, item.text(5))
            self.list.addTopLevelItem(item)
        self._stack.setCurrentIndex(1 if records else 0)


def _moment(started: Any) -> str:
    if not isinstance(started, (int, float)):
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(started))


def _where(record: Mapping[str, Any]) -> str:
    azure = record.get("azure")
    target = azure.get("target") if isinstance(azure, Mapping) else LOCAL
    return TITLES.get(str(target), str(target))


def _metrics(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    parts = []
    for values in metrics.values():
        for name, value in values.items():
            if isinstance(value, (int, float)):
                parts.append(f"{name.replace('_', ' ')} {value:.4g}")
    return "  ·  ".join(parts[:6])
