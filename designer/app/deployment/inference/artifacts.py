"""The fitted artifacts of an inference pipeline move along when its file is saved elsewhere.

A pipeline without a file keeps its values in the workspace folder; a saved one, in a folder
beside its file. When it is saved under another name, the new file gets its own folder, so that
both can be copied or sent on their own.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QTimer

from designer.app.background.background import Background
from designer.app.deployment.inference import conversion
from designer.app.document.document import Document
from designer.app.document.path_parameters import stored_path
from designer.pipeline.file import SUFFIX
from designer.pipeline.model import Node, Pipeline
from designer.texts import tr
from designer.workspace import Workspace

VALUES = ".values"
"""Suffix of the name of an artifact folder."""


@dataclass(frozen=True)
class Move:
    """A value that is to be stored beside the file.

    Parameters
    ----------
    node : str
        The node whose parameter ``path`` names it.
    stored : str
        The path as it is in the pipeline now.
    entry, target : Path
        The folder of the value, and where it is to be.
    after : str
        The path as it will be in the pipeline.
    """

    node: str
    stored: str
    entry: Path
    target: Path
    after: str


class ArtifactMover:
    """Follows the file of a document.

    Parameters
    ----------
    may_look : callable
        Whether the files that a node names may be looked at.
    failed : callable
        Called with a sentence if values couldn't be moved; they then stay where they are.
    """

    def __init__(
        self,
        document: Document,
        workspace: Workspace,
        may_look: Callable[[str], bool],
        background: Background,
        failed: Callable[[str], object],
    ) -> None:
        self._document = document
        self._workspace = workspace
        self._may_look = may_look
        self._background = background
        self._failed = failed
        self._path: Path | None = document.path
        document.path_changed.connect(self._on_path)

    def on_opened(self) -> None:
        """Leave the values of a file that was opened where they are."""
        self._path = self._document.path

    def _on_path(self) -> None:
        if self._document.path != self._path:
            # Neither saving nor opening has finished yet.
            QTimer.singleShot(0, self._document, self._gather)

    def _gather(self) -> None:
        document, path = self._document, self._document.path
        if path is None or path == self._path:
            return
        self._path = path
        if not conversion.is_inference(document.pipeline):
            return
        found = moves(document.pipeline, path, self._workspace, self._may_look)
        if found:
            self._background.run(
                lambda: copy(found),
                lambda _: self._take(path, found),
                lambda error: self._failed(
                    tr("The fitted models and transformations can't be copied: {error}.").format(
                        error=error
                    )
                ),
            )

    def _take(self, path: Path, found: list[Move]) -> None:
        document = self._document
        if document.path != path:
            return
        was_saved = not document.dirty
        document.apply(tr("Store fitted values beside the file"), lambda p: moved(p, found))
        if was_saved:
            document.save()


def moves(
    pipeline: Pipeline, file: Path, workspace: Workspace, may_look: Callable[[str], bool]
) -> list[Move]:
    """Return the values of a pipeline that aren't in the folder of its file yet."""
    own = file.parent / f"{file.name.removesuffix(SUFFIX)}{VALUES}"
    unsaved = workspace.folder / "inference"
    found = []
    for name, node in pipeline.nodes.items():
        stored = node.parameters.get("path")
        if not isinstance(stored, str) or "://" in stored or not may_look(name):
            continue
        path = Path(stored) if Path(stored).is_absolute() else file.parent / stored
        for folder in path.parents:
            kept = folder == unsaved or (folder.name.endswith(VALUES) and folder != own)
            if kept and path.exists():
                entry = folder / path.relative_to(folder).parts[0]
                target = own / entry.name
                after = stored_path(target / path.relative_to(entry), file.parent)
                found.append(Move(name, stored, entry, target, after))
                break
    return found


def copy(found: list[Move]) -> None:
    """Copy values to where they are to be; what is there already is the same.

    Raises
    ------
    OSError
        If one can't be read or written.
    """
    for move in found:
        if move.target.exists():
            continue
        move.target.parent.mkdir(parents=True, exist_ok=True)
        fresh = move.target.with_name(f".{secrets.token_hex(6)}")
        try:
            if move.entry.is_dir():
                shutil.copytree(move.entry, fresh)
            else:
                shutil.copyfile(move.entry, fresh)
            fresh.replace(move.target)
        finally:
            if fresh.is_dir():
                shutil.rmtree(fresh, ignore_errors=True)
            else:
                fresh.unlink(missing_ok=True)


def moved(pipeline: Pipeline, found: list[Move]) -> Pipeline:
    """Return the pipeline with the paths of values that were copied."""
    nodes: dict[str, Node] = dict(pipeline.nodes)
    for move in found:
        node = nodes.get(move.node)
        if node is not None and node.parameters.get("path") == move.stored:
            nodes[move.node] = replace(node, parameters={**node.parameters, "path": move.after})
    return replace(pipeline, nodes=nodes)
