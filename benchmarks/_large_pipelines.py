"""Pipelines of 50 to 200 modules, placed as people leave them, and the modules in them."""

from __future__ import annotations

import random
from dataclasses import replace

from designer.pipeline import edits
from designer.pipeline.grouping import group
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from modules.contract import Category, DataTable, ModuleSpec
from modules.contract.specification import Port


def _spec(name: str, title: str, category: str, inputs: int, outputs: int) -> ModuleSpec:
    given = tuple(Port(f"in_{i}", (DataTable,)) for i in range(inputs))
    made = tuple(Port(f"out_{i}", (DataTable,)) for i in range(outputs))
    return ModuleSpec(name, title, Category(category), 1, print, given, made)


CATALOG = {
    spec.id: spec
    for spec in (
        _spec("table", "Table", "Data Input and Output", 0, 1),
        _spec("step", "Step", "Data Transformation", 1, 1),
        _spec("halves", "Halves", "Data Transformation", 1, 2),
        _spec("both", "Both", "Data Transformation", 2, 1),
        _spec("method", "Method", "Regression", 0, 1),
        _spec("training", "Training", "Model Training", 2, 1),
        _spec("scoring", "Scoring", "Model Scoring and Evaluation", 2, 1),
        _spec("comparing", "Comparing", "Model Scoring and Evaluation", 2, 1),
    )
}


class Drawing:
    """A pipeline that grows; cards are roughly where a person puts them."""

    def __init__(self, seed: int, mess: float = 40.0) -> None:
        self._random = random.Random(seed)
        self._mess = mess
        self.pipeline = Pipeline()

    def add(self, module: str, x: float, y: float, *sources: str) -> str:
        """Add a card; a source is ``id`` or ``id.2`` for its second output."""
        rough = self._random.uniform
        place = (x + rough(-self._mess, self._mess), y + rough(-self._mess, self._mess))
        self.pipeline, name = edits.add_node(self.pipeline, module, position=place)
        for index, source in enumerate(sources):
            node, _, port = source.partition(".")
            output = Endpoint(node, f"out_{int(port or 1) - 1}")
            self.pipeline = edits.connect(self.pipeline, output, Endpoint(name, f"in_{index}"))
        return name

    def note(self, beside: str, across: float, down: float, text: str = "") -> None:
        """Add a note near a card."""
        x, y = self.pipeline.nodes[beside].position
        self.pipeline, _ = edits.add_note(
            self.pipeline, text or f"Why {beside} is here", position=(x + across, y + down)
        )

    def group(self, names: list[str], title: str) -> list[str]:
        """Put cards and groups into a group; return the new ids of the cards."""
        self.pipeline, name = group(self.pipeline, names, title)
        return [f"{name}/{one}" for one in names]

    def model(self, x: float, y: float, data: str, test: str) -> str:
        """Train and score; the test data passes the training by."""
        method = self.add("method", x - 280, y)
        trained = self.add("training", x - 100, y + 140, method, data)
        return self.add("scoring", x, y + 280, trained, test)


def chains() -> Pipeline:
    """Return 50 modules: five chains that join one after the other."""
    drawing = Drawing(1)
    ends = []
    for column in range(5):
        last = drawing.add("table", column * 300, 0)
        for row in range(1, 9 - column % 3):
            last = drawing.add("step", column * 300, row * 130, last)
        ends.append(last)
    joined = ends[0]
    for index, end in enumerate(ends[1:]):
        joined = drawing.add("both", index * 150, 1300 + index * 130, joined, end)
    while len(drawing.pipeline.nodes) < 50:
        row = len(drawing.pipeline.nodes) - 30
        joined = drawing.add("step", 600, 1300 + row * 130, joined)
    return drawing.pipeline


def fan_out() -> Pipeline:
    """Return 100 modules: one table, many models, each compared with the next."""
    drawing = Drawing(2, 60.0)
    table = drawing.add("table", 2000, 0)
    clean = drawing.add("step", 2000, 140, table)
    halves = drawing.add("halves", 2000, 280, clean)
    scored = [drawing.model(index * 520, 420, f"{halves}.1", f"{halves}.2") for index in range(24)]
    compared = [
        drawing.add("comparing", index * 1040, 900, *scored[2 * index : 2 * index + 2])
        for index in range(12)
    ]
    last = compared[0]
    for index, one in enumerate(compared[1:], 1):
        last = drawing.add("both", index * 600, 1100 + 120 * index, last, one)
    while len(drawing.pipeline.nodes) < 100:
        last = drawing.add("step", 6000, 2600, last)
    return drawing.pipeline


