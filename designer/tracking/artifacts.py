"""The folders in which MLflow keeps the files of runs and models."""

from __future__ import annotations

import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from designer.private_files import make_private
from designer.tracking.settings import artifact_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from designer.workspace import Workspace


def local_folder(uri: str) -> Path | None:
    """Return the folder that an address of artifacts means; None if it isn't on this computer."""
    parts = urllib.parse.urlsplit(uri)
    if parts.scheme == "file":
        return Path(urllib.request.url2pathname(parts.path))
    return Path(uri) if Path(uri).is_absolute() else None


def keep_private(client: MlflowClient, run_id: str, workspace: Workspace) -> None:
    """Let only the user read the files of a run that are in the workspace; MLflow wrote them."""
    root = artifact_folder(workspace)
    folder = local_folder(str(client.get_run(run_id).info.artifact_uri))
    if folder is not None and folder.is_relative_to(root):
        make_private(folder, root.parent)
