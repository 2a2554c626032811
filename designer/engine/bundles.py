"""Code that reaches a node through a link: what the files are that come to it.

A script may import the files that are linked to it, so agreeing to the script is agreeing to
their content.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from designer.content_hash import file_digest
from designer.engine.fingerprints import canonical, digest
from designer.pipeline.model import Node, Pipeline
from designer.workspace import Workspace
from modules.contract import Effects, ModuleSpec, Parameter, PathOf
from modules.values import Files

_ENTRIES = 10_000
"""Entries of a folder that are compared; one with more is never the same."""

_SETTLED = 2.0
"""Seconds after which a changed file shows a later change by its time."""

_STAMPS = 1_000
"""Files whose hash is remembered."""


def bundle_ports(node: Node, pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> list[str]:
    """Return the linked inputs of a node through which it gets code."""
    spec = specs.get(node.module)
    if spec is None or spec.effects != Effects.USER_CODE:
        return []
    linked = pipeline.inputs_of(node.id)
    return [
        port.name
        for port in spec.inputs
        if port.name in linked and any(issubclass(kind, Files) for kind in port.types)
    ]


class Origins:
    """What the values of a pipeline are made from, as a hash for each node.

    Parameters
    ----------
    parameters_of : callable
        Returns the parameters of a node, with the values of the pipeline's parameters.
    may_read : callable
        Whether the content of a file may be looked at; the name of any other counts instead.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        specs: Mapping[str, ModuleSpec],
        workspace: Workspace,
        base: Path,
        parameters_of: Callable[[Node, ModuleSpec], Mapping[str, Any]],
        may_read: Callable[[Path], bool],
    ) -> None:
        self._pipeline = pipeline
        self._specs = specs
        self._workspace = workspace
        self._base = base
        self._parameters_of = parameters_of
        self._may_read = may_read
        self._known: dict[str, str] = {}

    def of(self, node: str, ports: list[str]) -> dict[str, str]:
        """Return a hash of all that comes to each of some inputs of a node."""
        sources = self._pipeline.inputs_of(node)
        return {port: f"{sources[port].port} {self._digest(sources[port].node)}" for port in ports}

    def own(self, node: str) -> dict[str, str]:
        """Return the content of the files and folders with code that a node itself names."""
        known = self._pipeline.nodes.get(node)
        spec = self._specs.get(known.module) if known is not None else None
        if known is None or spec is None or spec.effects != Effects.USER_CODE:
            return {}
        parameters = dict(self._parameters_of(known, spec))
        return {
            f"parameter {each.name}": self._file(parameters[each.name])
            for each in _path_parameters(spec)
            if parameters.get(each.name) and spec.applies(each, parameters)
        }

    def files(self, node: str, ports: list[str]) -> list[str]:
        """Return the files that are read by what is linked to some inputs of a node."""
        sources = self._pipeline.inputs_of(node)
        return [
            str(path)
            for source in dict.fromkeys(sources[port].node for port in ports)
            for path in self._paths(source)
        ]

    def _paths(self, name: str) -> list[Path | str]:
        node = self._pipeline.nodes.get(name)
        spec = self._specs.get(node.module) if node is not None else None
        if node is None or spec is None:
            return []
        parameters = self._parameters_of(node, spec)
        values = [parameters.get(each.name) for each in _path_parameters(spec)]
        return [self._resolve(value) for value in values if isinstance(value, str) and value]

    def _resolve(self, value: str) -> Path | str:
        """Return the file of a parameter; the text for a URL, or a dataset that isn't there."""
        if "://" in value:
            return value
        try:
            return self._workspace.resolve(value, self._base)
        except KeyError:
            return value

    def _digest(self, node: str) -> str:
        # Without recursion: a pipeline may be a chain of any length.
        waiting = [node]
        began: set[str] = set()
        while waiting:
            name = waiting[-1]
            sources = self._pipeline.inputs_of(name)
            unknown = [source.node for source in sources.values() if source.node not in self._known]
            if name in self._known:
                waiting.pop()
            elif unknown and name not in began:
                began.add(name)
                waiting += unknown
            else:
                # In a cycle, which never runs, what isn't known yet is left empty.
                inputs = {
                    port: [source.port, self._known.get(source.node, "")]
                    for port, source in sources.items()
                }
                self._known[name] = digest(canonical([self._content(name), inputs]))
                waiting.pop()
        return self._known[node]

    def _content(self, name: str) -> Any:
        node = self._pipeline.nodes.get(name)
        spec = self._specs.get(node.module) if node is not None else None
        if node is None or spec is None:
            return name
        parameters = dict(self._parameters_of(node, spec))
        paths = [each.name for each in _path_parameters(spec) if each.name in parameters]
        files = {name: self._file(parameters.pop(name)) for name in paths}
        return [spec.id, _text(parameters), files]

    def _file(self, value: Any) -> str:
        path = self._resolve(value) if isinstance(value, str) else _text(value)
        if isinstance(path, str):
            return path
        if not self._may_read(path):
            return f"unread {path}"
        try:
            return f"{path.name} {content_digest(path)}"
        except OSError as error:
            return f"unreadable {path} {error.errno}"


def _path_parameters(spec: ModuleSpec) -> list[Parameter]:
    return [each for each in spec.parameters if isinstance(each.marker, PathOf)]


def _text(value: Any) -> str:
    """Return plain data as text; what JSON doesn't know by its text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def content_digest(path: Path) -> str:
    """Return the hash of a file, or of all files of a folder with their names.

    Links to folders are followed, as they are when the files are used.
    """
    if not path.is_dir():
        return _file_digest(path)
    entries = (
        Path(folder, name)
        for folder, folders, files in os.walk(path, followlinks=True)
        for name in (*folders, *files)
    )
    found = {}
    for number, each in enumerate(entries):
        if number >= _ENTRIES:
            return digest(os.urandom(20))
        if each.is_file():
            found[each.relative_to(path).as_posix()] = _file_digest(each)
    return digest(canonical(found))


_hashes: dict[tuple[Any, ...], str] = {}


def _file_digest(path: Path) -> str:
    state = path.stat()
    stamp = (str(path), state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
    known = _hashes.get(stamp)
    if known is None:
        known = file_digest(path)
        if time.time() - max(state.st_mtime, state.st_ctime) > _SETTLED:
            if len(_hashes) >= _STAMPS:
                _hashes.clear()
            _hashes[stamp] = known
    return known
