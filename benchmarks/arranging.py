"""Arranging large pipelines and routing their links: time, size, and what is behind cards.

Run with ``QT_QPA_PLATFORM=offscreen python benchmarks/arranging.py [NAME ...]``. Times are
milliseconds of the processor: to arrange, to show the result on a canvas (links routed), and to
show it with one card moved. ``view`` is the
zoom at which the whole pipeline fits into 1,600 x 1,000 pixels; ``behind`` counts the links that
pass behind a card that they don't belong to; ``again`` is what arranging once more would move.
The last rows repeat the random graph with 200 and 1,000 cards.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from itertools import pairwise

from _large_pipelines import CATALOG, PIPELINES, tangled
from PySide6.QtWidgets import QApplication

from designer.app.canvas import Canvas, layout
from designer.app.shell import theme
from designer.pipeline import edits
from designer.pipeline.model import Pipeline

VIEW = (1600.0, 1000.0)


def main(names: list[str]) -> None:
    app = QApplication.instance() or QApplication([])
    theme.apply(app, "light")
    print(
        f"{'':14}{'cards':>6}{'arrange':>9}{'show':>7}{'move 1':>8}"
        f"{'view':>7}{'behind':>8}{'again':>7}"
    )
    makers = {**PIPELINES, "tangled 1000": partial(tangled, 1000)}
    for name in names or makers:
        measure(app, name, makers[name]())


def measure(app: QApplication, name: str, pipeline: Pipeline) -> None:
    start = time.process_time()
    arranged = layout(pipeline, CATALOG)(pipeline)
    arranging = time.process_time() - start
    again = layout(arranged, CATALOG)(arranged)
    moved = sum(again.nodes[one].position != node.position for one, node in arranged.nodes.items())
    canvas = Canvas(CATALOG)
    start = time.process_time()
    canvas.show_pipeline(arranged)
    showing = time.process_time() - start
    area = canvas.graph.bounds()
    behind = sum(is_behind_a_card(canvas, item) for item in canvas.graph.links.values())
    middle = list(arranged.nodes)[len(arranged.nodes) // 2]
    x, y = arranged.nodes[middle].position
    changed = edits.move(arranged, {middle: (x + 100.0, y + 40.0)})
    start = time.process_time()
    canvas.show_pipeline(changed)
    moving = time.process_time() - start
    zoom = min(VIEW[0] / area.width(), VIEW[1] / area.height())
    print(
        f"{name:14}{len(pipeline.nodes):6}{arranging * 1000:9.0f}{showing * 1000:7.0f}"
        f"{moving * 1000:8.1f}{zoom:7.2f}{behind:8}{moved:7}"
    )
    canvas.deleteLater()
    app.processEvents()


def is_behind_a_card(canvas: Canvas, item: object) -> bool:
    if not item.isVisible():
        return False
    path = item.path()
    steps = int(path.length() / 4.0) + 1
    line = [path.pointAtPercent(step / steps) for step in range(steps + 1)]
    own = (item.source, item.target)
    cards = [
        card.card_rect().adjusted(0.5, 0.5, -0.5, -0.5)
        for card in canvas.graph.nodes.values()
        if card.isVisible() and card not in own
    ]
    near = [rect for rect in cards if rect.intersects(path.boundingRect().adjusted(-1, -1, 1, 1))]
    return any(rect.contains(one) for rect in near for one, _ in pairwise(line))


if __name__ == "__main__":
    main(sys.argv[1:])
