"""A script's run in MLflow: made before it starts, so that the script logs into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.records import write_record
from designer.redaction import without_secrets
from designer.scripts.configuration import ScriptConfiguration
from designer.tracking.connection import connected
from designer.tracking.experiments import experiment_of
from designer.tracking.recording import MARK
from designer.tracking.settings import is_on, tracking_uri
from designer.workspace import Workspace

_STATUS = {"completed": "FINISHED", "failed": "FAILED", "cancelled": "KILLED"}


class MlflowRun:
    """The run of MLflow that belongs to a run of a script.

    Raises
    ------
    TrackingError
        If the server or the database can't be used.
    """

    def __init__(self, workspace: Workspace, configuration: ScriptConfiguration, run: str) -> None:
        from designer.tracking.mlflow_run import PREFIX

        self._workspace = workspace
        with connected(workspace) as client:
            self._experiment = experiment_of(client, workspace, configuration.name)
            made = client.create_run(
                self._experiment,
                run_name=run,
                tags={
                    f"{PREFIX}run": run,
                    f"{PREFIX}whole": "true",
                    "mlflow.source.name": str(configuration.script),
                    "mlflow.source.type": "LOCAL",
                },
            )
        self.id = str(made.info.run_id)

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables with which the script's MLflow logs into this run."""
        return {
            "MLFLOW_TRACKING_URI": tracking_uri(self._workspace),
            "MLFLOW_EXPERIMENT_ID": self._experiment,
            "MLFLOW_RUN_ID": self.id,
        }

    def end(
        self, status: str, tags: Mapping[str, str], data: Mapping[str, Any], run: str
    ) -> dict[str, float]:
        """End the run, and return the metrics that the script has logged.

        Raises
        ------
        TrackingError
            If the server or the database can't be used.
        """
        from designer.tracking.mlflow_run import PREFIX

        with connected(self._workspace) as client:
            for name, value in tags.items():
                client.set_tag(self.id, f"{PREFIX}{name}", without_secrets(value)[:5000])
            client.set_terminated(self.id, _STATUS[status])
            metrics = dict(client.get_run(self.id).data.metrics)
        mark = {
            "uri": without_secrets(tracking_uri(self._workspace)),
            "experiment_id": self._experiment,
            "run_id": self.id,
            "data": dict(data),
        }
        write_record(self._workspace.run_folder(run) / MARK, mark)
        return metrics


def mlflow_run(
    workspace: Workspace, configuration: ScriptConfiguration, run: str
) -> MlflowRun | None:
    """Return the run of MLflow for a script's run; None if tracking is off."""
    return MlflowRun(workspace, configuration, run) if is_on(workspace) else None
