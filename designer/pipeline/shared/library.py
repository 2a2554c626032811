"""Where shared modules are: files in three folders, and the versions of them that are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from os.path import isdir, isfile
from pathlib import Path

from designer.paths import default_workspace
from designer.pipeline import _file_text as pipeline_file
from designer.pipeline._file_error import PipelineFileError
from designer.pipeline.model import NODE_ID, Interface, Pipeline
from designer.pipeline.shared.folding import folded, unfolded
from designer.pipeline.shared.groups import shared_groups
from designer.pipeline.shared.names import help_of, module_title

SUFFIX = ".module.json"
VERSIONS = ".versions"
"""The folder ``NAME.versions`` beside a module has its kept versions, ``VERSION.module.json``."""

PIPELINE, FOLDER, PERSON = "pipeline", "folder", "person"
SCOPES = {PIPELINE: "This pipeline", FOLDER: "This folder", PERSON: "All my pipelines"}
"""The scopes and what they are called, the nearest first."""

_OWN = ".modules"
"""The folder ``NAME.modules`` beside ``NAME.pipeline.json`` has the modules of that pipeline."""


@dataclass(frozen=True)
class SharedModule:
    """A shared module that was found.

    Parameters
    ----------
    name : str
        The name that pipelines use.
    scope : str
        One of ``SCOPES``.
    path : Path
        Its file.
    definition : Pipeline
        What it contains, with the modules in it.
    """

    name: str
    scope: str
    path: Path
    definition: Pipeline

    @property
    def title(self) -> str:
        """The title; the name if it has none."""
        return module_title(self.name, self.definition)

    @property
    def help(self) -> str:
        """Its description, and its notes from top to bottom."""
        return help_of(self.definition)


class Library:
    """The shared modules that a pipeline can use.

    Parameters
    ----------
    folders : tuple of (str, Path)
        Scopes and their folders, the nearest first: of two modules with one name the nearer
        is used.
    """

    def __init__(self, *folders: tuple[str, Path]) -> None:
        self.folders = folders
        self._open: list[str] = []

    @classmethod
    def beside(cls, path: Path | None, personal: Path | None = None) -> Library:
        """Return the modules for a pipeline's file; for one without a file, the user's.

        Parameters
        ----------
        personal : Path, optional
            The folder of the user's own modules; by default that of the workspace.
        """
        mine = (PERSON, personal or default_workspace() / "modules")
        if path is None:
            return cls(mine)
        path = path.absolute()
        folder = path.parent
        own = folder / f"{path.name.removesuffix(pipeline_file.SUFFIX)}{_OWN}"
        if path.name.endswith(SUFFIX):
            # A module of one pipeline uses that pipeline's modules.
            own = folder
            folder = folder.parent if folder.name.endswith(_OWN) else folder
        return cls((PIPELINE, own), (FOLDER, folder), mine)

    def folder(self, scope: str) -> Path | None:
        """Return the folder of a scope; None if there is none yet."""
        return dict(self.folders).get(scope)

    def path_of(self, name: str) -> Path | None:
        """Return the file of the newest version of a module; None if there is none."""
        files = (folder / f"{name}{SUFFIX}" for _, folder in self.folders)
        # Unlike Path.is_file, it doesn't raise where a folder can't be read.
        return next((file for file in files if isfile(file)), None)

    def find(self, name: str, version: str = "") -> Pipeline:
        """Return a module, with the modules in it.

        Raises
        ------
        PipelineFileError
            If it can't be found or read, or contains itself.
        """
        path = self.path_of(name)
        if version and (kept := self._kept(name, version)):
            return _alone(pipeline_file.read_document(kept))
        if path is None:
            scopes = " or ".join(f"“{folder}”" for _, folder in self.folders)
            raise PipelineFileError(
                f"The shared module “{name}” can't be found.",
                f"Put {name}{SUFFIX} into {scopes}.",
            )
        if name in self._open:
            chain = " → ".join([*self._open[self._open.index(name) :], name])
            raise PipelineFileError(
                f"The shared module “{name}” contains itself: {chain}.",
                "Ungroup one of these modules.",
            )
        self._open.append(name)
        try:
            definition = self.resolved(pipeline_file.read_document(path))
        finally:
            self._open.pop()
        _check(definition, name)
        if version and version_of(definition) != version:
            raise PipelineFileError(
                f"Version {version} of the shared module “{name}” can't be found.",
                f"Put {version}{SUFFIX} into {name}{VERSIONS}, or take the newest version.",
            )
        return definition

    def resolved(self, pipeline: Pipeline) -> Pipeline:
        """Return a pipeline with the nodes of its shared modules, as they are now."""
        return unfolded(pipeline, self.find)

    def keep(self, name: str) -> str:
        """Keep the newest version of a module, whatever becomes of its file; return it.

        Raises
        ------
        PipelineFileError
            If the module can't be read, or the version can't be written.
        """
        definition = self.find(name)
        path = self.path_of(name)
        assert path is not None
        version = version_of(definition)
        folder = path.parent / f"{name}{VERSIONS}"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise PipelineFileError(f"“{folder}” can't be made: {error.strerror}.") from error
        pipeline_file.write_document(_alone(definition), folder / f"{version}{SUFFIX}")
        return version

    def modules(self) -> Iterator[SharedModule]:
        """Yield every module that can be read, the nearer scopes first, by name in each."""
        seen = set()
        for scope, folder in self.folders:
            for path in sorted(folder.glob(f"*{SUFFIX}")) if isdir(folder) else ():
                name = path.name.removesuffix(SUFFIX)
                if name in seen or not NODE_ID.fullmatch(name):
                    continue
                seen.add(name)
                try:
                    definition = self.find(name)
                except PipelineFileError:
                    continue
                yield SharedModule(name, scope, path, definition)

    def state(self) -> dict[Path, tuple[int, int]]:
        """Return what differs once a module has changed: time and size of each file."""
        found = {}
        for _, folder in self.folders:
            for path in folder.glob(f"*{SUFFIX}") if isdir(folder) else ():
                if (status := signature(path)) is not None:
                    found[path] = status
        return found

    def _kept(self, name: str, version: str) -> Path | None:
        if not version.isalnum():
            return None
        files = (folder / f"{name}{VERSIONS}" / f"{version}{SUFFIX}" for _, folder in self.folders)
        return next((file for file in files if isfile(file)), None)


def read(path: Path, personal: Path | None = None) -> Pipeline:
    """Read a pipeline, with the nodes of its shared modules.

    Raises
    ------
    PipelineFileError
        If the file can't be read or isn't a pipeline.
    """
    return Library.beside(path, personal).resolved(pipeline_file.read_document(path))


def write(pipeline: Pipeline, path: Path) -> None:
    """Write a pipeline; its shared modules stay in their own files.

    Modules that can't be found from there are written beside it, for this pipeline.

    Raises
    ------
    PipelineFileError
        If a file can't be written.
    """
    library = Library.beside(path)
    for use in shared_groups(pipeline).values():
        if use.definition is not None and library.path_of(use.name) is None:
            folder = library.folder(PIPELINE)
            assert folder is not None
            save_module(use.definition, folder / f"{use.name}{SUFFIX}")
    pipeline_file.write_document(folded(pipeline), path)


def save_module(definition: Pipeline, path: Path) -> None:
    """Write a module to a file, in a folder that is made if it doesn't exist."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PipelineFileError(f"“{path.parent}” can't be made: {error.strerror}.") from error
    pipeline_file.write_document(folded(definition), path)


