"""Finished runs in MLflow: what is recorded, once, and what happens when it can't be."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from designer.cli.main import main
from designer.tracking import TrackingError, record_later, trigger
from designer.tracking.connection import connected, locked
from designer.tracking.mlflow_run import PREFIX, mlflow_name, short
from designer.tracking.recording import mark_of, pending, record_one, record_pending
from designer.tracking.run_records import read_run
from designer.tracking.settings import tracking_folder, tracking_uri
from designer.workspace import Workspace


def _mlflow(workspace: Workspace, run: str):
    with connected(workspace) as client:
        return client.get_run(mark_of(workspace, run)["run_id"])


def test_parameters_metrics_and_times_are_those_of_the_run(tracked):
    found = _mlflow(tracked.workspace, tracked.second)
    record = tracked.workspace.run_record(tracked.second)
    assert found.data.params["two_class_logistic_regression.l2_weight"] == "0.5"
    assert found.data.params["train_model.label_column"] == "answer"
    assert found.data.params["dataset.path"] == "people.csv"
    expected = {f"evaluate_model.{k}": v for k, v in record["metrics"]["evaluate_model"].items()}
    assert found.data.metrics == pytest.approx({k: v for k, v in expected.items() if v is not None})
    assert found.info.run_name == tracked.second
    assert found.info.status == "FINISHED"
    assert found.info.start_time == int(record["started"] * 1000)
    assert found.info.end_time - found.info.start_time == pytest.approx(
        record["seconds"] * 1000, abs=2
    )


def test_defaults_are_recorded_too_so_that_runs_compare(tracked):
    one = _mlflow(tracked.workspace, tracked.first).data.params
    two = _mlflow(tracked.workspace, tracked.second).data.params
    assert set(one) == set(two)
    assert {name for name in one if one[name] != two[name]} == {
        "two_class_logistic_regression.l2_weight"
    }


def test_the_experiment_is_the_pipeline_and_the_data_is_named_with_its_hash(tracked):
    from blake3 import blake3

    found = _mlflow(tracked.workspace, tracked.first)
    with connected(tracked.workspace) as client:
        assert client.get_experiment(found.info.experiment_id).name == "members"
    content = blake3((tracked.file.parent / "people.csv").read_bytes()).hexdigest()
    assert found.data.tags[f"{PREFIX}data.dataset.path"] == content
    (read,) = found.inputs.dataset_inputs
    assert read.dataset.name == "people.csv"
    assert content.startswith(read.dataset.digest)
    assert json.loads(read.dataset.profile) == {"num_rows": 120}


def test_tags_lead_back_to_pipeline_versions_and_store(tracked):
    tags = _mlflow(tracked.workspace, tracked.first).data.tags
    assert tags[f"{PREFIX}run"] == tracked.first
    assert tags[f"{PREFIX}pipeline"] == str(tracked.file)
    assert {"python", "numpy", "scikit-learn", "modeldesk"} <= set(
        json.loads(tags[f"{PREFIX}versions"])
    )
    # Those of the run, and not of whoever records it later.
    record = tracked.workspace.run_record(tracked.first)
    assert json.loads(tags[f"{PREFIX}versions"]) == record["versions"]
    for key in json.loads(tags[f"{PREFIX}fingerprints"]).values():
        assert list(tracked.workspace.store_folder.glob(f"entries/*/{key}/entry.json"))


@pytest.mark.long
def test_its_files_are_beside_it(tracked, tmp_path):
    found = _mlflow(tracked.workspace, tracked.first)
    with connected(tracked.workspace) as client:
        folder = Path(client.download_artifacts(found.info.run_id, "", str(tmp_path)))
    record = tracked.workspace.run_record(tracked.first)
    assert json.loads((folder / "run.json").read_text("utf-8")) == record
    assert json.loads((folder / "metrics.json").read_text("utf-8")) == record["metrics"]
    links = json.loads((folder / "outputs.json").read_text("utf-8"))
    assert links["train_model.trained_model"]["type"] == "TrainedModel"
    assert Path(links["train_model.trained_model"]["path"]).is_dir()
    assert json.loads((folder / "members.pipeline.json").read_text("utf-8"))["nodes"]
    assert list((folder / "evaluations").iterdir())


def test_a_failed_run_says_why(tracked):
    found = _mlflow(tracked.workspace, tracked.failed)
    assert found.info.status == "FAILED"
    assert "nothing" in found.data.tags[f"{PREFIX}error"]


def test_a_run_is_recorded_once_even_if_its_mark_is_lost(tracked):
    assert pending(tracked.workspace) == []
    assert record_pending(tracked.workspace) == ([], [])
    mark = tracked.workspace.run_folder(tracked.first) / "tracking.json"
    before = json.loads(mark.read_text("utf-8"))
    mark.unlink()
    assert record_pending(tracked.workspace) == ([tracked.first], [])
    assert json.loads(mark.read_text("utf-8"))["run_id"] == before["run_id"]


def test_half_a_record_is_made_anew(tracked):
    workspace = tracked.workspace
    before = mark_of(workspace, tracked.first)["run_id"]
    with connected(workspace) as client:
        client.delete_tag(before, f"{PREFIX}whole")
        (workspace.run_folder(tracked.first) / "tracking.json").unlink()
        mark = record_one(client, workspace, read_run(workspace, tracked.first))
        assert mark["run_id"] != before
        assert client.get_run(before).info.lifecycle_stage == "deleted"
        assert client.get_run(mark["run_id"]).info.status == "FINISHED"


def test_a_deleted_experiment_comes_back_with_the_next_run(tracked):
    workspace = tracked.workspace
    experiment = mark_of(workspace, tracked.second)["experiment_id"]
    with connected(workspace) as client:
        client.delete_experiment(experiment)
        (workspace.run_folder(tracked.second) / "tracking.json").unlink()
        mark = record_one(client, workspace, read_run(workspace, tracked.second))
        assert client.get_experiment(mark["experiment_id"]).lifecycle_stage == "active"


def test_the_program_in_the_background_records_and_nobody_waits(tracked, monkeypatch):
    workspace = tracked.workspace
    (workspace.run_folder(tracked.second) / "tracking.json").unlink()
    assert record_later(workspace) is False
    monkeypatch.delenv("MODELDESK_TRACKING")
    assert record_later(workspace) is True
    # It has only begun: to record takes seconds, as MLflow is imported first.
    assert trigger._started[-1].poll() is None
    assert trigger._started[-1].wait(timeout=300) == 0
    assert pending(workspace) == []


@pytest.mark.long
def test_a_run_from_the_command_line_is_recorded_by_itself(ran, tmp_path, monkeypatch):
    monkeypatch.delenv("MODELDESK_TRACKING")
    workspace = Workspace(tmp_path / "w")
    command = ["run", str(ran.file), "--workspace", str(workspace.folder)]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert trigger._started[-1].wait(timeout=300) == 0
    assert mark_of(workspace, workspace.latest_run(ran.file))["run_id"]


def test_it_is_switched_off_by_a_setting(small_workspace, monkeypatch):
    monkeypatch.delenv("MODELDESK_TRACKING")
    small_workspace.change_settings(tracking=False)
    assert record_later(small_workspace) is False


def test_one_process_writes_at_a_time(small_workspace):
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from designer.tracking.connection import locked\n"
        "from designer.workspace import Workspace\n"
        "with locked(Workspace(Path(sys.argv[1])), wait=0) as mine:\n"
        "    print(mine, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(small_workspace.folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "True"
        assert record_pending(small_workspace) == ([], [])
        other.kill()
        other.wait(30)
        with locked(small_workspace, wait=5) as mine:
            assert mine


def test_an_unreachable_server_costs_nothing_and_is_tried_again(small_workspace, monkeypatch):
    with socket.socket() as taken:
        # Bound and not listening: whoever connects is refused.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        uri = f"http://me:hidden@127.0.0.1:{port}"
        monkeypatch.setenv("MODELDESK_TRACKING_URI", uri)
        began = time.monotonic()
        with pytest.raises(TrackingError, match="can't be reached") as caught:
            record_pending(small_workspace)
        # MLflow itself would try again for minutes.
        assert time.monotonic() - began < 60
        assert "hidden" not in caught.value.message
        assert not caught.value.wrong_input
        program = [sys.executable, "-m", "designer.tracking.record", str(small_workspace.folder)]
        done = subprocess.run(program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert done.stdout == ""
    log = (tracking_folder(small_workspace) / "record.log").read_text("utf-8")
    assert "can't be reached" in log
    assert "hidden" not in log
    assert len(pending(small_workspace)) == 1


def test_a_damaged_database_is_said_and_left_as_it_is(small_workspace):
    database = tracking_folder(small_workspace) / "mlflow.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"This is no database at all. " * 200)
    content = database.read_bytes()
    with pytest.raises(TrackingError, match="is damaged") as caught:
        record_pending(small_workspace)
    assert str(database) in str(caught.value)
    assert "Don't delete it" in caught.value.hint
    assert database.read_bytes() == content
    assert len(pending(small_workspace)) == 1


def test_a_damaged_record_holds_up_no_other(tracked):
    workspace = tracked.workspace
    damaged = workspace.runs_folder / "20200101-000000-abcdef"
    damaged.mkdir()
    (damaged / "run.json").write_text('{"run": "x", "nodes": [1]}', "utf-8")
    (workspace.run_folder(tracked.second) / "tracking.json").unlink()
    try:
        recorded, failed = record_pending(workspace)
        assert recorded == [tracked.second]
        assert failed == [damaged.name]
        for _ in range(4):
            record_pending(workspace)
        assert pending(workspace) == []
    finally:
        shutil.rmtree(damaged)


def test_data_that_changed_since_counts_by_what_came_of_it(ran, tmp_path):
    from designer.catalog import load_catalog
    from designer.tracking.data_hashes import data_read

    record = read_run(ran.workspace, ran.first)
    specs = load_catalog()
    (before,) = data_read(record, specs, ran.workspace)
    assert before.of == "file"
    plain = {**record.plain, "base": str(tmp_path)}
    (tmp_path / "people.csv").write_text("other\n1\n", "utf-8")
    moved = replace(record, plain=plain)
    (after,) = data_read(moved, specs, ran.workspace)
    assert after.of == "output"
    assert after.hash not in ("", before.hash)


def test_secrets_are_recorded_by_name_and_passwords_of_addresses_not_at_all():
    assert short({"$secret": "database"}) == "secret database"
    assert "hunter2" not in short("postgresql://me:hunter2@host/db")
    assert "abc" not in short("https://x/y?sv=1&sig=abc")


def test_no_password_of_an_address_leaves_in_a_file(small_workspace, ran, tmp_path):
    from designer.pipeline import file
    from designer.tracking.mlflow_run import _write_artifacts

    place = small_workspace.run_folder(ran.first)
    text = (place / "pipeline.json").read_text("utf-8")
    given = text.replace("people.csv", "postgresql://me:hunter2@host/people")
    assert given != text
    (place / "pipeline.json").write_text(given, "utf-8")
    _write_artifacts(read_run(small_workspace, ran.first), [], tmp_path)
    found = [path.read_text("utf-8") for path in tmp_path.iterdir() if path.is_file()]
    assert not [each for each in found if "hunter2" in each]
    assert (
        file.read(tmp_path / "members.pipeline.json").nodes.keys() == file.loads(text).nodes.keys()
    )


@given(st.text(min_size=600, max_size=700), st.text(min_size=1, max_size=5))
def test_long_values_are_cut_and_stay_different(text, more):
    assert len(short(text)) <= 500
    assert short(text) != short(text + more)
    assert short(text) == short(text)


@given(st.text(min_size=1, max_size=300))
def test_any_name_becomes_one_that_mlflow_takes(text):
    from mlflow.utils.validation import _validate_metric_name, _validate_param_name

    name = mlflow_name(f"node.{text}")
    _validate_metric_name(name)
    _validate_param_name(name)


@pytest.mark.parametrize("uri", ["somewhere", "", "C:/x", "http://me:secret@host"])
def test_an_address_that_can_not_be_kept_is_refused(uri, tmp_path):
    from designer.tracking import use_server

    workspace = Workspace(tmp_path)
    with pytest.raises(TrackingError):
        use_server(workspace, uri)
    assert workspace.settings == {}


def test_the_server_is_the_environments_then_the_settings_then_none(tmp_path, monkeypatch):
    from designer.tracking import ui_command, use_server

    workspace = Workspace(tmp_path / "a b")
    assert tracking_uri(workspace).startswith("sqlite:///")
    assert "'sqlite:///" in (ui_command(workspace) or "")
    use_server(workspace, "http://tracking.example:5000")
    assert tracking_uri(workspace) == "http://tracking.example:5000"
    assert ui_command(workspace) is None
    monkeypatch.setenv("MODELDESK_TRACKING_URI", "http://other.example")
    assert tracking_uri(workspace) == "http://other.example"
    monkeypatch.delenv("MODELDESK_TRACKING_URI")
    use_server(workspace, None)
    assert tracking_uri(workspace).startswith("sqlite:///")


def test_importing_tracking_imports_no_mlflow():
    program = (
        "import designer.tracking, designer.tracking.registry, sys; print('mlflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
