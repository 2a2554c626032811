"""What a person's own module has learnt: its package scores where that module is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from serving_examples import change_json, same_scores

from designer.catalog import load_catalog
from designer.deployment import Endpoints
from designer.deployment.deploying import deploy, pack
from designer.engine import Engine
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace
from modules.endpoint.package import write_manifest
from modules.requests.tables import rows_of
from modules.values.storage import load

SOURCE = '''
from __future__ import annotations

from dataclasses import dataclass

from modules.contract import DataTable, Serving, module
from modules.values import Transformation


@dataclass(frozen=True, eq=False)
class Shift(Transformation):
    """Takes the mean away."""

    column: str = ""
    mean: float = 0.0

    def apply(self, table: DataTable) -> DataTable:
        frame = table.frame
        return table.with_frame(frame.assign(**{self.column: frame[self.column] - self.mean}))


@module("Shift", outputs=("shifted", "transformation"), when_serving=Serving.AS_FITTED)
def shift(dataset: DataTable, *, column: str = "age") -> tuple[DataTable, Transformation]:
    """Take the mean of a column away."""
    fitted = Shift(column=column, mean=float(dataset.frame[column].mean()))
    return fitted.apply(dataset), fitted
'''

OTHER = '''
from modules.contract import DataTable, module


@module("Same")
def same(dataset: DataTable) -> DataTable:
    """Change nothing."""
    return dataset
'''


def ran(workspace: Workspace, file: Path) -> tuple[list[dict], str]:
    """Run the pipeline; return its scores, and how the own step ended."""
    with Engine(workspace, load_catalog(*workspace.own_modules), workers=1) as engine:
        result = engine.run(read(file), base=file.parent, source=file)
    assert result.status == "completed", {n: r.error for n, r in result.nodes.items() if r.error}
    table = load(result.nodes["score"].outputs["scored_dataset"].path)  # type: ignore[arg-type]
    return rows_of(table), result.nodes["shift"].status


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path, list[dict]]:
    """Return a workspace with an own module, a pipeline that was run with it, and its scores."""
    folder = tmp_path_factory.mktemp("own")
    workspace = Workspace(folder / "workspace")
    (workspace.folder / "modules").mkdir(parents=True)
    (workspace.folder / "modules" / "shift.py").write_text(SOURCE, "utf-8")
    ages = list(range(20, 60))
    frame = pd.DataFrame({"age": ages, "label": ["low" if age < 37 else "high" for age in ages]})
    frame.to_csv(folder / "ages.csv", index=False)
    pipeline = Pipeline()
    for node, module, links, parameters in (
        ("data", "dataset", "", {"path": "ages.csv"}),
        ("shift", "shift", "dataset=data.dataset", {}),
        ("learner", "two_class_logistic_regression", "", {}),
        (
            "train",
            "train_model",
            "untrained_model=learner.untrained_model dataset=shift.shifted",
            {"label_column": ["label"]},
        ),
        ("score", "score_model", "trained_model=train.trained_model dataset=shift.shifted", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, node_id=node, parameters=parameters)
        for link in links.split():
            port, _, source = link.partition("=")
            pipeline = edits.connect(pipeline, Endpoint(*source.split(".")), Endpoint(node, port))
    file = folder / "ages.pipeline.json"
    write(pipeline, file)
    return workspace, file, ran(workspace, file)[0]


ASK = """\
import json, sys
from pathlib import Path
import score
score.init()
print(json.dumps(score.run(Path("rows.json").read_text())))
print([name for name in sys.modules if name.startswith("user_modules.")], file=sys.stderr)
"""


def answer_of(package: Path) -> list[dict]:
    """Ask the entry script of a package in a process that knows nothing else."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.')\n{ASK}"],
        cwd=package,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    return (answer if isinstance(answer, dict) else json.loads(answer))["Results"]["output1"]


@pytest.mark.long
def test_a_package_carries_the_own_module_that_has_learnt(desk, tmp_path) -> None:
    workspace, file, expected = desk
    packed = pack(workspace, file, tmp_path / "package", "ages")
    elsewhere = tmp_path / "elsewhere"
    shutil.move(packed.package.folder, elsewhere)
    rows = [{"age": age} for age in range(20, 60)]
    body = {"Inputs": {"input1": rows}, "GlobalParameters": {}}
    (elsewhere / "rows.json").write_text(json.dumps(body))
    hidden = workspace.folder.rename(tmp_path / "hidden")
    try:
        answer = answer_of(elsewhere)
    finally:
        hidden.rename(workspace.folder)
    assert same_scores(answer, expected)
    # A stranger who is sent it has to agree to its author's code.
    assert [each.node for each in packed.package.effects] == ["shift_transformation"]


@pytest.mark.long
def test_it_is_deployed_and_answers_here_too(desk) -> None:
    workspace, file, expected = desk
    made = deploy(workspace, file, "ages", register=False)
    endpoints = Endpoints(workspace)
    try:
        body = {"Inputs": {"input1": [{"age": 20}, {"age": 59}]}}
        status, answer = endpoints.send("ages", "POST", "/score", json.dumps(body).encode())
    finally:
        endpoints.delete("ages")
    assert (made.version, status) == (1, 200)
    assert same_scores(json.loads(answer)["Results"]["output1"], [expected[0], expected[-1]])


def test_a_stranger_can_not_hide_that_code_is_carried(desk, tmp_path) -> None:
    workspace, file, _ = desk
    package = pack(workspace, file, tmp_path / "package", "ages").package.folder

    def hide(plan: dict) -> None:
        plan["packages"] = {name: ["nobody"] for name in plan["packages"]}

    change_json(package / "model" / "scoring.json", hide)
    write_manifest(package, {"name": "ages"})
    done = subprocess.run(
        [sys.executable, "-m", "modules.endpoint", package, "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "runs custom code" in done.stderr


def test_what_was_learnt_is_read_after_another_module_came_into_the_folder(desk) -> None:
    workspace, file, expected = desk
    other = workspace.folder / "modules" / "same.py"
    other.write_text(OTHER, "utf-8")
    try:
        scores, status = ran(workspace, file)
        assert status == "reused"
        assert scores == expected
        made = pack(workspace, file, file.parent / "again", "ages")
    finally:
        other.unlink()
        shutil.rmtree(file.parent / "again", ignore_errors=True)
    assert [each.node for each in made.package.effects] == ["shift_transformation"]
