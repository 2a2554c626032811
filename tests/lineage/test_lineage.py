"""Lineage: from models, endpoints, and runs back to the exact data and code."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from blake3 import blake3
from click.testing import CliRunner

from designer.catalog import load_catalog
from designer.cli.main import main
from designer.deployment.records import Records
from designer.engine import Engine
from designer.lineage.lineage import Lineage
from designer.lineage.tracing import trace
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace

OWN = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1\n"


def table(shift: int) -> str:
    rows = [f"{n + shift},{'yes' if n * 7 % 10 > 4 else 'no'}" for n in range(60)]
    return "\n".join(["x,answer", *rows]) + "\n"


def classifier() -> Pipeline:
    pipeline = Pipeline()
    pipeline, _ = edits.add_node(pipeline, "dataset", parameters={"path": "dataset:people"})
    pipeline, _ = edits.add_node(pipeline, "execute_python_script", parameters={"script": OWN})
    pipeline, _ = edits.add_node(pipeline, "two_class_logistic_regression")
    label = {"label_column": ["answer"]}
    pipeline, _ = edits.add_node(pipeline, "train_model", parameters=label)
    pipeline, _ = edits.add_node(pipeline, "score_model")
    pipeline, _ = edits.add_node(pipeline, "evaluate_model")
    # What the model doesn't come from.
    pipeline, _ = edits.add_node(pipeline, "dataset", parameters={"path": "other.csv"})
    for source, target in (
        ("dataset.dataset", "execute_python_script.dataset1"),
        ("two_class_logistic_regression.untrained_model", "train_model.untrained_model"),
        ("execute_python_script.result_dataset", "train_model.dataset"),
        ("train_model.trained_model", "score_model.trained_model"),
        ("dataset.dataset", "score_model.dataset"),
        ("score_model.scored_dataset", "evaluate_model.scored_dataset"),
    ):
        start, end = source.split("."), target.split(".")
        pipeline = edits.connect(pipeline, Endpoint(*start), Endpoint(*end))
    return pipeline


class Desk:
    """A repository with a pipeline that has run twice, over two versions of its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "项目 repo"
        self.folder.mkdir()
        self.file = self.folder / "people.pipeline.json"
        (self.folder / "other.csv").write_text("a\n1\n")
        write(classifier(), self.file)
        self._git("init", "-q")
        self._git("add", ".")
        self._git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
        self.commit = self._git("rev-parse", "HEAD")
        self.workspace = Workspace(folder / "w")
        self.runs = []
        with Engine(self.workspace, load_catalog()) as engine:
            for shift in (0, 5):
                (self.folder / "people.csv").write_text(table(shift))
                self.workspace.register_dataset("people", self.folder / "people.csv")
                result = engine.run(classifier(), base=self.folder, source=self.file)
                assert result.status == "completed"
                self.runs.append(result.id)

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDESK_TRACKING", "off")
        return Desk(tmp_path_factory.mktemp("lineage"))


def only(found: Lineage, kind: str):
    (item,) = [each for each in found.items if each.kind == kind]
    return item


@pytest.mark.parametrize("number", [0, 1])
def test_a_run_leads_to_the_version_of_its_data_and_to_its_code(desk, number):
    found = trace(desk.workspace, desk.runs[number])
    read = {each.title: dict(each.facts) for each in found.items if each.kind == "data"}
    version = f"people@{number + 1}"
    assert set(read) == {version, str(desk.folder / "other.csv")}
    assert read[version]["Hash"] == blake3(table((0, 5)[number]).encode()).hexdigest()
    assert read[version]["Rows"] == "60"
    assert read[version]["Now"] == "registered"
    code = dict(only(found, "code").facts)
    assert code["Commit"] == desk.commit
    assert code["train_model"].startswith("train_model ")
    assert "script" in code["execute_python_script"]


def test_the_code_is_that_of_the_run_also_if_it_has_changed_since(desk):
    first, second = (dict(only(trace(desk.workspace, run), "code").facts) for run in desk.runs)
    assert first == second
    recorded = desk.workspace.run_record(desk.runs[0])
    from designer.engine.fingerprints import module_digest

    spec = load_catalog()["train_model"]
    assert recorded["modules"]["train_model"] == {
        "version": spec.version,
        "code": module_digest(spec),
    }


def test_an_endpoint_leads_to_its_run(desk, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "MANIFEST.json").write_text(json.dumps({"run": desk.runs[0]}))
    about = {"port": 5999, "target": "local"}
    Records(desk.workspace).add("served", package, {}, about)
    found = trace(desk.workspace, "served")
    assert [each.kind for each in found.items[:2]] == ["endpoint", "run"]
    assert "people@1" in [each.title for each in found.items]
    assert found.to_json()["links"][-1] == {
        "from": f"run:{desk.runs[0]}",
        "to": "endpoint:served@1",
    }
    # Deleting what an endpoint uses is told.
    deleted = CliRunner().invoke(
        main, ["datasets", "delete", "people@1", "--workspace", str(desk.workspace.folder)]
    )
    assert deleted.exit_code == 2
    assert "the endpoint “served”" in deleted.stderr


