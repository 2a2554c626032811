"""Migrates documents of older versions to this version.

Files migrate as plain documents, before they are read; the parameters of nodes
migrate by the functions of their modules. Both happen in memory: a file changes
only when the user saves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from designer.pipeline.model import Json, Node, Pipeline

if TYPE_CHECKING:
    from modules.contract.specification import ModuleSpec

VERSION = 1
"""The version of the file format that is written."""

Migrations = Mapping[int, Callable[[dict[str, Json]], dict[str, Json]]]

MIGRATIONS: Migrations = {}
"""By version: what makes a document of that version one of the next."""


def migrate_document(
    document: dict[str, Json],
    version: int,
    *,
    migrations: Migrations = MIGRATIONS,
    target: int = VERSION,
) -> dict[str, Json]:
    """Return a document of an older version as one of the target version."""
    for step in range(version, target):
        document = {**migrations[step](document), "version": step + 1}
    return document


def migrate_parameters(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Pipeline:
    """Migrate the parameters of every node to the version of its module.

    A node of an unknown or newer module stays as it is, and so does one whose
    module's ``migrate`` fails: validation reports it.
    """
    changed: dict[str, Node] = {}
    for name, node in pipeline.nodes.items():
        spec = specs.get(node.module)
        if spec is not None and node.version < spec.version:
            migrated = migrated_node(node, spec)
            if migrated is not None:
                changed[name] = migrated
    return replace(pipeline, nodes={**pipeline.nodes, **changed}) if changed else pipeline


def migrated_node(node: Node, spec: ModuleSpec) -> Node | None:
    """Return a node with parameters of the module's version; None if ``migrate`` fails."""
    parameters: Mapping[str, Json] = node.parameters
    if spec.migrate is not None:
        try:
            parameters = spec.migrate(dict(parameters), node.version)
        except Exception:  # a module's own code, possibly third-party
            return None
        if not isinstance(parameters, dict):
            return None
    return replace(node, version=spec.version, parameters=parameters)
