"""The dialog “Deploy”: names, targets, sizes, steps, what came of it."""

from __future__ import annotations

import json
from concurrent.futures import Future
from pathlib import Path

import pytest
from fake_backend import KEY
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QVBoxLayout

from designer.app.background.engine_caller import EngineCaller
from designer.app.background.errors import UserError
from designer.app.deployment.actions import suggested_name
from designer.app.deployment.backend import Backend
from designer.app.deployment.deploying.deploy_dialog import DeployDialog, what_may_remain
from designer.app.deployment.inference.conversion import Prepared
from designer.app.deployment.types import DeploySettings
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.runs.compute_target import ComputeTarget
from designer.deployment import Endpoints, ServingError
from designer.deployment.targets import find_target, options_by_name, targets
from designer.workspace import Workspace

WORKSPACE = {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}


@pytest.fixture
def config(tmp_path) -> Path:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(WORKSPACE))
    return file


@pytest.fixture
def prepared() -> list:
    return []


@pytest.fixture
def make(qtbot, backend, background, prepared):
    def prepare() -> Prepared:
        prepared.append(1)
        return Prepared("{pipeline}", Path("base"), ("Mind the gap.",))

    def make(compute_target: ComputeTarget | None = None) -> DeployDialog:
        made = DeployDialog(
            backend, background, prepare, name="cars", compute_target=compute_target
        )
        qtbot.addWidget(made)
        made.show()
        return made

    return make


@pytest.fixture
def dialog(make):
    made = make()
    yield made
    made.close()


def choose(dialog, target: str) -> None:
    """Choose a target with the keys."""
    combo = dialog.form.target
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.findData(target)):
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentData() == target


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def is_done(qtbot, dialog) -> None:
    qtbot.waitUntil(lambda: dialog.outcome is not None)


def shown_fields(dialog) -> set[str]:
    fields = dialog.form.fields.fields
    return {name for name, field in fields.items() if field.isVisibleTo(dialog)}


def editor(dialog, name: str):
    """Return where the value of an option is entered."""
    return dialog.form.fields.fields[name].editor


def test_return_deploys_and_address_and_key_are_there(dialog, qtbot, backend, prepared):
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    is_done(qtbot, dialog)
    assert prepared == [1]
    ((request, given),) = backend.deployed
    assert (request.name, given.text, given.base) == ("cars", "{pipeline}", Path("base"))
    assert dialog.end.headline.text() == "“cars” is running, version 1."
    assert dialog.end.url.text == "http://127.0.0.1:5001/cars/score"
    assert dialog.end.key.line.echoMode() == QLineEdit.EchoMode.Password
    click(dialog.end.key.copy)
    assert QApplication.clipboard().text() == KEY
    QApplication.clipboard().clear()
    assert KEY not in dialog.windowTitle()
    assert dialog.end.notes.text() == "Mind the gap.\nCompiled."
    assert not dialog.end.studio.isVisible()
    assert all(dialog.steps.state(step) == "completed" for step in backend.steps(request))
    with qtbot.waitSignal(dialog.test_requested) as signal:
        click(dialog.test)
    assert signal.args == ["cars"]
    assert not dialog.isVisible()


def test_a_deployed_endpoint_can_be_retrained_from_here(dialog, qtbot, backend):
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    is_done(qtbot, dialog)
    with qtbot.waitSignal(dialog.retraining_requested) as signal:
        click(dialog.end.retrain)
    assert signal.args == ["cars"]
    assert not dialog.isVisible()


@pytest.mark.parametrize("name", ["", "Cars", "ca rs"])
def test_a_wrong_name_is_explained_while_it_is_typed(dialog, name, backend):
    dialog.form.name.clear()
    QTest.keyClicks(dialog.form.name, name)
    assert not dialog.start.isEnabled()
    assert "can't be a name" in dialog.form.hint.text()
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    assert backend.deployed == []
    dialog.form.name.setText("cars")
    assert dialog.start.isEnabled()


def test_a_name_that_is_there_is_told_before_anything_is_deployed(dialog, backend):
    backend.add("lorries")
    dialog.form.name.selectAll()
    QTest.keyClicks(dialog.form.name, "lorries")
    assert dialog.form.hint.text() == "“lorries” already exists."
    assert dialog.start.isEnabled()
    QTest.keyClicks(dialog.form.name, "x")
    assert "already" not in dialog.form.hint.text()