@pytest.mark.long
def test_a_model_leads_to_what_it_was_trained_on_and_versions_are_compared(desk):
    from designer.tracking import registry

    for run in desk.runs:
        registry.register(desk.workspace, "people model", run, "train_model")
    found = trace(desk.workspace, "people model@1")
    # Only what leads to the model: the other file doesn't.
    assert [each.title for each in found.items if each.kind == "data"] == ["people@1"]
    assert "evaluate_model" not in dict(only(found, "code").facts)
    assert "people@2" in trace(desk.workspace, "model:people model").text()
    compared = CliRunner().invoke(
        main,
        ["models", "compare", "people model", "--json", "--workspace", str(desk.workspace.folder)],
    )
    one, two = json.loads(compared.stdout)
    assert (one["data"]["dataset.path"], two["data"]["dataset.path"]) == ("people@1", "people@2")
    assert one["metrics"]["evaluate_model.Accuracy"] is not None
    assert one["hashes"]["dataset.path"] == blake3(table(0).encode()).hexdigest()


def test_the_command_prints_an_outline_and_json(desk):
    arguments = ["lineage", "latest", "--workspace", str(desk.workspace.folder)]
    text = CliRunner().invoke(main, arguments).stdout
    assert text.startswith("Run people ")
    assert "\n    Data people@2\n" in text
    plain = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)
    assert {each["kind"] for each in plain["items"]} == {"run", "data", "code"}
    assert all(link["to"] == plain["subject"] for link in plain["links"])


def test_a_result_leads_to_what_its_step_needed(desk):
    workspace, run = desk.workspace, desk.runs[0]
    found = trace(workspace, f"result:{run}/evaluate_model")
    assert [item.kind for item in found.items] == ["result", "run", "data", "code"]
    assert only(found, "data").title == "people@1"
    code = dict(only(found, "code").facts)
    assert "train_model" in code
    # The step that reads another file has nothing to do with it, and is a result as well.
    assert "dataset_2" not in code
    (node,) = (n for n, step in classifier().nodes.items() if "other.csv" in str(step.parameters))
    other = trace(workspace, f"latest/{node}.dataset")
    assert only(other, "data").title.endswith("other.csv")
    assert "1 × 1, " in dict(other.subject.facts)["dataset"]
    assert f"Result {node}.dataset" in other.text()


def test_a_dataset_leads_forth_to_what_uses_it(desk, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "MANIFEST.json").write_text(json.dumps({"run": desk.runs[0]}))
    Records(desk.workspace).add("scores", package, {}, {"port": 5997, "target": "local"})
    found = trace(desk.workspace, "dataset:people@1")
    runs = {item.id for item in found.items if item.kind == "run"}
    assert runs == {f"run:{desk.runs[0]}"}
    endpoint = "endpoint:scores@1"
    assert (endpoint, f"run:{desk.runs[0]}") in found.links
    # An outline begins with the dataset, and so does the way through the links.
    assert found.text().index("Data people@1") < found.text().index("Run people")
    assert found.text().index("Run people") < found.text().index("Endpoint scores")
    # Without a prefix too, and without a version the latest.
    latest = trace(desk.workspace, "people")
    assert (latest.subject.title, latest.forth) == ("people@2", True)
    assert [item.id for item in latest.items if item.kind == "run"] == [f"run:{desk.runs[1]}"]


@pytest.mark.parametrize(
    "subject",
    [
        *("run:none", "endpoint:none", "x:y", "endpoint:../x", "dataset:none", "dataset:people@9"),
        *("latest/none", "latest/train_model.none", "result:none/train_model"),
    ],
)
def test_what_is_not_there_is_said(desk, subject):
    with pytest.raises(TrackingError) as raised:
        trace(desk.workspace, subject)
    assert raised.value.wrong_input


def test_what_is_gone_is_told_and_the_rest_is_shown(desk, tmp_path):
    import shutil

    workspace = Workspace(tmp_path / "copy")
    shutil.copytree(desk.workspace.folder, workspace.folder)
    workspace.dataset_store.remove("people@1")
    data = {each.title: dict(each.facts) for each in trace(workspace, desk.runs[0]).items}
    assert data["people@1"]["Now"] == "deleted"
    package = tmp_path / "package"
    package.mkdir()
    (package / "MANIFEST.json").write_text(json.dumps({"run": "20200101-000000-aaaaaa"}))
    Records(workspace).add("old", package, {}, {"port": 5998, "target": "local"})
    found = trace(workspace, "old")
    assert "isn't stored any more" in found.missing[0]
