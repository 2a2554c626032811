from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace


@dataclass(frozen=True)
class Ran:
    """A workspace with runs of one pipeline file: two that completed, one that failed."""

    workspace: Workspace
    file: Path
    first: str
    second: str
    failed: str


@pytest.fixture(scope="session", autouse=True)
def nothing_in_the_background() -> Iterator[None]:
    """Record when a test says so, and tell nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDESK_TRACKING", "off")
        patch.delenv("MODELDESK_TRACKING_URI", raising=False)
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        yield


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Runs in a folder whose name has what addresses have to escape."""
    folder = tmp_path_factory.mktemp("tracking") / "my work 100% [é]"
    folder.mkdir()
    write_people(folder / "people.csv")
    pipeline = classifier()
    path = folder / "members.pipeline.json"
    write(pipeline, path)
    workspace = Workspace(folder / "workspace")
    ids = []
    for arguments, code in (
        ((), 0),
        (("--set", "two_class_logistic_regression.l2_weight=0.5"), 0),
        (("--set", 'train_model.label_column=["nothing"]'), 1),
    ):
        command = ["run", str(path), "--workspace", str(workspace.folder), *arguments]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == code, result.output
        latest = workspace.latest_run(path)
        assert latest is not None
        ids.append(latest)
    return Ran(workspace, path, *ids)


@pytest.fixture(scope="session")
def tracked(ran: Ran) -> Ran:
    """The runs, recorded in the workspace's own database."""
    from designer.tracking.recording import record_pending

    recorded, failed = record_pending(ran.workspace)
    assert (recorded, failed) == ([ran.first, ran.second, ran.failed], [])
    return ran


@pytest.fixture
def small_workspace(tmp_path: Path, ran: Ran) -> Workspace:
    """A workspace of its own with one run, which is not recorded."""
    import shutil

    workspace = Workspace(tmp_path / "w")
    shutil.copytree(ran.workspace.run_folder(ran.first), workspace.runs_folder / ran.first)
    (workspace.runs_folder / ran.first / "tracking.json").unlink(missing_ok=True)
    return workspace


def write_people(path: Path) -> None:
    """Write a table with numbers, texts, truth values, dates and gaps."""
    draw = random.Random(3)
    lines = ["age,income,town,member,since,answer"]
    for _ in range(120):
        age = draw.randint(18, 80)
        income = "" if draw.random() < 0.1 else f"{draw.uniform(1, 9):.3f}"
        town = draw.choice(["Oslo", "Bergen", "Voss"])
        member = draw.choice(["true", "false"])
        since = f"20{draw.randint(10, 23)}-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}"
        answer = "yes" if age + draw.gauss(0, 8) > 45 else "no"
        lines.append(f"{age},{income},{town},{member},{since},{answer}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def classifier() -> Pipeline:
    pipeline = Pipeline()
    for module, parameters in (
        ("dataset", {"path": "people.csv"}),
        ("two_class_logistic_regression", {}),
        ("train_model", {"label_column": ["answer"]}),
        ("score_model", {}),
        ("evaluate_model", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("dataset.dataset", "train_model.dataset"),
        ("two_class_logistic_regression.untrained_model", "train_model.untrained_model"),
        ("train_model.trained_model", "score_model.trained_model"),
        ("dataset.dataset", "score_model.dataset"),
        ("score_model.scored_dataset", "evaluate_model.scored_dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    return pipeline


def clean_environment() -> dict[str, str]:
    """Return an environment in which nothing but what is installed is found."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
