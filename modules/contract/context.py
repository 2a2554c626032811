"""How a running module communicates with its caller: progress, warnings, secrets, threads.

Outside of a run (in a test, a notebook, exported code) there is no listener and the
calls have no effect, so a module remains an ordinary function.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from modules.contract.errors import ModuleError
from modules.contract.messages import readable

SECRET_SERVICE = "modeldesk"
"""Service name of the secrets in the system's keyring."""


class ModuleWarning(UserWarning):
    """A warning about a step that succeeded."""


def report_progress(fraction: float, text: str = "") -> None:
    """Report the progress of the step.

    Parameters
    ----------
    fraction : float
        Between 0 and 1.
    text : str, optional
        A short description of what the step is doing.
    """
    listener = _progress_listener.get()
    if listener is not None:
        listener(min(max(float(fraction), 0.0), 1.0), text)


def warn(message: str) -> None:
    """Show a warning about this step without failing it."""
    warnings.warn(readable(message), ModuleWarning, stacklevel=2)


def secret(name: str) -> str:
    """Return the value of a secret.

    The environment variable ``MODELDESK_SECRET_<NAME>`` takes precedence over the system's
    keyring. The value is read inside the step's process and never stored.

    Raises
    ------
    ModuleError
        If neither contains a secret of this name.
    """
    variable = secret_variable(name)
    value = os.environ.get(variable)
    if value is None:
        value = _from_keyring(name)
    if value is None:
        raise ModuleError(
            "secret-not-found",
            f"Secret “{name}” doesn't exist.",
            f"Add it to the system keyring or set the environment variable {variable}.",
        )
    return value


def secret_variable(name: str) -> str:
    """Return the environment variable that may contain a secret."""
    return "MODELDESK_SECRET_" + name.upper().replace("-", "_")


def sample_rows() -> int | None:
    """Return how many rows are sufficient, or None if all are needed.

    While you edit, modules that import data read only a sample, so that
    every port knows its columns before the first run.
    """
    return _sample_rows.get()


@contextmanager
def sampling(rows: int) -> Iterator[None]:
    """Limit the modules called inside to a sample of rows."""
    token = _sample_rows.set(rows)
    try:
        yield
    finally:
        _sample_rows.reset(token)


def threads() -> int:
    """Return how many threads this step may use; the run plan sets the number."""
    return _threads.get()


@contextmanager
def using_threads(count: int) -> Iterator[None]:
    """Set the number of threads of the modules called inside."""
    token = _threads.set(count)
    try:
        yield
    finally:
        _threads.reset(token)


@contextmanager
def listening(on_progress: Callable[[float, str], None]) -> Iterator[None]:
    """Send the progress of the module called inside to a function."""
    token = _progress_listener.set(on_progress)
    try:
        yield
    finally:
        _progress_listener.reset(token)


_progress_listener: ContextVar[Callable[[float, str], None] | None] = ContextVar(
    "progress_listener", default=None
)
_threads: ContextVar[int] = ContextVar("threads", default=1)
_sample_rows: ContextVar[int | None] = ContextVar("sample_rows", default=None)


def _from_keyring(name: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(SECRET_SERVICE, name)
    except KeyringError:
        return None