def test_a_name_stands_for_a_target_and_its_versions(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    package = tmp_path / "package"
    package.mkdir()
    (package / "MANIFEST.json").write_text("{}")
    Endpoints(workspace).add_version("cars", package)
    backend = Backend(workspace, EngineCaller(Future))
    assert "this becomes version 2, at the same URL" in backend.note_on_name("cars")
    assert backend.note_on_name("lorries") == ""
    assert backend.problem_with_name("cars", "local") == ""
    assert "Choose another name" in backend.problem_with_name("cars", "docker")
    # Files are for anybody.
    assert backend.problem_with_name("cars", "") == ""


@pytest.mark.parametrize("target", targets())
def test_only_what_a_target_uses_is_asked(dialog, target, backend):
    choose(dialog, target)
    used = set(options_by_name([find_target(target)]))
    assert shown_fields(dialog) == used
    assert dialog.form.fields.key.isVisible() == (target != "managed")
    assert set(dialog.form.request().options) == used
    assert dialog.form.only_files.isVisible() == (target != "local")


def test_responses_explain_predictions_only_by_choice(dialog, qtbot, backend):
    assert not dialog.form.request().explain
    dialog.form.explain.setFocus()
    QTest.keyClick(dialog.form.explain, Qt.Key.Key_Space)
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    is_done(qtbot, dialog)
    assert backend.deployed[0][0].explain


def test_port_and_own_key_go_along_and_a_weak_key_is_refused(dialog, qtbot, backend):
    fields = dialog.form.fields
    port = editor(dialog, "port")
    port.setFocus()
    port.selectAll()
    QTest.keyClicks(port, "6001")
    fields.key.choice.setFocus()
    QTest.keyClick(fields.key.choice, Qt.Key.Key_Down)
    assert dialog.form.hint.text() == "Enter a key, or generate one."
    assert not dialog.start.isEnabled()
    QTest.keyClicks(fields.key.line, "short")
    assert not dialog.start.isEnabled()
    assert "short" not in dialog.form.hint.text().split()
    assert fields.key.line.property("invalid")
    QTest.keyClicks(fields.key.line, "-but-long-enough")
    assert not fields.key.line.property("invalid")
    click(dialog.start)
    is_done(qtbot, dialog)
    ((request, _),) = backend.deployed
    assert (request.options["port"], request.key) == (6001, "short-but-long-enough")
    # It may be printed somewhere.
    assert request.key not in repr(request) + repr(dialog.outcome)


def test_the_share_of_requests_to_record_is_in_percent(dialog, qtbot, backend):
    share = editor(dialog, "record")
    shown = [each.text() for each in dialog.findChildren(QLabel) if each.isVisible()]
    assert "Share of requests to record" in shown
    assert share.text() == "0.0 %"
    share.selectAll()
    QTest.keyClicks(share, "12.5")
    click(dialog.start)
    is_done(qtbot, dialog)
    ((request, _),) = backend.deployed
    assert request.options["record"] == 0.125


def test_the_buttons_have_the_order_of_other_dialogs(dialog, qtbot):
    other = QDialog()
    qtbot.addWidget(other)
    box = dialog_buttons(other)
    QVBoxLayout(other).addWidget(box)
    other.show()
    usual = box.button(Kind.Ok).x() < box.button(Kind.Cancel).x()
    assert (dialog.start.x() < dialog.leave.x()) is usual


def test_the_workspace_and_sign_in_of_runs_are_suggested(make, config, backend, qtbot):
    target = ComputeTarget("azureml-v2", str(config), "device-code", cloud="AzureUSGovernment")
    dialog = make(target)
    choose(dialog, "aci")
    assert dialog.start.isEnabled()
    for name, text in (("cores", "2.5"), ("memory", "4")):
        editor(dialog, name).selectAll()
        QTest.keyClicks(editor(dialog, name), text)
    click(dialog.start)
    is_done(qtbot, dialog)
    ((request, _),) = backend.deployed
    assert request.target == "aci"
    assert request.options == {
        "config": str(config),
        "cloud": "AzureUSGovernment",
        "sign_in": "device-code",
        "cores": 2.5,
        "memory": 4.0,
    }
    assert (
        dialog.end.headline.text() == "“cars” is running on Azure Container Instances, version 1."
    )
    assert dialog.end.studio.isVisible()
    dialog.close()


def test_what_azure_needs_is_said_one_after_the_other(dialog, config, tmp_path):
    choose(dialog, "aks")
    hint = dialog.form.hint
    assert hint.text() == "Choose the config.json of the Azure ML workspace."
    config_field, cluster = editor(dialog, "config"), editor(dialog, "cluster")
    config_field.line.setFocus()
    QTest.keyClicks(config_field.line, str(tmp_path / "none.json"))
    assert "can't be read" in hint.text()
    assert config_field.line.property("invalid")
    config_field.set_path(config)
    assert "Enter the name of the AKS cluster" in hint.text()
    assert not config_field.line.property("invalid")
    QTest.keyClicks(cluster, "9 lives")
    assert "can't be the name of a cluster" in hint.text()
    assert cluster.property("invalid")
    cluster.clear()
    QTest.keyClicks(cluster, "my-cluster")
    assert dialog.start.isEnabled()
    choose(dialog, "managed")
    editor(dialog, "instance_type").setCurrentText("huge")
    assert "isn't an Azure VM size" in hint.text()
    editor(dialog, "instance_type").setCurrentText("Standard_F2s_v2")
    assert dialog.start.isEnabled()


def test_a_target_that_can_not_be_reached_can_still_be_written_as_files(
    make, backend, qtbot, tmp_path
):
    backend.obstacles["docker"] = "Docker is not installed on this computer."
    dialog = make()
    choose(dialog, "docker")
    assert dialog.form.hint.text() == "Docker is not installed on this computer."
    assert not dialog.start.isEnabled()
    dialog.form.only_files.setFocus()
    QTest.keyClick(dialog.form.only_files, Qt.Key.Key_Space)
    assert dialog.start.text() == "Write the files"
    assert dialog.form.hint.text() == "Choose a folder for the files."
    assert not dialog.form.fields.key.isVisible()
    dialog.form.folder.line.setText(str(tmp_path))
    click(dialog.start)
    is_done(qtbot, dialog)
    ((request, _),) = backend.deployed
    assert (request.target, request.folder) == ("docker", tmp_path)
    assert dialog.end.headline.text() == "The files were written."
    assert dialog.end.url.text == str(tmp_path)
    assert not dialog.end.key.isVisible()
    assert not dialog.test.isVisible()
    dialog.close()


def test_the_dialog_asks_as_the_last_time_but_remembers_no_key(make, config):
    first = make(ComputeTarget("azureml-v2", str(config)))
    first.form.fields.key.choice.setCurrentIndex(1)
    first.form.fields.key.line.setText("secret-of-mine")
    choose(first, "aks")
    editor(first, "cluster").setText("my-cluster")
    editor(first, "cores").setValue(3.5)
    editor(first, "instances").setValue(4)
    remembered = first.form.to_json()
    assert "secret-of-mine" not in json.dumps(remembered)
    first.close()

    second = make()
    second.recall(json.loads(json.dumps(remembered)))

    options = second.form.request().options
    assert second.form.request().target == "aks"
    assert (options["cluster"], options["cores"], options["instances"]) == ("my-cluster", 3.5, 4)
    assert second.start.isEnabled()
    second.recall({"target": "moon", "cores": "many", "instances": None, "sign_in": 3})
    assert second.form.request().options == options
    second.close()


def test_what_fails_is_said_at_its_step_and_can_be_tried_again(dialog, qtbot, backend):
    backend.fails["deploy"] = UserError("Port 6001 is in use.", "Take another.")
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.back.isVisible())
    assert dialog.steps.state("entry-script") == "failed"
    assert dialog.steps.text("entry-script") == "Port 6001 is in use. Take another."
    assert dialog.steps.state("inference") == "completed"
    assert dialog.steps.state("deploy") == "waiting"
    assert dialog.leave.text() == "Close"
    backend.fails.clear()
    click(dialog.back)
    click(dialog.start)
    is_done(qtbot, dialog)
    assert dialog.steps.state("entry-script") == "completed"
    assert dialog.steps.text("entry-script") == ""


