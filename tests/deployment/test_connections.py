"""Who may connect to an endpoint, by which name, and what its process gets."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from raw_http import KEY, connected, endpoint, exchange, post, row_with

from designer.deployment import processes
from designer.deployment.deploying import Packed
from designer.deployment.environment import passed_on
from modules.endpoint.hosts import Hosts
from modules.endpoint.listening import allow_connections

GOOD = row_with("age", "41")


@pytest.fixture(scope="module")
def worn(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Process]:
    """Return an endpoint as it is deployed."""
    with endpoint(packed.package.folder, tmp_path_factory.mktemp("worn")) as process:
        yield process


@pytest.fixture
def limited(packed: Packed, tmp_path: Path) -> Iterator[processes.Process]:
    """Return an endpoint that keeps at most 40 connections open."""
    with endpoint(packed.package.folder, tmp_path, "--connections", "20") as process:
        yield process


@pytest.fixture
def hurried(packed: Packed, tmp_path: Path) -> Iterator[processes.Process]:
    """Return an endpoint that waits a second."""
    with endpoint(packed.package.folder, tmp_path, "--patience", "1") as process:
        yield process


# Connections


def test_idle_connections_keep_nobody_out(worn: processes.Process) -> None:
    count = allow_connections(1_100)
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connected(worn)) for _ in range(count)]
        for each in idle[::2]:
            with contextlib.suppress(ConnectionError):
                each.sendall(b"POST /score HTTP/1.1\r\nX-Slow: ")

        answers = [exchange(worn.port, post(GOOD)) for _ in range(20)]

    assert [[answer.status for answer in found] for found in answers] == [[200]] * 20


def test_the_connection_that_was_idle_longest_is_closed(limited: processes.Process) -> None:
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(connected(limited))
        used = stack.enter_context(connected(limited))
        for _ in range(38):
            stack.enter_context(connected(limited))
        # One that has just had an answer hasn't been idle long.
        assert status_of(used, post(GOOD, close=False)) == 200
        stack.enter_context(connected(limited))
        last = stack.enter_context(connected(limited))

        with contextlib.suppress(ConnectionError):
            assert first.recv(1) == b""
        assert status_of(used, post(GOOD, close=False)) == 200
        assert status_of(last, post(GOOD, close=False)) == 200


def test_who_reads_no_answers_is_let_go(hurried: processes.Process) -> None:
    padding = b"Note: " + b"e" * 5_000
    asked = post(b"", padding, method=b"GET", path=b"/openapi.json", close=False) * 50
    caller = socket.socket()
    # Linux would let this computer keep 32 MB of answers.
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.settimeout(60)
    with caller, contextlib.suppress(ConnectionError):
        caller.connect((hurried.host, hurried.port))
        while True:
            # A timeout is no ConnectionError.
            caller.sendall(asked)


def status_of(connection: socket.socket, data: bytes) -> int:
    """Send a request and return the status of its answer, which is read to its end."""
    connection.sendall(data)
    with http.client.HTTPResponse(connection) as answer:
        answer.begin()
        answer.read()
        return answer.status


# Names


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"evil.example:5001",
        b"127.0.0.1.evil.example",
        b"10.1.2.3",
        b"",
        b"[::2]:1",
    ],
)
@pytest.mark.parametrize(
    "path", [b"/", b"/health", b"/metrics", b"/openapi.json", b"/swagger.json", b"/score", b"/none"]
)
def test_another_name_gets_no_answer(worn: processes.Process, path: bytes, host: bytes) -> None:
    for method in (b"GET", b"POST"):
        lines = [method + b" " + path + b" HTTP/1.1", b"Host: " + host, b"Connection: close"]
        lines += [b"Authorization: Bearer " + KEY, b"Content-Length: 0"]
        (answer,) = exchange(worn.port, b"\r\n".join([*lines, b"", b""]))
        assert (answer.status, answer.error["code"]) == (421, "wrong-host")


@pytest.mark.parametrize(
    "host", [b"127.0.0.1", b"LOCALHOST:80", b"localhost.", b"[::1]:5001", b"127.8.9.1:1"]
)
def test_names_of_this_computer_are_answered(worn: processes.Process, host: bytes) -> None:
    data = b"GET /health HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"

    assert [answer.status for answer in exchange(worn.port, data)] == [200]


def test_a_name_is_needed_except_in_the_first_http(worn: processes.Process) -> None:
    (answer,) = exchange(worn.port, b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert (answer.status, answer.error["code"]) == (400, "no-host")
    (answer,) = exchange(worn.port, b"GET /health HTTP/1.0\r\n\r\n")
    assert answer.status == 200


def test_beyond_this_computer_every_address_and_the_names_given_are_answered() -> None:
    hosts = Hosts("0.0.0.0", ["Score.example.com"])

    for name in (b"10.1.2.3:5001", b"[2001:db8::1]:5001", b"score.example.com", b"localhost"):
        assert hosts.accept(name)
    assert hosts.accept(socket.gethostname().encode() + b":5001")
    for name in (b"evil.example", b"score.example.com.evil.example", b"example.com"):
        assert not hosts.accept(name)


def test_a_proxys_name_can_be_given(
    packed: Packed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELDESK_ENDPOINT_HOSTS", "one.example, two.example")
    with endpoint(packed.package.folder, tmp_path, "--allow-host", "three.example") as process:
        for name in (b"one.example", b"two.example", b"three.example:443", b"127.0.0.1"):
            data = b"GET /health HTTP/1.1\r\nHost: " + name + b"\r\nConnection: close\r\n\r\n"
            assert [answer.status for answer in exchange(process.port, data)] == [200]


# What a deployed process has


def test_the_process_gets_only_what_it_needs(
    packed: Packed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELDESK_SECRET_BANK", "hunter2")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "hunter2")
    monkeypatch.setenv("MODELDESK_ENDPOINT_KEY", "hunter2-hunter2")
    monkeypatch.setenv("TZ", "Europe/Oslo")
    with endpoint(packed.package.folder, tmp_path) as process:
        variables = psutil.Process(process.pid).environ()

    assert variables["TZ"] == "Europe/Oslo"
    assert not [name for name, value in variables.items() if "hunter2" in value]


def test_the_secrets_that_a_step_names_are_passed_on(tmp_path: Path) -> None:
    plan = {"steps": [{"parameters": {"password": "sales-db", "rows": 3}}], "parameters": {}}
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "scoring.json").write_text(json.dumps(plan), "utf-8")
    environment = {f"MODELDESK_SECRET_{name}": name for name in ("SALES_DB", "SALES", "OTHER")}

    found = passed_on(environment | {"PATH": "/bin", "LC_ALL": "C", "PWD": "/"}, tmp_path)

    assert found == {"MODELDESK_SECRET_SALES_DB": "SALES_DB", "PATH": "/bin", "LC_ALL": "C"}
