"""Where runs and models are kept: a file in the workspace, or a tracking server."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import urllib.parse
from pathlib import Path
from typing import Any

from designer.records import DamagedRecordError
from designer.redaction import without_secrets
from designer.workspace import Workspace

URI_VARIABLE = "MODELDESK_TRACKING_URI"
"""The environment variable that names a tracking server; it overrides the setting."""

OFF_VARIABLE = "MODELDESK_TRACKING"
"""``off`` in this environment variable: finished runs aren't recorded."""

URI_SETTING = "tracking_uri"
ON_SETTING = "tracking"
FOLDER = "tracking"
DATABASE = "mlflow.db"

_ARTIFACTS = "artifacts"


class TrackingError(Exception):
    """An error of tracking or of the registry.

    Parameters
    ----------
    message : str
        One sentence.
    hint : str
        What to do, in one sentence.
    wrong_input : bool
        Whether the request is wrong, and not the registry or database.
    """

    def __init__(self, message: str, hint: str = "", *, wrong_input: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.wrong_input = wrong_input


class UnusableDatabaseError(TrackingError):
    """The workspace's own database can't be used now, whatever is asked of it."""


def tracking_folder(workspace: Workspace) -> Path:
    """Return the folder of tracking in a workspace, which may not exist."""
    return workspace.folder / FOLDER


def artifact_folder(workspace: Workspace) -> Path:
    """Return where runs and models keep their files when no server does."""
    return tracking_folder(workspace) / _ARTIFACTS


def tracking_uri(workspace: Workspace) -> str:
    """Return the URI for MLflow: a server's, or that of the workspace's file."""
    named = os.environ.get(URI_VARIABLE, "").strip() or _settings(workspace).get(URI_SETTING)
    return named if isinstance(named, str) and named else _own_uri(workspace)


def is_own(workspace: Workspace) -> bool:
    """Return whether the workspace's own file is used."""
    return tracking_uri(workspace) == _own_uri(workspace)


def is_on(workspace: Workspace) -> bool:
    """Return whether finished runs are to be recorded."""
    off = os.environ.get(OFF_VARIABLE, "").strip().lower() in ("off", "0", "no", "false")
    return not off and _settings(workspace).get(ON_SETTING, True) is not False


def use_server(workspace: Workspace, uri: str | None) -> None:
    """Keep the address of a tracking server in the workspace's settings; None: no server.

    Raises
    ------
    TrackingError
        If it isn't an address, or contains a password, which settings must not.
    """
    if uri is not None:
        uri = uri.strip()
        if not re.fullmatch(r"[a-z][a-z0-9+.-]*:.+|databricks", uri):
            raise TrackingError(
                f"“{uri}” isn't the address of a tracking server.",
                "Use a URL that begins with http:// or https://.",
                wrong_input=True,
            )
        if without_secrets(uri) != uri:
            raise TrackingError(
                "The settings can't contain an address with a password.",
                "Omit the password, and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
                wrong_input=True,
            )
    workspace.change_settings(**{URI_SETTING: uri})


def ui_command(workspace: Workspace, *, port: int = 5000) -> str | None:
    """Return the command that shows runs and models in a browser; None for a server."""
    if not is_own(workspace):
        return None
    # Without the environment's folder on the path, its command isn't found by name.
    program = ["mlflow"] if shutil.which("mlflow") else [sys.executable, "-m", "mlflow"]
    arguments = [
        *program,
        "ui",
        "--backend-store-uri",
        tracking_uri(workspace),
        "--port",
        str(port),
    ]
    if os.name == "nt":
        return " ".join(f'"{each}"' if " " in each else each for each in arguments)
    return shlex.join(arguments)


def server_address(uri: str) -> tuple[str, int] | None:
    """Return host and port of a tracking server that is reached by HTTP; None of others."""
    parts = urllib.parse.urlsplit(uri)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _settings(workspace: Workspace) -> dict[str, Any]:
    try:
        return workspace.settings
    except DamagedRecordError as error:
        # They may name a server: the own database would be the wrong one.
        raise TrackingError(error.message, error.hint) from error


def _own_uri(workspace: Workspace) -> str:
    return f"sqlite:///{(tracking_folder(workspace) / DATABASE).as_posix()}"
