"""What a pipeline does beyond computing: its author's code, and what it reads or writes outside.

Finding it out touches nothing outside: not even whether a file exists.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from designer.catalog import USER_PACKAGE
from designer.engine.bundles import Origins, bundle_ports, content_digest
from designer.engine.fingerprints import module_digest
from designer.paths import absolute_path, comes_with_example
from designer.pipeline.migration import migrated_node
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.parameters import with_values
from designer.redaction import without_secrets
from designer.trust import Agreement, Trust
from designer.workspace import DATASET_PREFIX, Workspace
from modules.contract import Effects, ModuleSpec, PathOf
from modules.values.storage import runs_code

Kind = Literal["code", "read", "write"]

_KINDS: dict[Effects, Kind] = {
    Effects.USER_CODE: "code",
    Effects.READS: "read",
    Effects.WRITES: "write",
}

ALLOWED = "pipeline access"
"""The purpose under which :class:`~designer.trust.Trust` remembers what was agreed to."""

_LINKS = 40
"""Symbolic links that are followed, one after the other."""

_ENTRIES = 10_000
"""Entries of a folder that are searched for links."""


@dataclass(frozen=True)
class Access:
    """One thing that a node does beyond computing from its inputs and the pipeline's own files.

    Parameters
    ----------
    node : str
        The node's id.
    kind : str
        ``code`` runs code of the pipeline's author, ``read`` and ``write`` reach outside.
    targets : tuple of str
        The files, URLs, and databases that it names, without passwords.
    content : str
        Exactly what has to be agreed to, as text.
    file : Path or None
        The file, where naming it is all that the node does.
    """

    node: str
    kind: Kind
    targets: tuple[str, ...]
    content: str
    file: Path | None = None

    @property
    def digest(self) -> bytes:
        """The digest of the content; equal for nodes that do the same."""
        return hashlib.sha256(self.content.encode("utf-8", "surrogatepass")).digest()

    def shown(self, source: Path | None) -> Agreement:
        """Return what the user is shown of having agreed to it for a pipeline's file."""
        return Agreement(str(source or ""), self.kind, self.targets)


def accesses(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    base: Path,
    workspace: Workspace,
    nodes: Collection[Node] | None = None,
) -> list[Access]:
    """Return what a pipeline does beyond computing, in the order of its nodes.

    A file in the pipeline's own folder or in one of the workspace's data folders, and a
    registered dataset, is nothing outside.

    Parameters
    ----------
    base : Path
        The folder of the pipeline's file.
    nodes : collection of Node, optional
        Only what these do.
    """
    inside = _Inside(base, workspace)
    chosen = pipeline.nodes.values() if nodes is None else nodes
    return [
        access
        for access in named_accesses(pipeline, chosen, specs, base, workspace)
        if access.file is None or not (inside.contains(access.file) or _shows_module(access))
    ]


def allow_reading(
    file: Path,
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    base: Path,
    workspace: Workspace,
) -> None:
    """Remember that the user agrees to a pipeline that reads a file: they have named it.

    Raises
    ------
    OSError
        If the workspace isn't writable.
    """
    for access in accesses(pipeline, specs, base, workspace):
        named = access.file is not None and os.path.abspath(access.file) == os.path.abspath(file)
        if named and access.kind == "read":
            Trust(workspace.folder).give(ALLOWED, access.digest, access.shown(None))


def named_accesses(
    pipeline: Pipeline,
    nodes: Collection[Node],
    specs: Mapping[str, ModuleSpec],
    base: Path,
    workspace: Workspace,
) -> Iterator[Access]:
    """Yield what nodes do beyond computing if every file counts as one outside.

    Code that comes through a link counts by its content, which is looked at if it is in the
    pipeline's own files, or if the user has agreed to reading it.
    """

    def parameters_of(node: Node, spec: ModuleSpec) -> dict[str, Any]:
        migrated = migrated_node(node, spec) if node.version < spec.version else node
        return with_values((migrated or node).parameters, pipeline.parameter_defaults)

    inside, trust = _Inside(base, workspace), Trust(workspace.folder)

    def may_read(file: Path) -> bool:
        if inside.contains(file) or comes_with_example(file):
            return True
        return trust.given(ALLOWED, _reading("", "read", file).digest)

    origins = Origins(pipeline, specs, workspace, base, parameters_of, may_read)
    for node in nodes:
        spec = specs.get(node.module)
        if spec is not None:
            ports = bundle_ports(node, pipeline, specs)
            code = origins.of(node.id, ports) | origins.own(node.id)
            for access in _of_node(node.id, spec, parameters_of(node, spec), base, code):
                # So that the user sees where the code comes from.
                files = origins.files(node.id, ports)
                yield replace(access, targets=(*access.targets, *files)) if files else access
                if access.file is not None and spec.value_path and may_read(access.file):
                    yield from _stored_code(node.id, access.file)


