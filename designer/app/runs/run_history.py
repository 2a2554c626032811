"""Earlier runs of the open pipeline: listed, shown, compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

from designer.app.dialogs.run_comparison import RunComparison
from designer.app.panels.runs import EMPTY, moment

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow
    from designer.tracking.run_records import RunRecord
    from designer.workspace import Workspace

UNSAVED = "Save the pipeline to list its runs here."
SHOWN = 50
"""Runs that are listed."""

SEARCHED = 500
"""Latest runs of any pipeline among which those of the open file are looked for."""


class RunHistory:
    """Fills the run list and handles its commands."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._unsaved: list[str] = []
        panel = window.run_list
        window.controller.finished.connect(self._note_run)
        window.document.path_changed.connect(self.refresh)
        panel.results_requested.connect(self.show_results)
        panel.comparison_requested.connect(self.compare)
        panel.error_requested.connect(self.copy_error)

    def opened(self) -> None:
        """List the runs of another pipeline from now on."""
        self._unsaved.clear()
        self.refresh()

    def saved_as(self, path: Path) -> None:
        """Assign the runs of an unsaved pipeline to its first file."""
        runs, workspace = self._unsaved, self._window.workspace
        if runs:
            self._unsaved = []
            self._window.checker.in_background(
                lambda: _adopt(workspace, runs, path), lambda _: self.refresh()
            )

    def refresh(self) -> None:
        """List the runs of the open file."""
        window = self._window
        path = window.document.path
        window.run_list.empty.setText(UNSAVED if path is None else EMPTY)
        if path is None:
            window.run_list.show_runs([])
            return
        workspace = window.workspace
        window.checker.in_background(lambda: _records(workspace, path), window.run_list.show_runs)

    def show_results(self, run: str) -> None:
        """Show the results of an earlier run on the cards; stale ones are dimmed."""
        window = self._window
        path = window.document.path
        if path is None:
            return
        if window.controller.running:
            window.say("Wait until the run has ended, or cancel it.", warning=True)
            return
        window.controller.recall(path, run)
        started = window.workspace.run_record(run).get("started")
        window.say(f"Results of the run from {moment(started)}")

    def compare(self, runs: Sequence[str]) -> None:
        """Show what differs between two runs."""
        window = self._window
        workspace, specs = window.workspace, window.catalog

        def read() -> tuple[list[RunRecord], list[Any]]:
            from designer.app.runs.run_comparison import differences
            from designer.tracking.run_records import find_run

            records = sorted(
                (find_run(workspace, run) for run in runs), key=lambda record: record.started
            )
            return records, differences(records[0], records[1], specs, workspace)

        def show(found: tuple[list[RunRecord], list[Any]]) -> None:
            records, differing = found
            names = [moment(record.started) for record in records]
            dialog = RunComparison(names[0], names[1], differing, window)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

        window.checker.in_background(read, show)

    def copy_error(self, run: str) -> None:
        """Copy the errors of a run."""
        lines = []
        for node, result in self._window.workspace.run_record(run).get("nodes", {}).items():
            error = result.get("error") or {}
            if result.get("status") == "failed":
                words = f"{error.get('message', 'failed')} {error.get('hint', '')}".strip()
                lines.append(f"{node}: {words}")
        if lines:
            QApplication.clipboard().setText("\n".join(lines))
            self._window.say("Copied the errors.")

    def _note_run(self) -> None:
        run = self._window.controller.run_id
        if run is not None and self._window.document.path is None:
            self._unsaved.append(run)


def _adopt(workspace: Workspace, runs: Sequence[str], path: Path) -> None:
    for run in runs:
        record = workspace.run_record(run)
        if record:
            workspace.remember_run(run, {**record, "source": str(path)}, path)


def _records(workspace: Workspace, path: Path) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for run in reversed(workspace.runs()[-SEARCHED:]):
        record = workspace.run_record(run)
        if record.get("source") == str(path):
            found.append(record)
        if len(found) == SHOWN:
            break
    # Ids tell runs apart only by the second.
    return sorted(found, key=lambda record: -float(record.get("started") or 0))
