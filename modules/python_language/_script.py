"""Run program text of the user, with errors that name its line."""

from __future__ import annotations

import builtins
import linecache
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from modules.contract import ModuleError

SCRIPT_NAME = "<script>"
"""File name of the script in tracebacks."""


@contextmanager
def running(
    script: str,
    *,
    instead_of_exit: str,
    signatures: Mapping[str, str],
    **location: str,
) -> Iterator[None]:
    """Turn what code of a script raises inside into a ModuleError; the traceback is printed.

    Parameters
    ----------
    script : str
        The program text, whose lines tracebacks show.
    instead_of_exit : str
        The hint for a script that calls ``exit``.
    signatures : mapping of str to str
        The hint for a function, by its name, that is called with other arguments than it takes.
    **location : str
        ``parameter`` or ``port`` of the errors.
    """
    # So that a traceback shows the lines of the script.
    linecache.cache[SCRIPT_NAME] = (len(script), None, script.splitlines(True), SCRIPT_NAME)
    try:
        yield
    except (ModuleError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise _failed(error, instead_of_exit, signatures, location) from error
    finally:
        linecache.cache.pop(SCRIPT_NAME, None)


def namespace_of(script: str) -> dict[str, Any]:
    """Execute a script and return its global names."""
    namespace: dict[str, Any] = {"__name__": "script", "__builtins__": builtins}
    exec(compile(script, SCRIPT_NAME, "exec"), namespace)
    return namespace


def _failed(
    error: BaseException,
    instead_of_exit: str,
    signatures: Mapping[str, str],
    location: Mapping[str, str],
) -> ModuleError:
    if isinstance(error, SyntaxError) and error.filename == SCRIPT_NAME:
        line = error.lineno
    else:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == SCRIPT_NAME]
        line = lines[-1] if lines else None
    place = f" in line {line}" if line else ""
    if isinstance(error, SystemExit):
        message, hint = f"The script called exit{place}.", instead_of_exit
    else:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        shown = text.strip().splitlines()[0][:300] if text.strip() else ""
        name = type(error).__name__
        message = f"The script failed{place}: {name}{': ' if shown else ''}{shown}"
        message = message if message.endswith(".") else message + "."
        hint = "See the full traceback in the log of the step."
        if isinstance(error, TypeError):
            wrong = [each for function, each in signatures.items() if f"{function}()" in text]
            hint = wrong[0] if wrong else hint
    return ModuleError("script-failed", message, hint, line=line, **location)
