"""``python -m designer.app.background.program``: does one job for the window.

Azure's SDKs, pandas, and scikit-learn are imported here and never in the window's process.
:mod:`designer.app.background.wire` describes what is read and written.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import queue
import signal
import sys
import threading
import traceback
import typing
from collections.abc import Callable
from typing import Any, TextIO

from designer.app.background.control import Control
from designer.app.background.errors import explain
from designer.app.background.wire import LEAVE, Call, callback_types, dump, load, resolve


def main() -> int:
    """Do the job that the first line of the standard input describes."""
    out = _own_output()
    lines = _lines()
    first = lines.get()
    if not first:
        return 0
    call = load(Call, json.loads(first))
    control = Control(lambda: out.send({"cancelled": True}))
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, control.interrupt)
    threading.Thread(target=_listen, args=(lines, control), daemon=True).start()
    try:
        result = run(call, out, control)
        control.finished = True
        answer = {"result": dump(result)}
    except KeyboardInterrupt:
        answer = {"cancelled": True}
    except Exception as error:
        explained = explain(error)
        if explained is None:
            traceback.print_exc()
            answer = {"unexpected": type(error).__name__}
        else:
            answer = {"error": dict(zip(("message", "hint"), explained, strict=True))}
    control.finished = True
    out.send(answer)
    return 0 if "result" in answer else 1


def run(call: Call, out: Output, control: Control) -> Any:
    """Call the function of a job.

    A parameter called ``control`` gets the :class:`Control`.
    """
    function = resolve(call.function)
    hints = typing.get_type_hints(function)
    arguments = {name: load(hints[name], plain) for name, plain in call.arguments.items()}
    for name in call.callbacks:
        arguments[name] = out.sender(name, len(callback_types(hints[name])))
    if "control" in inspect.signature(function).parameters:
        arguments["control"] = control
    return function(**arguments)


class Output:
    """Writes messages, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Write a message; it is dropped if the window is gone."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(json.dumps(message) + "\n")
            self._stream.flush()

    def sender(self, name: str, count: int) -> Callable[..., None]:
        """Return a function that passes on the arguments, ``count`` at most, it is called with."""

        def send(*arguments: Any) -> None:
            self.send({"callback": name, "arguments": [dump(each) for each in arguments[:count]]})

        return send


def _listen(lines: queue.SimpleQueue[str], control: Control) -> None:
    while line := lines.get():
        with contextlib.suppress(ValueError):
            control.take(json.loads(line))
    control.take(LEAVE)


def _lines() -> queue.SimpleQueue[str]:
    """Return the lines of the standard input to come, and at last an empty one."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        rest = b""
        # Not sys.stdin: a thread that waits in it makes Python fail as it ends.
        while part := os.read(0, 1 << 20):
            *whole, rest = (rest + part).split(b"\n")
            for line in whole:
                lines.put(line.decode())
        lines.put("")

    threading.Thread(target=read, name="requests", daemon=True).start()
    return lines


def _own_output() -> Output:
    """Keep the standard output for messages: what libraries print goes to the error stream."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return Output(os.fdopen(kept, "w", encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
