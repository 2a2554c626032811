"""Redeploying an endpoint while clients send requests: none is refused, none is lost."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from pathlib import Path

import psutil
import pytest
from raw_http import Clients, exchange, post
from serving_examples import Trained, azure_request
from test_lifecycle import CANARY, add, ask

from designer.deployment import Endpoints, ServingError, Status
from designer.deployment.deploying import Packed
from modules.endpoint.listening import SUPPORTED

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="the system can't pass sockets on")


@pytest.fixture
def running(endpoints: Endpoints, packed: Packed, tmp_path: Path) -> Status:
    add(endpoints, packed, "people", tmp_path, key=CANARY)
    return endpoints.start("people")


@pytest.mark.long
def test_nothing_is_refused_or_lost(
    endpoints: Endpoints, packed: Packed, trained: Trained, running: Status, tmp_path: Path
) -> None:
    add(endpoints, packed, "people", tmp_path)
    clients = Clients(running.port or 0, CANARY, azure_request(trained.rows[0]))
    processes = {running.pid}
    with clients.sending():
        for number in range(4):
            clients.wait_for(100)
            status = endpoints.start("people", version=2 - number % 2)
            assert (status.state, status.port) == ("running", running.port)
            assert not [pid for pid in processes if pid and psutil.pid_exists(pid)]
            processes.add(status.pid)
        endpoints.renew_key("people", "secondary")
        clients.wait_for(100)

    assert clients.failures == []
    assert len(processes) == 5
    assert [path.name for path in endpoints.folder("people").glob("*.sock")] == [
        f"{json.loads((endpoints.folder('people') / 'process.json').read_text())['instance']}.sock"
    ]


def test_a_version_that_does_not_start_interrupts_nobody(
    endpoints: Endpoints, packed: Packed, trained: Trained, running: Status, tmp_path: Path
) -> None:
    version = add(endpoints, packed, "people", tmp_path)
    clients = Clients(running.port or 0, CANARY, azure_request(trained.rows[0]))
    with clients.sending():
        clients.wait_for(100)
        with pytest.raises(ServingError, match="didn't start"):
            endpoints.start("people", version=version, arguments=["--no-such-option"])
        clients.wait_for(100)

    assert clients.failures == []
    assert endpoints.status("people").pid == running.pid
    assert endpoints.start("people", version=version).version == version


@pytest.mark.long
def test_a_request_in_progress_is_finished_by_the_earlier_process(
    endpoints: Endpoints, packed: Packed, running: Status, tmp_path: Path
) -> None:
    version = add(endpoints, packed, "people", tmp_path)
    body = b"[]"
    head = post(body, b"Authorization: Bearer " + CANARY.encode(), b"Expect: 100-continue")
    with socket.create_connection(("127.0.0.1", running.port or 0), timeout=60) as caller:
        caller.sendall(head.removesuffix(body))
        # The earlier process has the request now, and waits for its body.
        assert b"100 Continue" in caller.recv(65536)
        started = threading.Thread(target=endpoints.start, args=("people",), kwargs={"version": 2})
        started.start()
        while endpoints.status("people").pid == running.pid:
            assert started.is_alive()
        caller.sendall(body)
        with caller.makefile("rb") as reader:
            answer = reader.read()
        started.join()

    assert version == 2
    assert b" 400 Bad Request" in answer
    assert b"no-rows" in answer
    assert not psutil.pid_exists(running.pid or 0)


@pytest.mark.long
def test_a_process_that_hangs_is_replaced(
    endpoints: Endpoints, packed: Packed, trained: Trained, running: Status, tmp_path: Path
) -> None:
    add(endpoints, packed, "people", tmp_path)
    psutil.Process(running.pid).suspend()

    status = endpoints.start("people", version=2)

    assert (status.state, status.version, status.port) == ("running", 2, running.port)
    assert not psutil.pid_exists(running.pid or 0)
    assert ask(endpoints, "people", trained.rows[0])


@pytest.mark.long
def test_nobody_else_may_take_the_socket(endpoints: Endpoints, running: Status) -> None:
    (place,) = endpoints.folder("people").glob("*.sock")

    assert place.stat().st_mode & 0o777 == 0o600
    # Whoever asks and leaves changes nothing.
    with socket.socket(socket.AF_UNIX) as other, contextlib.chdir(place.parent):
        other.connect(place.name)
    assert exchange(running.port or 0, post(b"[]"))[0].status == 401
    assert endpoints.restart("people").state == "running"
