"""The registered datasets of the workspace folder, also as other programs change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from designer.dataset_record import split_reference
from designer.pipeline.model import Pipeline
from designer.texts import tr
from designer.workspace import DATASET_PREFIX, Workspace

CATEGORY = tr("Datasets")
"""The title of their category in the list of modules."""


@dataclass(frozen=True)
class RegisteredDataset:
    """A file or folder that is registered in the workspace.

    Parameters
    ----------
    name : str
        The name.
    file : Path
        The copy of the latest version in the workspace.
    summary : str
        Its description.
    version : int
        The number of the latest version; 0 before it is registered.
    """

    name: str
    file: Path
    summary: str = ""
    version: int = 0

    @property
    def reference(self) -> str:
        """The value of a path parameter that refers to it."""
        return DATASET_PREFIX + self.name

    @property
    def title(self) -> str:
        """Its label in the list of modules: its name."""
        return self.name

    @property
    def keywords(self) -> Sequence[str]:
        """Search terms besides its name."""
        return (self.file.name,)

    @property
    def category_title(self) -> str:
        """The title of its category in the list of modules."""
        return CATEGORY


def dataset_name(path: object) -> str:
    """Return the name of the registered dataset of a path parameter; empty for none."""
    return split_reference(dataset_reference(path))[0]


def dataset_reference(path: object) -> str:
    """Return the name and version, if one is pinned, of a path parameter; empty for none."""
    if not isinstance(path, str) or not path.startswith(DATASET_PREFIX):
        return ""
    return path[len(DATASET_PREFIX) :].strip()


def datasets_of(pipeline: Pipeline) -> list[str]:
    """Return the names of the registered datasets that a pipeline reads, in order."""
    values = [each.default for each in pipeline.parameters.values()]
    for node in pipeline.nodes.values():
        values += node.parameters.values()
    return sorted({name for value in values if (name := dataset_name(value))})


class Datasets(QObject):
    """Lists the registered datasets, also those of another window or the command line.

    Signals
    -------
    changed
        A dataset or a version was registered or deleted.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.refresh)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            # Folders on some servers report no changes.
            application.applicationStateChanged.connect(self._on_state)
        self._found: tuple[RegisteredDataset, ...] = ()
        self.refresh()

    def all(self) -> Sequence[RegisteredDataset]:
        """Return them by name."""
        return self._found

    def refresh(self) -> None:
        """Read the list again, now."""
        self._watch()
        store = self._workspace.dataset_store
        found = tuple(
            RegisteredDataset(name, store.path(each), each.description, each.version)
            for name, each in store.on_each(lambda error: None).items()
        )
        if found != self._found:
            self._found = found
            self.changed.emit()

    def close(self) -> None:
        """Stop watching."""
        self.blockSignals(True)
        watched = self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)

    def _watch(self) -> None:
        """Watch the folder of datasets, or while there is none the one in which it will be."""
        watched = self._watcher.directories()
        folder = self._workspace.folder
        wanted = [str(path) for path in (folder / "datasets", folder) if path.is_dir()][:1]
        gone = [path for path in watched if path not in wanted]
        if gone:
            self._watcher.removePaths(gone)
        fresh = [path for path in wanted if path not in watched]
        if fresh:
            self._watcher.addPaths(fresh)

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.refresh()
