"""Registered models: what is registered, where it comes from, and that others can load it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from designer.cli.main import main
from designer.tracking import TrackingError, registry
from modules.contract import DataTable
from modules.values import storage

LOADS = """
import sys
sys.modules["designer"] = None
import mlflow.pyfunc
import pandas as pd
model = mlflow.pyfunc.load_model(sys.argv[1])
model.predict(pd.read_parquet(sys.argv[2])).to_parquet(sys.argv[3])
import modules
print(modules.__file__)
"""


@pytest.fixture(scope="module")
def registered(tracked):
    return registry.register(
        tracked.workspace,
        "Members (2024)",
        tracked.first,
        "train_model",
        description="The first",
        aliases=["champion"],
    )


@pytest.fixture(scope="module")
def scoring(tracked, tmp_path_factory):
    """The folder of the pipeline's inference pipeline."""
    from designer.catalog import load_catalog
    from designer.inference.scoring_folder import write_scoring_folder
    from designer.pipeline.file import read
    from modules.scoring import prepare

    target = tracked.file.parent / "serve.pipeline.json"
    # The latest run has failed; the one before is what is served.
    pointer = next((tracked.workspace.runs_folder / ".latest").glob("*.json"))
    before = pointer.read_text("utf-8")
    pointer.write_text(before.replace(tracked.failed, tracked.first), "utf-8")
    try:
        made = CliRunner().invoke(
            main,
            [
                *("inference", str(tracked.file), "-o", str(target)),
                *("--workspace", str(tracked.workspace.folder)),
            ],
        )
    finally:
        pointer.write_text(before, "utf-8")
    assert made.exit_code == 0, made.output
    folder = tmp_path_factory.mktemp("scoring") / "folder"
    write_scoring_folder(read(target), load_catalog(), folder, base=target.parent)
    prepare(folder)
    return folder


def _trained(tracked, run):
    record = tracked.workspace.run_record(run)
    return storage.load(Path(record["nodes"]["train_model"]["outputs"]["trained_model"]["path"]))


def _rows(tracked) -> DataTable:
    record = tracked.workspace.run_record(tracked.first)
    table = storage.load(Path(record["nodes"]["dataset"]["outputs"]["dataset"]["path"]))
    assert isinstance(table, DataTable)
    return table


def test_a_version_knows_where_it_comes_from(tracked, registered):
    from blake3 import blake3

    content = blake3((tracked.file.parent / "people.csv").read_bytes()).hexdigest()
    assert registered["version"] == "1"
    assert registered["aliases"] == ["champion"]
    assert registered["run"] == tracked.first
    assert registered["node"] == "train_model"
    assert registered["pipeline"] == str(tracked.file)
    assert registered["data"] == {"dataset.path": content}
    assert registered["task"] == "two-class"
    assert registered["label"] == "answer"
    metrics = tracked.workspace.run_record(tracked.first)["metrics"]["evaluate_model"]
    assert registered["metrics"]["evaluate_model.AUC"] == metrics["AUC"]
    from designer.tracking.recording import mark_of

    assert registered["mlflow_run"] == mark_of(tracked.workspace, tracked.first)["run_id"]


