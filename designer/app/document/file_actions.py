"""Commands for files: new, open, save, recovery, changes on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePath

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from designer.app.background.errors import explained
from designer.app.datasets.datasets import dataset_name
from designer.app.dialogs.file_questions import (
    ask_about_changes,
    may_end_run,
    may_overwrite,
    offer,
)
from designer.app.dialogs.message_bar import Choice
from designer.app.dialogs.messages import Messages
from designer.app.dialogs.question import Answer
from designer.app.document.agreements import Agreements
from designer.app.document.document import Document
from designer.app.document.file_memory import FileMemory
from designer.app.document.path_parameters import read_paths
from designer.app.document.recovery import Recovery, discard, find_recoveries
from designer.app.runs.run_controller import RunController
from designer.app.shell.commands import command
from designer.app.shell.navigation import START, Navigation
from designer.app.shell.settings import Settings
from designer.app.shell.windows.pipeline_window import PipelineWindow
from designer.app.shell.windows.windows import Windows
from designer.catalog import Catalog
from designer.composed_texts import in_language
from designer.pipeline import file as pipeline_file
from designer.pipeline.shared.library import SUFFIX as MODULE_SUFFIX
from designer.pipeline.shared.library import with_suffix
from designer.records import DamagedRecordError
from designer.texts import tr

FILTER = tr("Pipelines (*{suffix} *{module_suffix});;All files (*)").format(
    suffix=pipeline_file.SUFFIX, module_suffix=MODULE_SUFFIX
)


class FileActions(QObject):
    """The commands of the File menu.

    Parameters
    ----------
    windows : Windows
        All pipelines that are open; a file is open in one tab only.
    commit : callable
        Commits what is being typed.
    parent : PipelineWindow
        The window: dialogs open over it.

    Signals
    -------
    opened
        Another pipeline is open.
    saved : Path
        The pipeline was saved as this file.
    """

    opened = Signal()
    saved = Signal(object)

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        settings: Settings,
        samples: Path,
        recovery_folder: Path,
        memory: FileMemory,
        agreements: Agreements,
        controller: RunController,
        navigation: Navigation,
        messages: Messages,
        windows: Windows,
        commit: Callable[[], object],
        parent: PipelineWindow,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._catalog = catalog
        self._settings = settings
        self._samples = samples
        self._recovery_folder = recovery_folder
        self._memory = memory
        self._agreements = agreements
        self._controller = controller
        self._navigation = navigation
        self._messages = messages
        self._windows = windows
        self._commit = commit
        self._parent = parent
        self._document.dirty_changed.connect(self._on_dirty)
        self._document.autosave_failed.connect(self._on_autosave_failed)

    @command(
        tr("New pipeline"),
        "Ctrl+N",
        icon="new",
        help=tr("Create an empty pipeline."),
        menus=("File 1.1", "Tools 1.1"),
    )
    def new(self) -> bool:
        """Start an empty pipeline; false if the user wants to stay."""
        if not self.may_leave():
            return False
        self._document.new()
        self.opened.emit()
        return True

    @command(
        tr("Open…"),
        "Ctrl+O",
        icon="open",
        help=tr("Open a pipeline file."),
        menus=("File 1.2", "Tools 1.2"),
    )
    def open(self) -> None:
        """Ask for a file and open it."""
        if (chosen := self.choose()) is not None:
            self.open_path(chosen)

    def choose(self) -> Path | None:
        """Ask for a file to open."""
        recent = self._settings.recent
        start = self._document.path or (recent[0] if recent else Path.home())
        folder = start.parent if start.is_file() else start
        chosen, _ = QFileDialog.getOpenFileName(
            self._parent, tr("Open a pipeline"), str(folder), FILTER
        )
        return Path(chosen) if chosen else None

    def open_path(self, path: Path | Callable[[], Path]) -> bool:
        """Open a file; false if the user cancels or the file is invalid.

        If it is open in another tab or window, that one comes to the front. A function is asked
        for the file again once changes of the open one are saved, which may decide about it.
        """
        other = self._elsewhere(_found(path))
        if other is not None:
            other.come_to_front()
            return True
        if not self.may_leave():
            return False
        file = _found(path)
        try:
            self._document.open(file)
        except pipeline_file.PipelineFileError as error:
            if not file.exists():
                self._settings.remove_recent(file.absolute())
            self._messages.bar.show_message(explained(error), severity="error", kind="open")
            return False
        self._settings.add_recent(file.absolute())
        self.opened.emit()
        return True

    @command(
        tr("Save"),
        "Ctrl+S",
        icon="save",
        help=tr("Save the pipeline."),
        needs="pipeline",
        menus=("File 2.1", "Tools 1.3"),
    )
    def save(self) -> bool:
        """Save; asks where for a new pipeline and where the folder can't be written."""
        self._begin_saving()
        document = self._document
        path = document.path
        if path is None:
            return self.save_as()
        if self.is_sample(path):
            self._messages.show(
                tr("Samples can't be changed. Choose a folder for your own version.")
            )
            return self.save_as()
        if not os.access(path.parent, os.W_OK):
            self._messages.show(tr("You can't save to this folder. Choose another."))
            return self.save_as()
        if document.changed_on_disk() and path.exists() and not may_overwrite(self._parent, path):
            return False
        return self._save(path)

    @command(
        tr("Save as…"),
        "Ctrl+Shift+S",
        help=tr("Save under another name."),
        needs="pipeline",
        menus="File 2.2",
    )
    def save_as(self) -> bool:
        """Ask for a name and save."""
        self._begin_saving()
        document = self._document
        name = document.title if document.path else self._proposed_name()
        folder = document.base
        sample = document.path is not None and self.is_sample(document.path)
        if sample or not os.access(folder, os.W_OK):
            folder = Path.home()
        ending = MODULE_SUFFIX if document.pipeline.interface else pipeline_file.SUFFIX
        chosen, _ = QFileDialog.getSaveFileName(
            self._parent, tr("Save the pipeline"), str(folder / (name + ending)), FILTER
        )
        return bool(chosen) and self._save(with_suffix(Path(chosen)))

    def _proposed_name(self) -> str:
        """Return a file name for an unsaved pipeline: that of the data that it reads."""
        found = read_paths(self._document.pipeline, self._catalog)
        named = (dataset_name(path) or PurePath(path).stem for path in found if "://" not in path)
        return next((name for name in named if name), "untitled")

    @command(
        tr("Start page"), icon="home", help=tr("Recent pipelines and samples."), menus="File 4.1"
    )
    def show_start_page(self) -> None:
        """Show recent pipelines and samples; the open pipeline stays."""
        self._navigation.show(START)

    def may_leave(self) -> bool:
        """Ask about unsaved changes and a run that would end; false to stay."""
        self._commit()
        return self._may_leave_changes() and self._may_end_run()

    def offer_recovery(self) -> None:
        """Offer the recovery files of earlier sessions, one after the other, latest first."""
        damaged: list[DamagedRecordError] = []
        found = find_recoveries(self._recovery_folder, damaged.append)
        for error in damaged:
            self._messages.bar.show_lasting(
                tr("Changes of an earlier session can't be restored. {message}").format(
                    message=in_language(error.message)
                ),
                [(tr("Delete file"), partial(discard, error.path))],
                severity="warning",
                kind="recovery",
            )
        for recovery in reversed(found):
            self._offer(recovery, found[::-1])

    def on_disk_changed(self) -> None:
        """Offer to reload changes of another program."""
        document = self._document
        if document.path is None:
            return
        if not document.path.exists():
            self._messages.bar.show_message(
                tr("“{name}” was removed or renamed. Saving writes it again.").format(
                    name=document.path.name
                ),
                [(tr("Keep my version"), document.keep_own_version)],
                severity="warning",
                kind="disk",
            )
            return
        lost = tr(" Undo restores your changes.") if document.dirty else ""
        self._messages.bar.show_message(
            tr("“{name}” was changed by another program.{lost}").format(
                name=document.path.name, lost=lost
            ),
            [(tr("Reload"), self._reload), (tr("Keep my version"), document.keep_own_version)],
            severity="warning",
            kind="disk",
        )

    def _begin_saving(self) -> None:
        self._commit()
        # The message about an earlier attempt doesn't apply to this one.
        self._messages.bar.clear("save")

    def _on_dirty(self, dirty: bool) -> None:
        if not dirty:
            self._messages.bar.clear("save")

    def _on_autosave_failed(self, reason: str) -> None:
        self._messages.bar.clear("autosave")
        if reason:
            self._messages.bar.show_lasting(
                tr(
                    "Unsaved changes can't be stored for recovery: {reason}. Save the pipeline."
                ).format(reason=reason),
                [(tr("Save as…"), self.save_as)],
                severity="warning",
                kind="autosave",
            )

    def is_sample(self, path: Path) -> bool:
        """Return whether a file is one of the samples."""
        return path.resolve().parent == self._samples.resolve()

    def _elsewhere(self, path: Path) -> PipelineWindow | None:
        """Return the other tab or window in which a file is open."""
        found = self._windows.with_file(path)
        return None if found is self._parent else found

    def _save(self, path: Path) -> bool:
        document = self._document
        other = self._elsewhere(path)
        if other is not None:
            self._messages.bar.show_message(
                tr(
                    "“{name}” is open in another tab. Choose another name, or close it there."
                ).format(name=path.name),
                [(tr("Save as…"), self.save_as), (tr("Show that tab"), other.come_to_front)],
                severity="error",
                kind="save",
            )
            return False
        try:
            document.save(path, rebased=self._agreements.rebased)
            self._agreements.saved()
            self._memory.saved_as(document.path or path)
            self.saved.emit(document.path or path)
        except (OSError, pipeline_file.PipelineFileError) as error:
            hint = getattr(error, "hint", "")
            self._messages.bar.show_message(
                f"{getattr(error, 'message', error)} {hint}".strip(),
                [(tr("Save as…"), self.save_as)],
                severity="error",
                kind="save",
            )
            return False
        self._settings.add_recent(self._document.path or path)
        for kind in ("save", "disk"):
            self._messages.bar.clear(kind)
        self._messages.show(tr("Saved {title}").format(title=self._document.title))
        return True

    def _may_leave_changes(self) -> bool:
        document = self._document
        if not document.dirty:
            return True
        self._parent.ask_in_front()
        answer = ask_about_changes(self._parent, document.title)
        if answer == Answer.Save:
            return self.save()
        return answer == Answer.Discard

    def _may_end_run(self) -> bool:
        controller = self._controller
        if not controller.ends_when_left:
            return True
        self._parent.ask_in_front()
        return may_end_run(self._parent, self._document.title, controller.finished)

    def _reload(self) -> None:
        try:
            self._document.reload()
        except pipeline_file.PipelineFileError as error:
            self._messages.bar.show_message(explained(error), severity="error", kind="open")

    def _offer(self, recovery: Recovery, together: Sequence[Recovery] = ()) -> None:
        choices: list[Choice] = [
            (tr("Restore"), lambda: self.restore(recovery)),
            (tr("Discard"), recovery.discard),
        ]
        if len(together) > 1:
            choices.insert(1, (tr("Restore all"), lambda: self._restore_all(together)))
        self._messages.bar.show_lasting(offer(recovery), choices, kind="restorable")

    def _restore_all(self, recoveries: Sequence[Recovery]) -> None:
        """Open the work of an earlier session in tabs."""
        self._messages.bar.clear("restorable")
        for recovery in recoveries:
            if recovery.file.exists():
                self.restore(recovery)

    def restore(self, recovery: Recovery) -> None:
        """Open the work of an earlier session; beside other changes, in another tab."""
        if self._document.dirty:
            self._windows.new_tab(self._parent).restore(recovery)
            return
        if not self.may_leave():
            self._offer(recovery)
            return
        try:
            stored = self._document.restore(recovery)
        except pipeline_file.PipelineFileError as error:
            self._messages.bar.show_message(
                tr("The changes can't be restored. {message}").format(
                    message=in_language(error.message)
                ),
                severity="error",
            )
            return
        if stored:
            recovery.discard()
        self.opened.emit()


def _found(path: Path | Callable[[], Path]) -> Path:
    return path if isinstance(path, Path) else path()
