"""The versions of a model side by side: the data that each was trained on, and its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.views import formatting
from designer.app.views.message_view import MessageView
from designer.app.views.metric_cards import better
from designer.app.widgets.dialog_size import usual_size
from designer.texts import tr

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ModelComparison(QDialog):
    """A table of versions, the newest first; the best value of each metric is bold."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Versions of “{name}”").format(name=name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        usual_size(self, 860, 380)
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName(tr("Versions"))
        self.waiting = MessageView(tr("Reading the registry…"), icon="clock")
        self._stack = QStackedLayout()
        self._stack.addWidget(self.waiting)
        self._stack.addWidget(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addLayout(self._stack, 1)
        layout.addWidget(dialog_buttons(self, QDialogButtonBox.StandardButton.Close))

    def show_versions(self, versions: Sequence[Mapping[str, Any]]) -> None:
        """Show versions, given oldest first; see :mod:`designer.lineage.model_comparison`."""
        metrics = list(dict.fromkeys(name for each in versions for name in each["metrics"]))
        # Otherwise the rows get the height of another style.
        self.list.ensurePolished()
        self.list.setHeaderLabels([tr("Version"), tr("Trained on"), *metrics])
        best = {name: _best(name, versions) for name in metrics}
        for index in range(len(versions) - 1, -1, -1):
            about = versions[index]
            values = [about["metrics"].get(name) for name in metrics]
            shown = [formatting.MISSING if v is None else formatting.number(v) for v in values]
            data = ", ".join(dict.fromkeys(about["data"].values())) or formatting.MISSING
            item = QTreeWidgetItem([str(about["version"]), data, *shown])
            hashes = [f"{key}: {content}" for key, content in about["hashes"].items()]
            item.setToolTip(1, formatting.plain_tooltip("\n".join(hashes)))
            item.setTextAlignment(0, _RIGHT)
            for column, name in enumerate(metrics, 2):
                item.setTextAlignment(column, _RIGHT)
                font = item.font(column)
                font.setBold(index in best[name])
                item.setFont(column, font)
            self.list.addTopLevelItem(item)
        header, titles = self.list.header(), self.list.headerItem()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(not metrics)
        for column in (0, *range(2, 2 + len(metrics))):
            titles.setTextAlignment(column, _RIGHT)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        self._stack.setCurrentWidget(self.list)
        self.list.setFocus()

    def show_problem(self, text: str) -> None:
        """Show why there is nothing to compare."""
        problem = MessageView(tr("The registry can't be read."), text)
        self._stack.addWidget(problem)
        self._stack.setCurrentWidget(problem)


def _best(metric: str, versions: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """Return the versions with the best value of a metric."""
    values = [each["metrics"].get(metric) for each in versions]
    numbers = [float("nan") if value is None else float(value) for value in values]
    return frozenset(better(metric.partition(".")[2], numbers))
