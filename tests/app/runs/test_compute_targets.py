"""Where a pipeline runs: chosen at the toolbar, sent by another process, shown like here."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from modal_desk import in_dialog
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from run_desk import handle_of
from window_desk import CONTROL, SHIFT, TABLE, key

from designer.app.dialogs.azure_target import AzureTargetDialog
from designer.app.dialogs.buttons import Kind
from designer.app.runs import compute_target, compute_target_actions, jobs
from designer.app.runs.compute_target import FETCH, ComputeTarget, obstacle
from designer.app.runs.publish_dialog import WAYS, PublishDialog
from designer.app.runs.remote_run import RemoteRun
from designer.azure.runs import remote_record
from designer.azure.submission_target import SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.pipeline import edits
from designer.pipeline.file import dumps
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.parameters import set_parameter

SHORT = 20_000
"""Milliseconds that another process may take on a busy machine."""

CONFIG = {"subscription_id": "s", "resource_group": "group", "workspace_name": "desk"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG))
    return path


@pytest.fixture
def away(window, config, tmp_path):
    """A window whose pipeline is sent to a stand-in; the experiment says how it goes."""
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters=TABLE)
    pipeline, split = edits.add_node(pipeline, "split_data", position=(0, 150))
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))
    window.document.apply("Insert", lambda _: pipeline)
    window.compute_targets.command = (
        sys.executable,
        str(Path(__file__).parent / "fake_submission.py"),
        str(tmp_path),
    )

    def go(how: str = "") -> None:
        target = ComputeTarget("azureml-v2", str(config), "azure-cli", how, "cpu-cluster")
        window.compute_targets._choose(target)

    window.go = go
    return window


def states(window) -> dict[str, str]:
    return {name: item.state.status for name, item in window.canvas.graph.nodes.items()}


def request(tmp_path: Path) -> dict:
    return json.loads((tmp_path / "request.json").read_text())["arguments"]


def run(window, qtbot, trigger: str = "run") -> str:
    with qtbot.waitSignal(window.controller.finished, timeout=SHORT) as finished:
        window.actions_by_id[trigger].trigger()
    return finished.args[0]


@pytest.mark.long
def test_a_run_elsewhere_looks_like_one_here(away, qtbot, tmp_path):
    away.go()
    away.files._save(tmp_path / "p.pipeline.json")
    assert run(away, qtbot) == "completed"
    assert states(away) == {"enter_data_manually": "completed", "split_data": "completed"}
    assert "Completed" in away.status.run.text()
    away.log.show_node("split_data")
    assert "far away in split_data" in away.log.text.toPlainText()
    qtbot.waitUntil(lambda: away.run_list.list.topLevelItemCount() == 1, timeout=SHORT)
    assert "Azure ML (SDK v2)" in [away.run_list.list.topLevelItem(0).text(i) for i in range(6)]
    order = request(tmp_path)["order"]
    assert order["compute_target"]["compute"] == "cpu-cluster"
    assert order["name"] == "p"


def test_run_to_here_sends_only_what_is_needed(away, qtbot, tmp_path):
    away.go()
    away.canvas.select(["enter_data_manually"])
    assert run(away, qtbot, "run_to_here") == "completed"
    assert set(away.controller.results) == {"enter_data_manually"}
    assert "split_data" not in json.dumps(request(tmp_path)["order"]["pipeline"])


def test_cancel_reaches_the_other_process(away, qtbot):
    away.go("long")
    away.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: "running" in states(away).values(), timeout=SHORT)
    folder = handle_of(away, qtbot).folder
    assert run(away, qtbot, "cancel") == "cancelled"
    assert json.loads((folder / "wish").read_text()) == "cancel"
    assert states(away)["enter_data_manually"] == "cancelled"
    assert away.actions_by_id["run"].isEnabled()


def test_signing_in_is_told_and_can_be_cancelled(away, qtbot):
    away.go("waits")
    away.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: "Enter the code ABC." in away.bar.text.text(), timeout=SHORT)
    assert away.bar.isVisible()
    assert "Sending to Azure ML" in away.status.run.text()
    handle_of(away, qtbot)
    assert run(away, qtbot, "cancel") == "cancelled"


def test_what_goes_wrong_is_said_with_what_to_do(away, qtbot):
    away.go("refused")
    assert run(away, qtbot) == "failed"
    assert away.bar.text.text() == "The sign-in has expired. Sign in again."
    away.go("broken")
    assert run(away, qtbot) == "failed"
    assert "ended unexpectedly" in away.bar.text.text()


def test_another_pipeline_lets_the_run_go_on(away, qtbot):
    away.go("long")
    away.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: "running" in states(away).values(), timeout=SHORT)
    handle = handle_of(away, qtbot)
    away.document.undo_stack.setClean()
    away.files.new()
    assert not away.controller.running
    assert not handle.wait(0.2)
    assert away.compute_targets.current.is_local
    away.close()
    assert handle.wait(20) is not None
    assert json.loads((handle.folder / "wish").read_text()) == "leave"


@pytest.fixture
def sending(away, monkeypatch):
    """A run is being sent; gives what lets that go on, and the handles that there are."""
    go, handles = threading.Event(), []

    class Slow(RemoteRun):
        def __init__(self, *arguments, **keywords):
            assert go.wait(60)
            super().__init__(*arguments, **keywords)
            handles.append(self)

    monkeypatch.setattr(compute_target_actions, "RemoteRun", Slow)
    away.go("long")
    away.canvas.setFocus()
    key(away, Qt.Key.Key_F5)
    assert away.controller.running
    away.document.undo_stack.setClean()
    yield away, go, handles
    go.set()


def test_another_pipeline_while_a_run_is_sent_lets_it_go_on(sending, qtbot):
    window, go, handles = sending
    assert not window.controller.ends_when_left
    key(window, Qt.Key.Key_N, CONTROL)
    assert window.document.pipeline == Pipeline()
    assert "canceled" not in window.statusBar().currentMessage()
    assert not window.controller.running
    go.set()
    qtbot.waitUntil(lambda: bool(handles) and handles[0].folder is not None, timeout=SHORT)
    (handle,) = handles
    window.close()
    assert handle.wait(20) is not None
    assert json.loads((handle.folder / "wish").read_text()) == "leave"


def test_a_run_cancelled_while_it_is_sent_ends_whatever_is_opened_then(sending, qtbot):
    window, go, handles = sending
    key(window, Qt.Key.Key_F5, SHIFT)
    key(window, Qt.Key.Key_N, CONTROL)
    go.set()
    # The window learns of the handle, and cancels, while its events are handled.
    qtbot.waitUntil(lambda: bool(handles) and handles[0].wait(0) is not None, timeout=SHORT)
    assert handles[0].wait().status == "cancelled"


def test_closing_the_window_while_a_run_is_sent_lets_it_go_on(sending, qtbot):
    window, go, handles = sending
    # Only once the window has begun to close, which waits for it.
    closing = threading.Thread(target=lambda: (window.controller._closing.wait(60), go.set()))
    closing.start()
    window.close()
    closing.join()
    (handle,) = handles
    assert handle.wait(20) is not None
    assert handle.folder is None or json.loads((handle.folder / "wish").read_text()) == "leave"


def test_the_compute_target_is_remembered_for_the_file_and_not_in_it(away, tmp_path):
    away.go("")
    file = tmp_path / "p.pipeline.json"
    away.files._save(file)
    assert "azureml" not in file.read_text()
    away.files.new()
    assert away.compute_targets._button.text() == "This computer"
    away.files.open_path(file)
    assert away.compute_targets._button.text() == "Azure ML (SDK v2)"
    assert away.compute_targets.current.compute == "cpu-cluster"
    assert away.actions_by_id["azure_settings"].isEnabled()
    away.actions_by_id["compute_local"].trigger()
    assert away.compute_targets._button.text() == "This computer"
    assert not away.actions_by_id["publish"].isEnabled()
    assert not away.actions_by_id["azure_settings"].isEnabled()


@pytest.fixture
def left(away, tmp_path) -> tuple[Path, str]:
    """A file with a run that an earlier window has sent; its file and the run."""
    file = tmp_path / "p.pipeline.json"
    away.files._save(file)
    run, folder = away.workspace.new_run()
    (folder / "pipeline.json").write_text(file.read_text())
    where = SubmissionTarget("azureml-v2", WorkspaceConfig("s", "group", "desk"))
    record = remote_record.RemoteRecord(where, "r-1", "https://x", (), source=file)
    remote_record.write_record(away.workspace, run, record)
    away.files.new()
    return file, run


def test_a_run_of_an_earlier_window_is_offered_and_brought_back(away, left, qtbot, tmp_path):
    file, run_id = left
    away.go()
    assert not away.bar.isVisible()
    away.files.open_path(file)
    qtbot.waitUntil(lambda: "was sent to Azure ML" in away.bar.text.text(), timeout=SHORT)
    (follow,) = away.bar.buttons
    assert follow.text() == "Follow run"
    with qtbot.waitSignal(away.controller.finished, timeout=SHORT) as finished:
        follow.click()
        assert away.compute_targets.beginning == "Reading the run from Azure ML…"
    assert finished.args[0] == "completed"
    assert away.compute_targets.beginning == "Starting…"
    assert request(tmp_path)["run"] == run_id
    assert states(away) == {"enter_data_manually": "completed", "split_data": "completed"}
    assert not away.bar.isVisible()
    # Brought back, it is not offered again.
    away.files.new()
    away.files.open_path(file)
    qtbot.waitUntil(lambda: bool(away.controller.results), timeout=SHORT)
    assert not away.bar.isVisible()


def test_a_run_whose_connection_is_lost_can_be_followed_from_its_message(away, qtbot, tmp_path):
    away.files._save(tmp_path / "p.pipeline.json")
    away.go("lost")
    assert run(away, qtbot) == "failed"
    assert "Azure can't be reached." in away.bar.text.text()
    (follow,) = away.bar.buttons
    assert follow.text() == "Follow run"
    with qtbot.waitSignal(away.controller.finished, timeout=SHORT) as finished:
        qtbot.mouseClick(follow, Qt.MouseButton.LeftButton)
    assert finished.args[0] == "completed"
    assert states(away) == {"enter_data_manually": "completed", "split_data": "completed"}


def test_results_of_a_followed_run_are_stale_where_the_pipeline_has_changed(away, left, qtbot):
    file, run_id = left
    away.files.open_path(file)
    away.document.apply("Set", lambda p: set_parameter(p, "split_data", "fraction", 0.25))
    with qtbot.waitSignal(away.controller.finished, timeout=SHORT):
        away.compute_targets.follow(run_id)
    stale = away.controller.stale(away.document.pipeline, away.document.base)
    assert stale == {"split_data"}


def test_a_run_whose_pipeline_is_lost_can_not_be_followed(away, left):
    _, run_id = left
    (away.workspace.run_folder(run_id) / "pipeline.json").unlink()
    away.compute_targets.follow(run_id)
    assert not away.controller.running
    assert away.bar.isVisible()


@pytest.fixture
def publishing(qtbot):
    """Return a function that opens the dialog for one of the SDKs."""

    def make(target: str) -> PublishDialog:
        dialog = PublishDialog(ComputeTarget(target, "c"), "Credit risk 2", None)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def choose(dialog: PublishDialog, way: str, text: str | None = None) -> None:
    dialog.way.setCurrentIndex(list(WAYS).index(way))
    if text is not None:
        dialog.when.setText(text)


def test_an_endpoint_needs_a_name_only(publishing):
    dialog = publishing("azureml-v2")
    assert not dialog.when.isVisible()
    assert (dialog.endpoint, dialog.schedule) == ("credit-risk-2", None)
    dialog.name.setText("a b")
    assert "letters, digits, and hyphens" in dialog.note.text()
    assert not dialog.buttons.button(Kind.Ok).isEnabled()


@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
@pytest.mark.parametrize(
    ("way", "text", "part"),
    [
        ("every", "2 hours", {"frequency": "hour", "interval": 2}),
        ("cron", "30 6 * * 1", {"cron": "30 6 * * 1"}),
    ],
)
def test_a_schedule_by_time_is_asked_for_in_words(publishing, target, way, text, part):
    dialog = publishing(target)
    choose(dialog, way, text)
    assert dialog.when.isVisible()
    assert dialog.buttons.button(Kind.Ok).isEnabled()
    assert asdict(dialog.schedule).items() >= part.items()
    choose(dialog, way, "often")
    assert not dialog.buttons.button(Kind.Ok).isEnabled()
    assert "“often”" in dialog.note.text()


def test_only_v1_starts_when_data_changes_and_the_dialog_says_the_way_out(publishing):
    dialog = publishing("azureml-v1")
    choose(dialog, "on_change")
    assert dialog.schedule.path == "incoming/today"
    dialog = publishing("azureml-v2")
    choose(dialog, "on_change")
    said = (
        "SDK v2 has no schedule that starts when data changes. Use SDK v1, or a schedule by time."
    )
    assert dialog.note.text() == said
    assert not dialog.buttons.button(Kind.Ok).isEnabled()


def test_publishing_is_done_elsewhere_and_told(away, qtbot, tmp_path):
    away.go()

    def fill(dialog: PublishDialog) -> None:
        dialog.name.setText("numbers")
        dialog.accept()

    in_dialog(PublishDialog, fill)
    assert away.actions_by_id["publish"].isEnabled()
    assert away.actions_by_id["publish"] in away.compute_targets._button.menu().actions()
    away.actions_by_id["publish"].trigger()
    assert away.bar.text.text() == "Publishing “numbers”…"
    qtbot.waitUntil(lambda: away.bar.text.text() == "Published numbers.", timeout=SHORT)
    asked = request(tmp_path)
    assert (asked["endpoint"], asked["when"]) == ("numbers", None)
    assert asked["order"]["compute_target"]["compute"] == "cpu-cluster"


def test_compiling_writes_a_folder_and_offers_to_open_it(away, qtbot, tmp_path, monkeypatch):
    away.go()
    monkeypatch.setattr(
        "designer.app.runs.publishing_actions.ask_path", lambda *_, **__: tmp_path / "out"
    )
    (tmp_path / "out").mkdir()
    action = away.actions_by_id["compile_files"]
    assert action in away.compute_targets._button.menu().actions()
    action.trigger()
    qtbot.waitUntil(lambda: "contains 2 steps" in away.bar.text.text(), timeout=SHORT)
    (button,) = away.bar.buttons
    assert button.text() == "Open folder"
    asked = request(tmp_path)
    assert asked["folder"] == str(tmp_path / "out" / "Untitled-azureml-v2")
    assert asked["order"]["compute_target"]["target"] == "azureml-v2"


@pytest.mark.long
def test_the_window_compiles_what_the_command_line_does(tmp_path, config):
    pipeline, _ = edits.add_node(
        Pipeline(), "dataset", parameters={"path": "dataset:sales"}, node_id="data"
    )
    target = ComputeTarget(
        "azureml-v2", str(config), compute="gpu", datasets="sales=azureml:sales:3"
    )
    order = jobs.Submission(dumps(pipeline), "p", tmp_path, tmp_path / "w", target)
    text = jobs.compile_files(order, tmp_path / "out")
    assert "contains 1 step. Send it with: az ml job create" in text
    written = (tmp_path / "out" / "pipeline.yml").read_text("utf-8")
    assert "azureml:sales:3" in written
    assert "azureml:gpu" in written


@pytest.mark.parametrize(
    ("how", "words"),
    [("refused", "The sign-in has expired. Sign in again."), ("broken", "ended unexpectedly")],
)
def test_what_goes_wrong_with_publishing_is_said(away, qtbot, how, words):
    away.go(how)
    away.publishing.start_publishing("numbers", None)
    qtbot.waitUntil(lambda: words in away.bar.text.text(), timeout=SHORT)


def test_a_missing_sdk_is_named_and_can_not_be_chosen(window, monkeypatch):
    from designer.azure.compile import problems

    monkeypatch.setattr(compute_target, "_usable", set())
    monkeypatch.setitem(problems.NEEDED, "v1", {"no-such-distribution": "1"})
    window.compute_targets._obstacles.clear()
    window.compute_targets.show()
    window.commands.update()
    action = window.actions_by_id["compute_azureml_v1"]
    assert not action.isEnabled()
    assert action.text() == "Azure ML (SDK v1), not installed"
    assert "no-such-distribution" in action.toolTip()
    assert "pip install" in obstacle("azureml-v1")


def test_the_dialog_reads_the_workspace_and_lists_its_computes(qtbot, config, tmp_path):
    command = (sys.executable, str(Path(__file__).parent / "fake_submission.py"), str(tmp_path))
    dialog = AzureTargetDialog(ComputeTarget("azureml-v1"), tmp_path, "wine", command=command)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.config.text() == str(config)
    assert dialog.workspace.text() == "desk in group"
    dialog.sign_in.setCurrentIndex(2)
    dialog.list.click()
    qtbot.waitUntil(lambda: dialog.compute.count() == 2, timeout=SHORT)
    assert dialog.status.text() == "2 compute targets found."
    dialog.compute.setCurrentIndex(1)
    dialog.accept()
    target = dialog.target()
    assert target == ComputeTarget("azureml-v1", str(config), "azure-cli", "", "gpu")
    assert request(tmp_path)["compute_target"]["sign_in"] == "azure-cli"


def test_the_dialog_explains_a_config_that_is_none(qtbot, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    dialog = AzureTargetDialog(ComputeTarget("azureml-v2"), tmp_path, "wine")
    qtbot.addWidget(dialog)
    dialog.show()
    assert "subscription_id" in dialog.workspace.text()
    assert not dialog.list.isEnabled()
    dialog.config.setText(str(tmp_path / "none.json"))
    assert "can't be read" in dialog.workspace.text()


def test_the_dialog_asks_for_cloud_downloads_and_datasets(qtbot, config, tmp_path):
    before = ComputeTarget("azureml-v2", str(config), datasets="sales=azureml:sales:2")
    dialog = AzureTargetDialog(before, tmp_path, "wine", datasets=["people", "sales"])
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.datasets["sales"].text() == "azureml:sales:2"
    qtbot.keyClicks(dialog.datasets["people"], "somewhere")
    assert "“somewhere” isn't data in Azure ML." in dialog.problem.text()
    assert not dialog.buttons.button(Kind.Ok).isEnabled()
    dialog.datasets["people"].clear()
    qtbot.keyClicks(dialog.datasets["people"], "azureml:people:1")
    qtbot.keyClicks(dialog.fetch, "Ev")
    qtbot.keyClick(dialog.cloud, Qt.Key.Key_End)
    assert dialog.buttons.button(Kind.Ok).isEnabled()
    target = dialog.target()
    assert (target.cloud, target.fetch) == ("AzureUSGovernment", "reports")
    assert target.datasets == "people=azureml:people:1\nsales=azureml:sales:2"
    # It is kept for the file, and what was damaged there is what it is by default.
    assert ComputeTarget.from_json(target.to_json()) == target
    damaged = target.to_json() | {"cloud": "Moon", "fetch": "some"}
    assert ComputeTarget.from_json(damaged) == replace(target, cloud="", fetch="all")


def test_the_choices_of_downloads_are_those_there_are():
    from designer.azure.runs.output_download import FETCH as KNOWN

    assert tuple(FETCH) == KNOWN


def test_choosing_azure_the_first_time_asks_where(away, config, qtbot):
    seen = []

    def fill(dialog: AzureTargetDialog) -> None:
        seen.append(dialog.windowTitle())
        dialog.config.setText(str(config))
        QTest.keyClicks(dialog.compute.lineEdit(), "cpu")
        dialog.accept()

    in_dialog(AzureTargetDialog, fill)
    away.actions_by_id["compute_azureml_v2"].trigger()
    assert seen == ["Run on Azure ML (SDK v2)"]
    assert away.compute_targets.current.compute == "cpu"
    assert away.actions_by_id["compute_azureml_v2"].isChecked()
    assert not away.actions_by_id["compute_local"].isChecked()


@pytest.mark.parametrize("plain", [None, 3, {}, {"target": "moon"}, {"target": "local", "x": 1}])
def test_what_is_not_a_compute_target_is_this_computer(plain):
    assert ComputeTarget.from_json(plain).is_local


def test_the_window_imports_no_sdk():
    code = (
        "import sys; import designer.app.shell.main_window, designer.app.dialogs.azure_target, "
        "designer.azure.workspace; "
        "print([n for n in sys.modules if n.startswith(('azureml', 'azure.ai', 'azure.core'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