@pytest.mark.long
def test_mlflow_loads_it_in_a_process_without_designer(tracked, registered, tmp_path):
    """MLflow alone, from elsewhere, with the code that travels, gives the model's own scores."""
    table = _rows(tracked)
    features = table.frame.drop(columns="answer")
    features.to_parquet(tmp_path / "rows.parquet")
    done = subprocess.run(
        [sys.executable, "-B", "-c", LOADS, registered["folder"], "rows.parquet", "scores.parquet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    code = Path(done.stdout.splitlines()[-1])
    assert code.is_relative_to(Path(registered["folder"]) / "code")
    result = pd.read_parquet(tmp_path / "scores.parquet")
    expected = _trained(tracked, tracked.first).score(table).frame
    pd.testing.assert_frame_equal(result, expected, check_exact=True)


def test_what_a_server_gets_as_json_is_scored_alike(tracked, registered):
    """What ``mlflow models serve`` does with a request, without the socket."""
    import mlflow.pyfunc
    from mlflow.exceptions import MlflowException
    from mlflow.pyfunc.scoring_server import invocations

    model = mlflow.pyfunc.load_model(registered["folder"])
    table = _rows(tracked)
    features = table.frame.drop(columns="answer").head(20)
    split = json.loads(features.to_json(orient="split", date_format="iso", index=False))

    def ask(content):
        data = json.dumps({"dataframe_split": content})
        return invocations(data, "application/json", model, model.metadata.get_input_schema())

    answer = ask(split)
    assert answer.status == 200
    expected = _trained(tracked, tracked.first).score(DataTable(features)).frame
    found = pd.DataFrame(json.loads(answer.response)["predictions"])
    assert list(found["Scored Labels"]) == list(expected["Scored Labels"])
    np.testing.assert_allclose(found["Scored Probabilities"], expected["Scored Probabilities"])
    del split["columns"][1]
    split["data"] = [row[:1] + row[2:] for row in split["data"]]
    with pytest.raises(MlflowException, match="income") as caught:
        ask(split)
    assert caught.value.get_http_status_code() == 400


def test_signature_and_example_are_the_features(tracked, registered):
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(registered["folder"])
    inputs = {c.name: str(c.type) for c in model.metadata.signature.inputs.inputs}
    assert inputs == {
        "age": "Any",
        "income": "Any",
        "town": "DataType.string",
        "member": "Any",
        "since": "DataType.datetime",
    }
    outputs = [c.name for c in model.metadata.signature.outputs.inputs]
    assert outputs == ["Scored Labels", "Scored Probabilities"]
    assert len(model.input_example) == 5
    assert len(model.predict(model.input_example)) == 5


def test_the_environment_pins_what_is_installed_here(registered):
    from importlib.metadata import version

    lines = (Path(registered["folder"]) / "requirements.txt").read_text("utf-8").split()
    assert f"scikit-learn=={version('scikit-learn')}" in lines
    assert f"mlflow=={version('mlflow')}" in lines
    assert not [line for line in lines if "PySide" in line or "azure" in line]


def test_nothing_in_it_is_a_pickle(registered):
    names = [path.name for path in Path(registered["folder"]).rglob("*") if path.is_file()]
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib", ".pyc"))]
    assert "model.skops" in names


def test_a_type_that_is_not_trusted_is_refused_by_name(registered, tmp_path):
    import mlflow.pyfunc

    from modules.contract import ModuleError

    copy = tmp_path / "model"
    shutil.copytree(registered["folder"], copy)
    place = copy / "data" / "model" / "model.skops"
    with zipfile.ZipFile(place) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(parts["schema.json"])
    schema["__class__"], schema["__module__"] = "Popen", "subprocess"
    parts["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(place, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ModuleError, match=r"subprocess\.Popen"):
        mlflow.pyfunc.load_model(str(copy))


def test_versions_count_up_and_aliases_move(tracked, registered):
    workspace = tracked.workspace
    second = registry.register(workspace, "Members (2024)", tracked.second, "train_model")
    assert second["version"] == "2"
    found = registry.model(workspace, "Members (2024)")
    assert [each["version"] for each in found["versions"]] == ["2", "1"]
    assert found["aliases"] == {"champion": "1"}
    registry.set_alias(workspace, "Members (2024)", "champion", "latest")
    assert registry.version(workspace, "Members (2024)", "champion")["version"] == "2"
    assert registry.version(workspace, "Members (2024)")["version"] == "2"
    (listed,) = [each for each in registry.models(workspace) if each["name"] == "Members (2024)"]
    assert listed["latest"]["run"] == tracked.second
    place = registry.download(workspace, "Members (2024)", "champion")
    assert registry.data_folder(place).joinpath("model.json").is_file()
    files = Path(second["folder"])
    assert registry.delete(workspace, "Members (2024)", "2") == ["2"]
    assert not files.exists()
    assert Path(registered["folder"]).is_dir()
    with pytest.raises(TrackingError, match="no version 2"):
        registry.version(workspace, "Members (2024)", "2")
    registry.set_alias(workspace, "Members (2024)", "champion", "1")


def test_the_last_version_takes_the_model_along(tracked):
    workspace = tracked.workspace
    registry.register(workspace, "short-lived", tracked.first, "train_model")
    assert registry.delete(workspace, "short-lived") == ["1"]
    assert "short-lived" not in [each["name"] for each in registry.models(workspace)]
    with pytest.raises(TrackingError, match="no registered model") as caught:
        registry.delete(workspace, "short-lived")
    assert caught.value.wrong_input


def test_an_inference_pipeline_is_a_model_too(tracked, scoring, tmp_path):
    import mlflow.pyfunc

    from modules.scoring import Scorer

    made = registry.register(tracked.workspace, "served", tracked.first, folder=scoring)
    assert made["kind"] == "inference pipeline"
    scorer = Scorer(scoring)
    (name,) = scorer.inputs
    rows = scorer.samples[name]
    model = mlflow.pyfunc.load_model(made["folder"])
    expected = pd.DataFrame(next(iter(scorer.score({name: rows}).values())))
    found = model.predict(model.input_example)
    assert list(found.columns) == list(expected.columns)
    np.testing.assert_allclose(found["Scored Probabilities"], expected["Scored Probabilities"])
    assert list(found["Scored Labels"]) == list(expected["Scored Labels"])


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "a:b", "../up", ".hidden", "x\ny", "end.", "x" * 201, "a'b"]
)
def test_a_name_that_a_model_can_not_have_is_refused(tracked, name):
    with pytest.raises(TrackingError, match="can't be the name") as caught:
        registry.register(tracked.workspace, name, tracked.first, "train_model")
    assert caught.value.wrong_input


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "", "a b", "1", "ä"])
def test_an_alias_that_can_not_be_is_refused(tracked, registered, alias):
    with pytest.raises(TrackingError, match="can't be an alias"):
        registry.set_alias(tracked.workspace, registered["name"], alias, "1")