def test_effects_of_someone_elses_pipeline_are_named_and_allowed(dialog, qtbot, backend):
    sentence = "“double” (Execute Python Script) runs custom code."
    backend.fails["deploy"] = ServingError(sentence, "Allow it.", remedy="allow", subject="code")
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.back.isVisible())
    assert sentence in dialog.steps.text("entry-script")
    assert dialog.allow.isVisible()
    backend.fails.clear()
    click(dialog.allow)
    is_done(qtbot, dialog)
    assert dialog._request.allow == {"code"}


def test_steps_say_what_is_not_needed_and_what_to_do(dialog, qtbot, backend):
    backend.said["register"] = ("skipped", "The pipeline comes from no run.")
    backend.said["test"] = ("running", "Open https://microsoft.com/devicelogin, enter ABC.")
    backend.hold.clear()
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.steps.state("entry-script") == "running")
    backend.hold.set()
    is_done(qtbot, dialog)
    assert dialog.steps.state("register") == "skipped"
    assert dialog.steps.text("register") == "The pipeline comes from no run."
    assert "enter ABC" in dialog.steps.text("test")


def test_cancel_stops_a_deployment_and_leads_back(dialog, qtbot, backend):
    backend.hold.clear()
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.steps.state("entry-script") == "running")
    assert dialog.leave.text() == "Cancel"
    click(dialog.leave)
    qtbot.waitUntil(lambda: dialog.back.isVisible())
    assert dialog.steps.state("entry-script") == "cancelled"
    assert "Canceled" in dialog.steps.text("entry-script")
    assert backend.infos == {}
    backend.hold.set()
    click(dialog.back)
    assert dialog.form.isVisible()
    click(dialog.start)
    is_done(qtbot, dialog)


