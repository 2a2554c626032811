"""Starts the processes of the steps: by forking where that works, plainly elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ZYGOTE = Path(__file__).with_name("zygote.py")


class Processes:
    """The machines of the cluster."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._waiting: dict[str, tuple[threading.Event, dict[str, Any]]] = {}
        self._pids: dict[str, int] = {}
        self._to_end: set[str] = set()
        """What was ended, maybe before its process had begun."""

    def run(
        self,
        name: str,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
    ) -> int:
        """Execute a command line and return its exit status; a text alone is for a shell."""
        python = _of_python(words)
        if python is not None and hasattr(os, "fork") and sys.platform == "linux":
            return self._fork(name, python, folder, environment, log)
        with log.open("ab") as output:
            process = subprocess.Popen(
                list(words) if len(words) > 1 else ["/bin/bash", "-c", words[0]],
                cwd=folder,
                # “python” is that of the environment.
                env={**environment, "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            self._began(name, process.pid)
            code = process.wait()
            self._pids.pop(name, None)
            return code

    def kill(self, name: str) -> None:
        """End a process: at once if it runs, otherwise as soon as it begins."""
        self._to_end.add(name)
        if (pid := self._pids.get(name)) is not None:
            _kill(pid)

    def close(self) -> None:
        """End the process that forks."""
        if self._zygote is not None and self._zygote.stdin is not None:
            self._zygote.stdin.close()
            self._zygote.wait(60)
            self._reader.join(60)
            if self._zygote.stdout is not None:
                self._zygote.stdout.close()

    def _fork(
        self,
        name: str,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
    ) -> int:
        done = threading.Event()
        answer: dict[str, Any] = {}
        order = {
            "id": name,
            "words": list(words),
            "folder": str(folder),
            "environment": dict(environment),
            "log": str(log),
        }
        with self._lock:
            zygote = self._started()
            self._waiting[name] = (done, answer)
            assert zygote.stdin is not None
            zygote.stdin.write(json.dumps(order).encode() + b"\n")
            zygote.stdin.flush()
        done.wait()
        return int(answer["code"])

    def _began(self, name: str, pid: int) -> None:
        self._pids[name] = pid
        if name in self._to_end:
            _kill(pid)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._zygote is None:
            # Neither the folder nor the environment of the tests.
            kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
            self._zygote = subprocess.Popen(
                [sys.executable, str(ZYGOTE)],
                cwd=ZYGOTE.parent,
                env=kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._reader = threading.Thread(target=self._read, daemon=True)
            self._reader.start()
        return self._zygote

    def _read(self) -> None:
        assert self._zygote is not None
        assert self._zygote.stdout is not None
        for line in self._zygote.stdout:
            content = json.loads(line)
            if "pid" in content:
                self._began(content["id"], content["pid"])
            else:
                self._pids.pop(content["id"], None)
                done, answer = self._waiting.pop(content["id"])
                answer.update(content)
                done.set()
        for done, answer in list(self._waiting.values()):
            answer["code"] = -9
            done.set()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


def _of_python(words: Sequence[str]) -> list[str] | None:
    """Return what follows ``python`` if a command line is nothing but that."""
    if len(words) == 1:
        if set(words[0]) & set("$`&|;<>*?~#\n"):
            return None
        words = shlex.split(words[0])
    if words and words[0] in (sys.executable, "python"):
        rest = list(words[1:])
        if rest and (rest[0] == "-m" or rest[0].endswith(".py")):
            return rest
    return None


_processes: Processes | None = None


def processes() -> Processes:
    """Return the machines, which all services of a test run share."""
    global _processes
    if _processes is None:
        _processes = Processes()
    return _processes


def close() -> None:
    """End the machines."""
    global _processes
    if _processes is not None:
        _processes.close()
    _processes = None
