"""Starting the process of an endpoint: programs that never get ready, end, or are others."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from designer.deployment import ServingError, processes
from designer.deployment.processes import Process

Start = Callable[[str], Process | None]

FOR_EVER = "import threading\nthreading.Event().wait()"


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return what starts a package whose endpoint is another program."""

    def start_program(program: str) -> Process | None:
        folder = tmp_path / "package" / "modules" / "endpoint"
        folder.mkdir(parents=True)
        for each in (folder, folder.parent):
            (each / "__init__.py").touch()
        (folder / "__main__.py").write_text(program, "utf-8")
        return processes.start(
            tmp_path / "package",
            name="people",
            version=1,
            port=1,
            key_file=tmp_path / "keys.json",
            logs=tmp_path / "logs",
        )

    return start_program


def left_running(folder: Path) -> list[psutil.Process]:
    children = psutil.Process().children()
    return [
        each
        for each in children
        if each.status() != psutil.STATUS_ZOMBIE and str(folder) in " ".join(each.cmdline())
    ]


def test_one_that_never_gets_ready_is_ended(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.0)
    with pytest.raises(ServingError, match="“people” wasn't ready after 0 seconds"):
        start(FOR_EVER)
    assert not left_running(tmp_path)


def test_one_is_ended_if_the_deployment_is_cancelled_meanwhile(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[psutil.Process] = []

    def cancel(process: Process, **_: object) -> bool:
        # By its number: its command line can't be read before the system has loaded the program.
        started.extend(each for each in psutil.Process().children() if each.pid == process.pid)
        assert all(each.status() != psutil.STATUS_ZOMBIE for each in started)
        raise KeyboardInterrupt

    monkeypatch.setattr(Process, "is_ready", cancel)
    with pytest.raises(KeyboardInterrupt):
        start(FOR_EVER)
    assert len(started) == 1
    psutil.wait_procs(started, timeout=0)
    assert not started[0].is_running()


@pytest.mark.parametrize(
    ("program", "message", "hint"),
    [
        ("raise SystemExit(1)", "it printed nothing.", ""),
        ("print('No.')\nraise SystemExit(1)", "No.", ""),
        ("print('First.')\nprint('Last.')\nraise SystemExit(1)", "Last.", "First."),
        # Nothing in the current folder can replace a library.
        ("import sys\nprint(sys.flags.safe_path)\nraise SystemExit(1)", "True", ""),
    ],
)
def test_one_that_ends_instead_is_reported_with_its_output(
    start: Start, program: str, message: str, hint: str
) -> None:
    with pytest.raises(ServingError) as caught:
        start(program)
    assert caught.value.message == f"The endpoint “people” didn't start: {message}"
    assert hint in caught.value.hint
    assert bool(caught.value.hint) is bool(hint)


@pytest.mark.parametrize("status", [3, 4])
def test_a_port_that_is_taken_is_no_failure(start: Start, status: int) -> None:
    assert {3, 4} == {processes.PORT_TAKEN, processes.NOT_HANDED_OVER}
    assert start(f"raise SystemExit({status})") is None


@contextmanager
def answering(status: int, content: object) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "content", "ready"),
    [
        (200, {"instance": "mine"}, True),
        (200, {"instance": "another"}, False),
        (503, {"instance": "mine"}, False),
        (200, ["mine"], False),
        (200, {}, False),
    ],
)
def test_only_the_process_itself_is_ready(status: int, content: object, ready: bool) -> None:
    with answering(status, content) as port:
        process = Process(1, 0.0, "127.0.0.1", port, 1, "mine")
        assert process.is_ready() is ready
