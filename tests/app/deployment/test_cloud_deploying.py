"""From the dialog to an endpoint elsewhere: unmodified SDKs and stand-ins that really answer."""

from __future__ import annotations

import json
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

TESTS = Path(__file__).parents[2]
sys.path += [str(TESTS / "azure" / "service"), str(TESTS / "deployment")]

import docker_here  # noqa: E402
from serving_examples import Trained, same_scores, train  # noqa: E402
from stand_in import azure_cli  # noqa: E402
from stand_in.fixtures import peers, service  # noqa: E402
from stand_in.processes import close  # noqa: E402

from designer.app.background.engine_caller import EngineCaller  # noqa: E402
from designer.app.deployment.backend import Backend  # noqa: E402
from designer.app.deployment.deploying.deploy_dialog import DeployDialog  # noqa: E402
from designer.app.deployment.endpoints.endpoints_page import EndpointsPage  # noqa: E402
from designer.app.deployment.inference.conversion import Prepared  # noqa: E402
from designer.app.runs.compute_target import ComputeTarget  # noqa: E402
from designer.deployment.deploying import pack  # noqa: E402
from designer.deployment.targets import title_of  # noqa: E402

__all__ = ["peers", "service"]

PATIENCE = 300_000
"""Milliseconds: every act is a process that imports an SDK, beside other tests."""

IN_AZURE = {"local", "compute", "register", "deploy", "test"}


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
    service.computes["aks-cluster"] = "AKS"
    file = tmp_path / "config.json"
    file.write_text(json.dumps(service.config()))
    return file


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Trained:
    return train(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def prepared(trained, tmp_path_factory) -> Prepared:
    """Return the inference pipeline, which is quickly packed again."""
    folder = tmp_path_factory.mktemp("packed") / "package"
    pack(trained.workspace, trained.file, folder, "people")
    return Prepared((folder / "pipeline.pipeline.json").read_text("utf-8"), folder)


@pytest.fixture
def backend(trained):
    made = Backend(trained.workspace, EngineCaller(Future))
    yield made
    left = [info.name for info in made.endpoints()]
    for name in left:
        made.remove(name)
    assert left == []


@pytest.fixture
def open_dialog(qtbot, background, backend, prepared):
    """Open the dialog and choose a target as a person does."""

    def opened(target: str, compute_target: ComputeTarget | None = None) -> DeployDialog:
        dialog = DeployDialog(
            backend, background, lambda: prepared, name="people", compute_target=compute_target
        )
        qtbot.addWidget(dialog)
        dialog.show()
        choice = dialog.form.target
        choice.setFocus()
        for _ in range(choice.findData(target)):
            QTest.keyClick(choice, Qt.Key.Key_Down)
        assert choice.currentText() == title_of(target)
        return dialog

    return opened


@pytest.fixture
def open_for_azure(open_dialog, signed_in):
    """Open the dialog for a target in Azure, in a workspace that one is signed in to."""
    return lambda target: open_dialog(
        target, ComputeTarget("azureml-v1", str(signed_in), "azure-cli")
    )


def press(button) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def deploy(qtbot, dialog) -> None:
    """Press “Deploy” and wait for the endpoint."""
    where = dialog.form.target.currentText()
    press(dialog.start)
    qtbot.waitUntil(lambda: dialog.outcome is not None or dialog.back.isVisible(), timeout=PATIENCE)
    assert dialog.outcome is not None, dialog.steps.text(dialog.steps.stopped())
    assert dialog.end.headline.text() == f"“people” is running on {where}, version 1."


@pytest.fixture
def answers_and_is_deleted(qtbot, background, backend, trained, answer):
    """Return what asks on the page, compares with the scores of the training, and deletes."""
    return lambda target: _use(qtbot, background, backend, trained, answer, target)


def _use(qtbot, background, backend, trained, answer, target: str) -> None:
    page = EndpointsPage(backend, background)
    qtbot.addWidget(page)
    page.show()
    page.choose("people", "test")
    qtbot.waitUntil(lambda: page.current is not None, timeout=PATIENCE)
    assert page.list.currentItem().text(3) == title_of(target)
    test = page.detail.test
    qtbot.waitUntil(lambda: test.send.isEnabled() and bool(test.json.toPlainText()))
    rows = {"Inputs": {"input1": trained.rows}, "GlobalParameters": {}}
    test.json.setPlainText(json.dumps(rows))
    press(test.send)
    qtbot.waitUntil(test.send.isEnabled, timeout=PATIENCE)
    assert test.response.toPlainText(), test.result.text()
    scores = json.loads(test.response.toPlainText())["Results"]["output1"]
    assert same_scores(scores, trained.expected)
    if target != "docker":
        press(page.detail.refresh)
        qtbot.waitUntil(lambda: page.detail.refresh.isEnabled(), timeout=PATIENCE)
    assert not page.detail.error.isVisible()
    asked = answer("Delete")
    press(page.detail.delete)
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty, timeout=PATIENCE)
    assert "people" in asked[0]


@pytest.mark.long
def test_a_deployment_that_is_cancelled_leaves_nothing_in_azure(
    qtbot, open_for_azure, service, cluster
):
    service.slow_deployments = 10**6
    dialog = open_for_azure("aci")
    press(dialog.start)
    qtbot.waitUntil(
        lambda: dialog.steps.text("deploy").endswith(" s") or dialog.back.isVisible(),
        timeout=PATIENCE,
    )
    assert service.kept("web service")
    assert service.kept("model")
    press(dialog.leave)
    assert "can take some minutes" in dialog.steps.text("deploy")
    qtbot.waitUntil(dialog.back.isVisible, timeout=PATIENCE)
    assert dialog.steps.text("deploy") == "Canceled; everything was rolled back."
    assert dialog.steps.state("deploy") == "cancelled"
    assert not service.kept("web service")
    assert not service.kept("model")


@pytest.mark.long
@pytest.mark.parametrize("target", ["aci", "aks", "managed"])
def test_an_endpoint_in_azure_answers_with_the_scores_of_the_pipeline(
    target, qtbot, backend, open_for_azure, service, cluster, answers_and_is_deleted
):
    dialog = open_for_azure(target)
    if target == "aks":
        assert "name of the AKS cluster" in dialog.form.hint.text()
        assert not dialog.start.isEnabled()
        QTest.keyClicks(dialog.form.fields.fields["cluster"].editor, "aks-cluster")
    deploy(qtbot, dialog)
    steps = backend.steps(dialog.form.request())
    assert set(steps) >= IN_AZURE
    assert {dialog.steps.state(step) for step in steps} <= {"completed", "skipped"}
    answers_and_is_deleted(target)
    assert not service.scoring.fronts


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the stand-in reads /proc")
def test_a_container_answers_with_the_scores_of_the_pipeline(
    qtbot, open_dialog, tmp_path, monkeypatch, answers_and_is_deleted
):
    docker = docker_here.install(tmp_path, monkeypatch)
    dialog = open_dialog("docker")
    deploy(qtbot, dialog)
    assert {dialog.steps.state(step) for step in ("compute", "deploy", "test")} == {"completed"}
    assert list((docker / "containers").glob("*"))
    answers_and_is_deleted("docker")
    assert not list((docker / "containers").glob("*"))
    assert not list((docker / "images").glob("*"))
