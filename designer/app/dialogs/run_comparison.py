"""Runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QTabWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.runs.run_comparison import Difference
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fields.nested_rows import NestedTree
from designer.app.widgets.flow_layout import BarLayout
from designer.texts import tr


class RunComparison(QDialog):
    """Shows what differs between runs, the earliest one on the left, and the best metrics.

    Parameters
    ----------
    names : mapping of str to str
        Of the runs, by their ids.

    Signals
    -------
    open_requested : str
        The id of a run whose pipeline is to be opened.
    """

    open_requested = Signal(str)

    def __init__(
        self,
        names: Mapping[str, str],
        found: Sequence[Difference],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ids = list(names)
        self._names = list(names.values())
        self._pinned: set[int] = set()
        self._baseline: int | None = None
        self._rows: list[tuple[Difference, QTreeWidgetItem]] = []
        self.setWindowTitle(tr("Compare runs"))
        usual_size(self, 1080, 680)
        self.list = self._make_list(found)
        self.same = QLabel(tr("The runs don't differ."))
        self.same.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.same.setProperty("role", "muted")
        self.run = self._choice(tr("Selected run"), self._names)
        self.baseline = self._action(
            "compare", tr("Baseline"), tr("Show how the numbers of other runs differ from this run")
        )
        self.pin = self._action("pin", tr("Pin"), tr("Keep this run on the left"))
        self.open_pipeline = self._action(
            "window",
            tr("Open pipeline"),
            tr("Open the pipeline as it was in this run, in another window"),
        )
        self.baseline.setCheckable(True)
        self.pin.setCheckable(True)
        self.sort = self._choice(
            tr("Sort runs by"), [tr("Started"), *(row.name for row, _ in self._rows)]
        )
        self.descending = self._action(
            "arrow-down", tr("Descending"), tr("Sort from the highest to the lowest")
        )
        self.descending.setCheckable(True)
        for each in (self.baseline, self.pin, self.descending, self.sort):
            each.setEnabled(bool(found))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setTabBarAutoHide(True)
        # Tab would stop at the tabs also where their bar is hidden, and go no further.
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self._head())
        column.addWidget(self.list, 1)
        column.addWidget(self.same, 1)
        self.tabs.addTab(page, tr("Differences"))
        # Without a parent, what is shown would be a window for a moment and take the focus.
        self.list.setVisible(bool(found))
        self.same.setVisible(not found)
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(dialog_buttons(self, QDialogButtonBox.StandardButton.Close))
        self._connect()
        self._update()

    def add_page(self, view: QWidget, title: str, tools: QWidget) -> None:
        """Add a page with a view and its buttons."""
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(tools, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(view, 1)
        self.tabs.addTab(page, title.replace("&", "&&"))

    def _make_list(self, found: Sequence[Difference]) -> QTreeWidget:
        tree = NestedTree()
        keep_directions(tree)
        tree.setHeaderLabels([tr("What differs"), *self._names])
        tree.setAccessibleName(tr("What differs"))
        tree.setRootIsDecorated(False)
        # Names with the same start are distinguished by their ends.
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setMaximumSectionSize(600)
        header.setMinimumSectionSize(NARROWEST)
        header.setSectionsClickable(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for column in range(1, len(self._names) + 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        groups: dict[str, QTreeWidgetItem] = {}
        for each in found:
            if each.group not in groups:
                groups[each.group] = _add_group(tree, each.group)
            item = QTreeWidgetItem([each.name])
            item.setToolTip(0, plain_tooltip(each.name))
            groups[each.group].addChild(item)
            self._rows.append((each, item))
        tree.expandAll()
        return tree

    def _choice(self, name: str, items: Sequence[str]) -> QComboBox:
        box = ChoiceBox()
        box.set_spoken_label(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(SHOWN_LETTERS)
        box.addItems(items)
        return box

    def _action(self, icon: str, text: str, tip: str) -> QAction:
        action = QAction(theme.icon(icon), text, self)
        action.setToolTip(tip)
        return action

    def _head(self) -> QWidget:
        whole = QWidget()
        head = BarLayout(whole, end=4)
        for label, box, actions in (
            (tr("Selected run"), self.run, (self.baseline, self.pin, self.open_pipeline)),
            (tr("Sort runs by"), self.sort, (self.descending,)),
        ):
            # A label is never on another line than its field.
            named = QWidget()
            pair = QHBoxLayout(named)
            pair.setContentsMargins(0, 0, 0, 0)
            pair.addWidget(QLabel(label))
            pair.addWidget(box, 1)
            head.addWidget(named)
            for action in actions:
                button = QToolButton()
                button.setDefaultAction(action)
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                head.addWidget(button)
        return whole

    def _connect(self) -> None:
        header = self.list.header()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_menu)
        header.sectionClicked.connect(self._choose)
        self.list.itemPressed.connect(lambda _, column: self._choose(column))
        self.list.itemActivated.connect(self._on_activated)
        self.run.currentIndexChanged.connect(lambda _: self._update())
        self.baseline.triggered.connect(self._on_baseline)
        self.pin.triggered.connect(self._on_pin)
        self.open_pipeline.triggered.connect(lambda: self.open_requested.emit(self._ids[self._run]))
        self.sort.activated.connect(self._on_sort)
        self.descending.triggered.connect(self._update)
        theme.notifier().changed.connect(self._update)

    @property
    def _run(self) -> int:
        return self.run.currentIndex()

    def _choose(self, column: int) -> None:
        if column > 0:
            self.run.setCurrentIndex(column - 1)

    def _open_menu(self, point: QPoint) -> None:
        column = self.list.header().logicalIndexAt(point)
        if column < 1:
            return
        self._choose(column)
        menu = QMenu(self)
        menu.addActions([self.baseline, self.pin, self.open_pipeline])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.list.header().mapToGlobal(point))

    def _on_baseline(self) -> None:
        self._baseline = self._run if self.baseline.isChecked() else None
        self._update()

    def _on_pin(self) -> None:
        self._pinned ^= {self._run}
        self._update()

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        """Sort by a row; if the runs are sorted by it, reverse them."""
        for index, (_, other) in enumerate(self._rows, start=1):
            if other is not item:
                continue
            if index == self.sort.currentIndex():
                self.descending.trigger()
            else:
                self.sort.setCurrentIndex(index)
                self._on_sort(index)

    def _on_sort(self, index: int) -> None:
        """Sort by another row, the best run first."""
        self.descending.setChecked(index > 0 and self._rows[index - 1][0].best_last())
        self._update()

    def _update(self) -> None:
        self.baseline.setChecked(self._run == self._baseline)
        self.pin.setChecked(self._run in self._pinned)
        names = self.list.headerItem()
        for run, name in enumerate(self._names):
            text = f"{name}\n{tr('Baseline')}" if run == self._baseline else name
            names.setText(run + 1, text)
            names.setToolTip(run + 1, plain_tooltip(text))
            names.setIcon(run + 1, theme.icon("pin" if run in self._pinned else ""))
            for row, item in self._rows:
                self._show_value(row, item, run)
        order = sorted(self._order(), key=lambda run: run not in self._pinned)
        header = self.list.header()
        for place, run in enumerate(order, start=1):
            header.moveSection(header.visualIndex(run + 1), place)

    def _order(self) -> list[int]:
        index, descending = self.sort.currentIndex(), self.descending.isChecked()
        if index > 0:
            return self._rows[index - 1][0].ordered(descending=descending)
        runs = list(range(len(self._names)))
        return runs[::-1] if descending else runs

    def _show_value(self, row: Difference, item: QTreeWidgetItem, run: int) -> None:
        text = row.values[run]
        if self._baseline is not None and (change := row.against(run, self._baseline)):
            text = f"{text} ({change})"
        item.setText(run + 1, text)
        if run in row.best:
            text = tr("{text}, the best value").format(text=text)
            item.setData(run + 1, Qt.ItemDataRole.AccessibleTextRole, text)
            _mark(item, run + 1)
        item.setToolTip(run + 1, plain_tooltip(text))


def _mark(item: QTreeWidgetItem, column: int) -> None:
    """Mark the best value."""
    font = item.font(column)
    font.setBold(True)
    item.setFont(column, font)
    item.setForeground(column, QColor(theme.current().success))


def _add_group(tree: QTreeWidget, title: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([title])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    font = item.font(0)
    font.setBold(True)
    item.setFont(0, font)
    tree.addTopLevelItem(item)
    item.setFirstColumnSpanned(True)
    return item


NARROWEST = 180
"""The least width of a run, in pixels: more runs are scrolled."""

SHOWN_LETTERS = 20
"""Of the longest name in a choice, as many as a moment has."""
