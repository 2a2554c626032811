"""From a stored output to the view that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.views.background import Caller, Tasks
from designer.app.views.icon_label import IconLabel
from designer.app.views.message_view import MessageView
from modules.contract import ModuleSpec

Specs = Mapping[str, ModuleSpec]

PATIENCE = 200
"""Milliseconds before a view says that it reads: most is there sooner, and words would flash."""


class Stored(Protocol):
    """What a view must know of an output; ``designer.engine.results.Output`` is one."""

    @property
    def type(self) -> str:
        """The type of the value."""

    @property
    def path(self) -> Path:
        """The folder that holds it."""


@runtime_checkable
class HasTools(Protocol):
    """A view with buttons that belong beside its title."""

    tools: QWidget


def open_result(
    output: Stored,
    title: str,
    engine: Caller | None,
    specs: Specs | None = None,
) -> QWidget:
    """Return a widget that shows a stored output.

    Parameters
    ----------
    output : Stored
        Its folder is only read. A damaged or missing one gives a widget that says so.
    title : str
        What the person calls it, for example ``Split Data, first``.
    engine : Caller or None
        Reads models and computes statistics in its workers; without one a thread does.
        A thread opens tables: the window waits for no file.
    specs : mapping of str to ModuleSpec, optional
        The modules that exist; settings of models have the titles of their parameters.
    """
    return ResultView(output, title, engine, specs)


class ResultView(QWidget):
    """A title, and below it the view of the value as soon as it is read.

    Attributes
    ----------
    view : QWidget
        The view itself, or a message in its place.
    reading : bool
        The value is not there yet.
    """

    def __init__(
        self,
        output: Stored,
        title: str,
        engine: Caller | None,
        specs: Specs | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._title = title
        self._path = Path(output.path)
        self._engine = engine
        self._specs = specs or {}
        self._tasks = Tasks(self, engine)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._head = _heading(title, output.type)
        self._column.addWidget(self._head)
        self.reading = True
        self.view: QWidget = QWidget()
        self._column.addWidget(self.view, 1)
        self._waiting = QTimer(self, singleShot=True, interval=PATIENCE)
        self._waiting.timeout.connect(lambda: self._put(MessageView("Reading…", icon="clock")))
        self._waiting.start()
        self._open(output.type)

    def _open(self, kind: str) -> None:
        if not self._path.is_dir():
            self._fail("The stored result is gone.", "Run the step that made it again.")
        elif kind == "DataTable":
            Tasks(self, None).run(_open_table, self._path, done=self._show_table, failed=self._fail)
        elif kind in ("Files", "ImageFolder"):
            from designer.app.views.files_view import FilesView

            self._show(FilesView(self._path / "files", pictures=kind == "ImageFolder"))
        elif kind in _VIEWS:
            from designer.engine.inspection import inspect

            self._tasks.run(
                inspect,
                self._path,
                done=lambda plain: self._show_plain(kind, plain),
                failed=self._fail,
            )
        else:
            self._fail(
                f"There is no view for a result of type “{kind}”.",
                "It may come from a newer version of ModelDesk.",
            )

    def _show_table(self, stored: Any) -> None:
        from designer.app.views.table_view import TableView

        self._show(TableView(stored, self._path, self._title, self._engine))

    def _show_plain(self, kind: str, plain: Any) -> None:
        self._show(_VIEWS[kind](plain, self._title, self._specs))

    def _show(self, view: QWidget) -> None:
        self.reading = False
        self._waiting.stop()
        self._put(view)

    def _put(self, view: QWidget) -> None:
        old, self.view = self.view, view
        self._column.replaceWidget(old, view)
        self._column.setStretchFactor(view, 1)
        old.deleteLater()
        head = self._head.layout()
        if isinstance(view, HasTools) and head is not None:
            head.addWidget(view.tools)
        self.setFocusProxy(getattr(view, "grid", view))

    def _fail(self, message: str, hint: str) -> None:
        self._show(MessageView(message, hint))


def _open_table(folder: Path) -> Any:
    """Open a stored table; the library for that is imported here, on a thread."""
    from designer.engine.output_check import check_output
    from designer.engine.stored_table import open_table

    check_output(folder)
    return open_table(folder)


def _heading(title: str, kind: str) -> QWidget:
    bar = QFrame()
    icon = IconLabel(_ICONS.get(kind, "file"), 18, lambda: theme.current().type_color(kind))
    name = QLabel(title)
    name.setProperty("role", "title")
    name.setTextFormat(Qt.TextFormat.PlainText)
    row = QHBoxLayout(bar)
    row.setContentsMargins(14, 10, 14, 4)
    row.setSpacing(8)
    row.addWidget(icon)
    row.addWidget(name)
    # Titles often hold the word already: "Train Model, trained model".
    if _NAMES.get(kind, kind) not in title.casefold():
        what = QLabel(_NAMES.get(kind, kind))
        what.setProperty("role", "muted")
        row.addWidget(what)
    row.addStretch(1)
    return bar


def _evaluation(plain: Any, title: str, specs: Specs) -> QWidget:
    from designer.app.views.evaluation_view import EvaluationView

    return EvaluationView(plain, title)


def _model(plain: Any, title: str, specs: Specs) -> QWidget:
    from designer.app.views.model_view import ModelView

    return ModelView(plain, specs)


def _learner(plain: Any, title: str, specs: Specs) -> QWidget:
    from designer.app.views.model_view import LearnerView

    return LearnerView(plain, specs)


def _transformation(plain: Any, title: str, specs: Specs) -> QWidget:
    from designer.app.views.model_view import TransformationView

    return TransformationView(plain)


_VIEWS: dict[str, Callable[[Any, str, Specs], QWidget]] = {
    "Evaluation": _evaluation,
    "TrainedModel": _model,
    "UntrainedModel": _learner,
    "Transformation": _transformation,
}

_ICONS = {
    "DataTable": "table",
    "Evaluation": "chart",
    "TrainedModel": "model",
    "UntrainedModel": "settings",
    "Transformation": "module",
    "Files": "folder",
    "ImageFolder": "folder",
}

_NAMES = {
    "DataTable": "dataset",
    "Evaluation": "evaluation",
    "TrainedModel": "trained model",
    "UntrainedModel": "untrained model",
    "Transformation": "transformation",
    "Files": "files",
    "ImageFolder": "images",
}
