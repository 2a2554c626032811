"""A script's process from its start to its end: output, time limit, cancellation.

Only the standard library: on a cluster this module is sent to the worker.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from io import RawIOBase

GRACE = 10.0
"""Seconds that a script has to end by itself after it is interrupted."""

LARGEST_LOG = 64_000_000
"""Bytes of output that are kept."""

_POLL = 0.1


def supervise(
    command: Sequence[str],
    folder: str,
    variables: Mapping[str, str],
    log: str,
    *,
    timeout: float | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    on_output: Callable[[bytes], object] = lambda content: None,
) -> tuple[int, str]:
    """Run a program to its end, and end all that it has started.

    It gets no input. If it is cancelled or takes too long, it is interrupted as by Ctrl+C, and
    ended by force some seconds later.

    Parameters
    ----------
    command : sequence of str
        An empty first word is replaced by the Python that runs this.
    folder : str
        The working folder.
    variables : mapping of str to str
        Environment variables beyond this process's own.
    log : str
        The file that gets all output, standard error included.
    on_output : callable
        Receives the output as it comes, on another thread.

    Returns
    -------
    (int, str)
        The exit status, negative for a signal, and ``timeout``, ``cancelled``, or empty.

    Raises
    ------
    OSError
        If it can't be started, or the log can't be written.
    """
    words = [command[0] or sys.executable, *command[1:]]
    flags = 0 if os.name == "posix" else getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with open(log, "ab", buffering=0) as file:
        process = subprocess.Popen(
            words,
            cwd=folder,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
            creationflags=flags,
        )
        ended = threading.Event()
        reader = threading.Thread(target=_read, args=(process, file, on_output, ended), daemon=True)
        reader.start()
        try:
            reason = _wait(process, timeout, is_cancelled)
        finally:
            # What it has started in the background would keep the output open.
            _kill(process)
            process.wait()
            ended.set()
            reader.join()
    return process.returncode, reason


def _wait(
    process: subprocess.Popen[bytes], timeout: float | None, is_cancelled: Callable[[], bool]
) -> str:
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL)
            return ""
        cancelled = is_cancelled()
        if cancelled or (end is not None and time.monotonic() > end):
            _interrupt(process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            return "cancelled" if cancelled else "timeout"


def _read(
    process: subprocess.Popen[bytes],
    file: RawIOBase,
    on_output: Callable[[bytes], object],
    ended: threading.Event,
) -> None:
    """Pass the output on until its end, or until the process has ended and there is no more."""
    assert process.stdout is not None
    kept = 0
    with process.stdout:
        while True:
            # Read first: what was written before the end comes before it is seen.
            was_ended = ended.is_set()
            if not _has_output(process.stdout.fileno()):
                if was_ended:
                    return
                continue
            content = os.read(process.stdout.fileno(), 1 << 16)
            if not content:
                return
            on_output(content)
            if kept < LARGEST_LOG:
                kept += len(content)
                with contextlib.suppress(OSError):
                    # A full disk must not stop the script.
                    file.write(content)
                    if kept >= LARGEST_LOG:
                        file.write(b"\n... more output isn't kept ...\n")


def _has_output(pipe: int) -> bool:
    if os.name != "posix":
        # There, no other process can keep the pipe open: all that was started is ended.
        return True
    return bool(select.select([pipe], [], [], _POLL)[0])


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        if sys.platform == "win32":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            os.killpg(process.pid, signal.SIGINT)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
            )
