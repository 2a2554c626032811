"""The client of the endpoint's benchmark: the same bytes again and again, over open sockets."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil


@dataclass(frozen=True)
class Measured:
    """What one round of requests gave; latencies in milliseconds."""

    rps: float
    p50: float
    p99: float


def measure(port: int, request: bytes, connections: int, seconds: float) -> Measured:
    """Ask a server over some connections at once.

    Raises
    ------
    SystemExit
        If an answer is not 200.
    """
    load = Load(port, request, connections, seconds)
    asyncio.run(load.run())
    if load.errors:
        raise SystemExit(f"{load.errors} errors: {load.answer[:300]!r}")
    times = np.array(load.times) * 1000
    p50, p99 = np.quantile(times, [0.5, 0.99])
    return Measured(len(times) / seconds, float(p50), float(p99))


def request_bytes(path: str, document: object, key: str) -> bytes:
    """Return a request as it goes over the wire."""
    body = json.dumps(document).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Parameters
    ----------
    ready : float
        Seconds from the start of its process to its first answer.
    """

    port: int
    pid: int
    ready: float


@contextmanager
def served(
    command: list[str], port: int, *, health: str = "/", patience: float = 90, **options: Any
) -> Iterator[Server]:
    """Run a server until the block ends.

    Raises
    ------
    SystemExit
        If it does not start.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        while not _answers(port, health):
            if process.poll() is not None or time.perf_counter() - started > patience:
                raise SystemExit(f"It did not start: {' '.join(command)}")
            time.sleep(0.005)
        yield Server(port, process.pid, time.perf_counter() - started)
    finally:
        if process.poll() is None:
            for each in psutil.Process(process.pid).children(recursive=True):
                each.terminate()
            process.terminate()
            process.wait(20)


class Load:
    """Some connections that ask a server for some seconds."""

    def __init__(self, port: int, request: bytes, connections: int, seconds: float) -> None:
        self.port, self.request, self.connections = port, request, connections
        self.seconds = seconds
        self.times: list[float] = []
        self.errors = 0
        self.answer = b""

    async def run(self) -> None:
        """Ask until the time is over, and wait for the last answers."""
        self.loop = asyncio.get_running_loop()
        self.done = asyncio.Event()
        self.running = self.connections
        self.end = time.perf_counter() + self.seconds
        for _ in range(self.connections):
            self.connect()
        await asyncio.wait_for(self.done.wait(), self.seconds + 30)

    def connect(self) -> None:
        self.pending = asyncio.ensure_future(
            self.loop.create_connection(lambda: Caller(self), "127.0.0.1", self.port)
        )

    def leave(self) -> None:
        self.running -= 1
        if not self.running:
            self.done.set()


class Caller(asyncio.Protocol):
    """A connection that sends the same request again and again."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.load.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) < length:
            return
        now = time.perf_counter()
        self.load.times.append(now - self.sent)
        self.load.errors += b" 200 " not in head[:16]
        self.load.answer, self.buffer = body, b""
        if now > self.load.end:
            self.transport.close()
            self.load.leave()
        elif b"connection: close" in head.lower():
            self.transport.close()
            self.load.connect()
        else:
            self.send()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
