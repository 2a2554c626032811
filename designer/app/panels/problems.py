"""The list of problems: message, hint, and location."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedLayout,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from designer.app.background.errors import explained
from designer.app.document.labels import without_start
from designer.app.panels.panel import Panel
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets import counts
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import DirectedItems
from designer.app.widgets.fields.choosing import open_selected
from designer.composed_texts import in_language
from designer.pipeline.model import Pipeline
from designer.pipeline.problem import Problem
from designer.texts import N_, tr
from modules.contract import ModuleSpec

ORDER = {"error": 0, "warning": 1, "hint": 2}
ICONS = {"error": ("error", "error"), "warning": ("warning", "warning"), "hint": ("hint", "accent")}
PROBLEM = Qt.ItemDataRole.UserRole
CHECKING, NONE = tr("Checking…"), tr("No problems found.")
"""Shown instead of an empty list."""

CODE = 3
"""The column of the code."""

EXPLAIN = N_("What this means")

WIDE, ICON_WIDTH = 900, 32
"""Pixels of the panel from which on the code is shown, and of its icon alone."""

FEW = 2
"""Rows for which a low panel has room."""

SHOWN = 500
"""Longer lists are cut and the rest is counted."""


class Problems(QWidget):
    """Problems, worst first.

    Signals
    -------
    chosen : Problem
        Clicked, or reached with the keyboard.
    activated : Problem
        Double-clicked, or Return.
    explained : str
        The user wants to know what a code means.
    lengthened
        There are more than fit into a low panel, and there weren't before.
    """

    chosen = Signal(object)
    activated = Signal(object)
    explained = Signal(str)
    lengthened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems: list[Problem] = []
        self.list = _Rows()
        self.list.setHeaderLabels([tr("Problem"), tr("What to do"), tr("Location"), tr("Code")])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setAccessibleName(tr("Problems"))
        self.list.setItemDelegate(_Across(self.list))
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(CODE, QHeaderView.ResizeMode.Fixed)
        header.setMaximumSectionSize(720)
        fit_columns(header)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.help_requested.connect(lambda: self._explain(self.list.currentItem()))
        self.empty = QLabel(CHECKING)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "muted")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.list)
        self.list.itemClicked.connect(self._on_click)
        self.list.itemActivated.connect(lambda item, _: self._activate(item))
        self.list.itemDoubleClicked.connect(lambda item, _: self._activate(item))
        open_selected(self.list, lambda index: self._activate(self.list.itemFromIndex(index)))

    @property
    def is_long(self) -> bool:
        """Whether there are more problems than fit into a low panel."""
        return len(self._problems) > FEW

    def problems(self) -> list[Problem]:
        """Return the problems shown, worst first."""
        return list(self._problems)

    def show_problems(
        self,
        problems: Sequence[Problem],
        pipeline: Pipeline,
        specs: Mapping[str, ModuleSpec],
        *,
        checking: bool = False,
    ) -> None:
        """Show problems instead of those before.

        Parameters
        ----------
        checking : bool
            The pipeline wasn't checked yet: an empty list has no meaning.
        """
        self.empty.setText(CHECKING if checking else NONE)
        ordered = sorted(problems, key=lambda problem: ORDER[problem.severity])
        if ordered == self._problems:
            return
        was_long = self.is_long
        self._problems = ordered
        self.list.clear()
        items = []
        for problem in ordered[:SHOWN]:
            node = pipeline.nodes.get(problem.node or "")
            spec = specs.get(node.module) if node else None
            to_do = _line(_to_do(problem, spec))
            item = QTreeWidgetItem(
                [
                    _line(without_title(problem, spec)),
                    to_do,
                    _location(problem, pipeline, specs),
                    problem.code,
                ]
            )
            item.setData(0, PROBLEM, problem)
            item.setIcon(0, theme.icon(*ICONS[problem.severity]))
            item.setToolTip(0, plain_tooltip(problem.message))
            item.setToolTip(1, plain_tooltip(to_do or problem.message))
            item.setToolTip(2, item.text(2))
            if problem.code:
                item.setIcon(CODE, theme.icon("help", "text_muted"))
                item.setToolTip(CODE, f"{tr(EXPLAIN)} (F1): {problem.code}")
            items.append(item)
        self.list.addTopLevelItems(items)
        if len(ordered) > SHOWN:
            more = QTreeWidgetItem([tr("and {number} more").format(number=len(ordered) - SHOWN)])
            more.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addTopLevelItem(more)
        self._stack.setCurrentIndex(1 if ordered else 0)
        self._share_width()
        if self.is_long and not was_long:
            self.lengthened.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Give the last column the width it needs, but not that of the message."""
        header = self.list.header()
        needed = min(self.list.sizeHintForColumn(2), self.width() // 3)
        self.list.setColumnWidth(2, max(needed, header.sectionSizeHint(2)))
        wide = self.width() > WIDE
        self.list.headerItem().setText(CODE, tr("Code") if wide else "")
        width = ICON_WIDTH
        if wide:
            width = max(self.list.sizeHintForColumn(CODE), header.sectionSizeHint(CODE))
        self.list.setColumnWidth(CODE, width)

    def _on_click(self, item: QTreeWidgetItem, column: int) -> None:
        if column == CODE:
            self._explain(item)
        else:
            self.chosen.emit(item.data(0, PROBLEM))

    def _explain(self, item: QTreeWidgetItem | None) -> None:
        """Ask for the page about the problem of a row."""
        if item is not None and item.text(CODE):
            self.explained.emit(item.text(CODE))

    def _open_menu(self, position: QPoint) -> None:
        item = self.list.itemAt(position)
        problem = item.data(0, PROBLEM) if item is not None else None
        if item is None or problem is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        meaning = menu.addAction(f"{tr(EXPLAIN)}\tF1")
        meaning.triggered.connect(lambda: self._explain(item))
        meaning.setEnabled(bool(problem.code))
        text = explained(problem)
        menu.addAction(tr("Copy text"), lambda: QApplication.clipboard().setText(text))
        menu.popup(self.list.viewport().mapToGlobal(position))

    def _activate(self, item: QTreeWidgetItem) -> None:
        problem = item.data(0, PROBLEM)
        if problem is not None:
            self.activated.emit(problem)


def count_text(problems: Sequence[Problem]) -> str:
    """Return how many errors and warnings there are, as text; empty for none."""
    found = Counter[str](problem.severity for problem in problems)
    parts = [counts.problems(severity, found[severity]) for severity in ("error", "warning")]
    return ", ".join(filter(None, parts))


def without_title(problem: Problem, spec: ModuleSpec | None) -> str:
    """Return a message without the titles of module and parameter, where these are shown anyway."""
    parameter = spec.parameter_by_name.get(problem.parameter or "") if spec else None
    text = problem.message
    text = without_start(text, spec.title if spec else "")
    if parameter is not None:
        text = text.removeprefix(f"{parameter.title}: ")
    return text[:1].upper() + text[1:]


PANEL = Panel("problems", tr("Problems"), "below", lambda context: Problems())


class _Rows(QTreeWidget):
    """Paints rows always whole, as what is written in one cell may reach into the next.

    Signals
    -------
    help_requested
        F1, which is the selected module's help elsewhere.
    """

    help_requested = Signal()

    def event(self, event: QEvent) -> bool:
        """Keep F1 from the window while there is a row that it can be about."""
        about = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F1
        if about and event.type() == QEvent.Type.ShortcutOverride and self.currentItem():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F1:
            self.help_requested.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        area = event.rect()
        super().paintEvent(QPaintEvent(QRect(0, area.y(), self.width(), area.height())))


class _Across(DirectedItems):
    """Lets the message use the width of an empty hint."""

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        free = not index.sibling(index.row(), 1).data()
        if free and index.column() == 1:
            return
        if free and index.column() == 0:
            # The option returns a copy of its rectangle.
            option.rect = option.rect.adjusted(0, 0, self._tree.columnWidth(1), 0)
        super().paint(painter, option, index)


def _to_do(problem: Problem, spec: ModuleSpec | None) -> str:
    """Return the hint, or else which numbers are allowed where one of them is expected."""
    parameter = spec.parameter_by_name.get(problem.parameter or "") if spec else None
    if problem.hint or parameter is None or problem.severity != "error":
        return problem.hint
    if parameter.kind not in ("integer", "number"):
        return ""
    return in_language(f"Enter {parameter.expected}.")


def _line(text: str) -> str:
    """Return a text without breaks, after which a row would show nothing."""
    return " ".join(text.split())


def _location(problem: Problem, pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> str:
    if problem.node is None:
        return problem.parameter or tr("Pipeline")
    node = pipeline.nodes.get(problem.node)
    spec = specs.get(node.module) if node else None
    name = problem.node
    if spec is not None and problem.parameter in spec.parameter_by_name:
        return f"{name}  ›  {spec.parameter_by_name[problem.parameter].title}"
    if problem.port:
        ports = {**spec.input_by_name, **spec.output_by_name} if spec else {}
        port = ports.get(problem.port)
        return f"{name}  ›  {port.title if port else problem.port}"
    return name
