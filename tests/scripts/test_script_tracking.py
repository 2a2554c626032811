"""What a script logs with MLflow becomes part of its run."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from designer.cli.main import main
from designer.scripts.script_run import run_script
from designer.tracking.connection import connected
from designer.tracking.recording import mark_of, pending

LOGS = """\
import mlflow
with mlflow.start_run():
    mlflow.log_param("rate", 0.1)
    for step, value in enumerate((0.5, 0.75)):
        mlflow.log_metric("accuracy", value, step)
    mlflow.log_metric("loss", float("inf"))
raise SystemExit(FAILS)
"""


@pytest.mark.long
@pytest.mark.parametrize("fails", [0, 3])
def test_metrics_that_a_script_logs_are_those_of_its_run(workspace, written, monkeypatch, fails):
    monkeypatch.delenv("MODELDESK_TRACKING")
    configuration = written(LOGS.replace("FAILS", str(fails)), experiment="价格")
    result = run_script(configuration, workspace)
    assert result.status == ("failed" if fails else "completed")
    assert result.metrics == {"script": {"accuracy": 0.75, "loss": None}}
    # The run is MLflow's already: it isn't recorded a second time.
    assert pending(workspace) == []
    with connected(workspace) as client:
        run = client.get_run(mark_of(workspace, result.id)["run_id"])
        assert client.get_experiment(run.info.experiment_id).name == "价格"
        assert len(client.search_runs([run.info.experiment_id])) == 1
    assert run.data.params == {"rate": "0.1"}
    assert run.info.status == ("FAILED" if fails else "FINISHED")
    listed = CliRunner().invoke(
        main, ["runs", "list", "--json", "--workspace", str(workspace.folder)]
    )
    (row,) = json.loads(listed.stdout)
    assert row["metrics"] == {"script.accuracy": 0.75, "script.loss": None}


@pytest.mark.long
def test_without_tracking_the_script_is_told_of_no_run(workspace, written):
    lines: list[str] = []
    text = "import os; print([name for name in os.environ if name.startswith('MLFLOW_RUN')])"
    result = run_script(written(text), workspace, on_line=lines.append)
    assert (result.status, lines) == ("completed", ["[]"])
