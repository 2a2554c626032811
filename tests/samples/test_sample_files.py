"""Every sample is sound, tidy and told about."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from designer import paths
from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.catalog import load_catalog
from designer.pipeline import file
from designer.pipeline.model import Pipeline
from designer.pipeline.validation import validate

FOLDER = paths.samples()
FILES = sorted(FOLDER.glob(f"*{file.SUFFIX}"))
NAMES = [path.name.removesuffix(file.SUFFIX) for path in FILES]

each_sample = pytest.mark.parametrize("path", FILES, ids=NAMES)


def test_the_table_of_samples_names_each():
    told = re.findall(r"^\| [\w ]+ \| `(\w+)` \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == NAMES
    assert len(NAMES) >= 16


@each_sample
def test_it_has_no_problems(path):
    assert validate(file.read(path), load_catalog(), base=FOLDER) == []


@each_sample
def test_it_is_written_as_the_program_writes_it(path):
    assert file.dumps(file.read(path)) == path.read_text("utf-8")


@each_sample
def test_it_says_what_it_is(path):
    pipeline = file.read(path)
    assert len(pipeline.description) > 40
    # Nothing in a sample is unknown to the format.
    assert not pipeline.extra
    assert all(node.comment for node in pipeline.nodes.values())


@each_sample
def test_notes_teach_and_hide_nothing(path):
    pipeline = file.read(path)
    areas = [(*note.position, *note.size) for note in pipeline.notes.values()]
    assert len(areas) >= 3
    assert all(len(note.text) > 60 for note in pipeline.notes.values())
    areas += [(*node.position, WIDTH, HEIGHT) for node in pipeline.nodes.values()]
    for first, second in combinations(areas, 2):
        assert _apart(first, second), (first, second)


@each_sample
def test_cards_keep_their_distance_and_links_lead_down(path):
    pipeline = file.read(path)
    for first, second in combinations(pipeline.nodes.values(), 2):
        across = abs(first.position[0] - second.position[0]) - WIDTH
        down = abs(first.position[1] - second.position[1]) - HEIGHT
        assert across >= 40 or down >= 60, (first.id, second.id)
    for link in pipeline.links:
        assert _bottom(pipeline, link.source.node) < _top(pipeline, link.target.node), link


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


def _top(pipeline: Pipeline, node: str) -> float:
    return pipeline.nodes[node].position[1]


def _bottom(pipeline: Pipeline, node: str) -> float:
    return _top(pipeline, node) + HEIGHT
