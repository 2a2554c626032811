"""Experiments of MLflow by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from designer.engine.fingerprints import digest
from designer.tracking.settings import artifact_folder, is_own
from designer.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient


def experiment_of(client: MlflowClient, workspace: Workspace, name: str) -> str:
    """Return the id of an experiment, which is created if there is none of this name."""
    from mlflow.exceptions import MlflowException

    name = name[:400]
    for _ in range(2):
        found = client.get_experiment_by_name(name)
        if found is not None:
            if found.lifecycle_stage == "deleted":
                client.restore_experiment(found.experiment_id)
            return str(found.experiment_id)
        location = None
        if is_own(workspace):
            safe = re.sub(r"[^\w.-]", "_", name)[:80]
            location = (artifact_folder(workspace) / f"{safe}-{digest(name)[:8]}").as_uri()
        try:
            return str(client.create_experiment(name, artifact_location=location))
        except MlflowException:
            # Another process has just created it; if not, the next check fails too.
            continue
    return str(client.create_experiment(name))
