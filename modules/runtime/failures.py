"""Errors of a step as data: one sentence for the user, and the location."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    from modules.contract.module_spec import ModuleSpec

LONGEST_MESSAGE = 1000
"""Maximum characters of an error message; the log has the full text."""

Error = dict[str, Any]
"""``code``, ``message``; if known ``hint``, ``port``, ``parameter``, ``column``, ``line``."""


def error_of(error: BaseException, spec: ModuleSpec | None = None) -> Error:
    """Return an exception as data: one sentence for the user, and the location."""
    if isinstance(error, ModuleError):
        return error.to_json()
    if isinstance(error, MemoryError):
        needed = _first_line(error).rstrip(".")
        return {
            "code": "out-of-memory",
            "message": f"There isn't enough memory for this step{': ' * bool(needed)}{needed}.",
            "hint": "Use fewer rows or columns, or close other programs.",
        } | _script_line(error)
    if isinstance(error, SystemExit):
        status = "" if error.code is None else f" with {error.code!r}"
        return {
            "code": "exit",
            "message": f"The step called exit{status} before it finished.",
            "hint": "End a script by returning its result.",
        } | _script_line(error)
    if isinstance(error, KeyboardInterrupt):
        return {"code": "interrupted", "message": "The step was interrupted."}
    if isinstance(error, ImportError) and error.name:
        install = error.name.partition(".")[0]
        return {
            "code": "library-missing",
            "message": f"The library “{install}” can't be imported: {_first_line(error)}",
            "hint": f"Install it, for example with: pip install {install}",
        } | _script_line(error)
    line = _script_line(error)
    where = f" in line {line['line']} of the script" if line else ""
    what = _first_line(error)
    reason = f": {what}" if what else ""
    title = spec.title if spec is not None else "The step"
    message = f"{title} stopped with {type(error).__name__}{where}{reason}"
    if not message.endswith((".", "!", "?")):
        message += "."
    return {"code": "exception", "message": message, "type": type(error).__name__} | line


def traceback_of(error: BaseException) -> str:
    """Return the full traceback of an exception, for the log."""
    return "".join(traceback.format_exception(error)).rstrip()


def _first_line(error: BaseException) -> str:
    if isinstance(error, KeyError) and error.args:
        text = f"{error.args[0]!r} wasn't found"
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}{f' (“{error.filename}”)' if error.filename else ''}"
    elif isinstance(error, SyntaxError):
        text = error.msg
    else:
        text = str(error)
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= LONGEST_MESSAGE else line[:LONGEST_MESSAGE] + " …"


def _script_line(error: BaseException) -> dict[str, int]:
    """Return the line of the user's script that raised an exception, if any."""
    if isinstance(error, SyntaxError) and _is_script(error.filename or "") and error.lineno:
        return {"line": error.lineno}
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if _is_script(frame.f_code.co_filename)
    ]
    return {"line": lines[-1]} if lines else {}


def _is_script(filename: str) -> bool:
    return filename.startswith("<") and "script" in filename.lower()
