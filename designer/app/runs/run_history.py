"""Earlier runs of the open pipeline: listed, shown, compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication, QWidget

from designer.app.background.errors import explained
from designer.app.dialogs.messages import Messages
from designer.app.dialogs.run_comparison import RunComparison
from designer.app.document.checker import Checker
from designer.app.document.document import Document
from designer.app.panels.runs import EMPTY, Runs, moment
from designer.app.runs.run_controller import RunController
from designer.app.runs.run_curves import add_curves
from designer.catalog import Catalog
from designer.engine.results import read_record
from designer.records import DamagedRecordError
from designer.texts import tr
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.tracking.run_records import RunRecord

UNSAVED = tr("Save the pipeline to list its runs here.")
NO_SCRIPTS = tr("Runs of scripts are listed here. Choose Pipeline, Run a script…")
SHOWN = 50
"""Runs that are listed."""

SEARCHED = 500
"""Latest runs of any pipeline among which those of the open file are looked for."""


class RunHistory:
    """Fills the run list and handles its commands."""

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        catalog: Catalog,
        controller: RunController,
        checker: Checker,
        panel: Runs,
        messages: Messages,
        show_script: Callable[[str], object],
        parent: QWidget,
    ) -> None:
        self._workspace = workspace
        self._document = document
        self._catalog = catalog
        self._controller = controller
        self._checker = checker
        self._panel = panel
        self._messages = messages
        self._show_script = show_script
        self._parent = parent
        self._unsaved: list[str] = []
        self._reported: set[Path] = set()
        self._controller.finished.connect(self._note_run)
        self._document.path_changed.connect(self.refresh)
        panel.scope_changed.connect(self.refresh)
        panel.results_requested.connect(self.show_results)
        panel.comparison_requested.connect(self.compare)
        panel.error_requested.connect(self.copy_error)

    def opened(self) -> None:
        """List the runs of another pipeline from now on."""
        self._unsaved.clear()
        self.refresh()

    def saved_as(self, path: Path) -> None:
        """Assign the runs of an unsaved pipeline to its first file."""
        runs, workspace = self._unsaved, self._workspace
        if runs:
            self._unsaved = []
            self._checker.in_background(
                lambda: _adopt(workspace, runs, path), lambda _: self.refresh()
            )

    def refresh(self) -> None:
        """List the runs of the open file, or those of scripts."""
        path, of_scripts = self._document.path, self._panel.of_scripts
        text = UNSAVED if path is None else EMPTY
        self._panel.empty.setText(NO_SCRIPTS if of_scripts else text)
        if path is None and not of_scripts:
            self._panel.show_runs([])
            return
        wanted = _is_script if of_scripts else partial(_is_of, path)
        workspace = self._workspace
        damaged: list[DamagedRecordError] = []

        def show(records: list[Mapping[str, Any]]) -> None:
            self._panel.show_runs(records)
            for error in damaged:
                if error.path not in self._reported:
                    self._reported.add(error.path)
                    self._messages.show(explained(error), warning=True)

        self._checker.in_background(lambda: _records(workspace, wanted, damaged.append), show)

    def show_results(self, run: str) -> None:
        """Show the results of an earlier run on the cards; stale ones are dimmed.

        Those of a script have their own window.
        """
        if self._panel.of_scripts:
            self._show_script(run)
            return
        path = self._document.path
        if path is None:
            return
        if self._controller.running:
            self._messages.show(tr("Wait until the run has finished, or cancel it."), warning=True)
            return
        self._controller.recall(path, run)
        started = _record(self._workspace, run).get("started")
        self._messages.show(tr("Results of the run from {moment}").format(moment=moment(started)))

    def compare(self, runs: Sequence[str]) -> None:
        """Show the differences between runs."""
        workspace, specs = self._workspace, self._catalog

        def read() -> tuple[list[RunRecord], list[Any]]:
            from designer.app.runs.run_comparison import differences
            from designer.tracking.run_records import find_run

            records = sorted(
                (find_run(workspace, run) for run in runs), key=lambda record: record.started
            )
            return records, differences(records, specs, workspace)

        def show(found: tuple[list[RunRecord], list[Any]]) -> None:
            records, differing = found
            names = {record.id: moment(record.started) for record in records}
            dialog = RunComparison(names, differing, self._parent)
            dialog.open_requested.connect(self._panel.pipeline_requested)
            dialog.finished.connect(dialog.deleteLater)
            add_curves(dialog, records, names, self._controller.engine)
            dialog.open()

        self._checker.in_background(read, show)

    def copy_error(self, run: str) -> None:
        """Copy the errors of a run."""
        lines = []
        for node, result in _record(self._workspace, run).get("nodes", {}).items():
            error = result.get("error") or {}
            if result.get("status") == "failed":
                text = f"{error.get('message', 'failed')} {error.get('hint', '')}".strip()
                lines.append(f"{node}: {text}")
        if lines:
            QApplication.clipboard().setText("\n".join(lines))
            self._messages.show(tr("Error copied."))

    def _note_run(self) -> None:
        run = self._controller.run_id
        if run is not None and self._document.path is None:
            self._unsaved.append(run)


def _adopt(workspace: Workspace, runs: Sequence[str], path: Path) -> None:
    for run in runs:
        record = _record(workspace, run)
        if record:
            workspace.remember_run(run, {**record, "source": str(path)}, path)


def _records(
    workspace: Workspace,
    wanted: Callable[[Mapping[str, Any]], bool],
    on_damage: Callable[[DamagedRecordError], object],
) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for run in reversed(workspace.runs()[-SEARCHED:]):
        record = _record(workspace, run, on_damage)
        if wanted(record):
            found.append(record)
        if len(found) == SHOWN:
            break
    # Ids distinguish runs only by the second.
    return sorted(found, key=lambda record: -float(record.get("started") or 0))


def _is_of(path: Path | None, record: Mapping[str, Any]) -> bool:
    return record.get("source") == str(path)


def _is_script(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("script"), Mapping)


def _record(
    workspace: Workspace,
    run: str,
    on_damage: Callable[[DamagedRecordError], object] = lambda error: None,
) -> dict[str, Any]:
    """Return the record of a run; an empty one if it is damaged or gone."""
    try:
        return read_record(workspace, run)
    except DamagedRecordError as error:
        on_damage(error)
        return {}
