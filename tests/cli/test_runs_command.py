"""``designer runs``: finished runs, listed, shown and compared."""

from __future__ import annotations

import json
import socket
import time

import pytest

from designer.workspace import Workspace


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A regression that has run twice, with different settings and data."""
    from click.testing import CliRunner

    from designer.cli.main import main
    from designer.pipeline import edits
    from designer.pipeline.file import write
    from designer.pipeline.model import Endpoint, Pipeline

    folder = tmp_path_factory.mktemp("runs")
    pipeline = Pipeline()
    for module, parameters in (
        ("dataset", {"path": "data.csv"}),
        ("linear_regression", {}),
        ("train_model", {"label_column": ["y"]}),
        ("score_model", {}),
        ("evaluate_model", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("dataset.dataset", "train_model.dataset"),
        ("linear_regression.untrained_model", "train_model.untrained_model"),
        ("train_model.trained_model", "score_model.trained_model"),
        ("dataset.dataset", "score_model.dataset"),
        ("score_model.scored_dataset", "evaluate_model.scored_dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    path = folder / "flow.pipeline.json"
    write(pipeline, path)
    workspace = Workspace(folder / "w")
    runs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDESK_TRACKING", "off")
        for noise, arguments in ((1, ()), (7, ("--set", "linear_regression.l2_weight=3"))):
            rows = "".join(f"{n},{2 * n + n * noise % 5}\n" for n in range(40))
            (folder / "data.csv").write_text("x,y\n" + rows)
            command = ["run", str(path), "--workspace", str(workspace.folder), *arguments]
            result = CliRunner().invoke(main, command)
            assert result.exit_code == 0, result.output
            runs.append(workspace.latest_run(path))
    return path, workspace, runs


@pytest.fixture
def runs(designer, trained, monkeypatch):
    monkeypatch.setenv("MODELDESK_TRACKING", "off")
    monkeypatch.delenv("MODELDESK_TRACKING_URI", raising=False)
    _, workspace, _ = trained
    return lambda *arguments: designer("runs", *arguments, "--workspace", workspace.folder)


def test_runs_are_listed_newest_first(runs, trained):
    path, workspace, (first, second) = trained
    listed = json.loads(runs("list", "--json").output)
    assert [each["run"] for each in listed] == [second, first]
    assert listed[0]["name"] == "flow"
    assert listed[0]["status"] == "completed"
    measured = workspace.run_record(second)["metrics"]["evaluate_model"]
    assert listed[0]["metrics"] == {f"evaluate_model.{k}": v for k, v in measured.items()}
    assert [each["run"] for each in json.loads(runs("list", "--limit", "1", "--json").output)] == [
        second
    ]
    text = runs("list").output
    assert text.index(second) < text.index(first)
    assert len(json.loads(runs("list", "--pipeline", path, "--json").output)) == 2
    assert json.loads(runs("list", "--pipeline", path.with_name("x"), "--json").output) == []


def test_a_run_is_shown_by_its_id_a_beginning_of_it_or_latest(runs, trained):
    _, _, (first, second) = trained
    assert json.loads(runs("show", second, "--json").output)["run"] == second
    assert json.loads(runs("show", "latest", "--json").output)["run"] == second
    shown = json.loads(runs("show", first, "--json").output)
    assert shown["parameters"]["train_model.label_column"] == ["y"]
    assert shown["nodes"]["train_model"]["status"] == "completed"
    assert shown["data"]["dataset.path"]["rows"] == 40
    text = runs("show", first).output
    assert "train_model.label_column" in text
    assert "Coefficient of determination" in text


def test_a_comparison_names_what_differs_and_nothing_else(runs, trained):
    _, workspace, (first, second) = trained
    found = json.loads(runs("compare", first, second, "--json").output)
    assert found["parameters"] == {"linear_regression.l2_weight": [0.001, 3]}
    assert set(found["data"]) == {"dataset.path"}
    one, two = (workspace.run_record(each)["metrics"]["evaluate_model"] for each in trained[2])
    expected = {f"evaluate_model.{k}": [one[k], two[k]] for k in one if one[k] != two[k]}
    assert expected
    assert found["metrics"] == expected
    assert found["nodes"] == {}
    text = runs("compare", first, second).output
    assert "linear_regression.l2_weight" in text
    assert "label_column" not in text
    everything = json.loads(runs("compare", first, second, "--all", "--json").output)
    assert everything["parameters"]["train_model.label_column"] == [["y"], ["y"]]


def test_a_run_does_not_differ_from_itself(runs, trained):
    _, _, (first, _) = trained
    assert runs("compare", first, first).output == "The runs don't differ.\n"


def test_versions_and_values_of_pipeline_parameters_are_kept(designer, tmp_path):
    from importlib import metadata

    from designer.pipeline.file import write
    from designer.pipeline.model import Node, Pipeline, PipelineParameter

    path, place = tmp_path / "p.pipeline.json", ("--workspace", tmp_path / "w")
    text = {"data": {"$parameter": "rows"}}
    parameters = {
        "rows": PipelineParameter("rows", "text", "a,b\n1,2\n"),
        "address": PipelineParameter("address", "text"),
    }
    nodes = {"d": Node("d", "enter_data_manually", parameters=text)}
    write(Pipeline(nodes=nodes, parameters=parameters), path)
    said = "address=postgresql://me:hunter2@host/db"
    for values in ((), ("--param", "rows=a,b\n3,4\n", "--param", said)):
        assert designer("run", path, *place, *values).exit_code == 0
    older, newer = (each["run"] for each in json.loads(_runs(designer, "list", *place))[::-1])

    shown = json.loads(_runs(designer, "show", newer, *place))
    assert shown["parameters"]["d.data"] == "a,b\n3,4\n"
    assert shown["versions"]["pandas"] == metadata.version("pandas")
    assert {"python", "modeldesk", "scikit-learn"} <= set(shown["versions"])
    assert "hunter2" not in (tmp_path / "w" / "runs" / newer / "run.json").read_text("utf-8")

    compared = json.loads(_runs(designer, "compare", older, newer, *place))
    assert compared["parameters"] == {"d.data": ["a,b\n1,2\n", "a,b\n3,4\n"]}
    assert compared["versions"] == {}
    # As after an update of a library.
    record = tmp_path / "w" / "runs" / newer / "run.json"
    document = json.loads(record.read_text("utf-8"))
    document["versions"]["pandas"] = "99.0"
    record.write_text(json.dumps(document), "utf-8")
    compared = json.loads(_runs(designer, "compare", older, newer, *place))
    assert compared["versions"] == {"pandas": [metadata.version("pandas"), "99.0"]}
    printed = designer("runs", "compare", older, newer, *place).stdout
    assert "Libraries" in printed
    assert "99.0" in printed


def _runs(designer, *arguments):
    result = designer("runs", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("run", ["no such run", "../runs", "", "."])
def test_an_unknown_run_is_said(runs, run):
    for arguments in (("show", run), ("compare", "latest", run)):
        result = runs(*arguments)
        assert result.exit_code == 2
        assert f"There is no run “{run}”." in result.output


def test_a_beginning_of_several_ids_is_not_enough(runs, trained):
    _, _, (first, _) = trained
    result = runs("show", first[:4])
    assert result.exit_code == 2
    assert "2 runs begin with" in result.output


def test_a_damaged_record_is_left_out_of_the_list_and_said_when_asked_for(
    designer, tmp_path, monkeypatch
):
    workspace = Workspace(tmp_path / "w")
    for run, content in (("one", "{"), ("two", '{"status": 1, "seconds": "x", "nodes": []}')):
        (workspace.runs_folder / run).mkdir()
        (workspace.runs_folder / run / "run.json").write_text(content)
        shown = designer("runs", "show", run, "--workspace", workspace.folder)
        assert shown.exit_code == 2
        assert "is damaged" in shown.output
    listed = designer("runs", "list", "--workspace", workspace.folder)
    assert listed.stdout == "There are no finished runs.\n"
    for run in ("one", "two"):
        assert f"delete the folder “{run}”" in listed.stderr


def test_the_command_for_the_browser_is_printed(runs, trained):
    _, workspace, _ = trained
    printed = json.loads(runs("ui", "--port", "5055", "--json").output)
    assert "mlflow ui --backend-store-uri sqlite:///" in printed["command"]
    assert str(workspace.folder / "tracking" / "mlflow.db") in printed["command"]
    assert printed["command"].endswith("--port 5055")


def test_a_server_is_named_for_the_workspace_and_taken_back(designer, tmp_path):
    def server(*arguments):
        return designer("runs", "server", *arguments, "--workspace", tmp_path)

    assert server("http://tracking.example:5000").exit_code == 0
    assert server().output == "http://tracking.example:5000\n"
    assert "http://tracking.example" in designer("runs", "ui", "--workspace", tmp_path).output
    assert server("nonsense").exit_code == 2
    assert server("http://me:secret@host").exit_code == 2
    assert "secret" not in (tmp_path / "workspace.json").read_text("utf-8")
    assert server("http://x", "--none").exit_code == 2
    assert server("--none").output.startswith("sqlite:///")


def test_a_server_that_can_not_be_reached_ends_with_one_and_a_sentence(runs, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://me:hidden@127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("MODELDESK_TRACKING_URI", address)
        began = time.monotonic()
        result = runs("record")
        # MLflow itself would try again for minutes.
        assert time.monotonic() - began < 60
    assert result.exit_code == 1
    assert "can't be reached" in result.output
    assert "hidden" not in result.output
