"""The connection to MLflow: its client, set up, and its errors translated."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from designer.private_files import make_file, make_folder
from designer.redaction import without_secrets
from designer.tracking.settings import (
    DATABASE,
    TrackingError,
    is_own,
    server_address,
    tracking_folder,
    tracking_uri,
)
from designer.workspace import Workspace

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
    """
    folder = tracking_folder(workspace)
    make_folder(folder)
    database = sqlite3.connect(
        make_file(folder / "lock.sqlite"), timeout=wait, isolation_level=None
    )
    try:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            yield False
            return
        yield True
    finally:
        database.close()


def tracking_error(error: BaseException, workspace: Workspace) -> TrackingError:
    """Return an error of MLflow or of its libraries as a :class:`TrackingError`."""
    if isinstance(error, TrackingError):
        return error
    text = without_secrets(str(error)).strip()
    kinds = {kind.__name__ for kind in type(error).__mro__}
    text = text.partition("\n")[0].removeprefix("(sqlite3.DatabaseError) ").rstrip(".")
    uri = without_secrets(tracking_uri(workspace))
    if "DatabaseError" in kinds or "sqlite3" in text or "Can't locate revision" in text:
        if is_own(workspace):
            return TrackingError(
                f"The database of runs and models can't be read: {text}.",
                f"It is “{tracking_folder(workspace) / DATABASE}”. Move it away to have a new "
                "one created; runs and pipelines are stored elsewhere.",
            )
        return TrackingError(f"The tracking database “{uri}” can't be used: {text}.")
    if "RequestException" in kinds or "Max retries exceeded" in text or "API request" in text:
        return TrackingError(
            f"The tracking server “{uri}” sent an invalid response: {text[:300]}.",
            "Check its address, and that it's running.",
        )
    return TrackingError(f"MLflow failed: {text[:500] or type(error).__name__}.")


def _client(workspace: Workspace, uri: str, kind: type[MlflowClient]) -> MlflowClient:
    if not is_own(workspace):
        return kind(tracking_uri=uri, registry_uri=uri)
    # Two processes that make the tables at once would fail both.
    made = tracking_folder(workspace) / ".database-made"
    if made.exists() and (tracking_folder(workspace) / DATABASE).exists():
        client = kind(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
        return client
    with _table_lock(tracking_folder(workspace)):
        make_file(tracking_folder(workspace) / DATABASE)
        client = kind(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
        client.search_registered_models(max_results=1)
        make_file(made)
    return client


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
