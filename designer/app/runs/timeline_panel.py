"""The panel with a bar for each step of a run, over the worker that ran it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.canvas.state import duration
from designer.app.document.labels import card_label
from designer.app.panels.panel import Panel, PanelContext
from designer.app.runs.timeline import Span, spans_of
from designer.app.shell import theme
from designer.app.shell.commands import command
from designer.app.views import formatting
from designer.app.widgets.brief_label import BriefLabel
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.empty_label import empty_label
from designer.app.widgets.fields.choosing import open_selected
from designer.app.widgets.fields.nested_rows import NestedTree
from designer.app.widgets.fields.typed_text import showing
from designer.texts import counted, tr

EMPTY = tr("When the pipeline runs, each step has a bar here.")
HEADS = (tr("Step"), tr("Status"), tr("Waited"), tr("Worked"), tr("Peak memory"), tr("Time"))
STATUS_LABELS = {
    "queued": tr("Waiting"),
    "running": tr("Running"),
    "completed": tr("Completed"),
    "reused": tr("Reused"),
    "failed": tr("Failed"),
    "skipped": tr("Skipped"),
    "cancelled": tr("Canceled"),
}
_TIME = len(HEADS) - 1
_SPAN = Qt.ItemDataRole.UserRole
_END = Qt.ItemDataRole.UserRole + 1
_STOPPABLE = ("queued", "running")
_TICK = 500
"""Milliseconds between two drawings of a bar that grows."""


class Timeline(QWidget):
    """The steps of the current or last run by worker, with the critical path.

    Signals
    -------
    changed
        Other commands can be used than before.
    resume_requested
        The run is to be continued where it failed or was canceled.
    """

    changed = Signal()
    resume_requested = Signal()

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._controller = context.controller
        self._shown: list[Span] = []
        self._able = (False, False)
        self.summary = BriefLabel()
        self.cancel = QPushButton(tr("Cancel branch"))
        self.cancel.clicked.connect(self.cancel_branch)
        self.continue_ = QPushButton(tr("Continue run"))
        self.continue_.clicked.connect(self.continue_run)
        self.list = NestedTree()
        keep_directions(self.list)
        self.list.setHeaderLabels(list(HEADS))
        self.list.setUniformRowHeights(True)
        self.list.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName(tr("Timeline"))
        self.list.setItemDelegateForColumn(_TIME, _Bars(self.list))
        header = self.list.header()
        fit_columns(header, (170,))
        for column in range(1, _TIME):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        # The bars are beside the names, so that a narrow panel cuts numbers first.
        header.setStretchLastSection(False)
        header.moveSection(_TIME, 1)
        header.setSectionResizeMode(_TIME, QHeaderView.ResizeMode.Stretch)
        self.list.itemActivated.connect(lambda item, _: self._go_to(item))
        self.list.itemClicked.connect(lambda item, _: self._go_to(item))
        open_selected(self.list, lambda index: self._go_to(self.list.itemFromIndex(index)))
        self.list.currentItemChanged.connect(lambda *_: self._update())
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        head.addWidget(self.summary, 1)
        head.addWidget(self.cancel)
        head.addWidget(self.continue_)
        whole = QWidget()
        below = QVBoxLayout(whole)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addLayout(head)
        below.addWidget(self.list, 1)
        empty = empty_label()
        empty.setText(EMPTY)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(whole)
        self._clock = QTimer(self, interval=_TICK)
        self._clock.timeout.connect(self._show)
        for signal in (self._controller.progressed, self._controller.recalled):
            signal.connect(self._show)
        self._controller.finished.connect(lambda *_: self._show())
        self._update()

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands the panel meets."""
        ends = {result.status for result in self._controller.results.values()}
        return {
            "stoppable": self._controller.ends_when_left and bool(self._stoppable()),
            "unfinished": not self._controller.running and bool({"failed", "cancelled"} & ends),
        }

    @command(
        tr("Cancel branch"),
        icon="stop",
        help=tr("Cancel the step and those that need it; the rest of the run continues."),
        needs="stoppable",
        menus=("Pipeline 2.23", "Node 1.25", "Group 1.25"),
    )
    def cancel_branch(self) -> None:
        """Cancel the chosen step, or those of the selected card or group, and what needs them."""
        for node in self._stoppable():
            self._controller.cancel_branch(node)

    @command(
        tr("Continue run"),
        icon="run",
        help=tr("Run what failed or was canceled, with the results that the last run has."),
        needs="unfinished",
        menus="Pipeline 2.26",
    )
    def continue_run(self) -> None:
        """Continue the last run where it failed or was canceled."""
        self.resume_requested.emit()

    def show_selection(self) -> None:
        """Follow the canvas: what was chosen here no longer is, if it isn't selected there."""
        if not self.list.hasFocus() and self._chosen_node() not in self._context.selection.nodes():
            self.list.setCurrentIndex(QModelIndex())
        self._update()

    def spans(self) -> list[Span]:
        """Return the steps that are shown."""
        return list(self._shown)

    def _stoppable(self) -> list[str]:
        """Return the steps that wait or run of those chosen here, or else on the canvas."""
        here = self._chosen_node()
        nodes = [here] if here else self._context.selection.nodes()
        states = ((node, self._controller.progress.get(node)) for node in nodes)
        return [node for node, state in states if state and state.status in _STOPPABLE]

    def _go_to(self, item: QTreeWidgetItem) -> None:
        span = item.data(0, _SPAN)
        if span is not None and span.node in self._context.document.pipeline.nodes:
            self._context.navigation.show_node(span.node)

    def _show(self) -> None:
        pipeline = self._context.document.pipeline
        spans = spans_of(self._controller.state.timeline(time.time()), pipeline)
        if self._controller.running != self._clock.isActive():
            (self._clock.start if self._controller.running else self._clock.stop)()
        if spans != self._shown:
            self._shown = spans
            self._fill(spans)
        self._update()

    def _fill(self, spans: Sequence[Span]) -> None:
        chosen = self._chosen_node()
        end = max((span.ended for span in spans), default=0.0)
        self._stack.setCurrentIndex(1 if spans else 0)
        self.list.clear()
        for worker, group in groupby(spans, key=lambda span: span.worker):
            members = list(group)
            busy = sum(span.seconds for span in members)
            title = (
                tr("Worker {worker}").format(worker=worker) if worker else tr("Without a worker")
            )
            top = QTreeWidgetItem([title, "", "", duration(busy) if worker else ""])
            self.list.addTopLevelItem(top)
            for span in members:
                top.addChild(self._item(span, end))
            top.setExpanded(True)
            for child in (top.child(index) for index in range(top.childCount())):
                if child.data(0, _SPAN).node == chosen:
                    with showing(self.list):
                        self.list.setCurrentItem(child)
        critical = [span for span in spans if span.critical]
        steps = counted("{n:,} step", "{n:,} steps", len(spans))
        text = tr("{steps} in {time}").format(steps=steps, time=duration(end))
        if critical:
            path = duration(sum(span.seconds for span in critical))
            text += tr(" · critical path (outlined): {path} in {number} of them").format(
                path=path, number=len(critical)
            )
        reused = sum(span.status == "reused" for span in spans)
        if reused:
            text += tr(" · {reused} reused").format(reused=reused)
        self.summary.setText(text)

    def _chosen_node(self) -> str:
        item = self.list.currentItem()
        span = item.data(0, _SPAN) if item is not None else None
        return span.node if span is not None else ""

    def _item(self, span: Span, end: float) -> QTreeWidgetItem:
        pipeline, catalog = self._context.document.pipeline, self._context.catalog
        title = card_label(pipeline, catalog, span.node)
        status = STATUS_LABELS.get(span.status, span.status)
        memory = formatting.size(span.memory) if span.memory else ""
        worked = duration(span.seconds) if span.worker else ""
        waited = duration(span.waited) if span.worker or span.status == "queued" else ""
        item = QTreeWidgetItem([title, status, waited, worked, memory])
        item.setData(0, _SPAN, span)
        item.setData(_TIME, _SPAN, span)
        item.setData(_TIME, _END, end)
        parts = [title, status, tr("waited {waited}").format(waited=waited) if waited else ""]
        parts += [
            tr("worked {worked}").format(worked=worked) if worked else "",
            tr("critical path") if span.critical else "",
        ]
        text = ", ".join(part for part in parts if part)
        item.setData(_TIME, Qt.ItemDataRole.AccessibleTextRole, text)
        for column in range(len(HEADS)):
            item.setToolTip(column, formatting.tooltip(text))
        return item

    def _update(self) -> None:
        found = self.conditions()
        able = found["stoppable"], found["unfinished"]
        self.cancel.setEnabled(able[0])
        # What is of no use now leaves its room to the summary.
        self.cancel.setVisible(self._controller.running and self._controller.ends_when_left)
        self.continue_.setVisible(able[1])
        if able != self._able:
            self._able = able
            self.changed.emit()


class _Bars(QStyledItemDelegate):
    """Paints when a step waited (pale) and worked."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        span, end = index.data(_SPAN), index.data(_END)
        if span is None or not end:
            return
        colors = theme.current()
        room = QRectF(option.rect).adjusted(6, 4, -6, -4)

        def part(start: float, seconds: float) -> QRectF:
            left = room.left() + room.width() * start / end
            width = max(room.width() * seconds / end, 2.0)
            return QRectF(min(left, room.right() - 2), room.top(), width, room.height())

        kind = {"failed": colors.error, "running": colors.running, "cancelled": colors.text_muted}
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if span.waited:
            pale = QColor(colors.text_muted)
            pale.setAlphaF(0.3)
            painter.fillRect(part(span.started - span.waited, span.waited), pale)
        if span.worker:
            bar = part(span.started, span.seconds)
            painter.fillRect(bar, QColor(kind.get(span.status, colors.accent)))
            if span.critical:
                painter.setPen(QPen(QColor(colors.text), 2))
                painter.drawRect(bar)
        painter.restore()


PANEL = Panel("timeline", tr("Timeline"), "below", Timeline)
