"""Every sample is sound, tidy and told about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from designer import paths
from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.catalog import load_catalog
from designer.pipeline import file
from designer.pipeline.model import Group, Node, Pipeline
from designer.pipeline.shared.folding import folded
from designer.pipeline.validation import validate

FOLDER = paths.samples()
FILES = sorted(FOLDER.glob(f"*{file.SUFFIX}"))
NAMES = [path.name.removesuffix(file.SUFFIX) for path in FILES]

each_sample = pytest.mark.parametrize("path", FILES, ids=NAMES)


def test_the_table_of_samples_names_each():
    told = re.findall(
        r"^\| [\w ]+ \| `(\w+)` \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(told) == NAMES
    assert len(NAMES) >= 16


@each_sample
def test_it_has_no_problems(path):
    assert validate(file.read(path), load_catalog(), base=FOLDER) == []


@each_sample
def test_it_is_written_as_the_program_writes_it(path, tmp_path):
    for each in (path, *modules_of(path)):
        copy = tmp_path / each.relative_to(FOLDER)
        copy.parent.mkdir(exist_ok=True)
        file.write(file.read(each), copy)
        assert copy.read_text("utf-8") == each.read_text("utf-8")
    # Its own modules came along, and nothing else.
    assert {copy.relative_to(tmp_path) for copy in tmp_path.rglob("*.json")} == {
        each.relative_to(FOLDER) for each in (path, *modules_of(path))
    }


@each_sample
def test_it_says_what_it_is(path):
    pipeline = file.read(path)
    assert len(pipeline.description) > 40
    # Nothing in a sample is unknown to the format.
    assert not pipeline.extra
    assert all(node.comment for node in pipeline.nodes.values())


@each_sample
def test_notes_teach_and_hide_nothing(path):
    assert len(folded(file.read(path)).notes) >= 3
    for canvas in canvases(path):
        areas = [(*note.position, *note.size) for note in canvas.notes.values()]
        assert all(len(note.text) > 60 for note in canvas.notes.values())
        areas += [(*card.position, WIDTH, HEIGHT) for card in cards(canvas).values()]
        for first, second in combinations(areas, 2):
            assert _apart(first, second), (first, second)


@each_sample
def test_cards_keep_their_distance_and_links_lead_down(path):
    for canvas in canvases(path):
        shown = cards(canvas)
        for first, second in combinations(shown.values(), 2):
            across = abs(first.position[0] - second.position[0]) - WIDTH
            down = abs(first.position[1] - second.position[1]) - HEIGHT
            assert across >= 40 or down >= 60, (first.id, second.id)
        for link in canvas.links:
            bottom = shown[link.source.node].position[1] + HEIGHT
            assert bottom < shown[link.target.node].position[1], link


def test_a_sample_has_a_shared_module_that_it_uses_twice():
    found = [path for path in FILES if modules_of(path)]
    assert found
    for path in found:
        uses = [group.shared.name for group in file.read(path).groups.values() if group.shared]
        assert {each.name.partition(".")[0] for each in modules_of(path)} == set(uses)
        assert len(uses) > len(set(uses))


def test_every_file_of_data_is_told_about_and_used():
    told = set(
        re.findall(r"`([\w.]+\.(?:csv|parquet|zip))`", (FOLDER / "README.md").read_text("utf-8"))
    )
    there = {path.name for path in (FOLDER / "data").iterdir()}
    used = {
        node.parameters["path"].removeprefix("data/")
        for path in FILES
        for node in file.read(path).nodes.values()
        if str(node.parameters.get("path", "")).startswith("data/")
    }
    assert told == there == used


def _apart(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    """Tell whether two areas (x, y, width, height) are clear of each other."""
    return any(
        low[axis] + low[axis + 2] + 10 <= high[axis]
        for axis in (0, 1)
        for low, high in ((first, second), (second, first))
    )


def modules_of(path: Path) -> list[Path]:
    """Return the files of a sample's own shared modules."""
    return sorted((FOLDER / f"{path.name.removesuffix(file.SUFFIX)}.modules").glob("*.json"))


def canvases(path: Path) -> Iterator[Pipeline]:
    """Yield a sample and its own modules as each is shown: shared modules are cards."""
    for each in (path, *modules_of(path)):
        yield folded(file.read(each))


def cards(canvas: Pipeline) -> dict[str, Node | Group]:
    """Return the cards of a canvas by their ids."""
    shared = {name: group for name, group in canvas.groups.items() if group.shared}
    return {**canvas.nodes, **shared}
