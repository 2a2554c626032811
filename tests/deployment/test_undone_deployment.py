"""What a deployment that fails or is ended leaves: no version in the registry, no endpoint."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from serving_examples import Trained, train

from designer.deployment import Endpoints, ServingError
from designer.deployment.deploying import Packed, deploy
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.tracking import registry
from designer.workspace import Workspace

Versions = Callable[[], list[str]]


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """Return a pipeline that was run, with one registered version of its model."""
    made = train(tmp_path_factory.mktemp("registered"))
    run = made.workspace.latest_run(made.file)
    assert run is not None
    registry.register(made.workspace, "people", run, "train")
    yield made
    endpoints = Endpoints(made.workspace)
    for name in endpoints.names():
        endpoints.delete(name)


@pytest.fixture
def versions(registered: Trained) -> Versions:
    def found() -> list[str]:
        model = registry.model(registered.workspace, "people")
        return [str(each["version"]) for each in model["versions"]]

    before = found()
    assert len(before) == 1
    return found


@pytest.fixture
def workspace(trained: Trained) -> Iterator[Workspace]:
    """Return the workspace of all tests; the endpoints that a test leaves are deleted."""
    endpoints = Endpoints(trained.workspace)
    before = endpoints.names()
    yield trained.workspace
    for name in set(endpoints.names()) - set(before):
        endpoints.delete(name)


def sample(endpoints: Endpoints, name: str) -> bytes:
    return (endpoints.package(name) / "sample_request.json").read_bytes()


def end_at(wanted: str, error: BaseException) -> Callable[[str, str, str], None]:
    def on_step(step: str, status: str, text: str) -> None:
        if (step, status) == (wanted, "running"):
            raise error

    return on_step


@pytest.mark.long
def test_the_version_of_a_deployment_that_fails_is_gone_from_the_registry(
    registered: Trained, versions: Versions
) -> None:
    before, error = versions(), ServingError("No answer.")

    with pytest.raises(ServingError):
        deploy(registered.workspace, registered.file, "people", on_step=end_at("test", error))

    assert versions() == before


@pytest.mark.parametrize("step", ["deploy", pytest.param("test", marks=pytest.mark.long)])
def test_an_endpoint_that_is_ended_on_its_way_is_gone(
    step: str, trained: Trained, workspace: Workspace
) -> None:
    names = Endpoints(workspace).names()

    with pytest.raises(KeyboardInterrupt):
        deploy(
            workspace,
            trained.file,
            "fresh",
            register=False,
            on_step=end_at(step, KeyboardInterrupt()),
        )

    assert Endpoints(workspace).names() == names


@pytest.mark.parametrize("step", ["deploy", pytest.param("test", marks=pytest.mark.long)])
def test_a_version_that_is_ended_on_its_way_leaves_the_one_before(
    step: str, trained: Trained, workspace: Workspace
) -> None:
    endpoints = Endpoints(workspace)
    made = deploy(workspace, trained.file, "kept", register=False)
    on_step = end_at(step, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        deploy(
            workspace,
            trained.file,
            "kept",
            key="another-key-of-mine",
            register=False,
            on_step=on_step,
        )

    status = endpoints.status("kept")
    assert (status.state, status.version, status.versions) == ("running", 1, (1,))
    assert (status.url, endpoints.keys("kept").primary) == (made.url, made.key)
    assert endpoints.send("kept", "POST", "/score", sample(endpoints, "kept"))[0] == 200


MOODY = """\
import sys

def azureml_main(dataframe1=None, dataframe2=None):
    # Fine wherever it is tried out, and for the first row of an endpoint: with that it starts.
    if "--key-file" in sys.argv:
        sys.asked = getattr(sys, "asked", 0) + 1
        if sys.asked > 1:
            raise RuntimeError("I have answered once.")
    dataframe1["age_twice"] = dataframe1["age"] * 2
    return dataframe1,
"""


@pytest.fixture
def moody(scripted_packed: Packed, tmp_path: Path) -> Path:
    """Return an inference pipeline of which every request but the first fails."""
    folder = shutil.copytree(scripted_packed.package.folder, tmp_path / "moody")
    file = folder / "pipeline.pipeline.json"
    write(edits.set_parameter(read(file), "double", "script", MOODY), file)
    return file


@pytest.mark.long
def test_an_endpoint_that_fails_its_test_is_stopped_and_gone(
    scripted: Trained, moody: Path
) -> None:
    before = processes_of(scripted)

    with pytest.raises(ServingError, match="answered its sample request with status") as caught:
        deploy(scripted.workspace, moody, "fresh", allow=["code"])

    assert caught.value.hint.startswith("It was removed completely.\nThe end of its log:\n")
    assert "I have answered once." in caught.value.message + caught.value.hint
    assert "fresh" not in Endpoints(scripted.workspace).names()
    assert processes_of(scripted) == before


@pytest.mark.long
@pytest.mark.parametrize("running", [True, False])
def test_a_version_that_fails_its_test_gives_way_to_the_one_before(
    running: bool, scripted: Trained, scripted_packed: Packed, moody: Path
) -> None:
    endpoints = Endpoints(scripted.workspace)
    sound = scripted_packed.package.folder / "pipeline.pipeline.json"
    made = deploy(scripted.workspace, sound, "kept", register=False)
    if not running:
        endpoints.stop("kept")

    with pytest.raises(ServingError, match="answered its sample request with status") as caught:
        deploy(
            scripted.workspace,
            moody,
            "kept",
            key="another-key-of-mine",
            allow=["code"],
            register=False,
        )

    status = endpoints.status("kept")
    assert (status.version, status.versions, status.url) == (1, (1,), made.url)
    assert endpoints.keys("kept").primary == made.key
    if running:
        assert caught.value.hint.startswith("Version 1 is active again.")
        assert endpoints.send("kept", "POST", "/score", sample(endpoints, "kept"))[0] == 200
    else:
        assert caught.value.hint.startswith("Version 1 is the current one, and is stopped")
        assert status.state == "stopped"
    endpoints.delete("kept")


def processes_of(trained: Trained) -> list[int]:
    """Return the processes that run anything of a workspace."""
    inside = str(trained.workspace.endpoints_folder)
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(inside in word for word in process.info["cmdline"] or ())
    ]


@pytest.mark.long
def test_a_deployment_that_is_ended_while_it_registers_leaves_no_version(
    registered: Trained, versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, during = versions(), []
    real = registry.register

    def interrupted(*words: Any, **more: Any) -> dict[str, Any]:
        made = real(*words, **more)
        during.append(made["version"])
        # What Ctrl-C does: the main thread, which waits, is the one that hears of it.
        os.kill(os.getpid(), signal.SIGINT)
        return made

    monkeypatch.setattr(registry, "register", interrupted)
    # Processes that run tests at the same time may ignore the signal.
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            deploy(registered.workspace, registered.file, "people")
    finally:
        signal.signal(signal.SIGINT, ignored)

    assert len(during) == 1
    assert versions() == before


@pytest.mark.long
def test_a_version_that_can_not_be_taken_back_is_named(
    registered: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: Any) -> list[str]:
        raise PermissionError("The registry can only be read.")

    monkeypatch.setattr(registry, "delete", refuse)
    with pytest.raises(ServingError, match="No answer") as caught:
        deploy(
            registered.workspace,
            registered.file,
            "others",
            on_step=end_at("test", ServingError("No answer.")),
        )

    assert "the model “others” in the registry of this computer" in caught.value.hint
