"""The shared modules that the open pipeline can use, as their files are now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from designer.pipeline import file as pipeline_file
from designer.pipeline.identifiers import EditError
from designer.pipeline.model import Pipeline
from designer.pipeline.shared.copies import settled
from designer.pipeline.shared.library import Library, SharedModule


class SharedModules(QObject):
    """Finds shared modules for a pipeline's file and watches their folders.

    Parameters
    ----------
    personal : Path, optional
        The folder of the user's own modules; by default that of the workspace.

    Signals
    -------
    changed
        Some file is another than before, or the pipeline has another file.
    """

    changed = Signal()

    def __init__(self, personal: Path | None, parent: QObject) -> None:
        super().__init__(parent)
        self._personal = personal
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self.refresh)
        self._watcher.directoryChanged.connect(self.refresh)
        self.library = Library.beside(None, personal)
        self._state = self.library.state()
        self._found: Sequence[SharedModule] | None = None
        self._watch()

    def follow(self, path: Path | None) -> None:
        """Find modules for a pipeline of another file."""
        self.library = Library.beside(path, self._personal)
        self._state = self.library.state()
        self._found = None
        self._watch()
        self.changed.emit()

    def all(self) -> Sequence[SharedModule]:
        """Return every module that the pipeline can use."""
        if self._found is None:
            self._found = tuple(self.library.modules())
        return self._found

    def read(self, path: Path) -> Pipeline:
        """Read a pipeline with its modules; see :func:`designer.pipeline.file.read`."""
        return pipeline_file.read(path, self._personal)

    def restored(self, text: str, path: Path | None) -> Pipeline:
        """Return the pipeline of a recovery file, with its modules as they are now."""
        return Library.beside(path, self._personal).resolved(pipeline_file.loads(text))

    def renewed(self, pipeline: Pipeline) -> Pipeline:
        """Return a pipeline with its modules as they are now; the same one if none changed."""
        new = self.library.resolved(pipeline)
        return pipeline if new == pipeline else new

    def settled(self, before: Pipeline, after: Pipeline) -> Pipeline:
        """Return an edited pipeline whose cards are copies of their modules.

        Raises
        ------
        EditError
            If something inside of a card was changed.
        """
        try:
            return settled(before, after, self.library.find)
        except pipeline_file.PipelineFileError as error:
            raise EditError(error.message) from None

    def refresh(self) -> None:
        """Look for changed files, now."""
        state = self.library.state()
        self._watch()
        if state != self._state:
            self._state = state
            self._found = None
            self.changed.emit()

    def close(self) -> None:
        """Stop watching."""
        self.blockSignals(True)
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)

    def _watch(self) -> None:
        """Watch the files, and the folders; of one that is missing that in which it would be."""
        folders = [folder for _, folder in self.library.folders]
        there = [folder if folder.is_dir() else folder.parent for folder in folders]
        wanted = {str(path) for path in (*self._state, *there) if path.exists()}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := watched - wanted:
            self._watcher.removePaths(sorted(gone))
        if fresh := wanted - watched:
            self._watcher.addPaths(sorted(fresh))
