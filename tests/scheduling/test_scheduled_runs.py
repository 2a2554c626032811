"""Runs of schedules by their own processes, as a user sees them afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from schedule_desk import wait_until

from designer.catalog import load_catalog
from designer.engine.results import read_record
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Pipeline
from designer.scheduling.creating import create
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Schedule
from designer.scheduling.server_list import ServerList
from designer.scheduling.starting import start_now
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import read_cron, read_interval
from designer.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def store(workspace):
    return ScheduleStore(workspace)


def make(workspace, file, trigger=None, **fields):
    trigger = trigger or read_cron("0 6 * * *", "UTC")
    wanted = Schedule(name="nightly", file=str(file), trigger=trigger, notify=(), **fields)
    return create(wanted, workspace, load_catalog())


def finished(store):
    """Run the schedule once and return what is remembered of it."""
    start_now(store, "nightly")
    wait_until(lambda: not store.entry("nightly").active)
    return store.history("nightly")[0]


def script(folder, code, **more):
    """Return the file of a pipeline that runs a script."""
    pipeline, _ = edits.add_node(
        Pipeline(), "execute_python_script", parameters={"script": code, **more}
    )
    path = folder / "script.pipeline.json"
    write(pipeline, path)
    return path


def test_a_run_of_a_schedule_is_an_ordinary_run_with_its_settings(store, workspace, small):
    pipeline, split = edits.add_node(read(small), "split_data")
    start, end = Endpoint("dataset", "dataset"), Endpoint(split, "dataset")
    write(edits.connect(pipeline, start, end), small)
    make(workspace, small, settings=(f"{split}.fraction=1",))
    found = finished(store)
    assert (found.state, found.reason) == ("completed", "")
    record = read_record(workspace, found.run)
    assert record["status"] == "completed"
    assert record["started_by"] == "schedule nightly"
    assert record["nodes"][split]["outputs"]["results_dataset1"]["rows"] == 2
    assert workspace.latest_run(small) == found.run


@pytest.mark.long
def test_a_failed_step_is_the_reason(store, workspace, tmp_path):
    make(workspace, script(tmp_path, "def azureml_main(a=None, b=None):\n    raise OSError('no')"))
    found = finished(store)
    assert found.state == "failed"
    assert found.reason.startswith("execute_python_script: ")
    assert "no" in found.reason
    assert read_record(workspace, found.run)["status"] == "failed"


def test_code_that_was_changed_by_others_waits_for_consent(store, workspace, tmp_path):
    path = script(tmp_path, "def azureml_main(a=None, b=None):\n    return a")
    # By making the schedule the user agrees to what the script does now.
    created = make(workspace, path)
    assert [access.kind for access in created.agreed] == ["code"]
    marker = tmp_path / "ran"
    path.write_text(path.read_text("utf-8").replace("return a", f"open({str(marker)!r}, 'w')"))
    found = finished(store)
    assert found.state == "attention"
    assert "haven't agreed to: “execute_python_script”" in found.reason
    assert found.run == ""
    assert not marker.exists()


@pytest.mark.long
def test_a_missing_secret_needs_attention(store, workspace, tmp_path, monkeypatch):
    monkeypatch.delenv("MODELDESK_SECRET_ABSENT", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    pipeline, _ = edits.add_node(
        Pipeline(),
        "import_data",
        parameters={
            "source": "database",
            "connection": "sqlite:///none.db",
            "password": {"$secret": "absent"},
            "query": "SELECT 1",
        },
    )
    path = tmp_path / "secret.pipeline.json"
    write(pipeline, path)
    make(workspace, path)
    found = finished(store)
    assert found.state == "attention"
    assert "“absent”" in found.reason


def test_a_file_that_is_gone_needs_attention(store, workspace, small):
    make(workspace, small)
    small.unlink()
    found = finished(store)
    assert found.state == "attention"
    assert str(small) in found.reason


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_end_of_the_session_ends_a_run_in_order(store, workspace, tmp_path):
    begun = tmp_path / "begun"
    code = (
        "def azureml_main(a=None, b=None):\n    import time\n"
        f"    open({str(begun)!r}, 'w').close()\n    time.sleep(300)\n    return a"
    )
    make(workspace, script(tmp_path, code))
    start_now(store, "nightly")
    wait_until(begun.exists)
    row = store._database.rows("SELECT process FROM occurrences")[0]
    os.kill(int(row["process"].partition(":")[0]), signal.SIGTERM)
    wait_until(lambda: not store.entry("nightly").active)
    assert store.history("nightly")[0].state == "interrupted"
    (run,) = workspace.runs()
    assert read_record(workspace, run)["status"] == "cancelled"


def test_a_script_is_scheduled_by_its_run_configuration(store, workspace, tmp_path):
    (tmp_path / "train.py").write_text("import sys; print('trained', sys.argv[1])")
    configuration = tmp_path / "train.yml"
    configuration.write_text("script: train.py\narguments: [now]\n")
    make(workspace, configuration, target="")
    found = finished(store)
    assert (found.state, found.reason) == ("completed", "")
    record = read_record(workspace, found.run)
    assert record["started_by"] == "schedule nightly"
    assert record["source"] == str(tmp_path / "train.py")
    (tmp_path / "train.py").unlink()
    found = finished(store)
    assert found.state == "attention"
    assert "train.py" in found.reason
    with pytest.raises(ScheduleError, match="no nodes and pipeline parameters"):
        make(workspace, configuration, target="", parameters=("x=1",))


@pytest.mark.long
def test_a_real_server_starts_a_real_run_and_leaves_it_to_itself(store, workspace, small):
    make(workspace, small, read_interval("1m", 0))
    # Due at once, as if the minute were over.
    with store._database.changing() as database:
        database.execute("UPDATE schedules SET next_due = 1, mark = ''")
    server = subprocess.Popen(
        [sys.executable, "-m", "designer", "schedules", "serve", "--workspace", workspace.folder],
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(lambda: store.history("nightly"))
        assert [each.kind for each in ServerList(store.workspace).all()] == ["command"]
    finally:
        server.send_signal(signal.SIGTERM)
        _, printed = server.communicate(timeout=60)
    assert b"nightly: started" in printed
    assert ServerList(store.workspace).all() == []
    wait_until(lambda: store.history("nightly")[-1].state == "completed")


def test_azure_runs_are_submitted_by_the_command_line(workspace, small):
    from designer.scheduling.program import command_of

    wanted = Schedule(
        name="x",
        file=str(small),
        trigger=read_cron("0 6 * * *", "UTC"),
        parameters=("rows=1000",),
        target="azureml-v2:cpu-cluster",
        sign_in="managed-identity",
    )
    words = command_of(wanted, workspace)
    assert words[3:] == [
        "designer", "submit", str(small), "--workspace", str(workspace.folder), "--json",
        "--param", "rows=1000", "--to", "azureml-v2", "--compute", "cpu-cluster",
        "--sign-in", "managed-identity",
    ]  # fmt: skip
    # What is understood there: the command line stops at the missing config.json.
    done = subprocess.run(words, capture_output=True, check=False, cwd=small.parent)
    assert done.returncode == 2
    assert "config.json" in json.loads(done.stdout)["error"]["message"]
