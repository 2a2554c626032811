"""Everything that is wrong with a pipeline, found in one pass without running it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from designer.extras import install_command, missing_distributions
from designer.pipeline._link_checks import (
    cycle_problems,
    input_problems,
    left_out,
    link_problems,
    search_problems,
)
from designer.pipeline._node_checks import (
    ParameterChecks,
    pipeline_parameter_problems,
    role_problems,
)
from designer.pipeline._path_checks import Files
from designer.pipeline.migration import migrated_node
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.pipeline.parameters import with_values
from designer.pipeline.problem import NameHints, Problem, Severity
from designer.pipeline.shared.problems import shared_problems
from modules.contract.columns import Column
from modules.contract.specification import ModuleSpec
from modules.programs import titles

__all__ = ["Problem", "Severity", "validate"]


def validate(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    *,
    base: Path | None = None,
    columns: Mapping[Endpoint, Sequence[Column]] | None = None,
    datasets: Collection[str] | None = None,
    closed: Collection[str] = (),
) -> list[Problem]:
    """Return every problem of a pipeline. Takes time linear in nodes and links.

    Parameters
    ----------
    pipeline : Pipeline
        As read: older module versions are migrated here for the look.
    specs : mapping
        The modules that are known, by id; a catalog for example.
    base : Path, optional
        The folder of the pipeline's file, where relative paths start. Without it
        they aren't checked.
    columns : mapping, optional
        What is known of the columns at output ports, from a run or a sample.
    datasets : collection of str, optional
        References to registered datasets, as in a path parameter. Without it they aren't checked.
    closed : collection of str
        Nodes whose files the user hasn't agreed to: whether they exist isn't looked at.

    Returns
    -------
    list of Problem
        First those of nodes in their order, then those of links and the whole.
    """
    hints = NameHints()
    used = {node.module: specs.get(node.module) for node in pipeline.nodes.values()}
    # Where one isn't there, all are needed for a hint; and a plain dictionary looks that up
    # several times as fast.
    specs = dict(specs) if None in used.values() else {k: v for k, v in used.items() if v}
    if not pipeline.nodes and not pipeline.groups:
        return [
            Problem(
                "hint",
                "The pipeline is empty.",
                "Drag a module onto the canvas.",
                code="pipeline-empty",
            ),
            *pipeline_parameter_problems(pipeline),
            *link_problems(pipeline, specs, hints),
        ]
    checks = ParameterChecks(pipeline, Files(base, datasets), hints)
    unseen = ParameterChecks(pipeline, Files(base, datasets, closed=True), hints)
    installed = _Installed()
    problems: list[Problem] = []
    for node in pipeline.nodes.values():
        known = unseen if node.id in closed else checks
        problems += _node_problems(pipeline, node, specs, known, columns or {}, installed)
    problems += role_problems(pipeline, specs)
    problems += pipeline_parameter_problems(pipeline)
    problems += link_problems(pipeline, specs, hints)
    problems += shared_problems(pipeline)
    problems += search_problems(pipeline, specs)
    problems += cycle_problems(pipeline)
    problems += left_out(pipeline, specs)
    problems += _repeated_names(pipeline, specs)
    return problems


def _node_problems(
    pipeline: Pipeline,
    node: Node,
    specs: Mapping[str, ModuleSpec],
    checks: ParameterChecks,
    columns: Mapping[Endpoint, Sequence[Column]],
    installed: _Installed,
) -> Iterator[Problem]:
    spec = specs.get(node.module)
    if spec is None:
        yield Problem(
            "warning" if node.disabled else "error",
            f"The module “{node.module}” isn't installed; its node is kept as it is.",
            checks.hints.near_module(node.module, specs) if specs else "",
            node.id,
            code="module-unknown",
        )
        return
    if node.disabled:
        return
    if node.version > spec.version:
        yield Problem(
            "error",
            f"The pipeline uses version {node.version} of {spec.title}, but version "
            f"{spec.version} is installed.",
            "Update ModelDesk to run it.",
            node.id,
            code="module-too-old",
        )
        return
    defaults = {name: parameter.default for name, parameter in pipeline.parameters.items()}
    missing = installed.missing(spec.requirements(with_values(node.parameters, defaults)))
    if missing:
        yield Problem(
            "error",
            f"{spec.title} needs {', '.join(titles(missing))}, which isn't installed.",
            install_command(missing),
            node.id,
            code="not-installed",
        )
    if node.version < spec.version:
        migrated = migrated_node(node, spec)
        if migrated is None:
            yield Problem(
                "error",
                f"{spec.title}: the parameters of version {node.version} can't be migrated to "
                f"version {spec.version}.",
                "Replace the node with a new one.",
                node.id,
                code="migration-failed",
            )
            return
        node = migrated
    yield from checks.problems(node, spec)
    yield from input_problems(pipeline, node, spec)
    if columns:
        known = {
            port: columns[source]
            for port, source in pipeline.inputs_of(node.id).items()
            if source in columns
        }
        if known:
            yield from checks.column_problems(node, spec, known)


class _Installed:
    """Caches which distributions aren't installed."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def missing(self, names: tuple[str, ...]) -> tuple[str, ...]:
        if names not in self._known:
            self._known[names] = missing_distributions(names)
        return self._known[names]


def _repeated_names(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Iterator[Problem]:
    """Yield Web Service Inputs, and Outputs, that have the same name."""
    first: dict[tuple[str, str], str] = {}
    for node in pipeline.nodes.values():
        if node.module not in WEB_SERVICE or node.disabled:
            continue
        spec = specs.get(node.module)
        parameter = spec.parameter_by_name.get("name") if spec else None
        name = node.parameters.get("name", parameter.default if parameter else None)
        if not isinstance(name, str):
            continue
        owner = first.setdefault((node.module, name), node.id)
        if owner != node.id:
            yield Problem(
                "error",
                f"“{owner}” and “{node.id}” have the same name, “{name}”.",
                "Give each a unique name: requests and responses use them.",
                node.id,
                parameter="name",
                code="name-used-twice",
            )
