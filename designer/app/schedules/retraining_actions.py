"""Switches the retraining of endpoints on, and changes it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.texts import tr
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.app.schedules.retraining_dialog import RetrainingDialog
    from designer.app.schedules.retraining_fields import Surroundings, WantedRetraining


class RetrainingActions(QObject):
    """Opens the dialog of a retraining loop, and stores the loop.

    Parameters
    ----------
    open_file : callable
        Returns the file of the open pipeline, which is proposed; None if it has none.
    parent : QWidget
        The window, over which the dialog opens.

    Signals
    -------
    switched_on : str, str
        An endpoint is retrained from now on, or otherwise than before; with a sentence.
    failed : str
        What keeps the dialog from opening.
    """

    switched_on = Signal(str, str)
    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        background: Background,
        open_file: Callable[[], Path | None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._open_file = open_file
        self._workspace = workspace
        self._background = background
        self._parent = parent
        self.dialog: RetrainingDialog | None = None
        """The dialog that is open."""

    def open(self, endpoint: str = "") -> None:
        """Ask how an endpoint is retrained; by default the user chooses the endpoint."""
        workspace, file = self._workspace, str(self._open_file() or "")

        def show(around: Surroundings) -> None:
            from designer.app.schedules.retraining_dialog import RetrainingDialog

            if self.dialog is not None:
                return
            dialog = self.dialog = RetrainingDialog(around, endpoint, self._parent)
            dialog.check_wanted.connect(lambda wanted: self._check(wanted, dialog))
            dialog.wanted.connect(lambda wanted: self._switch_on(wanted, dialog))
            dialog.finished.connect(self._forget)
            dialog.open()

        self._background.run(
            lambda: surroundings(workspace, file),
            show,
            lambda error: self.failed.emit(error_text(error)),
        )

    def close(self) -> None:
        """Close the dialog."""
        if self.dialog is not None:
            self.dialog.close()

    def _check(self, wanted: WantedRetraining, dialog: RetrainingDialog) -> None:
        workspace = self._workspace

        def check() -> list[str]:
            from designer.retraining.switching import check

            return check(workspace, wanted.loop)

        self._background.run(
            check,
            self._for(dialog, lambda notes: dialog.show_check(wanted, "", notes)),
            self._for(dialog, lambda error: dialog.show_check(wanted, error_text(error))),
        )

    def _switch_on(self, wanted: WantedRetraining, dialog: RetrainingDialog) -> None:
        workspace, name = self._workspace, wanted.loop.endpoint

        def switch_on() -> None:
            from designer.deployment import Endpoints
            from designer.retraining.switching import check
            from designer.scheduling.retraining import switch_on

            check(workspace, wanted.loop)
            if wanted.recording is not None:
                share, days, columns = wanted.recording
                Endpoints(workspace).record(name, share, keep_days=days, leave_out=columns)
            switch_on(workspace, wanted.loop, cron=wanted.cron, trigger=wanted.trigger)

        def done(_: object) -> None:
            dialog.done(dialog.DialogCode.Accepted)
            text = tr("“{name}” is retrained on “{dataset}” from now on.").format(
                name=name, dataset=wanted.loop.data_title
            )
            self.switched_on.emit(name, text)

        self._background.run(
            switch_on,
            self._for(dialog, done),
            self._for(dialog, lambda error: dialog.fail(error_text(error))),
        )

    def _for(
        self, dialog: RetrainingDialog, function: Callable[[Any], object]
    ) -> Callable[[Any], None]:
        """Return a function that does nothing once a dialog is closed."""

        def call(value: Any) -> None:
            if self.dialog is dialog:
                function(value)

        return call

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


def surroundings(workspace: Workspace, file: str) -> Surroundings:
    """Return what the dialog offers: endpoints of this computer, and registered datasets.

    Parameters
    ----------
    file : str
        The pipeline that is proposed for endpoints whose own isn't known.
    """
    from designer.app.schedules.retraining_fields import RetrainedEndpoint, Surroundings
    from designer.deployment.problem import ServingError
    from designer.retraining.loop import Loops
    from designer.retraining.switching import LOCAL
    from designer.scheduling.retraining import cron_of, trigger_of
    from designer.scheduling.times import local_timezone

    loops = Loops(workspace)
    switched_on = loops.names()
    endpoints = []
    for name in loops.records.names():
        # One that is damaged isn't offered.
        with suppress(ServingError):
            if loops.records.target(name) != LOCAL:
                continue
            known = str(loops.records.about(name, loops.version(name)).get("file") or "")
            endpoints.append(
                RetrainedEndpoint(
                    name,
                    known if Path(known).is_file() else file,
                    loops.records.recording(name),
                    loops.get(name) if name in switched_on else None,
                    cron_of(workspace, name),
                    trigger_of(workspace, name),
                )
            )
    datasets = {}
    for name in workspace.datasets():
        with suppress(KeyError):
            found = workspace.dataset_store.find(name).version
            datasets[name] = [column[0] for column in found.columns or ()]
    return Surroundings(endpoints, datasets, local_timezone())
