"""A process that has imported the heavy libraries and becomes each step by forking.

A step still is a process of its own with its own folder, environment and code; only
the time to import pandas and scikit-learn is paid once. It never imports ``modules``
itself: that comes from the snapshot of the step, or not at all.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import select
import sys
import traceback
from pathlib import Path
from typing import Any

LIBRARIES = (
    "numpy", "pandas", "pyarrow.compute", "pyarrow.csv", "pyarrow.parquet", "pydantic",
    "scipy.stats", "skops.io", "sklearn.cluster", "sklearn.compose", "sklearn.ensemble",
    "sklearn.impute", "sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection",
    "sklearn.pipeline", "sklearn.preprocessing", "threadpoolctl",
)  # fmt: skip


def main() -> None:
    """Read orders, one JSON document a line; answer with process ids and exit statuses."""
    sys.path[:] = [
        place for place in sys.path if not Path(place or ".", "modules", "contract").exists()
    ]
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    running: dict[int, str] = {}
    buffer = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.02 if running else None)
        if ready:
            content = os.read(0, 1 << 16)
            if not content:
                return
            *lines, buffer = (buffer + content).split(b"\n")
            for line in lines:
                order = json.loads(line)
                pid = os.fork()
                if not pid:
                    _become(order)
                running[pid] = order["id"]
                _answer({"id": order["id"], "pid": pid})
        for pid in list(running):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                _answer({"id": running.pop(pid), "code": os.waitstatus_to_exitcode(status)})


def _become(order: dict[str, Any]) -> None:
    code = 1
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.path.insert(0, order["folder"])
        words = order["words"]
        if words[0] == "-m":
            sys.argv = [words[1], *words[2:]]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = list(words)
            runpy.run_path(words[0], run_name="__main__")
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _answer(content: dict[str, Any]) -> None:
    os.write(1, json.dumps(content).encode() + b"\n")


if __name__ == "__main__":
    main()
