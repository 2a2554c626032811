"""From the dialog to an endpoint in the cloud: unmodified SDK, stand-in of the service."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

TESTS = Path(__file__).parents[2]
sys.path += [str(TESTS / "azure" / "service"), str(TESTS / "serving")]

from serving_examples import Trained, same_scores, train  # noqa: E402
from stand_in import azure_cli  # noqa: E402
from stand_in.fixtures import peers, service  # noqa: E402
from stand_in.processes import close  # noqa: E402

from designer.app.deployment.deploy_dialog import DeployDialog  # noqa: E402
from designer.app.deployment.endpoints_page import EndpointsPage  # noqa: E402
from designer.app.deployment.exchanged import Prepared  # noqa: E402
from designer.app.deployment.serving_backend import ServingBackend  # noqa: E402
from designer.app.remote.place import Place  # noqa: E402
from designer.serving.deploying import pack  # noqa: E402

__all__ = ["peers", "service"]

PATIENCE = 120_000


@pytest.fixture
def cluster():
    """End the machines of the service with the test, so that no thread of theirs is left."""
    yield
    close()


@pytest.fixture
def signed_in(service, peers, tmp_path, monkeypatch) -> Path:
    """Be signed in with the Azure CLI, without a keyring; return the config.json."""
    monkeypatch.setenv("PATH", azure_cli.install(service, tmp_path / "bin"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    file = tmp_path / "config.json"
    file.write_text(json.dumps(service.config()))
    return file


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Trained:
    return train(tmp_path_factory.mktemp("people"))


@pytest.fixture
def deploying(qtbot, background, signed_in, trained, tmp_path):
    """Return a dialog in which “Deploy” was pressed for Azure Container Instances."""
    folder = tmp_path / "package"
    pack(trained.workspace, trained.file, folder, "people")
    text = (folder / "pipeline.pipeline.json").read_text("utf-8")
    backend = ServingBackend(trained.workspace, lambda function, *values: function(*values))
    dialog = DeployDialog(
        backend,
        background,
        lambda: Prepared(text, folder),
        name="people",
        source="people",
        place=Place("azureml-v1", str(signed_in), "azure-cli"),
    )
    qtbot.addWidget(dialog)
    dialog.show()
    target = dialog.form.target
    target.setFocus()
    for _ in range(target.findData("aci")):
        QTest.keyClick(target, Qt.Key.Key_Down)
    return dialog, backend


def test_a_deployment_that_is_cancelled_leaves_nothing_in_azure(qtbot, deploying, service, cluster):
    dialog, backend = deploying
    service.slow_deployments = 10**6
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: dialog.steps.text("deploy").endswith(" s") or dialog.back.isVisible(),
        timeout=PATIENCE,
    )
    assert service.kept("web service")
    assert service.kept("model")
    QTest.mouseClick(dialog.leave, Qt.MouseButton.LeftButton)
    assert "in Azure…" in dialog.steps.text("deploy")
    qtbot.waitUntil(dialog.back.isVisible, timeout=PATIENCE)
    assert dialog.steps.text("deploy") == "Cancelled; what was made has been taken back."
    assert dialog.steps.state("deploy") == "cancelled"
    assert not service.kept("web service")
    assert not service.kept("model")
    assert backend.endpoints() == []


def test_an_endpoint_on_container_instances_answers_with_the_scores_of_the_pipeline(
    qtbot, background, deploying, trained, cluster
):
    dialog, backend = deploying
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.outcome is not None or dialog.back.isVisible(), timeout=PATIENCE)
    assert dialog.outcome is not None, dialog.steps.text(dialog.steps.stopped())
    steps = backend.steps(dialog.form.order())
    assert {"local", "compute", "register", "deploy", "test"} <= set(steps)
    assert {dialog.steps.state(step) for step in steps} <= {"completed", "skipped"}

    page = EndpointsPage(backend, background)
    qtbot.addWidget(page)
    page.show()
    page.choose("people", "test")
    qtbot.waitUntil(lambda: page.current is not None, timeout=PATIENCE)
    assert page.list.currentItem().text(3) == "Azure Container Instances"
    test = page.detail.test
    qtbot.waitUntil(lambda: test.send.isEnabled() and bool(test.json.toPlainText()), timeout=5000)
    rows = {"Inputs": {"input1": trained.rows}, "GlobalParameters": {}}
    test.json.setPlainText(json.dumps(rows))
    QTest.mouseClick(test.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(test.answer.toPlainText()), timeout=PATIENCE)
    answer = json.loads(test.answer.toPlainText())
    assert same_scores(answer["Results"]["output1"], trained.expected)
    QTest.mouseClick(page.detail.look, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.detail.look.isEnabled(), timeout=PATIENCE)
    assert not page.detail.error.isVisible()
    backend.delete("people")
    page.refresh()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty, timeout=PATIENCE)