@pytest.mark.parametrize(
    ("run", "node", "port", "said"),
    [
        ("no such run", "train_model", "", "There is no run"),
        ("{first}", "train", "", "no node “train”"),
        ("{first}", "evaluate_model", "", "has no trained model"),
        ("{first}", "train_model", "model", "has no output “model”"),
        ("{failed}", "train_model", "", "“train_model” failed"),
    ],
)
def test_what_is_no_model_is_said(tracked, run, node, port, said):
    run = run.format(first=tracked.first, failed=tracked.failed)
    with pytest.raises(TrackingError, match=said) as caught:
        registry.register(tracked.workspace, "x", run, node, port)
    assert caught.value.wrong_input


def test_a_result_that_is_gone_is_said(small_workspace, ran):
    record = small_workspace.run_record(ran.first)
    output = record["nodes"]["train_model"]["outputs"]["trained_model"]
    output["path"] = str(small_workspace.folder / "store" / "gone")
    small_workspace.remember_run(ran.first, record, None)
    with pytest.raises(TrackingError, match="no longer stored"):
        registry.register(small_workspace, "x", ran.first, "train_model")


def test_a_damaged_model_is_not_registered(small_workspace, ran):
    record = small_workspace.run_record(ran.first)
    output = record["nodes"]["train_model"]["outputs"]["trained_model"]
    copy = small_workspace.folder / "damaged"
    shutil.copytree(output["path"], copy)
    (copy / "model.skops").write_bytes(b"PK nothing")
    output["path"] = str(copy)
    small_workspace.remember_run(ran.first, record, None)
    with pytest.raises(TrackingError, match="can't be read"):
        registry.register(small_workspace, "x", ran.first, "train_model")


def test_a_folder_that_is_no_inference_pipeline_is_refused(tracked, tmp_path):
    with pytest.raises(TrackingError):
        registry.register(tracked.workspace, "x", tracked.first, folder=tmp_path)


def test_a_pipeline_of_two_inputs_takes_the_rows_of_each_by_name(tracked, tmp_path):
    import mlflow.pyfunc

    from designer.catalog import load_catalog
    from designer.inference.scoring_folder import write_scoring_folder
    from designer.pipeline import edits
    from designer.pipeline.model import Endpoint, Pipeline

    columns = [{"name": "n", "kind": "integer"}]
    pipeline = Pipeline()
    for module, parameters in (
        ("web_service_input", {"name": "old", "columns": columns}),
        ("web_service_input", {"name": "new", "columns": columns}),
        ("add_rows", {}),
        ("web_service_output", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("web_service_input.dataset", "add_rows.dataset1"),
        ("web_service_input_2.dataset", "add_rows.dataset2"),
        ("add_rows.results_dataset", "web_service_output.dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    folder = tmp_path / "scoring"
    write_scoring_folder(pipeline, load_catalog(), folder, base=tmp_path)
    made = registry.register(tracked.workspace, "two inputs", tracked.first, folder=folder)
    model = mlflow.pyfunc.load_model(made["folder"])
    result = model.predict({"old": [{"n": 1}], "new": [{"n": 2}, {"n": 3}]})
    assert list(result["n"]) == [1, 2, 3]
