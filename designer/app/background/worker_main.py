"""A program of its own for what takes long: ``python -m designer.app.background.worker_main``.

It reads one order, a line of JSON, from standard input, where no list of processes shows a
key, and writes lines of JSON: ``{"step": ..., "state": ..., "text": ...}``, ``{"rows": ...,
"of": ...}``, and at last ``{"result": ...}``, ``{"error": {"message": ..., "hint": ...}}`` or
``{"cancelled": true}``: the line :data:`STOP`, or a signal, has ended it, and what it made has
been taken back.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

Say = Callable[[dict[str, Any]], None]

STOP = "stop"
"""The line that ends what goes on, so that it takes back what it made."""


def main() -> int:
    """Carry out the order."""
    out = sys.stdout
    # What libraries print is no part of the answer.
    sys.stdout = sys.stderr
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _cancel)

    def say(content: dict[str, Any]) -> None:
        _write(out, content)

    try:
        order = json.loads(_order())
        result = _ACTIONS[order["action"]](order, say)
    except KeyboardInterrupt:
        say({"cancelled": True})
        return 1
    except OSError as error:
        said = f"{error.strerror}: “{error.filename}”" if error.filename else error.strerror
        say({"error": {"message": f"{said or error}.", "hint": ""}})
        return 1
    except Exception as error:
        message = getattr(error, "message", None)
        if not isinstance(message, str):
            raise
        say({"error": {"message": message, "hint": str(getattr(error, "hint", "") or "")}})
        return 1
    say({"result": result})
    return 0


def _deploy(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    from designer.deployment.deploying import deploy

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = deploy(
            Path(order["workspace"]),
            _pipeline_file(order, Path(folder)),
            order["name"],
            order["target"],
            order["options"],
            key=order["key"] or None,
            on_step=_step_sayer(say),
        )
    return {**made.to_json(), "portal": made.portal, "notes": list(made.messages)}


def _write_files(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    from designer.deployment.dry_run import write_deployment
    from designer.workspace import Workspace

    target = Path(order["folder"])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = write_deployment(
            Workspace(Path(order["workspace"])),
            _pipeline_file(order, Path(folder)),
            order["name"],
            order["target"],
            target,
            options=order["options"],
            on_step=_step_sayer(say),
        )
    return {"folder": str(target), "notes": list(made.messages)}


def _score(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Score files with the package of an endpoint."""
    from designer.deployment import Endpoints
    from designer.deployment.batch import score_file

    made = score_file(
        Endpoints(Path(order["workspace"])).package(order["name"]),
        {name: Path(file) for name, file in order["sources"].items()},
        Path(order["target"]),
        bad_rows=order["bad_rows"],
        # The person deployed it, with what is in it.
        allow_code=True,
        on_progress=lambda done, count: say({"rows": done, "of": count}),
    )
    return made.to_json()


def _endpoint(order: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Do something with an endpoint in the cloud."""
    from designer.deployment import Endpoints

    endpoints, name = Endpoints(Path(order["workspace"])), order["name"]
    if order["do"] == "status":
        return endpoints.status(name, refresh=True).to_json()
    if order["do"] == "key":
        return {"key": endpoints.keys(name).primary}
    if order["do"] == "logs":
        return {"lines": endpoints.logs(name, order["lines"])}
    if order["do"] == "roll back":
        return endpoints.rollback(name, order["version"]).to_json()
    if order["do"] == "delete":
        endpoints.delete(name)
        return {}
    began = time.perf_counter()
    status, body = endpoints.send(name, "POST", "/score", order["body"].encode())
    seconds = time.perf_counter() - began
    return {"status": status, "text": body.decode("utf-8", "replace"), "seconds": seconds}


def _pipeline_file(order: Mapping[str, Any], folder: Path) -> Path:
    """Write the pipeline of an order into a folder; its paths lead to the same files."""
    from designer.app.document.path_parameters import rebase
    from designer.catalog import load_catalog
    from designer.pipeline.file import SUFFIX, loads, write
    from designer.workspace import Workspace

    catalog = load_catalog(Workspace(Path(order["workspace"])).own_modules)
    pipeline = rebase(loads(order["pipeline"]), catalog, Path(order["base"]), folder)
    file = folder / f"{order['name']}{SUFFIX}"
    write(pipeline, file)
    return file


def _order() -> bytes:
    """Return the first line of the standard input; the next one may be :data:`STOP`."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        rest = b""
        # Not sys.stdin: a thread that waits in it makes Python fail as it ends.
        while part := os.read(0, 1 << 20):
            *whole, rest = (rest + part).split(b"\n")
            for line in whole:
                if line.strip() == STOP.encode():
                    _interrupt()
                else:
                    lines.put(line)
        lines.put(b"")

    threading.Thread(target=read, name="orders", daemon=True).start()
    return lines.get()


def _interrupt() -> None:
    """Interrupt the main thread as Ctrl-C does, even while it waits."""
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        # Of a process, so that the system ends the wait of its main thread.
        os.kill(os.getpid(), signal.SIGTERM)


def _cancel(*_: object) -> None:
    """End what goes on, so that it takes back what it made; asking twice does not end that."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    # Unlike SystemExit, no library takes this for an error of its own.
    raise KeyboardInterrupt


def _step_sayer(say: Say) -> Callable[[str, str, str], None]:
    return lambda step, state, text: say({"step": step, "state": state, "text": text})


def _write(out: TextIO, content: dict[str, Any]) -> None:
    # The window may have been closed; what was begun is taken back all the same.
    with contextlib.suppress(OSError):
        out.write(json.dumps(content) + "\n")
        out.flush()


_ACTIONS: dict[str, Callable[[Mapping[str, Any], Say], dict[str, Any]]] = {
    "deploy": _deploy,
    "write": _write_files,
    "score": _score,
    "endpoint": _endpoint,
}

if __name__ == "__main__":
    sys.exit(main())
