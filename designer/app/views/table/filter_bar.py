"""The conditions on rows of a table, one chip each; and how they read."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting
from designer.engine.tables.row_filters import RowFilter
from designer.texts import tr

_LONGEST = 60
_MOST_NAMED = 3


class FilterBar(QScrollArea):
    """Hidden without conditions; scrolls if there are many.

    Signals
    -------
    edit_asked : int
        The condition at this position is to be edited.
    removed : int
        The condition at this position is to be removed; -1 for all.
    """

    edit_asked = Signal(int)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        # Tab goes to its buttons, and it scrolls to them.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_filters(self, filters: tuple[RowFilter, ...], kinds: dict[str, str]) -> None:
        """Show conditions.

        Parameters
        ----------
        kinds : dict of str to str
            The kinds of the columns by name.
        """
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(12, 0, 12, 6)
        label = QLabel(tr("Filters"))
        label.setProperty("role", "muted")
        row.addWidget(label)
        for position, filter_ in enumerate(filters):
            row.addWidget(self._chip(position, filter_, kinds.get(filter_.column, "")))
        if len(filters) > 1:
            clear = QPushButton(tr("Clear all"))
            clear.clicked.connect(lambda: self.removed.emit(-1))
            row.addWidget(clear)
        row.addStretch(1)
        self.setWidget(page)
        self.setFixedHeight(page.sizeHint().height() + 4)
        self.setVisible(bool(filters))

    def _chip(self, position: int, filter_: RowFilter, kind: str) -> QWidget:
        text = filter_text(filter_, kind)
        chip = QWidget()
        edit = QPushButton(theme.icon("filter"), text.replace("&", "&&"))
        edit.setToolTip(tr("Edit filter"))
        edit.setAccessibleName(tr("Edit filter: {text}").format(text=text))
        edit.clicked.connect(partial(self.edit_asked.emit, position))
        close = QToolButton()
        close.setIcon(theme.icon("close"))
        close.setAutoRaise(True)
        close.setToolTip(tr("Remove filter"))
        close.setAccessibleName(tr("Remove filter: {text}").format(text=text))
        close.clicked.connect(partial(self.removed.emit, position))
        row = QHBoxLayout(chip)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(0)
        row.addWidget(edit)
        row.addWidget(close)
        return chip


def filter_text(filter_: RowFilter, kind: str) -> str:
    """Return a condition as a short text."""
    name, test, values = filter_
    if test == "between":
        show = formatting.moment if kind == "datetime" else formatting.grouped
        low, high = values
        if low is None or high is None:
            sign, end = ("≤", high) if low is None else ("≥", low)
            text = f"{sign} {show(end)}"
        elif low == high:
            text = f"= {show(low)}"
        else:
            text = tr("from {low} to {high}").format(low=show(low), high=show(high))
    elif test == "contains":
        text = tr("contains “{values}”").format(values=values[0])
    elif values == (None,):
        text = tr("is missing") if test == "in" else tr("isn't missing")
    else:
        shown = [value_text(value) for value in values[:_MOST_NAMED]]
        if len(values) > _MOST_NAMED:
            shown.append(tr("{number} more").format(number=len(values) - _MOST_NAMED))
        text = (tr("is ") if test == "in" else tr("isn't ")) + tr(" or ").join(shown)
    whole = f"{name} {text}"
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def value_text(value: Any) -> str:
    """Return a value in a condition."""
    if value is None:
        return tr("missing")
    if isinstance(value, bool):
        return str(value).lower()
    text = formatting.cell(value)
    return text if not isinstance(value, str) else f"“{text[:30]}{'…' if len(text) > 30 else ''}”"
