"""The tour of the main window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QToolBar, QWidget

from designer import paths
from designer.app.canvas import Canvas
from designer.app.document.document import Document
from designer.app.document.file_actions import FileActions
from designer.app.panels.properties import Properties
from designer.app.runs.result_windows import ResultWindows
from designer.app.runs.run_controller import RunController
from designer.app.shell.commands import command
from designer.app.shell.navigation import Navigation
from designer.app.tour.callout import Callout
from designer.app.tour.script import Script, Step
from designer.app.widgets.announcer import Announcer
from designer.catalog import Catalog
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.texts import N_, tr

DONE = N_(
    "That's the score on cars that the model hasn't seen: the closer the coefficient of "
    "determination is to 1, the better. Change a parameter, and run again."
)


class Tour(QObject):
    """Shows what to do next, and continues when the pipeline shows that it was done.

    The window works as always: the tour only looks at the pipeline, its results, and what is
    shown of them.

    Signals
    -------
    changed
        It was started, left, or completed.

    Attributes
    ----------
    active : bool
        Whether it is shown.
    step : Step or None
        What is to be done; None once all is.
    """

    changed = Signal()

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        controller: RunController,
        canvas: Canvas,
        properties: Properties,
        results: ResultWindows,
        files: FileActions,
        navigation: Navigation,
        announcer: Announcer,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._document = document
        self._catalog = catalog
        self._controller = controller
        self._canvas = canvas
        self._properties = properties
        self._results = results
        self._files = files
        self._navigation = navigation
        self._announcer = announcer
        self._window = window
        self.active = False
        self.step: Step | None = None
        self._script: Script | None = None
        self._shown = ""
        self._watched: list[QObject] = []
        self._callout: Callout | None = None
        # What changes together is looked at once.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._look)
        for signal in (
            document.changed,
            canvas.selection_changed,
            canvas.zoom_changed,
            controller.progressed,
            controller.finished,
            navigation.page_changed,
            results.changed,
        ):
            signal.connect(self._look_soon)
        files.opened.connect(self._on_opened)

    @command(
        tr("Take the tour"),
        help=tr("Build, run, and read a pipeline in ninety seconds."),
        menus="Help 1.04",
        label=lambda self: tr("Resume the tour") if self.can_resume else tr("Take the tour"),
    )
    def take_tour(self) -> None:
        """Start the tour with a new pipeline, or continue it where it was left."""
        if not self.can_resume and not self._begin():
            return
        self.active = True
        self._shown = ""
        self._navigation.show("editing")
        if not self._watched:
            self._watched = [self._window, self._canvas.viewer.viewport()]
            for each in self._watched:
                each.installEventFilter(self)
        self.changed.emit()
        self._look_soon()

    @property
    def can_resume(self) -> bool:
        """Whether it was left and its pipeline is still open."""
        return self._script is not None and not self.active

    def leave(self) -> None:
        """Hide the tour; it can be resumed as long as its pipeline is open."""
        self.active = False
        self._soon.stop()
        for each in self._watched:
            each.removeEventFilter(self)
        self._watched = []
        if self._callout is not None:
            self._callout.hide()
            self._callout.deleteLater()
            self._callout = None
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the target when the window or the canvas is laid out or painted again."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Paint, QEvent.Type.LayoutRequest):
            self._look_soon()
        return super().eventFilter(watched, event)

    def _begin(self) -> bool:
        """Open a new pipeline with its first node; false if the user wants to stay."""
        if not self._files.new():
            return False
        goal = pipeline_file.read(paths.resources() / "tour.pipeline.json")
        self._script = script = Script(goal, self._catalog)
        data = {name: str(paths.samples() / str(path)) for name, path in _paths(script).items()}
        self._document.apply(
            tr("Add data"),
            lambda pipeline: edits.add_node(
                pipeline,
                script.first.module,
                position=script.first.position,
                parameters=data,
            )[0],
        )
        self._canvas.select(list(self._document.pipeline.nodes))
        return True

    def _on_opened(self) -> None:
        """End it with its pipeline."""
        self._script = None
        if self.active:
            self.leave()
        self.changed.emit()

    def _look_soon(self, *_: object) -> None:
        if self.active:
            self._soon.start()

    def _look(self) -> None:
        """Show the next step beside its target."""
        if self._script is None or not self.active:
            return
        pipeline = self._document.pipeline
        self.step = self._script.step(pipeline, completed=self._completed())
        if self.step is None:
            self.leave()
            return
        if not self._navigation.editing:
            self._hide()
            return
        shown = self._shown_result()
        if shown is not None:
            self.step = None
            over = self._window if self._window.isAncestorOf(shown) else shown.window()
            self._show(tr(DONE), "", tr("Close"), _inside(shown, over), over)
            return
        target = self._target(self.step)
        if target is None or self._controller.running:
            self._hide()
            return
        text = self.step.text
        if self.step.target == "field" and self._field(self.step) is None:
            spec = self._catalog[pipeline.nodes[self.step.node].module]
            text = tr("Click {module} to see its parameters.").format(module=spec.title)
        count = tr("{number} of {count}").format(number=self.step.number, count=self.step.of)
        self._show(text, count, tr("Leave (Esc)"), target, self._window)

    def _completed(self) -> bool:
        """Return whether the last node has a result of the pipeline as it is."""
        assert self._script is not None
        built = self._script.built(self._document.pipeline)
        last = built.get(self._script.last.id)
        result = self._controller.result(last.id) if last is not None else None
        return (
            last is not None
            and result is not None
            and result.status in ("completed", "reused")
            and not self._controller.running
            and last.id not in self._controller.stale(self._document.pipeline, self._document.base)
        )

    def _shown_result(self) -> QWidget | None:
        """Return the widget in which the result of the last node is shown."""
        assert self._script is not None
        if not self._completed():
            return None
        last = self._script.built(self._document.pipeline)[self._script.last.id]
        result = self._controller.result(last.id)
        paths_of = {output.path for output in result.outputs.values()} if result else set()
        return next((each for each in self._results.all() if each.path in paths_of), None)

    def _target(self, step: Step) -> QRect | None:
        """Return where the target is in the window; None if it can't be seen."""
        if step.target == "run":
            return self._run_button()
        field = self._field(step)
        if field is not None:
            return self._in_view(field)
        viewer = self._canvas.viewer
        area = viewer.mapFromScene(self._canvas.graph.bounds([step.node])).boundingRect()
        corner = viewer.viewport().mapTo(self._window, QPoint())
        return area.intersected(viewer.viewport().rect()).translated(corner)

    def _field(self, step: Step) -> QWidget | None:
        """Return the field of a step, if its node is selected."""
        field = self._properties.fields.get(step.parameter)
        shown = field is not None and self._properties.node == step.node and field.isVisible()
        return field if shown else None

    def _in_view(self, field: QWidget) -> QRect:
        """Return the visible part of a field, scrolled there if none is."""
        panel: QScrollArea = self._properties
        if field.visibleRegion().isEmpty():
            panel.ensureWidgetVisible(field)
        area = QRect(field.mapTo(self._window, QPoint()), field.size())
        port = panel.viewport()
        return area.intersected(QRect(port.mapTo(self._window, QPoint()), port.size()))

    def _run_button(self) -> QRect | None:
        for bar in self._window.findChildren(QToolBar):
            for action in bar.actions():
                button = bar.widgetForAction(action)
                if action.objectName() == "run" and button is not None:
                    return QRect(button.mapTo(self._window, QPoint()), button.size())
        return None

    def _show(self, text: str, count: str, leave: str, target: QRect, window: QWidget) -> None:
        if self._callout is None or self._callout.parentWidget() is not window:
            if self._callout is not None:
                self._callout.deleteLater()
            self._callout = Callout(window)
            self._callout.left.connect(self.leave)
            self._callout.destroyed.connect(partial(self._on_destroyed, id(self._callout)))
        self._callout.show_text(text, count, leave)
        self._callout.point_to(target)
        if text != self._shown:
            self._shown = text
            self._announcer.say(f"{count}: {text}" if count else text)

    def _hide(self) -> None:
        if self._callout is not None:
            self._callout.hide()

    def _on_destroyed(self, which: int, _: object = None) -> None:
        """Forget the callout of a result window that was closed; the tour is over with it."""
        if self._callout is not None and id(self._callout) == which:
            self._callout = None
            if self.active:
                self.leave()


def _paths(script: Script) -> dict[str, object]:
    return dict(script.first.parameters)


def _inside(widget: QWidget, window: QWidget) -> QRect:
    """Return the head of a result, which the callout is below."""
    corner = widget.mapTo(window, QPoint())
    return QRect(corner, widget.size()).adjusted(12, 4, -12, -widget.height() + 36)
