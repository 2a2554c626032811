"""Follows the user's own modules, plug-ins, and installed libraries while the window is open."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from designer.app.background.background import Background
from designer.app.dialogs.message_bar import MessageBar
from designer.app.library.translation import translated
from designer.app.runs.run_controller import RunController
from designer.catalog import Catalog, load_catalog
from designer.extras import missing_distributions
from designer.texts import tr
from designer.workspace import Workspace
from modules.contract.installed import ENTRY_POINTS, forget_plug_ins

QUIET = 300
"""Milliseconds without changes before files are read: editors write in several steps."""

_MOST_FILES = 500
"""Files of one folder that are watched."""

Stamps = tuple[tuple[str, int, int], ...]
"""Files with their times and sizes."""


@dataclass(frozen=True)
class _State:
    """What the catalog depends on."""

    folders: tuple[Path, ...]
    own: Stamps
    plug_ins: Mapping[str, Stamps]
    entry_points: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


class ModuleWatch(QObject):
    """Keeps the catalog equal to the modules on disk.

    During a run it waits: the run's steps are those of the catalog that it was started with.

    Signals
    -------
    changed
        The catalog has changed.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        catalog: Catalog,
        controller: RunController,
        bar: MessageBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._catalog = catalog
        self._controller = controller
        self._bar = bar
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET)
        self._timer.timeout.connect(self._look)
        self._watcher.directoryChanged.connect(lambda _: self._timer.start())
        self._watcher.fileChanged.connect(lambda _: self._timer.start())
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            # Folders on some servers report no changes.
            application.applicationStateChanged.connect(self._on_state)
        controller.finished.connect(lambda *_: self._timer.start())
        self._state: _State | None = None
        self._background = Background(self)
        self._looks = 0

    def start(self) -> None:
        """Watch from now on; looking at all files takes a moment."""
        self._state = self._find(self._requirements())
        self._watch(self._state)

    def refresh(self) -> None:
        """Load what has changed, now."""
        if self._state is not None and not self._controller.running:
            self._looks += 1
            self._adopt(self._find(self._requirements()))

    def show_problems(self) -> None:
        """Name what can't be loaded, until it can."""
        problems = self._catalog.problems
        self._bar.clear("modules")
        if problems:
            first, *others = problems
            more = (
                tr(" {number} more can't be loaded either.").format(number=len(others))
                if others
                else ""
            )
            self._bar.show_lasting(
                tr("A custom module can't be loaded: {first}{more}").format(first=first, more=more),
                severity="warning",
                kind="modules",
            )

    def close(self) -> None:
        """Stop watching."""
        self.blockSignals(True)
        self._timer.stop()
        self._background.close()
        self._state = None
        watched = [*self._watcher.directories(), *self._watcher.files()]
        if watched:
            self._watcher.removePaths(watched)

    def _look(self) -> None:
        """Load what has changed, once a thread has found it."""
        if self._state is None or self._controller.running:
            return
        self._looks += 1
        look, requirements = self._looks, self._requirements()

        def adopt(state: _State) -> None:
            # A later look has seen more.
            if look == self._looks:
                self._adopt(state)

        self._background.run(lambda: self._find(requirements), adopt)

    def _adopt(self, state: _State) -> None:
        """Load what has changed since the last state; during a run, that is done after it."""
        if self._state is None or self._controller.running:
            return
        if state == self._state:
            self._watch(state)
            return
        old, self._state = self._state, state
        again = [
            name
            for name, stamps in state.plug_ins.items()
            if stamps != old.plug_ins.get(name, stamps)
        ]
        forget_plug_ins()
        self._catalog.adopt(translated(load_catalog(*self._workspace.own_modules, again=again)))
        # What the new modules need decides whether the next state differs.
        self._state = replace(state, missing=missing_distributions(self._requirements()))
        self._watch(state)
        self._controller.renew()
        self.show_problems()
        self.changed.emit()

    def _find(self, requirements: Sequence[str]) -> _State:
        importlib.invalidate_caches()
        entries = metadata.entry_points(group=ENTRY_POINTS)
        return _State(
            folders=self._workspace.own_modules,
            own=tuple(stamp for folder in self._workspace.own_modules for stamp in _stamps(folder)),
            plug_ins={
                name: _stamps(location)
                for name in {each.module.partition(".")[0] for each in entries}
                if (location := _location(name)) is not None
            },
            entry_points=tuple(sorted((each.name, each.value) for each in entries)),
            missing=missing_distributions(requirements),
        )

    def _requirements(self) -> list[str]:
        return sorted({each for spec in self._catalog.values() for each in spec.all_requirements})

    def _watch(self, state: _State) -> None:
        """Watch folders for new files, and files, which directories don't report."""
        wanted = set(map(str, _installation()))
        wanted |= {*map(str, state.folders), *(path for path, *_ in state.own)}
        if self._workspace.modules_folder not in state.folders and self._workspace.folder.is_dir():
            # The folder in which it will be.
            wanted.add(str(self._workspace.folder))
        for name, stamps in state.plug_ins.items():
            location = _location(name)
            wanted |= {path for path, *_ in stamps} | ({str(location)} if location else set())
        watched = {*self._watcher.directories(), *self._watcher.files()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._timer.start()


def _stamps(folder: Path) -> Stamps:
    return tuple(sorted(islice(_files(folder), _MOST_FILES)))


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    for path in folder.rglob("*.py") if folder.is_dir() else [folder]:
        try:
            state = path.stat()
        except OSError:
            continue
        yield str(path), state.st_mtime_ns, state.st_size


def _location(package: str) -> Path | None:
    """Return the folder or file of a package, without importing it."""
    try:
        found = find_spec(package)
    except (ImportError, ValueError):
        return None
    if found is None:
        return None
    if found.submodule_search_locations:
        return Path(next(iter(found.submodule_search_locations)))
    return Path(found.origin) if found.origin else None


def _installation() -> set[Path]:
    """Return the folders into which pip installs."""
    return {
        path
        for each in sys.path
        if (path := Path(each)).name in ("site-packages", "dist-packages") and path.is_dir()
    }
