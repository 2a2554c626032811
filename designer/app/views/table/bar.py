"""The bar above a table: its size, a search field, and its actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from designer.app.shell import theme
from designer.app.views.table.column_finder import ColumnFinder
from designer.app.widgets.fields.line_buttons import add_icon, let_clear
from designer.app.widgets.flow_layout import BarLayout
from designer.app.widgets.one_line_label import OneLineLabel
from designer.texts import tr

_TYPING_PAUSE = 300
_MESSAGE_TIME = 8_000


class TableBar(QWidget):
    """Buttons are actions of the view as well, so that their keys work all over it.

    Attributes
    ----------
    ascending, descending, what_if, statistics, copy, export : QAction
        ``statistics`` is checkable, ``what_if`` hidden until a model can be asked.
    field : QLineEdit
        The search field.
    finder : ColumnFinder
        The field that goes to a column.
    """

    searched = Signal(str)

    def __init__(self, view: QWidget, columns: Sequence[str]) -> None:
        super().__init__(view)
        self._view = view
        self.finder = ColumnFinder(columns)
        self.size_label = QLabel()
        self.message = OneLineLabel()
        # It comes and goes, and must move nothing.
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message.setProperty("role", "muted")
        self._forget = QTimer(self, singleShot=True, interval=_MESSAGE_TIME)
        self._forget.timeout.connect(self.message.clear)
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE)
        self._pause.timeout.connect(self._search)
        self.field = self._search_field()
        self.ascending = self._action("arrow-up", tr("Sort by this column, ascending"), "Alt+Up")
        self.descending = self._action(
            "arrow-down", tr("Sort by this column, descending"), "Alt+Down"
        )
        self.what_if = self._action("edit", tr("What if… with this row"), "Alt+W")
        self.what_if.setVisible(False)
        self.copy = self._action("copy", tr("Copy selected cells"))
        self.export = self._action("export", tr("Export table…"), "Ctrl+E")
        self.statistics = self._action("histogram", tr("Column statistics"), "Alt+Return")
        self.statistics.setCheckable(True)
        tools = QWidget()
        buttons = QHBoxLayout(tools)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(6)
        row = BarLayout(self, filler=1)
        row.setContentsMargins(12, 8, 12, 8)
        for widget in (self.size_label, self.message, self.finder, self.field, tools):
            row.addWidget(widget)
        for action in (
            self.ascending,
            self.descending,
            self.what_if,
            self.copy,
            self.export,
            self.statistics,
        ):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            buttons.addWidget(button)

    def show_message(self, text: str, *, lasting: bool = False) -> None:
        """Show a message, for some seconds or until the next one."""
        self.message.setText(text)
        if lasting:
            self._forget.stop()
        else:
            self._forget.start()

    def _search(self) -> None:
        self._pause.stop()
        self.searched.emit(self.field.text().strip())

    def _search_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(tr("Find rows"))
        let_clear(field)
        # Keeps its width when the button to clear it appears.
        field.setFixedWidth(field.fontMetrics().averageCharWidth() * 26)
        field.setAccessibleName(tr("Show rows that contain this text"))
        add_icon(field, theme.icon("search", "text_muted"))
        field.textChanged.connect(lambda _: self._pause.start())
        field.returnPressed.connect(self._search)
        self._focus_by(QKeySequence(QKeySequence.StandardKey.Find), field)
        self._focus_by(QKeySequence("Ctrl+G"), self.finder)
        return field

    def _focus_by(self, keys: QKeySequence, field: QLineEdit) -> None:
        focus = QAction(self._view)
        focus.setShortcut(keys)
        focus.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        focus.triggered.connect(field.setFocus)
        self._view.addAction(focus)

    def _action(self, icon: str, text: str, keys: str = "") -> QAction:
        action = QAction(theme.icon(icon), text, self._view)
        if keys:
            sequence = QKeySequence(keys)
            action.setShortcut(sequence)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shown = sequence.toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{text} ({shown})")
        self._view.addAction(action)
        return action
