"""From a stored output to the view that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.views.background import Caller, Tasks
from designer.app.views.icon_label import IconLabel
from designer.app.views.message_view import MessageView
from designer.app.views.registry import (
    GENERAL,
    Found,
    KeptChart,
    OpenTrial,
    Specs,
    StoredModel,
    View,
    find_view,
)
from designer.app.widgets.one_line_label import OneLineLabel
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract.port_type import find_port_type

PATIENCE = 200
"""Milliseconds before a view shows that it is loading: a quick one would only flash."""


class Stored(Protocol):
    """What a view needs of an output; ``designer.engine.results.Output`` is one."""

    @property
    def type(self) -> str:
        """The type of the value."""

    @property
    def path(self) -> Path:
        """The folder that contains it."""


@runtime_checkable
class HasTools(Protocol):
    """A view with buttons that belong beside its title."""

    tools: QWidget


def open_result(
    output: Stored,
    title: str,
    engine: Caller | None,
    specs: Specs | None = None,
    inputs: Mapping[str, str] | None = None,
    open_trial: OpenTrial | None = None,
    models: Sequence[StoredModel] = (),
    chart: KeptChart | None = None,
) -> ResultView:
    """Return a widget that shows a stored output.

    Parameters
    ----------
    output : Stored
        Its folder is only read. For a damaged or missing one the widget shows the reason.
    title : str
        What the user calls it, for example ``Split Data, first``.
    engine : Caller or None
        Reads models and computes statistics in its workers; without one a thread does.
        A thread opens tables: the window waits for no file.
    specs : mapping of str to ModuleSpec, optional
        The modules that exist; settings of models have the titles of their parameters.
    inputs : mapping of str to str, optional
        What the user calls the data at inputs of the module, for legends.
    open_trial : callable, optional
        Opens a trial of a leaderboard as a pipeline.
    models : sequence of StoredModel, optional
        Those that may be asked about rows of a table.
    chart : KeptChart, optional
        Where the chart of a table is kept.
    """
    return ResultView(output, title, engine, specs, inputs, open_trial, models, chart)


class ResultView(QWidget):
    """A title, and below it the view of the value as soon as it is read.

    Attributes
    ----------
    view : QWidget
        The view itself, or a message instead.
    reading : bool
        The value isn't there yet.
    """

    def __init__(
        self,
        output: Stored,
        title: str,
        engine: Caller | None,
        specs: Specs | None = None,
        inputs: Mapping[str, str] | None = None,
        open_trial: OpenTrial | None = None,
        models: Sequence[StoredModel] = (),
        chart: KeptChart | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._title = title
        self._path = Path(output.path)
        self._engine = engine
        self._specs = specs or {}
        self._inputs = inputs or {}
        self._open_trial = open_trial
        self._models = models
        self._chart = chart
        self._tasks = Tasks(self, engine)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        head, self._row = _heading(title, output.type)
        self._column.addWidget(head)
        self._at_end = 0
        self.reading = True
        self.view: QWidget = QWidget()
        self._column.addWidget(self.view, 1)
        self._waiting = QTimer(self, singleShot=True, interval=PATIENCE)
        self._waiting.timeout.connect(lambda: self._put(MessageView(tr("Reading…"), icon="clock")))
        self._waiting.start()
        self._open(output.type)

    def add_at_end(self, widget: QWidget) -> None:
        """Add a widget at the end of the title's row, after the tools of the view."""
        self._row.addWidget(widget)
        self._at_end += 1

    def _open(self, type_name: str) -> None:
        kind = find_port_type(type_name)
        view = find_view(kind.view if kind else GENERAL)
        if not self._path.is_dir():
            self._fail(tr("The stored result no longer exists."), tr("Run its step again."))
        elif view.read is None:
            self._show_content(view, None)
        else:
            tasks = self._tasks if view.in_worker else Tasks(self, None)
            tasks.run(
                view.read,
                self._path,
                done=lambda content: self._show_content(view, content),
                failed=self._fail,
            )

    def _show_content(self, view: View, content: Any) -> None:
        found = Found(
            content,
            self._path,
            self._title,
            self._engine,
            self._specs,
            self._inputs,
            self._open_trial,
            self._models,
            self._chart,
        )
        self._show(view.show(found))

    def _show(self, view: QWidget) -> None:
        self.reading = False
        self._waiting.stop()
        self._put(view)

    def _put(self, view: QWidget) -> None:
        old, self.view = self.view, view
        self._column.replaceWidget(old, view)
        self._column.setStretchFactor(view, 1)
        old.deleteLater()
        if isinstance(view, HasTools):
            self._row.insertWidget(self._row.count() - self._at_end, view.tools)
        self.setFocusProxy(getattr(view, "grid", view))

    def _fail(self, message: str, hint: str) -> None:
        self._show(MessageView(message, hint))


def _heading(title: str, type_name: str) -> tuple[QWidget, QHBoxLayout]:
    kind = find_port_type(type_name)
    bar = QFrame()
    drawing = kind.icon if kind else "file"
    icon = IconLabel(drawing, 18, lambda: theme.current().type_color(type_name))
    name = OneLineLabel(title)
    name.setProperty("role", "title")
    name.setTextFormat(Qt.TextFormat.PlainText)
    row = QHBoxLayout(bar)
    row.setContentsMargins(14, 10, 14, 4)
    row.setSpacing(8)
    row.addWidget(icon)
    row.addWidget(name)
    # Titles often contain it already: "Train Model, trained model".
    type_title = in_language(kind.title) if kind else type_name
    if type_title.casefold() not in title.casefold():
        what = QLabel(type_title)
        what.setProperty("role", "muted")
        row.addWidget(what)
    row.addStretch(1)
    return bar, row
