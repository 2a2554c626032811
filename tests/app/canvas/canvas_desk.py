"""A catalogue of small modules and a canvas whose edits are applied as the window does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.canvas import MODULE_MIME, Canvas
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link, Pipeline
from modules.contract import Category, DataTable, ModuleSpec
from modules.contract.specification import Port
from modules.values import Evaluation, TrainedModel, Transformation, UntrainedModel


def spec_of(
    name: str,
    title: str,
    category: str,
    inputs: tuple[Port, ...] = (),
    outputs: tuple[Port, ...] = (),
    keywords: tuple[str, ...] = (),
    summary: str = "",
) -> ModuleSpec:
    return ModuleSpec(
        id=name,
        title=title,
        category=Category(category),
        version=1,
        function=print,
        inputs=inputs,
        outputs=outputs,
        keywords=keywords,
        summary=summary,
    )


def table(name: str, optional: bool = False) -> Port:
    return Port(name, (DataTable,), optional)


TRANSFORM, TRAIN = "Data Transformation", "Model Training"

SPECS = [
    spec_of(
        "dataset",
        "Dataset",
        "Data Input and Output",
        outputs=(table("dataset"),),
        keywords=("csv", "file"),
        summary="Reads a table from a file.",
    ),
    spec_of(
        "select_columns",
        "Select Columns in Dataset",
        TRANSFORM,
        (table("dataset"),),
        (table("selected"),),
        ("project",),
    ),
    spec_of(
        "clean_missing",
        "Clean Missing Data",
        TRANSFORM,
        (table("dataset"),),
        (table("cleaned"), Port("transformation", (Transformation,))),
        ("impute",),
        "Removes or replaces empty cells.",
    ),
    spec_of(
        "split_data",
        "Split Data",
        TRANSFORM,
        (table("dataset"),),
        (table("first"), table("second")),
    ),
    spec_of(
        "join_data",
        "Join Data",
        TRANSFORM,
        (table("left"), table("right", optional=True)),
        (table("joined"),),
    ),
    spec_of(
        "linear_regression",
        "Linear Regression",
        "Regression",
        outputs=(Port("untrained_model", (UntrainedModel,)),),
    ),
    spec_of(
        "train_model",
        "Train Model",
        TRAIN,
        (Port("untrained_model", (UntrainedModel,)), table("dataset")),
        (Port("trained_model", (TrainedModel,)),),
    ),
    spec_of(
        "score_model",
        "Score Model",
        "Model Scoring and Evaluation",
        (Port("trained_model", (TrainedModel,)), table("dataset")),
        (table("scored"),),
    ),
    spec_of(
        "evaluate_model",
        "Evaluate Model",
        "Model Scoring and Evaluation",
        (table("scored"), table("scored_to_compare", optional=True)),
        (Port("evaluation", (Evaluation,)),),
    ),
]

CATALOG = {spec.id: spec for spec in SPECS}


def link(source: str, target: str) -> Link:
    return Link(Endpoint(*source.split(".")), Endpoint(*target.split(".")))


def pipeline_of(places: dict[str, tuple[float, float]], *links: tuple[str, str]) -> Pipeline:
    """Build a pipeline; an id ending in a number is another node of the same module."""
    pipeline = Pipeline()
    for name, place in places.items():
        module = name.rstrip("0123456789").rstrip("_")
        pipeline, _ = edits.add_node(pipeline, module, position=place, node_id=name)
    for source, target in links:
        pipeline = edits.connect(pipeline, *link(source, target))
    return pipeline


class Desk:
    """A canvas, the pipeline it edits, and a hand with a mouse and a keyboard."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.pipeline = Pipeline()
        self.steps: list[tuple[str, Any]] = []
        self.history: list[Pipeline] = []
        self.messages: list[str] = []
        canvas.edited.connect(self.apply)
        canvas.message.connect(self.messages.append)

    def apply(self, text: str, function: Callable[[Pipeline], Pipeline], merge: Any) -> None:
        self.history.append(self.pipeline)
        self.steps.append((text, merge))
        self.pipeline = function(self.pipeline)
        self.canvas.show_pipeline(self.pipeline)

    def undo(self) -> None:
        self.show(self.history.pop())

    def show(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.canvas.show_pipeline(pipeline)

    @property
    def viewport(self) -> Any:
        return self.canvas.viewer.viewport()

    def at(self, x: float, y: float) -> QPoint:
        """The pixel of a place in scene units."""
        return self.canvas.viewer.to_view(QPointF(x, y)).toPoint()

    def card(self, name: str) -> QPoint:
        """The pixel in the middle of a card or note."""
        center = self.canvas.graph.bounds([name]).center()
        return self.at(center.x(), center.y())

    def port(self, address: str) -> QPoint:
        """The pixel of a port, ``node.port`` for an output and ``node:port`` for an input."""
        is_output = "." in address
        node, name = address.split("." if is_output else ":")
        item = self.canvas.graph.nodes[node]
        port = item.port(name, is_output)
        place = item.pos() + port.center
        return self.at(place.x(), place.y())

    def press(self, at: QPoint, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mouseMove(self.viewport, at)
        QTest.mousePress(self.viewport, Qt.MouseButton.LeftButton, modifiers, at)

    def move(self, *places: QPoint) -> None:
        for place in places:
            QTest.mouseMove(self.viewport, place)
            QApplication.processEvents()

    def release(self, at: QPoint, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mouseRelease(self.viewport, Qt.MouseButton.LeftButton, modifiers, at)
        QApplication.processEvents()

    def drag(self, start: QPoint, end: QPoint, *between: QPoint) -> None:
        self.press(start)
        middle = QPoint((start.x() + end.x()) // 2, (start.y() + end.y()) // 2)
        self.move(*(between or (middle,)), end)
        self.release(end)

    def click(self, at: QPoint, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        self.press(at, modifiers)
        self.release(at, modifiers)

    def double_click(self, at: QPoint) -> None:
        QTest.mouseMove(self.viewport, at)
        QTest.mouseDClick(self.viewport, Qt.MouseButton.LeftButton, pos=at)
        QApplication.processEvents()

    def key(self, key: Any, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.canvas.viewer, key, modifiers)
        QApplication.processEvents()

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)
        QApplication.processEvents()

    def listed(self) -> list[str]:
        """The titles in the open list of modules."""
        model = self.canvas.quick_add.model
        return [model.index(row).data() for row in range(model.rowCount())]


LEFT, NONE, COPY = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.DropAction.CopyAction,
)


def module(name: str) -> QMimeData:
    data = QMimeData()
    data.setData(MODULE_MIME, name.encode())
    return data


class Dragged:
    """Something held over the canvas."""

    def __init__(self, desk: Desk, data: QMimeData) -> None:
        self.desk, self.data = desk, data

    def over(self, x: float, y: float) -> bool:
        """Move to a scene place; tell whether it may be dropped there."""
        at = self.desk.at(x, y)
        entering = QDragEnterEvent(at, COPY, self.data, LEFT, NONE)
        entering.ignore()
        QApplication.sendEvent(self.desk.viewport, entering)
        moving = QDragMoveEvent(at, COPY, self.data, LEFT, NONE)
        moving.ignore()
        if entering.isAccepted():
            QApplication.sendEvent(self.desk.viewport, moving)
        return moving.isAccepted()

    def drop(self, x: float, y: float) -> None:
        self.over(x, y)
        event = QDropEvent(QPointF(self.desk.at(x, y)), COPY, self.data, LEFT, NONE)
        QApplication.sendEvent(self.desk.viewport, event)