def separate() -> Pipeline:
    """Return 198 modules: 22 pipelines of nine, in rows as they were pasted."""
    drawing = Drawing(3)
    for index in range(22):
        x, y = index % 6 * 1000, index // 6 * 1000
        table = drawing.add("table", x + 300, y)
        clean = drawing.add("step", x + 300, y + 130, table)
        halves = drawing.add("halves", x + 300, y + 260, clean)
        first = drawing.model(x + 200, y + 390, f"{halves}.1", f"{halves}.2")
        extra = drawing.add("step", x + 600, y + 420, f"{halves}.2")
        drawing.add("comparing", x + 300, y + 860, first, extra)
        drawing.add("step", x + 640, y + 560, extra)
    return drawing.pipeline


def nested() -> Pipeline:
    """Return 120 modules in groups, some in groups themselves, one of them collapsed."""
    drawing = Drawing(4)
    table = drawing.add("table", 900, 0)
    last: list[str] = []
    for block in range(6):
        x = block * 700
        inner = [drawing.add("step", x, 200, table)]
        for row in range(1, 5):
            inner.append(drawing.add("step", x, 200 + row * 120, inner[-1]))
        side = [drawing.add("halves", x + 280, 200, table)]
        for row in range(1, 4):
            side.append(drawing.add("both", x + 280, 200 + row * 140, *[side[-1]], inner[row]))
        names = drawing.group(inner, f"Prepare {block}")
        stem = names[0].rpartition("/")[0]
        drawing.group([stem, *side], f"Part {block}")
        whole = f"part_{block}"
        test = f"{whole}/{side[-1]}"
        for turn in range(3):
            # The last card of the inner group feeds the training.
            data = f"{whole}/{names[-1]}"
            last.append(drawing.model(x + 240 * turn, 1000 + 460 * turn, data, test))
    joined = last[0]
    for index, one in enumerate(last[1:], 1):
        joined = drawing.add("both", index * 200, 2400 + 110 * index, joined, one)
    while len(drawing.pipeline.nodes) > 120:
        name = list(drawing.pipeline.nodes)[-1]
        drawing.pipeline = edits.remove(drawing.pipeline, [name])
    groups = drawing.pipeline.groups
    folded = replace(groups["part_5"], collapsed=True)
    return replace(drawing.pipeline, groups={**groups, "part_5": folded})


def noted() -> Pipeline:
    """Return 80 modules with 44 notes: beside, above, and behind cards, and far from them."""
    drawing = Drawing(5, 30.0)
    for column in range(4):
        x = column * 900
        table = drawing.add("table", x, 0)
        drawing.note(table, 0, -150, f"Source {column}")
        halves = drawing.add("halves", x, 140, table)
        drawing.note(halves, 260, -30)
        ends = []
        for side in range(2):
            last = f"{halves}.{side + 1}"
            for row in range(7):
                last = drawing.add("step", x + side * 400 - 120, 320 + row * 150, last)
                if row % 2:
                    drawing.note(last, 250 if side else -230, (-30, 0, -60)[row // 2])
            ends.append(last)
        compared = drawing.add("comparing", x, 1500, *ends)
        drawing.note(compared, -20, -20, "A note that lies behind this card")
        drawing.add("step", x, 1640, compared)
        drawing.add("step", x + 270, 1640, compared)
    drawing.pipeline, _ = edits.add_note(
        drawing.pipeline, "What all of this is about", position=(0, -700), size=(900, 100)
    )
    while len(drawing.pipeline.nodes) < 80:
        drawing.add("table", 3600, 100.0 * len(drawing.pipeline.nodes) - 7000)
    return drawing.pipeline


def tangled(count: int = 200, seed: int = 6) -> Pipeline:
    """Return a random graph, scattered at random: each card uses two of the 30 before it."""
    chance = random.Random(seed)
    nodes = {}
    links = []
    for index in range(count):
        place = (chance.uniform(0, 4000), chance.uniform(0, 3000))
        module = "both" if index else "table"
        nodes[f"n{index}"] = Node(f"n{index}", module, position=place)
        for port in range(min(index, 2)):
            source = max(0, index - 1 - chance.randrange(30))
            links.append(Link(Endpoint(f"n{source}", "out_0"), Endpoint(f"n{index}", f"in_{port}")))
    return Pipeline(nodes=nodes, links=tuple(links))


PIPELINES = {
    "chains": chains,
    "fan-out": fan_out,
    "separate": separate,
    "nested": nested,
    "noted": noted,
    "tangled": tangled,
}
