"""What differs between runs, from the records that runs leave behind."""

from __future__ import annotations

import json

import pytest

from designer.catalog import load_catalog
from designer.pipeline.file import write
from designer.pipeline.model import Node, Pipeline
from designer.tracking.comparison import ABSENT, compare_runs
from designer.tracking.run_records import read_run
from designer.workspace import Workspace

VERSIONS = {"pandas": "2.0", "numpy": "1.0"}


@pytest.fixture
def kept(tmp_path):
    """Return a function that leaves the record of a run and reads it."""
    workspace = Workspace(tmp_path)

    def keep(run, *nodes, metrics=None, data=None, versions=VERSIONS):
        folder = workspace.run_folder(run)
        folder.mkdir(parents=True)
        write(Pipeline(nodes={node.id: node for node in nodes}), folder / "pipeline.json")
        record = {
            "run": run,
            "status": "completed",
            "seconds": 1,
            "nodes": {node.id: {"status": "completed"} for node in nodes},
            "metrics": metrics or {},
            "versions": versions,
        }
        (folder / "run.json").write_text(json.dumps(record), "utf-8")
        (folder / "tracking.json").write_text(json.dumps({"data": data or {}}), "utf-8")
        return read_run(workspace, run)

    return lambda *args, **kwargs: (keep(*args, **kwargs), workspace)


def split(**parameters) -> Node:
    return Node("split", "split_data", parameters=parameters)


def test_each_kind_of_difference_is_told_and_what_is_equal_is_not(kept):
    one, workspace = kept(
        "one",
        split(fraction=0.25),
        Node("old", "linear_regression"),
        metrics={"e": {"AUC": 0.5, "F1": 0.25}},
        data={"d.path": {"hash": "aa"}, "d2.path": {"hash": "cc"}},
    )
    two, _ = kept(
        "two",
        split(fraction=0.75),
        metrics={"e": {"AUC": None, "F1": 0.25, "Recall": 1.0}},
        data={"d.path": {"hash": "bb"}, "d2.path": {"hash": "cc"}},
        versions={**VERSIONS, "numpy": "2.0"},
    )
    found = compare_runs([one, two], load_catalog(), workspace)
    assert found.parameters == {"split.fraction": [0.25, 0.75]}
    assert found.metrics == {"e.AUC": [0.5, None], "e.Recall": [ABSENT, 1.0]}
    assert found.data == {"d.path": ["aa", "bb"]}
    assert found.nodes == {"old": ["linear_regression", ABSENT]}
    assert found.versions == {"numpy": ["1.0", "2.0"]}


def test_everything_tells_of_what_is_equal_and_of_nodes_of_one_run_too(kept):
    one, workspace = kept("one", split())
    two, _ = kept("two", split(), Node("new", "linear_regression"))
    found = compare_runs([one, two], load_catalog(), workspace, everything=True)
    assert found.parameters["split.fraction"] == [0.5, 0.5]
    assert found.parameters["new.l2_weight"][0] is ABSENT
    assert found.nodes == {"split": ["split_data"] * 2, "new": [ABSENT, "linear_regression"]}
    assert found.versions["pandas"] == ["2.0", "2.0"]


def test_an_older_record_without_libraries_differs_in_none(kept):
    one, workspace = kept("one", split(), versions=None)
    two, _ = kept("two", split())
    assert not any(compare_runs([one, two], load_catalog(), workspace))


def test_more_than_two_runs_are_compared(kept):
    records = []
    for index, fraction in enumerate((0.25, 0.25, 0.75)):
        record, workspace = kept(f"run{index}", split(fraction=fraction))
        records.append(record)
    found = compare_runs(records, load_catalog(), workspace)
    assert found.parameters == {"split.fraction": [0.25, 0.25, 0.75]}
