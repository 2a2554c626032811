"""An inference pipeline is the user's own as long as its effects are those of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from designer.catalog import load_catalog
from designer.deployment.provenance import is_own
from designer.engine.accesses import ALLOWED, accesses
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Node, Pipeline
from designer.trust import Trust
from designer.workspace import Workspace

CATALOG = load_catalog()
SCRIPT = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1\n"


class Desk:
    """A run in a workspace, and an inference pipeline in another folder."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder / "workspace")
        self.source = folder / "training" / "train.pipeline.json"
        self.base = folder / "serving"
        for each in (self.source.parent, self.base):
            each.mkdir()
        nodes = {
            "script": Node("script", "execute_python_script", parameters={"script": SCRIPT}),
            "load": Node("load", "import_data", parameters={"path": "prices.csv"}),
        }
        self.run, made = self.workspace.new_run()
        write(Pipeline(nodes=nodes), made / "pipeline.json")
        record = {"run": self.run, "status": "completed", "seconds": 1.0, "nodes": {}}
        record |= {"source": str(self.source)}
        self.workspace.remember_run(self.run, record, self.source)
        # Made from the run, in another folder: paths are rewritten, the rest is as it ran.
        load = replace(nodes["load"], parameters={"path": "../training/prices.csv"})
        self.pipeline = Pipeline(nodes={**nodes, "load": load})

    def own(self, change: Callable[[Pipeline], Pipeline] = lambda p: p, run: str = "") -> bool:
        return is_own(change(self.pipeline), CATALOG, self.base, self.workspace, run or self.run)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def with_parameters(pipeline: Pipeline, node: str, **parameters: str) -> Pipeline:
    changed = replace(pipeline.nodes[node], parameters=parameters)
    return edits.replace_node(pipeline, changed)


def test_what_was_run_is_the_users_own_in_another_folder_too(desk: Desk) -> None:
    assert desk.own()


@pytest.mark.parametrize(
    "change",
    [
        lambda p: with_parameters(p, "script", script="import os\n" + SCRIPT),
        lambda p: with_parameters(p, "load", path="prices.csv"),
        lambda p: edits.add_node(p, "export_data", parameters={"path": "/tmp/x.csv"})[0],
        lambda p: edits.add_node(p, "execute_python_script", parameters={"script": "1"})[0],
    ],
)
def test_what_was_changed_since_is_not_until_it_is_allowed(
    desk: Desk, change: Callable[[Pipeline], Pipeline]
) -> None:
    assert not desk.own(change)

    trust = Trust(desk.workspace.folder)
    for each in accesses(change(desk.pipeline), CATALOG, desk.base, desk.workspace):
        trust.give(ALLOWED, each.digest)

    assert desk.own(change)


def test_a_step_without_effects_needs_nothing(desk: Desk) -> None:
    assert desk.own(lambda p: edits.add_node(p, "normalize_data")[0])


@pytest.mark.parametrize("run", ["20200101-000000-abcdef", "../runs", "/", "."])
def test_a_run_that_is_not_of_this_workspace_counts_for_nothing(desk: Desk, run: str) -> None:
    assert not desk.own(run=run)


def test_nothing_is_own_if_the_record_of_the_run_is_damaged(desk: Desk) -> None:
    (desk.workspace.run_folder(desk.run) / "pipeline.json").write_text("{")
    assert not desk.own()