def changed_nodes(
    pipeline: Pipeline, other: Pipeline, specs: Mapping[str, ModuleSpec]
) -> dict[str, Node]:
    """Return the nodes that do, or may do, something else than in another state of a pipeline."""
    if pipeline.parameters is not other.parameters:
        return dict(pipeline.nodes)
    return {
        name: node
        for name, node in pipeline.nodes.items()
        # What comes to a node, now or before, may have changed far above it.
        if other.nodes.get(name) is not node
        or any(bundle_ports(node, each, specs) for each in (pipeline, other))
    }


def _reading(node: str, mode: Kind, file: Path) -> Access:
    return Access(node, mode, (str(file),), f"{mode} {file}", file)


def _stored_code(node: str, folder: Path) -> Iterator[Access]:
    """Yield that a stored value, the model of a user's class for example, runs its own code."""
    if runs_code(folder):
        yield Access(node, "code", (str(folder),), f"stored code {content_digest(folder)}")


def _of_node(
    node: str,
    spec: ModuleSpec,
    parameters: Mapping[str, Any],
    base: Path,
    linked: Mapping[str, str],
) -> Iterator[Access]:
    given = dict(parameters)
    paths: dict[str, Kind] = {}
    addresses = []
    for parameter in spec.parameters:
        value = given.get(parameter.name)
        if not isinstance(value, str) or not value:
            continue
        if not isinstance(parameter.marker, PathOf):
            if parameter.kind == "text" and "://" in value:
                addresses.append(without_secrets(value))
        elif not value.startswith(DATASET_PREFIX):
            given[parameter.name] = path = _absolute(value, base)
            paths[path] = parameter.marker.mode
    if spec.effects == Effects.NONE:
        for path, mode in paths.items():
            yield _reading(node, mode, Path(path))
        return
    # All parameters: one without effect now may have one after a change of another.
    plain = {"effects": spec.effects, "module": spec.id, "parameters": given}
    if linked:
        plain["linked"] = linked
    if spec.function.__module__.partition(".")[0] == USER_PACKAGE:
        plain["code"] = module_digest(spec)
    content = json.dumps(plain, sort_keys=True, ensure_ascii=False, default=str)
    yield Access(node, _KINDS[spec.effects], (*addresses, *paths), content)


def _absolute(value: str, base: Path) -> str:
    # A URL is passed on as it is.
    return value if "://" in value else str(absolute_path(value, base))


def _shows_module(access: Access) -> bool:
    """Return whether something only reads a file that comes with an example of a module."""
    return access.kind == "read" and access.file is not None and comes_with_example(access.file)


class _Inside:
    """Distinguishes a pipeline's own files from those outside."""

    def __init__(self, base: Path, workspace: Workspace) -> None:
        folders = [workspace.folder / "datasets", workspace.folder / "inference"]
        home = Path.home()
        # In the home folder are a user's other files, with keys and mails among them.
        if not home.is_relative_to(base):
            folders.append(base)
        self._folders = [(folder, Path(os.path.realpath(folder))) for folder in folders]

    def contains(self, file: Path) -> bool:
        """Return whether a file, or a folder with all that is in it, is the pipeline's own."""
        if "://" in str(file):
            return False
        for folder, real in self._folders:
            for start in (folder, real):
                if file.is_relative_to(start):
                    path = real / file.relative_to(start)
                    return _stays(path, real) and not _has_links(path)
        return False


def _stays(path: Path, root: Path) -> bool:
    """Return whether a path below a folder is still there after following its symbolic links.

    Only what is in the folder is looked at, never what a link out of it names.
    """
    for _ in range(_LINKS):
        if not path.is_relative_to(root):
            return False
        parts = path.relative_to(root).parts
        for number in range(len(parts)):
            link = root.joinpath(*parts[: number + 1])
            target = _target(link)
            if target is not None:
                path = Path(os.path.abspath(link.parent / target)).joinpath(*parts[number + 1 :])
                break
        else:
            return True
    return False


def _has_links(folder: Path) -> bool:
    """Return whether a folder has symbolic links in it, or too many entries to find out."""
    waiting, entries = [str(folder)], 0
    while waiting:
        try:
            found = list(os.scandir(waiting.pop()))
        except (OSError, ValueError):
            continue
        entries += len(found)
        for entry in found:
            is_folder = entry.is_dir(follow_symlinks=False)
            # A junction of Windows is a link too, but not a symbolic one.
            if entry.is_symlink() or (is_folder and _target(Path(entry.path)) is not None):
                return True
            if is_folder:
                waiting.append(entry.path)
        if entries > _ENTRIES:
            return True
    return False


def _target(path: Path) -> str | None:
    try:
        return os.readlink(path)
    except (OSError, ValueError):
        return None
