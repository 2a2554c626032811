"""Export pipelines of 1,000 and 10,000 cards as code of every kind.

Run: python benchmarks/export.py

Prints the seconds, without and with groups, and the ratio of ten times the size to the smaller
one: near ten is linear. Exit status 1 if 1,000 cards take more than 2 seconds.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from designer.catalog import load_catalog
from designer.export import TARGETS, Target
from designer.pipeline.model import Endpoint, Group, Link, Node, Note, Pipeline
from designer.workspace import Workspace

LIMIT = 2.0
"""Seconds for 1,000 cards."""

CATALOG = load_catalog()


def made(cards: int, grouped: bool) -> Pipeline:
    """Return diamonds in a row: a split, one part cleaned, both appended; a note for every ten."""
    nodes: dict[str, Node] = {}
    notes: dict[str, Note] = {}
    groups: dict[str, Group] = {}
    links: list[Link] = []
    last = Endpoint("rows", "dataset")
    nodes["rows"] = Node("rows", "enter_data_manually", parameters={"data": "a,b\n1,2\n3,4\n"})
    for number in range((cards - 1) // 3):
        group = f"group_{number // 10}/" if grouped else ""
        split, clean, both = (f"{group}{name}_{number}" for name in ("split", "clean", "both"))
        y = 300.0 * number
        nodes[split] = Node(split, "split_data", parameters={"fraction": 0.3}, position=(0, y))
        nodes[clean] = Node(clean, "clean_missing_data", position=(300, y + 100), comment="Clean")
        nodes[both] = Node(both, "add_rows", position=(0, y + 200))
        for source, target in (
            (last, Endpoint(split, "dataset")),
            (Endpoint(split, "results_dataset1"), Endpoint(clean, "dataset")),
            (Endpoint(clean, "cleaned_dataset"), Endpoint(both, "dataset1")),
            (Endpoint(split, "results_dataset2"), Endpoint(both, "dataset2")),
        ):
            links.append(Link(source, target))
        last = Endpoint(both, "results_dataset")
        if number % 10 == 0:
            note = f"{group}note_{number}"
            notes[note] = Note(note, "What the next ten do.", (600.0, y))
        if grouped and number % 10 == 0:
            groups[group.rstrip("/")] = Group(group.rstrip("/"), f"Part {number // 10}")
    return Pipeline(nodes=nodes, links=tuple(links), notes=notes, groups=groups)


def seconds(target: Target, pipeline: Pipeline, times: int = 3) -> float:
    """Return the shortest time; each call gets a fresh value without cached properties."""
    best = float("inf")
    workspace = Workspace(Path("no workspace"))
    for _ in range(times):
        fresh = replace(pipeline)
        start = time.perf_counter()
        script = target.script(fresh, CATALOG, file=Path("made.pipeline.json"), workspace=workspace)
        target.content(script, {})
        best = min(best, time.perf_counter() - start)
    compile(script.text, "made.py", "exec")
    return best


def main() -> int:
    """Print the figures; return 1 if one that has a limit is above it."""
    print(f"{'':18} {'1,000':>10} {'10,000':>10} {'ratio':>8}")
    slow = False
    for name, target in TARGETS.items():
        for title, grouped in (("flat", False), ("grouped", True)):
            small, large = (seconds(target, made(cards, grouped)) for cards in (1_000, 10_000))
            label = f"{name} {title}"
            print(f"{label:18} {small:9.3f}s {large:9.3f}s {large / small:8.1f}")
            slow = slow or small > LIMIT
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
