"""The open pipeline on Azure ML without a run: published, scheduled, or compiled to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.background.job import Job
from designer.app.dialogs.file_dialog import ask_path
from designer.app.dialogs.message_bar import Choice, MessageBar
from designer.app.document.consent import Consent
from designer.app.document.document import Document
from designer.app.runs.compute_target_actions import KIND, ComputeTargetActions
from designer.app.shell.commands import command
from designer.texts import tr

if TYPE_CHECKING:
    from designer.azure.publish.schedule import Schedule


class PublishingActions(QObject):
    """The commands that publish, schedule, or compile the pipeline for Azure ML.

    Parameters
    ----------
    targets : ComputeTargetActions
        Workspace, sign-in, and compute target.
    commit : callable
        Commits what is being typed.
    parent : QWidget
        The window, over which dialogs open.
    """

    def __init__(
        self,
        document: Document,
        consent: Consent,
        targets: ComputeTargetActions,
        bar: MessageBar,
        commit: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._consent = consent
        self._targets = targets
        self._bar = bar
        self._commit = commit
        self._parent = parent
        self._background = Background(self)
        self._busy = False

    @command(
        tr("Publish on Azure ML…"),
        help=tr("Publish as an endpoint, or run on a schedule."),
        needs="remote",
        menus="Run on 2.2",
    )
    def publish(self) -> None:
        """Ask how to publish the pipeline, and publish it in a background process."""
        from designer.app.runs.publish_dialog import PublishDialog

        self._commit()
        if self._consent.blocks(self._document.pipeline.nodes, self.publish, "publish"):
            return
        dialog = PublishDialog(self._targets.current, self._document.title, self._parent)
        if dialog.exec():
            self.start_publishing(dialog.endpoint, dialog.schedule)
        dialog.deleteLater()

    def start_publishing(self, endpoint: str, when: Schedule | None) -> None:
        """Publish the pipeline, and show the result.

        Parameters
        ----------
        endpoint : str
            The name of the endpoint or schedule.
        when : Schedule or None
            None for an endpoint.
        """
        from designer.app.runs import jobs

        about = {"endpoint": endpoint, "when": when}
        notify = {"notify": self._targets.show_message_later}
        self._start(
            tr("Publishing “{endpoint}”…").format(endpoint=endpoint), jobs.publish, about, notify
        )

    @command(
        tr("Compile for Azure ML…"),
        help=tr("Write the files of the pipeline for Azure ML; this needs no network."),
        needs="remote",
        menus="Run on 2.3",
    )
    def compile_files(self) -> None:
        """Ask for a folder, and compile the pipeline into a new one in it."""
        self._commit()
        if self._consent.blocks(self._document.pipeline.nodes, self.compile_files, "compile"):
            return
        chosen = ask_path(self._parent, start=self._document.base, folder=True)
        if chosen is not None:
            target = self._targets.current.target
            self.start_compiling(chosen / f"{self._document.title}-{target}")

    def start_compiling(self, folder: Path) -> None:
        """Compile the pipeline into a folder in a background process, and show the result."""
        from designer.app.runs import jobs

        def open_folder() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

        self._start(
            tr("Compiling to “{folder}”…").format(folder=folder),
            jobs.compile_files,
            {"folder": folder},
            {},
            [(tr("Open folder"), open_folder)],
        )

    def close(self) -> None:
        """Stop following what is in progress; sending is completed."""
        self._background.close()

    def _start(
        self,
        beginning: str,
        function: Callable[..., str],
        about: dict[str, Any],
        callbacks: Mapping[str, Callable[..., object]],
        choices: list[Choice] | None = None,
    ) -> None:
        """Do something with the pipeline in a background process, one thing at a time."""
        bar = self._bar
        if self._busy:
            bar.show_message(tr("Another pipeline is being published or compiled."), kind=KIND)
            return
        self._busy = True
        bar.show_message(beginning, kind=KIND)

        def done(text: str) -> None:
            self._busy = False
            bar.show_message(text, choices or [], kind=KIND)

        def failed(error: BaseException) -> None:
            self._busy = False
            bar.show_message(error_text(error), severity="error", kind=KIND)

        order = self._targets.submission(self._document.pipeline)
        job = Job(function, {"order": order, **about}, callbacks, self._targets.command)
        self._background.follow(job, done, failed)