def signature(path: Path) -> tuple[int, int] | None:
    """Return what differs once a file has changed: time and size; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def without_suffix(name: str) -> str:
    """Return the name of a file of a pipeline or module without the ending of such files."""
    return name.removesuffix(pipeline_file.SUFFIX).removesuffix(SUFFIX)


def with_suffix(path: Path) -> Path:
    """Return a path with the extension of pipeline files, or of shared modules."""
    if path.name.endswith((pipeline_file.SUFFIX, SUFFIX)):
        return path
    return path.with_name(path.name.removesuffix(".json") + pipeline_file.SUFFIX)


def version_of(definition: Pipeline) -> str:
    """Return the version of a module: a hash of all that it contains."""
    text = pipeline_file.dumps(_alone(definition))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _alone(definition: Pipeline) -> Pipeline:
    """Return a module that needs no other file: those in it are ordinary groups."""
    groups = {
        name: replace(group, shared=None, collapsed=True) if group.shared else group
        for name, group in definition.groups.items()
    }
    return replace(definition, groups=groups)


def _check(definition: Pipeline, name: str) -> None:
    if definition.interface is None:
        raise PipelineFileError(
            f"“{name}{SUFFIX}” is a pipeline without ports, not a shared module.",
            "Open it and choose its ports.",
        )
    interface: Interface = definition.interface
    ends = [*(port.ends for port in (*interface.inputs, *interface.outputs))]
    every = {end.node for each in ends for end in each} | {
        each.end.node for each in interface.parameters
    }
    gone = sorted(every - definition.nodes.keys())
    if gone:
        raise PipelineFileError(
            f"The shared module “{name}” has a port or parameter of “{gone[0]}”, "
            "which isn't in it.",
            f"Open {name}{SUFFIX} and choose its ports again.",
        )
