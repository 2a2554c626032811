"""From a pipeline to the steps of a run: their order, parameters, inputs and threads.

Planning reads no data. What is wrong with a step becomes its ``problem``, so
that one bad step fails alone and the rest still runs.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from designer.engine.step_parameters import StepProblem, arguments_of, given_parameters
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.workspace import Workspace
from modules.contract import Effects, ModuleSpec


@dataclass(frozen=True)
class Step:
    """One step of a run.

    Parameters
    ----------
    spec : ModuleSpec or None
        None if the module isn't installed; then there is a ``problem``.
    parameters : mapping
        Plain JSON, complete, as the fingerprint takes it: pipeline parameters put in, secrets
        by their names. Of a file that is read only the name: its content counts, wherever it is.
    arguments : mapping
        Plain JSON for the module: paths absolute, secrets by their name.
    files : tuple of Path
        What the step reads because a parameter names it.
    datasets : mapping
        ``name``, ``version``, and ``hash`` of registered datasets among the files, by parameter.
    inputs : mapping of str to Endpoint
        What feeds each linked input port.
    threads : int
        How many threads the step may use.
    reuse : bool or None
        The user's choice about reusing this step's result, if any.
    problem : mapping or None
        Why the step can't run: ``code``, ``message``, ``hint``, ...
    """

    node: str
    spec: ModuleSpec | None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    datasets: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Endpoint] = field(default_factory=dict)
    threads: int = 1
    reuse: bool | None = None
    problem: Mapping[str, Any] | None = None

    @property
    def volatile(self) -> bool:
        """Whether equal inputs may produce different results, or an effect is wanted."""
        spec = self.spec
        return spec is not None and (
            not spec.deterministic or spec.effects in (Effects.READS, Effects.WRITES)
        )

    @property
    def reusable(self) -> bool:
        """Whether a stored result can be reused instead of running the step."""
        return not self.volatile if self.reuse is None else self.reuse


@dataclass(frozen=True)
class Plan:
    """The steps of a run in an order in which each comes after what feeds it.

    Parameters
    ----------
    disabled : frozenset of str
        Steps that the user has disabled.
    readers : mapping of Endpoint to tuple of str
        The steps that read each output.
    parameters : mapping
        The values of the pipeline parameters.
    """

    steps: Mapping[str, Step]
    disabled: frozenset[str]
    readers: Mapping[Endpoint, tuple[str, ...]]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def readers_of(self, node: str) -> list[tuple[Endpoint, tuple[str, ...]]]:
        """Return the linked outputs of a step, each with the steps that read it."""
        return self._readers_by_node.get(node, [])

    @cached_property
    def _readers_by_node(self) -> dict[str, list[tuple[Endpoint, tuple[str, ...]]]]:
        found: dict[str, list[tuple[Endpoint, tuple[str, ...]]]] = {}
        for source, nodes in self.readers.items():
            found.setdefault(source.node, []).append((source, nodes))
        return found


def make_plan(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    *,
    base: Path,
    workspace: Workspace,
    to: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
    cores: int | None = None,
    workers: int | None = None,
    closed: Collection[str] = (),
) -> Plan:
    """Plan a run.

    Parameters
    ----------
    base : Path
        The folder that relative paths start from.
    to : sequence of str
        Run only these nodes and what they need; all nodes if empty.
    parameters : mapping, optional
        Values of pipeline parameters that differ from their defaults.
    cores, workers : int, optional
        Threads to share out, and steps that may run at once. Default: the cores.
    closed : collection of str
        Nodes that the user hasn't agreed to: they can't run, and their files aren't looked at.

    Raises
    ------
    ValueError
        With one sentence, if the links form a cycle or a name is unknown.
    """
    values = _pipeline_parameters(pipeline, parameters or {})
    order = [node for node in pipeline.order() if pipeline.nodes[node].module not in WEB_SERVICE]
    if to:
        unknown = [node for node in to if node not in pipeline.nodes]
        if unknown:
            raise ValueError(f"The pipeline has no node “{unknown[0]}”.")
        wanted = pipeline.ancestors(list(to))
        order = [node for node in order if node in wanted]
    cores = cores or core_count()
    threads = _threads(pipeline, order, cores, workers or cores)
    steps = {}
    readers: dict[Endpoint, list[str]] = {}
    for node in order:
        step = _step(
            pipeline.nodes[node],
            pipeline,
            specs,
            base,
            workspace,
            values,
            threads[node],
            closed=node in closed,
        )
        steps[node] = step
        for source in step.inputs.values():
            readers.setdefault(source, []).append(node)
    return Plan(
        steps,
        frozenset(node for node in order if pipeline.nodes[node].disabled),
        {source: tuple(nodes) for source, nodes in readers.items()},
        values,
    )


def core_count() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _step(
    node: Node,
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    base: Path,
    workspace: Workspace,
    values: Mapping[str, Any],
    threads: int,
    *,
    closed: bool,
) -> Step:
    inputs = {
        port: source
        for port, source in pipeline.inputs_of(node.id).items()
        if source.node in pipeline.nodes and pipeline.nodes[source.node].module not in WEB_SERVICE
    }
    reuse = node.extra.get("reuse")
    common: dict[str, Any] = {
        "node": node.id,
        "inputs": inputs,
        "threads": threads,
        "reuse": reuse if isinstance(reuse, bool) else None,
    }
    spec = specs.get(node.module)
    if spec is None:
        problem = {
            "code": "module-unknown",
            "message": f"The module “{node.module}” isn't installed.",
        }
        return Step(spec=None, problem=problem, **common)
    if closed:
        problem = {"code": "not-allowed", "message": f"{spec.title} isn't allowed yet."}
        return Step(spec=spec, problem=problem, **common)
    try:
        given = given_parameters(node, spec, values)
        parameters = {p.name: p.default for p in spec.parameters if not p.required} | given
        arguments, files, datasets = arguments_of(spec, given, parameters, base, workspace)
    except StepProblem as problem:
        return Step(spec=spec, problem=problem.error, **common)
    return Step(
        spec=spec,
        parameters=parameters | {name: path.name for name, path in files.items()},
        arguments=arguments,
        files=tuple(files.values()),
        datasets=datasets,
        problem=_missing_input(spec, inputs),
        **common,
    )


def _pipeline_parameters(pipeline: Pipeline, given: Mapping[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in pipeline.parameters:
            raise ValueError(f"The pipeline has no parameter “{name}”.")
    defaults = {name: parameter.default for name, parameter in pipeline.parameters.items()}
    return defaults | dict(given)


def _missing_input(spec: ModuleSpec, inputs: Mapping[str, Endpoint]) -> dict[str, str] | None:
    for port in spec.inputs:
        if not port.optional and port.name not in inputs:
            return {
                "code": "input-missing",
                "message": f"The input “{port.title}” isn't connected.",
                "port": port.name,
            }
    return None


def _threads(pipeline: Pipeline, order: Sequence[str], cores: int, workers: int) -> dict[str, int]:
    """Share the cores among the steps that can run at the same time.

    A step's level is the length of the longest way to it; a step without inputs
    is just before the node that first needs it. Steps of one level can run at once
    and share the cores equally, so the number depends on nothing but the
    pipeline and the machine.
    """
    level: dict[str, int] = {}
    for node in order:
        above = [
            level[link.source.node]
            for link in pipeline.links_into.get(node, ())
            if link.source.node in level
        ]
        level[node] = max(above) + 1 if above else 0
    for node in order:
        if not level[node]:
            below = [
                level[link.target.node]
                for link in pipeline.links_from.get(node, ())
                if link.target.node in level
            ]
            level[node] = min(below) - 1 if below else 0
    width: dict[int, int] = {}
    for node in order:
        if not pipeline.nodes[node].disabled:
            width[level[node]] = width.get(level[node], 0) + 1
    return {
        node: max(1, cores // min(max(width.get(level[node], 1), 1), workers)) for node in order
    }
