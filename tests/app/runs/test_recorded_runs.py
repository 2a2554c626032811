"""A run in the window is recorded in MLflow, without the window doing anything for it."""

from __future__ import annotations

import pytest
from window_desk import close

from designer.app.shell.main_window import MainWindow
from designer.pipeline import edits
from designer.tracking import trigger
from designer.tracking.recording import pending
from designer.workspace import Workspace

LONG = 120_000


@pytest.mark.long
def test_a_run_in_the_window_is_recorded_by_itself(
    qapp, qtbot, settings, catalog, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    workspace = Workspace(tmp_path / "w")
    window = MainWindow(settings, catalog, workspace=workspace)
    window.document.apply("Add", lambda p: edits.add_node(p, "two_class_logistic_regression")[0])
    monkeypatch.delenv("MODELDESK_TRACKING")
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        window.runs.start([], anyway=True)
    assert trigger._started[-1].wait(timeout=300) == 0
    assert len(list(workspace.runs())) == 1
    assert pending(workspace) == []
    close(window)