def test_what_could_not_be_taken_back_is_named(dialog, qtbot, backend):
    backend.hold.clear()
    backend.fails["rolling back"] = UserError(
        "It was ended.", "Remove the endpoint “cars” yourself."
    )
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.steps.state("entry-script") == "running")
    click(dialog.leave)
    qtbot.waitUntil(lambda: dialog.back.isVisible())
    assert dialog.steps.state("entry-script") == "failed"
    assert dialog.steps.text("entry-script").endswith("Remove the endpoint “cars” yourself.")
    assert "nothing" not in dialog.steps.text("entry-script")


def test_taking_back_in_azure_is_waited_for_or_ended(make, qtbot, backend, config):
    dialog = make(ComputeTarget("azureml-v1", str(config), "azure-cli"))
    choose(dialog, "aci")
    backend.hold.clear()
    backend.takes_long = True
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.steps.state("entry-script") == "running")
    assert not dialog.end_now.isVisible()
    click(dialog.leave)
    assert "Rolling back… This can take some minutes." in dialog.steps.text("entry-script")
    assert not dialog.leave.isEnabled()
    # It goes on, whatever is pressed, and the window answers.
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.busy
    click(dialog.end_now)
    qtbot.waitUntil(lambda: dialog.back.isVisible())
    assert not dialog.end_now.isVisible()
    assert dialog.steps.state("entry-script") == "failed"
    assert "before everything was rolled back. In Azure, an endpoint “cars”" in dialog.steps.text(
        "entry-script"
    )


def test_return_does_what_each_page_is_for(make, qtbot, backend):
    dialog = make()
    backend.fails["deploy"] = UserError("No.")
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.back.isVisible)
    QTest.keyClick(dialog.back, Qt.Key.Key_Return)
    assert dialog.form.isVisible()
    backend.fails.clear()
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    is_done(qtbot, dialog)
    with qtbot.waitSignal(dialog.test_requested):
        QTest.keyClick(dialog.test, Qt.Key.Key_Return)
    assert not dialog.isVisible()


def test_closing_takes_back_a_deployment_that_goes_on(dialog, qtbot, backend):
    backend.hold.clear()
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.steps.state("entry-script") == "running")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert backend.infos == {}


def test_nobody_waits_for_a_deployment_when_the_window_closes(dialog, qtbot, backend, background):
    backend.hold.clear()
    backend.takes_long = True
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.steps.state("entry-script") == "running")
    # It would hang if the thread went on.
    background.close()
    dialog.close()
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("aci", "Check Azure ML studio"),
        ("docker", "Delete them with Docker"),
        ("local", "in the list of endpoints"),
    ],
)
def test_what_may_remain_is_said_with_its_target(target, words):
    text = what_may_remain(DeploySettings("people", target))
    assert words in text
    assert "“people”" in text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("automobile_price", "automobile-price"),
        ("Größe 2", "gr-e-2"),
        ("42", "model-42"),
        ("", "model"),
        ("a" * 80, "a" * 32),
    ],
)
def test_a_name_is_suggested_that_can_be_one(title, name):
    from designer.deployment.naming import is_name

    assert suggested_name(title) == name
    assert is_name(suggested_name(title))
