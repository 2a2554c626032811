"""Starts :mod:`designer.app.deployment.work` and follows it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from typing import Any

from designer.app.deployment.problem import Problem

_LOG = logging.getLogger(__name__)
_POLL = 0.2


def run(
    order: Mapping[str, Any], on_line: Callable[[Mapping[str, Any]], Any], stop: threading.Event
) -> dict[str, Any]:
    """Have an order carried out in a process of its own, and return the result.

    Parameters
    ----------
    on_line : callable
        Gets what is said on the way, on this thread.
    stop : threading.Event
        Ends the process.

    Raises
    ------
    Problem
        If it could not be carried out, or was stopped.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "designer.app.deployment.work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        )
        watcher = threading.Thread(target=_watch, args=(process, stop), name="deployment-stop")
        watcher.start()
        last: dict[str, Any] = {}
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps(order) + "\n")
                process.stdin.close()
            except OSError:
                _LOG.debug("The process has ended before it took its order.")
            for line in process.stdout:
                last = json.loads(line)
                on_line(last)
        finally:
            process.wait()
            watcher.join()
            if process.stdout is not None:
                process.stdout.close()
        if "result" in last:
            found: dict[str, Any] = last["result"]
            return found
        if stop.is_set():
            raise Problem("It was cancelled.")
        if "error" in last:
            raise Problem(last["error"]["message"], last["error"]["hint"])
        errors.seek(0)
        _LOG.error("Work in another process failed.\n%s", errors.read()[-8000:].decode("utf-8"))
        raise Problem("The work ended unexpectedly.", "The log has the details.")


def _watch(process: subprocess.Popen[str], stop: threading.Event) -> None:
    while process.poll() is None:
        if stop.wait(_POLL):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
            return
