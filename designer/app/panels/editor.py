"""Base of all editors of a parameter's value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from designer.app.datasets.datasets import RegisteredDataset
from designer.app.views.background import Caller
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fields.number_box import NumberBox
from designer.texts import tr
from modules.contract import Parameter
from modules.contract.columns import Column

NOT_SET = tr("Not set")


@dataclass(frozen=True)
class DataSource:
    """What a node reads, for editors that show its data.

    Parameters
    ----------
    module : str
        The module's id.
    parameters : mapping
        In plain JSON, with absolute paths.
    reader : Caller or None
        What reads; without one a thread of this process.
    at_once : bool
        It may be read without the user asking for it.
    """

    module: str
    parameters: Mapping[str, Any]
    reader: Caller | None
    at_once: bool


class Context:
    """The context of a parameter for its editor.

    Parameters
    ----------
    base : Path
        The folder of the pipeline.
    columns : callable
        From the name of an input port to its columns; None while they are unknown.
    datasets : callable
        Returns the registered datasets.
    may_look : callable
        Returns whether the files that the node names may be looked at.

    Attributes
    ----------
    data : callable
        Returns what the node reads; None if it reads nothing, or nothing that may be looked at.
    values : callable
        From the name of an input port, a column, and a function: calls it with the most frequent
        values of the column, as text, once they are known.
    column : callable
        From the name of a parameter to the input port and the column that it names, or that is
        used if it names none; None if it isn't exactly one.
    """

    def __init__(
        self,
        base: Path,
        columns: Callable[[str], Sequence[Column] | None] = lambda port: None,
        datasets: Callable[[], Sequence[RegisteredDataset]] = tuple,
        may_look: Callable[[], bool] = lambda: True,
    ) -> None:
        self.base = base
        self.columns = columns
        self.datasets = datasets
        self.may_look = may_look
        self.data: Callable[[], DataSource | None] = lambda: None
        self.values: Callable[[str, str, Callable[[list[str]], None]], None] = (
            lambda port, column, done: None
        )
        self.column: Callable[[str], tuple[str, str] | None] = lambda name: None


class Editor(QWidget):
    """Base of all editors.

    Signals
    -------
    edited : object
        The value, at every change.
    finished
        The value is complete, although the focus may stay.
    added : QWidget
        A widget with others that came after the editor was made.
    """

    edited = Signal(object)
    finished = Signal()
    added = Signal(QWidget)

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__()
        self.parameter = parameter
        self.context = context

    def set_value(self, value: Any) -> None:
        """Show a value without emitting ``edited``."""
        raise NotImplementedError

    def commit(self) -> None:
        """Commit what was typed but not emitted yet; most editors emit at once."""

    def mark(self, invalid: bool) -> None:
        """Show whether the value isn't allowed."""
        target = self.focusProxy() or self
        if bool(target.property("invalid")) != invalid:
            target.setProperty("invalid", invalid)
            target.style().unpolish(target)
            target.style().polish(target)

    def _contain(self, widget: QWidget, *others: QWidget) -> None:
        """Lay widgets out in a row; the first gets the focus."""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(widget, 1)
        for other in others:
            layout.addWidget(other)
        self.setFocusProxy(widget)
        widget.setAccessibleName(self.parameter.title)
        if isinstance(widget, QLineEdit):
            widget.returnPressed.connect(self.finished)
        if isinstance(widget, (QLineEdit, QComboBox, NumberBox)):
            leave_undo(widget if isinstance(widget, QLineEdit) else widget.lineEdit())


def leave_undo(line: QLineEdit | None) -> None:
    """Leave undo and redo in a line to the document, which has every step of the field."""
    if line is not None:
        line.installEventFilter(_DocumentUndo(line))


class QuietCombo(ChoiceBox):
    """Ignores the wheel without the focus, and signals when its list opens."""

    about_to_open = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def showPopup(self) -> None:
        self.about_to_open.emit()
        super().showPopup()

    def wheelEvent(self, event: Any) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _DocumentUndo(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return True
        return super().eventFilter(watched, event)
