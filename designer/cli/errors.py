"""How a command reports errors, and where the details go."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import click

from designer.paths import log_folder
from designer.private_files import PrivateLog, make_folder
from designer.redaction import without_passwords


class InputError(click.ClickException):
    """Wrong input of the user: one sentence, one hint, exit status 2."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\nHint: {hint}" if hint else message)


def log_exception(error: BaseException) -> Path | None:
    """Write an error with its traceback to the log.

    Returns
    -------
    Path or None
        The log file; None if it can't be written.
    """
    path = log_folder() / "designer.log"
    record = logging.LogRecord(
        "designer",
        logging.ERROR,
        __file__,
        0,
        "%s",
        (error,),
        (type(error), error, error.__traceback__),
    )
    try:
        make_folder(path.parent)
        with contextlib.closing(_LogFile(path)) as handler:
            handler.emit(record)
    except OSError:
        return None
    return path


class _WithoutPasswords(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_passwords(super().format(record))


class _LogFile(PrivateLog):
    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
        self.setFormatter(_WithoutPasswords("%(asctime)s %(levelname)s %(message)s"))

    def handleError(self, record: logging.LogRecord) -> None:
        # logging's own way is to print a traceback: on a full disk nothing else would be visible.
        raise
