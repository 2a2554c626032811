"""The open pipeline: its value, its undo stack, its file and its recovery file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from designer.app.canvas.editing.positioning import with_positions
from designer.app.document.history import Moving, Step, change_states
from designer.app.document.path_parameters import rebase
from designer.app.document.recovery import Recovery, RecoveryFile
from designer.app.library.shared_modules import SharedModules
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.pipeline.shared.library import signature, without_suffix
from designer.texts import tr
from modules.contract import ModuleSpec

Edit = Callable[[Pipeline], Pipeline]
"""An edit accepts a pipeline and returns the new one."""

Rebase = Callable[[Pipeline, Path, Path], Pipeline]
"""Makes relative paths mean the same files from another folder: pipeline, old folder, new one."""


class Document(QObject):
    """The pipeline being edited.

    Parameters
    ----------
    specs : mapping of str to ModuleSpec
        The catalog; defines which parameters contain paths.
    recovery_folder : Path, optional
        Where unsaved work is stored in case of a crash; None stores nothing.
    modules_folder : Path, optional
        The folder of the user's own modules; by default that of the workspace.
    autosave_seconds : float
        Seconds after a change until the recovery file has it, however many follow.

    Attributes
    ----------
    undo_stack : QUndoStack
        Steps of (text, before, after). Undoing anything swaps the value.

    Signals
    -------
    editing : Pipeline, Pipeline
        The user is about to change the pipeline: before and after. What they put in is their
        own.
    merge_ended
        What was being edited is finished.
    autosave_failed
        Why the recovery file can't be written, when that changes; empty if it can again.
    """

    editing = Signal(object, object)
    changed = Signal()
    merge_ended = Signal()
    path_changed = Signal()
    dirty_changed = Signal(bool)
    disk_changed = Signal()
    autosave_failed = Signal(str)

    def __init__(
        self,
        specs: Mapping[str, ModuleSpec] | None = None,
        recovery_folder: Path | None = None,
        *,
        modules_folder: Path | None = None,
        autosave_seconds: float | None = 1.0,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self._on_clean_changed)
        self._specs: Mapping[str, ModuleSpec] = specs if specs is not None else {}
        self._pipeline = Pipeline()
        self._path: Path | None = None
        self.modules = SharedModules(modules_folder, self)
        self.modules.changed.connect(self._renew)
        self._dirty = False
        self._merge_serial = 0
        self._signature: tuple[int, int] | None = None
        self._reported: object = None
        self._recovery = RecoveryFile(recovery_folder) if recovery_folder else None
        self._failure = ""
        self._autosave = QTimer(self)
        self._autosave.setSingleShot(True)
        self._autosave.timeout.connect(self.write_recovery)
        self.set_autosave_seconds(autosave_seconds)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._on_file_event)
        self._watcher.directoryChanged.connect(self._on_file_event)

    @property
    def pipeline(self) -> Pipeline:
        """The current value."""
        return self._pipeline

    @property
    def path(self) -> Path | None:
        """The file, absolute; None for a pipeline that was never saved."""
        return self._path

    @property
    def base(self) -> Path:
        """The folder that relative paths in the pipeline start from."""
        return self._path.parent if self._path else Path.home()

    @property
    def title(self) -> str:
        """The name of the file without its extension, or “Untitled”."""
        return without_suffix(self._path.name) if self._path else tr("Untitled")

    @property
    def dirty(self) -> bool:
        """Whether there are unsaved changes."""
        return self._dirty

    def apply(
        self,
        text: str,
        function: Edit,
        merge: Hashable | None = None,
        *,
        foreign: bool = False,
    ) -> bool:
        """Edit the pipeline; the edit can be undone.

        Parameters
        ----------
        text : str
            The undo title: “Move Split Data”.
        function : callable
            From pipeline to pipeline.
        merge : hashable, optional
            Successive edits with an equal key become one step.
        foreign : bool
            It brings in what others may have made, from the clipboard for example.

        Returns
        -------
        bool
            Whether anything changed.

        Raises
        ------
        Exception
            Whatever the function raises; the document is then unchanged.
        """
        after = function(self._pipeline)
        if after is self._pipeline:
            return False
        after = self.modules.settled(self._pipeline, after)
        if not foreign:
            self.editing.emit(self._pipeline, after)
        key = None if merge is None else (self._merge_serial, merge)
        self.undo_stack.push(Step(self._swap, text, self._pipeline, after, key))
        return True

    def end_merge(self) -> None:
        """Let the next edit start a new step, whatever its key."""
        self._merge_serial += 1
        self.merge_ended.emit()

    def unfinished(self) -> set[tuple[str, str]]:
        """Return the parameters that may be half typed, as (node, parameter).

        They are those of the last step, as long as the next edit may become a part of it.
        """
        index = self.undo_stack.index()
        step = self.undo_stack.command(index - 1) if index else None
        if not isinstance(step, Step) or step.key is None or step.key[0] != self._merge_serial:
            return set()
        return step.parameters()

    def new(self) -> None:
        """Start an empty pipeline."""
        self._reset(Pipeline(), None)

    def open(self, path: Path) -> None:
        """Open a file.

        Raises
        ------
        PipelineFileError
            If it can't be read; the document is then unchanged.
        """
        path = path.absolute()
        self._reset(with_positions(self.modules.read(path), self._specs), path)

    def restore(self, recovery: Recovery) -> bool:
        """Restore the recovery file of a crash; it counts as unsaved.

        Returns
        -------
        bool
            Whether it is in the document's own recovery file from now on.

        Raises
        ------
        PipelineFileError
            If it can't be read; the document is then unchanged.
        """
        pipeline = self.modules.restored(recovery.text, recovery.path)
        self._reset(with_positions(pipeline, self._specs), recovery.path)
        self.undo_stack.resetClean()
        written = self.write_recovery()
        return written is not None and written.exception() is None

    def save(self, path: Path | None = None, *, rebased: Rebase | None = None) -> None:
        """Save, by default to the document's own file.

        It isn't an edit. Relative paths keep meaning the same files when the pipeline moves
        to another folder, in the steps to undo and redo as well.

        Parameters
        ----------
        rebased : callable, optional
            Called for the parts with relative paths when the pipeline moves; by default all
            files that they name are looked at.

        Raises
        ------
        OSError, PipelineFileError
            If the file can't be written. The document stays changed and its
            recovery file stays.
        ValueError
            If there is no file yet and no path is passed.
        """
        chosen = path or self._path
        if chosen is None:
            raise ValueError("The pipeline has no file yet.")
        target = chosen.absolute()
        old, new = self.base, target.parent
        move = rebased or (lambda part, old, new: rebase(part, self._specs, old, new))
        moving = Moving(self._specs, lambda part: move(part, old, new)) if old != new else None
        pipeline_file.write(moving.moved(self._pipeline) if moving else self._pipeline, target)
        if moving:
            self._pipeline = change_states(self.undo_stack, self._pipeline, moving.moved)
        self._set_path(target)
        if moving:
            self.changed.emit()
        self.undo_stack.setClean()
        self.end_merge()
        if self._dirty:
            self._on_clean_changed(True)
        self._autosave.stop()
        if self._recovery:
            self._recovery.discard()

    def reload(self) -> None:
        """Read the file again; undo restores the previous pipeline.

        Raises
        ------
        PipelineFileError
            If it can't be read; the document is then unchanged.
        """
        if self._path is None:
            return
        read = with_positions(self.modules.read(self._path), self._specs)
        self.apply(tr("Reload"), lambda _: read, foreign=True)
        self._signature = signature(self._path)
        self.undo_stack.setClean()
        self.end_merge()

    def changed_on_disk(self) -> bool:
        """Return whether another program has changed or removed the file since it was read."""
        return self._path is not None and signature(self._path) != self._signature

    def keep_own_version(self) -> None:
        """Accept the file on disk without reading it: the document now differs from it."""
        if self._path is not None:
            self._signature = signature(self._path)
            self._watch()
            self.undo_stack.resetClean()
            self._schedule_autosave()

    def set_autosave_seconds(self, seconds: float | None) -> None:
        """Set the seconds after a change until the recovery file has it; None: never."""
        self._autosaves = seconds is not None
        self._autosave.stop()
        self._autosave.setInterval(round((seconds or 0) * 1000))
        if self._dirty:
            self._schedule_autosave()

    def close(self, *, keep_recovery: bool = False) -> None:
        """Stop watching and autosaving; delete the recovery file unless it is to be kept."""
        self._autosave.stop()
        self.modules.close()
        self._unwatch()
        # Otherwise the stack would signal from its destructor, to a dead document.
        self.undo_stack.blockSignals(True)
        self.undo_stack.clear()
        if self._recovery:
            self._recovery.close(keep=keep_recovery)

    def _renew(self) -> None:
        """Have the shared modules as they are now, in the steps to undo and redo as well.

        It isn't an edit: the file of the pipeline only refers to them.
        """
        before = self._pipeline
        self._pipeline = change_states(self.undo_stack, before, self.modules.renewed)
        if self._pipeline is not before:
            self.changed.emit()

    def _swap(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.changed.emit()
        self._schedule_autosave()

    def _reset(self, pipeline: Pipeline, path: Path | None) -> None:
        self._autosave.stop()
        if self._recovery:
            self._recovery.discard()
        self.end_merge()
        self._pipeline = pipeline
        self.undo_stack.clear()
        self._set_path(path)
        # Clearing an empty stack doesn't change its clean state, for example after a recovery.
        self.undo_stack.setClean()
        self.changed.emit()

    def _set_path(self, path: Path | None) -> None:
        self._unwatch()
        changed = path != self._path
        self._path = path
        self._signature = signature(path) if path else None
        self._watch()
        if changed:
            self.modules.follow(path)
            self.path_changed.emit()

    def _watch(self) -> None:
        # The folder as well: editors that save by replacing the file end its own watch.
        if self._path is not None:
            self._watcher.addPaths([str(p) for p in (self._path, self._path.parent) if p.exists()])

    def _unwatch(self) -> None:
        watched = self._watcher.files() + self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)

    def _on_file_event(self) -> None:
        # Any file of the folder causes it.
        found = signature(self._path) if self._path is not None else None
        change = (self._path, found) if self.changed_on_disk() else None
        before, self._reported = self._reported, change
        if change not in (None, before):
            self.disk_changed.emit()
        if self._path is not None and str(self._path) not in self._watcher.files():
            self._watch()

    def _on_clean_changed(self, clean: bool) -> None:
        if self._dirty == clean:
            self._dirty = not clean
            self.dirty_changed.emit(self._dirty)

    def _schedule_autosave(self) -> None:
        # A change doesn't start it again, or steady editing would never be saved.
        if self._recovery and self._autosaves and not self._autosave.isActive():
            self._autosave.start()

    def write_recovery(self, *, ending: bool = False) -> Future[None] | None:
        """Write unsaved changes to the recovery file, in the background.

        ``ending``: the application is about to quit normally.

        Returns
        -------
        Future or None
            What is being written; None if there is nothing to write.
        """
        if self._recovery is None:
            return None
        if not self._dirty:
            self._recovery.discard()
            return None
        pipeline = self._pipeline
        written = self._recovery.write(
            self._path, lambda: pipeline_file.dumps(pipeline), ending=ending
        )
        written.add_done_callback(self._on_written)
        return written

    def _on_written(self, written: Future[None]) -> None:
        """Report on the writing thread what prevents autosaving, once."""
        if written.cancelled():
            return
        error = written.exception()
        failure = "" if error is None else getattr(error, "strerror", None) or str(error)
        if failure != self._failure:
            self._failure = failure
            self.autosave_failed.emit(failure)
