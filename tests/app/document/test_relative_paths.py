"""Paths that mean the same files from another folder."""

from __future__ import annotations

from dataclasses import replace

import pytest

from designer.app.document.path_parameters import rebase
from designer.engine.staleness import node_keys
from designer.pipeline import edits
from designer.pipeline.model import Pipeline, PipelineParameter


@pytest.fixture
def folders(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    (old / "cars.csv").write_text("a\n1\n")
    return old, new


def reading(path: object) -> Pipeline:
    return edits.add_node(Pipeline(), "dataset", parameters={"path": path})[0]


def test_a_path_that_a_pipeline_parameter_has_moves_too(catalog, folders):
    pipeline = replace(
        reading({"$parameter": "table"}),
        parameters={"table": PipelineParameter("table", "text", "cars.csv")},
    )
    moved = rebase(pipeline, catalog, *folders)
    assert moved.parameters["table"].default == "../old/cars.csv"
    assert moved.nodes == pipeline.nodes
    keys = (node_keys(p, f, catalog) for p, f in ((pipeline, folders[0]), (moved, folders[1])))
    assert len({each["dataset"] for each in keys}) == 1


@pytest.mark.parametrize(
    "path", ["~/cars.csv", "https://x.org/cars.csv", "dataset:cars", "x" * 5000]
)
def test_what_means_the_same_from_everywhere_or_nothing_stays(catalog, folders, path):
    pipeline = reading(path)
    assert rebase(pipeline, catalog, *folders) is pipeline
    if len(path) < 100:
        assert rebase(pipeline, catalog, *folders, closed={"dataset"}) is pipeline


def test_the_same_words_mean_another_file_in_another_folder(catalog, folders):
    pipeline = reading("cars.csv")
    old, new = (node_keys(pipeline, folder, catalog)["dataset"] for folder in folders)
    assert old != new
