"""Endpoints over time: versions, rollback, stopping, crashes, keys."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from serving_examples import Trained, azure_request, retrain, same_scores, train

from designer.deployment import Endpoints, ServingError, Status
from designer.deployment.deploying import Packed, deploy
from designer.deployment.local_target import LocalTarget

CANARY = "canary-key-7f3a9c"


def ask(endpoints: Endpoints, name: str, *rows: dict[str, object]) -> list[dict[str, object]]:
    status, body = endpoints.send(name, "POST", "/score", json.dumps(azure_request(*rows)).encode())
    assert status == 200, body
    return json.loads(body)["Results"]["output1"]


def add(endpoints: Endpoints, packed: Packed, name: str, tmp_path: Path, **options: str) -> int:
    """Add a copy of a package as the next version."""
    copy = tmp_path / "copy"
    shutil.copytree(packed.package.folder, copy)
    return endpoints.add_version(name, copy, **options)


@pytest.fixture
def running(endpoints: Endpoints, packed: Packed, tmp_path: Path) -> Status:
    add(endpoints, packed, "people", tmp_path, key=CANARY)
    return endpoints.start("people")


def test_retraining_gives_a_new_version_and_rollback_the_old_scores(tmp_path: Path) -> None:
    trained = train(tmp_path)
    endpoints = Endpoints(trained.workspace)
    steps: list[tuple[str, str]] = []
    try:
        first = deploy(
            trained.workspace,
            trained.file,
            "people",
            register=False,
            on_step=lambda step, status, text: steps.append((step, status)),
        )
        retrain(trained)
        second = deploy(trained.workspace, trained.file, "people", register=False)

        ended = [step for step, status in steps if status != "running"]
        assert ended == list(LocalTarget.steps)
        assert ("register", "skipped") in steps
        assert (first.version, second.version) == (1, 2)
        assert (first.url, first.key) == (second.url, second.key)
        assert not same_scores(ask(endpoints, "people", *trained.rows), trained.expected)
        status = endpoints.rollback("people")
        assert (status.state, status.version, status.versions) == ("running", 1, (1, 2))
        assert same_scores(ask(endpoints, "people", *trained.rows), trained.expected)
        with pytest.raises(ServingError, match="no version before 1"):
            endpoints.rollback("people")
        with pytest.raises(ServingError, match="no version 9"):
            endpoints.rollback("people", 9)
    finally:
        endpoints.delete("people")
    assert endpoints.names() == []


def test_it_survives_the_program_that_started_it(
    endpoints: Endpoints, packed: Packed, trained: Trained, tmp_path: Path
) -> None:
    add(endpoints, packed, "people", tmp_path)
    program = (
        "import sys; from designer.deployment import Endpoints; "
        "print(Endpoints(sys.argv[1]).start('people').pid)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(endpoints.workspace.folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )

    status = endpoints.status("people")
    assert status.state == "running"
    assert status.pid == int(done.stdout)
    assert same_scores(ask(endpoints, "people", trained.rows[0]), trained.expected[:1])


def test_stop_start_and_restart(endpoints: Endpoints, running: Status) -> None:
    assert running.state == "running"
    assert endpoints.start("people").pid == running.pid
    stopped = endpoints.stop("people")
    assert (stopped.state, stopped.pid) == ("stopped", None)
    assert not psutil.pid_exists(running.pid or 0)
    with pytest.raises(ServingError, match="isn't running"):
        endpoints.send("people", "GET", "/health")
    started = endpoints.start("people")
    assert (started.state, started.url) == ("running", running.url)
    assert endpoints.restart("people").pid != started.pid


@pytest.mark.long
def test_a_crash_is_seen_and_recovered(endpoints: Endpoints, running: Status) -> None:
    psutil.Process(running.pid).kill()
    psutil.wait_procs([psutil.Process(running.pid)] if psutil.pid_exists(running.pid) else [], 5)

    assert endpoints.status("people").state == "failed"
    (recovered,) = endpoints.recover()
    assert (recovered.state, recovered.url) == ("running", running.url)
    assert endpoints.recover() == []


def test_another_process_with_its_number_is_not_taken_for_it(
    endpoints: Endpoints, running: Status
) -> None:
    endpoints.stop("people")
    place = endpoints.folder("people") / "process.json"
    other = {"pid": os.getpid(), "created": 1.0, "host": "127.0.0.1"}
    place.write_text(json.dumps({**other, "port": 1, "version": 1, "instance": "x"}), "utf-8")

    assert endpoints.status("people").state == "stopped"
    assert endpoints.stop("people").state == "stopped"
    assert psutil.pid_exists(os.getpid())


@pytest.mark.long
def test_a_taken_port_is_said_or_the_next_one_used(
    endpoints: Endpoints, packed: Packed, tmp_path: Path
) -> None:
    add(endpoints, packed, "people", tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServingError, match=f"Port {port} is in use"):
            endpoints.start("people", port=port)
        place = endpoints.folder("people") / "endpoint.json"
        place.write_text(json.dumps(json.loads(place.read_text()) | {"port": port}), "utf-8")

        status = endpoints.start("people")

        assert status.state == "running"
        assert status.port != port
    add(endpoints, packed, "others", tmp_path)
    assert endpoints.start("others").port != status.port


def test_a_version_that_does_not_start_leaves_the_running_one(
    endpoints: Endpoints, packed: Packed, trained: Trained, running: Status, tmp_path: Path
) -> None:
    version = add(endpoints, packed, "people", tmp_path)
    damaged = endpoints.package("people", version) / "model" / "scoring.json"
    damaged.write_bytes(damaged.read_bytes() + b" ")

    with pytest.raises(ServingError, match=r"model/scoring\.json.*is damaged"):
        endpoints.start("people", version=version)

    status = endpoints.status("people")
    assert (status.state, status.version, status.pid) == ("running", 1, running.pid)
    assert same_scores(ask(endpoints, "people", trained.rows[0]), trained.expected[:1])


def test_a_manifest_that_was_written_by_another_is_refused(
    endpoints: Endpoints, packed: Packed, tmp_path: Path
) -> None:
    from modules.endpoint.package import write_manifest

    add(endpoints, packed, "people", tmp_path)
    package = endpoints.package("people")
    (package / "modules" / "scoring" / "__init__.py").write_text(
        "raise SystemExit('stranger')", "utf-8"
    )
    write_manifest(package, {"name": "people"})

    with pytest.raises(ServingError, match="isn't the one that was written"):
        endpoints.start("people")


def test_the_key_is_in_no_log_argument_error_or_open_file(
    endpoints: Endpoints, running: Status, trained: Trained
) -> None:
    headers = {"Authorization": f"Bearer {CANARY}"}
    address = running.url.removesuffix("/score")
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        assert client.post("/score", json=azure_request(trained.rows[0])).status_code == 200
        answers = [
            client.post("/score", content=b"x"),
            client.get(f"/{CANARY[:4]}"),
            client.put("/score"),
            client.get("/metrics"),
            client.get("/openapi.json"),
        ]
        assert client.post("/score", headers={"Authorization": f"Bearer {CANARY}x"}).is_error
    process = psutil.Process(running.pid)
    seen = [answer.text for answer in answers]
    seen += [" ".join(process.cmdline()), json.dumps(process.environ()), repr(running)]
    seen += ["\n".join(endpoints.logs("people", 1000)), repr(endpoints.keys("people"))]
    folder = endpoints.folder("people")
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "keys.json"]
    seen += [path.read_bytes().decode("latin-1") for path in files]

    assert endpoints.keys("people").primary == CANARY
    assert not [text for text in seen if CANARY in text]
    assert "Ready at" in "\n".join(endpoints.logs("people"))
    if os.name == "posix":
        assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600


@pytest.mark.long
def test_a_renewed_key_replaces_the_old_one_only(endpoints: Endpoints, running: Status) -> None:
    before = endpoints.keys("people")
    after = endpoints.renew_key("people", "primary")

    assert after.primary != before.primary == CANARY
    assert after.secondary == before.secondary
    address = endpoints.status("people").url
    old = httpx.post(
        address, headers={"Authorization": f"Bearer {CANARY}"}, trust_env=False, timeout=60
    )
    assert old.status_code == 401


@pytest.mark.parametrize("name", ["", "a", "Up", "a_b", "../x", "a" * 33, "1a2", "-ab", "ab-"])
def test_names_that_azure_would_refuse_are_refused(
    endpoints: Endpoints, tmp_path: Path, name: str
) -> None:
    with pytest.raises(ServingError, match="can't be the name"):
        endpoints.add_version(name, tmp_path / "package")
    with pytest.raises(ServingError, match="There is no endpoint"):
        endpoints.status(name)


def test_bad_keys_are_refused_and_not_repeated(
    endpoints: Endpoints, packed: Packed, tmp_path: Path
) -> None:
    with pytest.raises(ServingError) as caught:
        add(endpoints, packed, "people", tmp_path, key="with space and ü")
    assert "with space" not in caught.value.message + caught.value.hint


def test_a_pipeline_that_was_not_run_is_refused(trained: Trained, tmp_path: Path) -> None:
    copy = tmp_path / "other.pipeline.json"
    shutil.copy(trained.file, copy)

    with pytest.raises(ServingError, match="hasn't been run yet"):
        deploy(trained.workspace, copy, "other", register=False)
    with pytest.raises(ServingError, match="There is no file"):
        deploy(trained.workspace, tmp_path / "none.json", "other", register=False)
    assert not list(trained.workspace.endpoints_folder.glob(".new-*"))
