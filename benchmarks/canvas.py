"""The canvas against NodeGraphQt's own items, in one run: milliseconds and ratios.

Run with ``QT_QPA_PLATFORM=offscreen python benchmarks/canvas.py [NODES ...]``. Both
show the same graph (a grid, 1.5 links a node, 2 inputs and 2 outputs) in a view of
1400 x 900 pixels. Stock items are linked without the library's undo stack and with a
linear check for cycles, since its own does not end on graphs of this size.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QApplication

from designer.app.canvas import Canvas
from designer.app.canvas.nodegraph import BaseViewer
from designer.app.shell import theme
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from modules.contract import Category, DataTable, ModuleSpec
from modules.contract.specification import Port

SIZES = (100, 500, 1000, 2000)
STOCK_LIMIT = 1000
SIZE = (1400, 900)
FRAMES = 15
STEP = (300.0, 130.0)


def main(sizes: tuple[int, ...]) -> None:
    app = QApplication.instance() or QApplication([])
    theme.apply(app, "light")
    print(f"{'':24}{'stock':>10}{'canvas':>10}{'ratio':>8}")
    for count in sizes:
        ours = measure_canvas(app, count)
        stock = measure_stock(app, count) if count <= STOCK_LIMIT else {}
        print(f"{count} nodes, {len(graph_of(count)[1])} links")
        for name, mine in ours.items():
            theirs = stock.get(name)
            columns = (
                f"{theirs:10.1f}{mine:10.1f}{mine / theirs:8.2f}"
                if theirs
                else (f"{'':10}{mine:10.1f}")
            )
            print(f"  {name:22}{columns}")


def graph_of(count: int) -> tuple[list[tuple[float, float]], list[tuple[int, int, int, int]]]:
    """Return places, and links as (source, its output, target, its input)."""
    # As wide and high as the view, so that fitting it shows the cards as large as can be.
    columns = round((count * SIZE[0] / SIZE[1] * STEP[1] / STEP[0]) ** 0.5)
    places = [(i % columns * STEP[0], i // columns * STEP[1]) for i in range(count)]
    links = []
    for index in range(columns, count):
        links.append((index - columns, index % 2, index, 0))
        if index % 2 and index % columns:
            links.append((index - columns - 1, 1, index, 1))
    return places, links


def measure_canvas(app: QApplication, count: int) -> dict[str, float]:
    ports = tuple(Port(name, (DataTable,)) for name in ("first", "second"))
    spec = ModuleSpec("step", "Split Data", Category("Data Transformation"), 1, print, ports, ports)
    places, links = graph_of(count)
    names = ("first", "second")
    pipeline = Pipeline(
        nodes={f"n{i}": Node(f"n{i}", "step", position=place) for i, place in enumerate(places)},
        links=tuple(
            Link(Endpoint(f"n{a}", names[o]), Endpoint(f"n{b}", names[i])) for a, o, b, i in links
        ),
    )
    canvas = Canvas({"step": spec})
    canvas.resize(*SIZE)
    canvas.show()
    app.processEvents()
    found = {"build": once(lambda: canvas.show_pipeline(pipeline))}
    viewer = canvas.viewer
    canvas.fit()
    app.processEvents()
    found["pan, whole graph"] = frames(app, viewer.viewport(), lambda i: viewer.pan(2, i % 2))
    found["zoom, whole graph"] = frames(
        app, viewer.viewport(), lambda i: viewer.zoom_by(1.05 if i % 2 else 1 / 1.05)
    )
    canvas.zoom_reset()
    viewer.centerOn(*places[count // 2])
    app.processEvents()
    found["pan, life size"] = frames(app, viewer.viewport(), lambda i: viewer.pan(9, i % 2))
    canvas.fit()
    chosen = [f"n{i}" for i in range(min(100, count))]
    canvas.select(chosen)
    app.processEvents()

    def drag(step: int) -> None:
        for index, name in enumerate(chosen):
            canvas.graph.move_to(name, places[index][0] + step * 4, places[index][1])

    found["drag 100 nodes"] = frames(app, None, drag)
    middle = f"n{count // 2}"
    x, y = places[count // 2]
    changed = edits.move(pipeline, {middle: (x + 20, y)})
    commented = edits.set_comment(pipeline, middle, "Changed")
    shown = []
    for after in (changed, commented) * 5:
        canvas.show_pipeline(pipeline)
        shown.append(once(lambda after=after: canvas.show_pipeline(after)))
    found["show one change"] = statistics.median(shown)
    canvas.deleteLater()
    app.processEvents()
    return found


def measure_stock(app: QApplication, count: int) -> dict[str, float]:
    from NodeGraphQt import BaseNode, NodeGraph
    from NodeGraphQt.widgets.viewer import NodeViewer

    class Viewer(NodeViewer):
        _combined_rect = BaseViewer._combined_rect
        acyclic_check = staticmethod(BaseViewer.acyclic_check)

    class Step(BaseNode):
        __identifier__ = "bench"
        NODE_NAME = "Split Data"

        def __init__(self) -> None:
            super().__init__()
            for name in ("first", "second"):
                self.add_input(name)
                self.add_output(f"{name} out")

    places, links = graph_of(count)
    graph = NodeGraph(viewer=Viewer())
    viewer = graph.viewer()
    graph.register_node(Step)
    viewer.resize(*SIZE)
    viewer.show()
    app.processEvents()
    nodes: list[BaseNode] = []

    def build() -> None:
        for index, place in enumerate(places):
            nodes.append(
                graph.create_node(
                    "bench.Step", name=f"n{index}", pos=place, selected=False, push_undo=False
                )
            )
        for a, output, b, given in links:
            nodes[a].output(output).connect_to(nodes[b].input(given), push_undo=False)

    found = {"build": once(build)}
    area = QRectF()
    for node in nodes:
        area = area.united(node.view.sceneBoundingRect())
    viewer.set_scene_rect([area.x(), area.y(), area.width(), area.height()])
    app.processEvents()
    found["pan, whole graph"] = frames(
        app, viewer.viewport(), lambda i: viewer._set_viewer_pan(8, i % 2)
    )
    found["zoom, whole graph"] = frames(
        app, viewer.viewport(), lambda i: viewer._set_viewer_zoom(50 if i % 2 else -50)
    )
    viewer.reset_zoom(QPointF(*places[count // 2]))
    app.processEvents()
    found["pan, life size"] = frames(
        app, viewer.viewport(), lambda i: viewer._set_viewer_pan(9, i % 2)
    )
    viewer.set_scene_rect([area.x(), area.y(), area.width(), area.height()])
    chosen = nodes[: min(100, count)]
    for node in chosen:
        node.view.setSelected(True)
    app.processEvents()

    def drag(step: int) -> None:
        for index, node in enumerate(chosen):
            node.view.setPos(places[index][0] + step * 4, places[index][1])

    found["drag 100 nodes"] = frames(app, None, drag)
    graph.clear_session()
    viewer.close()
    app.processEvents()
    return found


def once(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1000


def frames(app: QApplication, viewport: object, change: Callable[[int], object]) -> float:
    """Return the median time of a frame: the change and the painting it causes."""
    times = []
    for index in range(FRAMES):
        start = time.perf_counter()
        change(index)
        if viewport is not None:
            viewport.update()
        app.processEvents()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main(tuple(int(argument) for argument in sys.argv[1:]) or SIZES)
