"""Validate and plan a pipeline of 10,000 nodes and 15,000 links, many of them diamonds.

Run: python benchmarks/plan_and_validate.py

Prints the seconds, and the ratio of ten times the size to the smaller one: near
ten is linear. Exit status 1 if 10,000 nodes take a second or more.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pydantic import Field

from designer.engine.plan import make_plan
from designer.pipeline.difference import difference
from designer.pipeline.edits import set_parameter
from designer.pipeline.file import dumps, loads
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.validation import validate
from designer.workspace import Workspace
from modules.contract import DataTable, module
from modules.contract.specification import ModuleSpec, specification

LIMIT = 1.0
"""Seconds."""


@module("Split", outputs=("first", "second"))
def split(
    dataset: DataTable | None = None,
    *,
    fraction: Annotated[float, Field(ge=0, le=1)] = 0.5,
    seed: int = 0,
) -> tuple[DataTable, DataTable]:
    """Divide rows."""
    raise NotImplementedError


@module("Pass", outputs=("dataset",))
def pass_on(dataset: DataTable, *, text: str = "") -> DataTable:
    """Pass rows on."""
    raise NotImplementedError


@module("Join", outputs=("dataset",))
def join(left: DataTable, right: DataTable, *, key: str = "") -> DataTable:
    """Join rows."""
    raise NotImplementedError


SPECS: dict[str, ModuleSpec] = {
    function.__name__: replace(specification(function), id=function.__name__)
    for function in (split, pass_on, join)
}


def diamonds(nodes: int) -> Pipeline:
    """Return diamonds in a row: a split, one of its halves passed on, a join.

    A diamond of four nodes and five links, tied to the next by a sixth: three
    links for two nodes.
    """
    made: dict[str, Node] = {}
    links: list[Link] = []

    def link(source: str, output: str, target: str, input_: str) -> None:
        links.append(Link(Endpoint(source, output), Endpoint(target, input_)))

    for number in range(nodes // 4):
        names = {part: f"{part}_{number}" for part in ("top", "left", "right", "bottom")}
        made[names["top"]] = Node(names["top"], "split", parameters={"fraction": 0.3, "seed": 1})
        made[names["left"]] = Node(names["left"], "pass_on", parameters={"text": "left"})
        made[names["right"]] = Node(names["right"], "join", parameters={"key": "id"})
        made[names["bottom"]] = Node(names["bottom"], "join")
        link(names["top"], "first", names["left"], "dataset")
        link(names["top"], "second", names["right"], "left")
        link(names["left"], "dataset", names["right"], "right")
        link(names["left"], "dataset", names["bottom"], "left")
        link(names["right"], "dataset", names["bottom"], "right")
        if number:
            link(f"bottom_{number - 1}", "dataset", names["top"], "dataset")
    return Pipeline(nodes=made, links=tuple(links))


def seconds(function: Callable[[Pipeline], Any], pipeline: Pipeline, times: int = 5) -> float:
    """Return the shortest time; each call gets a fresh value without cached properties."""
    best = float("inf")
    for _ in range(times):
        fresh = replace(pipeline)
        start = time.perf_counter()
        function(fresh)
        best = min(best, time.perf_counter() - start)
    return best


def measure() -> dict[str, tuple[float, float]]:
    """Return the seconds for 1,000 and 10,000 nodes of each operation."""
    small, large = diamonds(1_000), diamonds(10_000)
    assert len(large.nodes) == 10_000
    assert len(large.links) == 14_999
    assert validate(large, SPECS) == []
    name = next(iter(small.nodes))
    here = Path.cwd()
    # Nothing is written to it.
    workspace = Workspace(here / "no workspace")
    operations: dict[str, Callable[[Pipeline], Any]] = {
        "validate": lambda pipeline: validate(pipeline, SPECS),
        "plan": lambda pipeline: make_plan(pipeline, SPECS, base=here, workspace=workspace),
        "order": lambda pipeline: pipeline.order(),
        "write": dumps,
        "read": lambda pipeline: loads(dumps(pipeline)),
        "edit": lambda pipeline: set_parameter(pipeline, name, "seed", 2),
        "edit and difference": lambda pipeline: difference(
            pipeline, set_parameter(pipeline, name, "seed", 2)
        ),
    }
    return {
        title: (seconds(function, small), seconds(function, large))
        for title, function in operations.items()
    }


def main() -> int:
    """Print the figures; return 1 if one that has a limit is above it."""
    print(f"{'':20} {'1,000':>10} {'10,000':>10} {'ratio':>8}")
    slow = False
    for title, (small, large) in measure().items():
        print(f"{title:20} {small:9.4f}s {large:9.4f}s {large / small:8.1f}")
        slow = slow or (title in ("validate", "plan", "order") and large >= LIMIT)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
