"""Requests as bytes, endpoints to send them to, and clients."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.deployment import processes

KEY = b"a-key-of-tests"


@dataclass
class Answer:
    """One answer on a connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The error of a refusal, which is never a stack trace."""
        assert b"Traceback" not in self.body
        assert self.headers["content-type"] == "application/json"
        error = json.loads(self.body)["error"]
        assert error["code"]
        assert error["message"]
        return error


@contextlib.contextmanager
def endpoint(package: Path, folder: Path, *options: str) -> Iterator[processes.Process]:
    """Run an endpoint with the key of the tests; its logs are in ``folder/logs``."""
    keys = folder / "keys.json"
    keys.touch(0o600)
    keys.write_text(json.dumps({"primary": KEY.decode()}))
    process = processes.start(
        package,
        name="impatient",
        version=1,
        port=free_port(),
        key_file=keys,
        logs=folder / "logs",
        options=options,
    )
    assert process is not None
    try:
        yield process
    finally:
        process.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def connected(process: processes.Process) -> socket.socket:
    return socket.create_connection((process.host, process.port), timeout=60)


def post(
    body: bytes,
    *more: bytes,
    path: bytes = b"/score",
    method: bytes = b"POST",
    length: bool = True,
    close: bool = True,
) -> bytes:
    """Return the bytes of a request; ``more`` are further header lines."""
    lines = [
        b"%b %b HTTP/1.1" % (method, path),
        b"Host: 127.0.0.1",
        b"Authorization: Bearer " + KEY,
        *more,
    ]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    if close:
        lines.append(b"Connection: close")
    return b"\r\n".join([*lines, b"", body])


def exchange(port: int, data: bytes, *, hang_up: bool = False) -> list[Answer]:
    """Send bytes and return the answers that come until the other side hangs up."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                found += part
    answers = []
    while found:
        head, _, found = found.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (ln.partition(": ") for ln in lines)}
        size = int(headers.get("content-length", 0))
        answers.append(Answer(int(first.split()[1]), headers, found[:size]))
        found = found[size:]
    return answers


def row_with(name: str, text: str) -> bytes:
    """Return a request of one row, in which a column has a value given as JSON text."""
    values = {"age": "41", "price": "1.5", "town": '"Oslo"', "member": "true"} | {name: text}
    return ("[{" + ", ".join(f'"{key}": {value}' for key, value in values.items()) + "}]").encode()


ODD = (
    *("null", "true", "NaN", "-Infinity", "1e999", "-0", "0.1", "1" * 400, "-9223372036854775809"),
    *('""', '"\\u0000"', '"\\ud800"', '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"'),
    *('"2024-05-31T25:00:00"', '"NaN"', '"Oslo"', '"\\u202e"', '"' + "x" * 9_000 + '"'),
    *("[]", "{}", "[[[]]]", '{"$ref": "#"}', "[" * 200 + "]" * 200),
)
WRAPPED = (
    "[%s]",
    '{"Inputs": {"input1": [%s]}, "GlobalParameters": {}}',
    '{"Inputs": {"WebServiceInput0": [%s, {}]}}',
    '{"data": [%s]}',
    '{"dataframe_records": [%s], "params": {"x": 1}}',
)
HEADS = (
    b"Content-Length: " + b"0" * 5_000 + b"2",
    b"Content-Length: " + b"9" * 5_000,
    b"Content-Length: 1" + b"0" * 18,
    b"Content-Length: +2",
    b"Content-Length: 0x2",
    b"Transfer-Encoding: chunked, chunked",
    b"Expect: 100-continue\r\nContent-Length: 2",
    b"Expect: something\r\nContent-Length: 2",
    b"Upgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 2",
    b"Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 2",
    b"Content-Type: \xff\xfe\r\nContent-Length: 2",
    b"Content-Encoding: identity, identity\r\nContent-Length: 2",
    b"Authorization: Bearer \xff\r\nContent-Length: 2",
    b"Host: \xff\r\nContent-Length: 2",
    b"Host: [::1\r\nContent-Length: 2",
    b"Accept: " + b"," * 30_000 + b"\r\nContent-Length: 2",
)


def hostile(count: int) -> Iterator[bytes]:
    """Yield requests: every odd value in every column and form, heads, and random bytes."""
    for head in HEADS:
        yield post(b"[]", head, length=False)
    for column in ("age", "price", "town", "member", "income", "other"):
        for value in ODD:
            row = row_with(column, value).decode()[1:-1]
            yield post((random.Random(column + value).choice(WRAPPED) % row).encode())
    shuffled = random.Random(1)
    for _ in range(count):
        body = bytearray(row_with("age", "41"))
        for _ in range(shuffled.randint(1, 6)):
            place = shuffled.randrange(len(body))
            body[place : place + shuffled.randint(0, 3)] = shuffled.randbytes(
                shuffled.randint(0, 3)
            )
        yield post(bytes(body))


class Clients:
    """Eight clients that send requests without a pause, and note what isn't a score."""

    def __init__(self, port: int, key: str, request: object) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}"}
        self._body = json.dumps(request)
        self._ended = threading.Event()
        self.answers = 0
        self.failures: list[str] = []
        self._threads = [
            threading.Thread(target=self._send, args=(number % 2 == 0,)) for number in range(8)
        ]

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in self._threads:
                thread.join()

    def wait_for(self, answers: int) -> None:
        """Wait for further answers."""
        wanted = self.answers + answers
        while self.answers < wanted and not self.failures:
            self._ended.wait(0.01)

    def _send(self, keep: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while not self._ended.is_set():
            try:
                connection.request("POST", "/score", self._body, self._headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
                continue
            if answer.status != 200:
                self.failures.append(str(answer.status))
            self.answers += 1
            if not keep:
                connection.close()
        connection.close()
