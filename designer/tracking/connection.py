"""The connection to MLflow: its client, set up, and its errors translated."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from designer.private_files import make_file, make_folder
from designer.redaction import without_secrets
from designer.replacing import FULL_DISK
from designer.tracking.settings import (
    DATABASE,
    TrackingError,
    UnusableDatabaseError,
    is_own,
    server_address,
    tracking_folder,
    tracking_uri,
)
from designer.workspace import Workspace
from modules.contract.regular_files import kind_of_special

if TYPE_CHECKING:
    from mlflow import MlflowClient

PATIENCE = 5.0
"""Seconds in which a tracking server has to accept a connection."""

_ENVIRONMENT = {
    # Nothing is sent anywhere but to the server that the user has chosen.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # By default MLflow retries for minutes, and adds files of the current folder to models.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "60",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # It would print there for users, but this may be a program's output.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}


@contextlib.contextmanager
def connected(workspace: Workspace) -> Iterator[MlflowClient]:
    """Yield MLflow's client for a workspace; the database is created at first use (some seconds).

    Raises
    ------
    TrackingError
        If the server can't be reached or the database can't be read, now or during
        the block.
    """
    uri = tracking_uri(workspace)
    address = server_address(uri)
    if address is not None:
        _try_to_reach(address, uri)
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise TrackingError(f"MLflow can't be used here: {error}.", "pip install mlflow") from error
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    # It prints errors with their traceback that it raises as well, and that are translated here.
    logging.getLogger("mlflow.store.db").setLevel(logging.CRITICAL)
    try:
        yield _client(workspace, uri, MlflowClient)
    except TrackingError:
        raise
    except Exception as error:
        # Several databases and transports are below, each with its own errors.
        raise tracking_error(error, workspace) from error


@contextlib.contextmanager
def locked(workspace: Workspace, *, wait: float) -> Iterator[bool]:
    """Yield whether this process is the only one that writes; waits some seconds for it.

    The lock ends with its process, whatever ends that.

    Raises
    ------
    TrackingError
        If the workspace can't be written.
    """
    folder = tracking_folder(workspace)
    try:
        make_folder(folder)
        database = sqlite3.connect(
            make_file(folder / "lock.sqlite"), timeout=wait, isolation_level=None
        )
    except (OSError, sqlite3.Error) as error:
        raise tracking_error(error, workspace) from error
    try:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise tracking_error(error, workspace) from error
            yield False
            return
        yield True
    finally:
        database.close()


def tracking_error(error: BaseException, workspace: Workspace) -> TrackingError:
    """Return an error of MLflow or of its libraries as a :class:`TrackingError`."""
    if isinstance(error, TrackingError):
        return error
    chain = list(_chain(error))
    if is_own(workspace):
        for each in chain:
            unusable = unusable_database(each, tracking_folder(workspace) / DATABASE)
            if unusable is not None:
                return unusable
    text = without_secrets(str(error)).strip().partition("\n")[0]
    # What comes before is SQLAlchemy's name for it.
    text = re.sub(r"^(\(\w+(\.\w+)+\) )+", "", text).rstrip(".")
    kinds = {kind.__name__ for each in chain for kind in type(each).__mro__}
    uri = without_secrets(tracking_uri(workspace))
    if "DatabaseError" in kinds:
        return TrackingError(f"The tracking database “{uri}” can't be used: {text}.")
    if "RequestException" in kinds or "Max retries exceeded" in text or "API request" in text:
        return TrackingError(
            f"The tracking server “{uri}” sent an invalid response: {text[:300]}.",
            "Check its address, and that it's running.",
        )
    return TrackingError(f"MLflow failed: {text[:500] or type(error).__name__}.")


def unusable_database(error: BaseException, database: Path) -> UnusableDatabaseError | None:
    """Return why the workspace's own database can't be used; None if the cause is another one.

    MLflow passes the messages of SQLite on, which are the same everywhere.
    """
    code, text = getattr(error, "errno", None), str(error)
    is_file_error = isinstance(error, OSError)
    if "disk I/O error" in text and _is_full(database.parent):
        code, is_file_error = errno.ENOSPC, True
    if (is_file_error and code in FULL_DISK) or "database or disk is full" in text:
        return UnusableDatabaseError(
            f"There is no space left for the database of runs and models, “{database}”.",
            "Free some space, and try again.",
        )
    if (is_file_error and code in _READ_ONLY) or any(each in text for each in _NOT_WRITABLE):
        return UnusableDatabaseError(
            f"The database of runs and models, “{database}”, can't be opened or written.",
            f"Make the folder “{database.parent}” and the files in it writable, or choose "
            "another workspace.",
        )
    if isinstance(error, OSError) and code == errno.EINVAL:
        return UnusableDatabaseError(
            f"The database of runs and models can't be read from “{database}”: {error.strerror}.",
            "Choose another workspace, or restore a backup of the database.",
        )
    if "database is locked" in text:
        return UnusableDatabaseError(
            f"Another program is using the database of runs and models, “{database}”.",
            "Try again when it has finished.",
        )
    if "Can't locate revision" in text:
        return UnusableDatabaseError(
            f"The database of runs and models, “{database}”, is of a newer version of MLflow.",
            "Update ModelDesk.",
        )
    if any(each in text for each in ("not a database", "image is malformed")):
        return UnusableDatabaseError(
            f"The database of runs and models, “{database}”, is damaged.",
            "Don't delete it: it is the model registry. Copy it to another folder first, then "
            "restore a backup, or what “sqlite3 COPY .recover” saves of the copy.",
        )
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those that it was raised for."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 1 << 16
    except OSError:
        return False


_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}

_NOT_WRITABLE = (
    "attempt to write a readonly database",
    "unable to open database file",
    "disk I/O error",
)


def _client(workspace: Workspace, uri: str, kind: type[MlflowClient]) -> MlflowClient:
    if not is_own(workspace):
        return kind(tracking_uri=uri, registry_uri=uri)
    _probe(tracking_folder(workspace) / DATABASE)
    # Two processes that make the tables at once would fail both.
    folder = tracking_folder(workspace)
    made, begun = folder / ".database-made", folder / ".database-begun"
    if made.exists() and (folder / DATABASE).exists():
        client = kind(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
        return client
    with _table_lock(folder):
        if begun.exists():
            # A full disk, or the end of the program, left a part of the tables.
            with (
                contextlib.closing(sqlite3.connect(":memory:")) as empty,
                contextlib.closing(sqlite3.connect(folder / DATABASE)) as database,
            ):
                empty.backup(database)
        elif not (folder / DATABASE).exists():
            make_file(begun)
            make_file(folder / DATABASE)
        client = kind(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
        client.search_registered_models(max_results=1)
        begun.unlink(missing_ok=True)
        make_file(made)
    return client


def _probe(database: Path) -> None:
    """Fail at once where MLflow would retry for more than a minute, or wait for ever."""
    if os.path.lexists(database):
        kind = kind_of_special(database.stat().st_mode) if database.exists() else ""
        if kind:
            raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(database))
        with contextlib.closing(
            sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=5)
        ) as opened:
            opened.execute("SELECT count(*) FROM sqlite_master").fetchone()


@contextlib.contextmanager
def _table_lock(folder: Path) -> Iterator[None]:
    make_folder(folder)
    database = sqlite3.connect(
        make_file(folder / "tables.sqlite"), timeout=120, isolation_level=None
    )
    try:
        database.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        database.close()


def _try_to_reach(address: tuple[str, int], uri: str) -> None:
    """Fail at once where MLflow would retry."""
    began = time.monotonic()
    try:
        socket.create_connection(address, timeout=PATIENCE).close()
    except OSError as error:
        waited = time.monotonic() - began
        reason = error.strerror or (f"no response in {waited:.0f} s" if waited > 1 else str(error))
        raise TrackingError(
            f"The tracking server “{without_secrets(uri)}” can't be reached: {reason}.",
            "Start it, or correct its address.",
        ) from None
