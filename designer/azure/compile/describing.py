"""From a pipeline to the description of its steps, or to the problems that prevent it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from designer.automl.dataset_pipeline import SEARCHES
from designer.azure.compile.automl_job import automl_settings
from designer.azure.compile.azure_settings import AUTOML_SETTING, azure_setting
from designer.azure.compile.card_search import cards_of
from designer.azure.compile.kept_code import KeptCode, kept_code
from designer.azure.compile.parameter_reading import ParameterReader
from designer.azure.compile.problems import CompileError
from designer.azure.compile.step_parts import StepParts
from designer.azure.compile.step_ports import Input, Output
from designer.azure.compile.steps import (
    LONGEST_ID,
    Call,
    Description,
    Step,
    is_compute_name,
    job_ids,
)
from designer.catalog import own_packages
from designer.packaging.plug_ins import requirements
from designer.packaging.snapshot import OwnCode
from designer.paths import absolute_path
from designer.pipeline._node_checks import fits
from designer.pipeline.migration import migrate_parameters
from designer.pipeline.model import Json, Node, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.pipeline.problem import Problem, near
from designer.pipeline.validation import validate
from designer.workspace import DATASET_PREFIX, Workspace
from modules.contract import Effects, ModuleError, ModuleSpec


def describe(
    pipeline: Pipeline,
    catalog: Mapping[str, ModuleSpec],
    *,
    base: Path,
    name: str = "pipeline",
    parameters: Mapping[str, Json] | None = None,
    resolve: Callable[[str, Path], Path] | None = None,
    datasets: Sequence[str] | None = None,
    registered: Mapping[str, str] | None = None,
) -> Description:
    """Describe a pipeline as steps of Azure ML. Reads the files that parameters name.

    Disabled nodes, what needs them, and the ports of a web service are left out.

    Parameters
    ----------
    base : Path
        The folder of the pipeline's file, where relative paths start.
    name : str
        Name of the pipeline, adapted to Azure ML.
    parameters : mapping, optional
        Values of pipeline parameters that differ from their defaults.
    resolve : callable, optional
        Finds the file that a path parameter means, as ``Workspace.resolve`` does, which
        is the default for the user's own workspace.
    datasets : sequence of str, optional
        Names of the registered datasets; default: those of that workspace.
    registered : mapping of str to str, optional
        By the name of a dataset here: its registered name in the workspace of Azure
        ML, ``azureml:NAME:VERSION``. It is read there and not uploaded.

    Raises
    ------
    CompileError
        With all problems.
    """
    describer = Describer(
        pipeline, catalog, base, parameters or {}, resolve, datasets, registered or {}
    )
    description = describer.description(name)
    if describer.problems:
        raise CompileError(describer.problems)
    return description


class Describer:
    """Collects steps and problems; see :func:`designer.azure.compile.describing.describe`."""

    def __init__(
        self,
        pipeline: Pipeline,
        catalog: Mapping[str, ModuleSpec],
        base: Path,
        parameters: Mapping[str, Json],
        resolve: Callable[[str, Path], Path] | None,
        datasets: Sequence[str] | None,
        registered: Mapping[str, str],
    ) -> None:
        self.problems: list[Problem] = []
        self._kept: dict[str, OwnCode] = {}
        self._given = pipeline
        self._pipeline = migrate_parameters(pipeline, catalog)
        self._catalog = catalog
        if resolve is None and _uses_datasets(pipeline):
            workspace = Workspace()
            resolve = workspace.resolve
            datasets = workspace.dataset_store.references() if datasets is None else datasets
        resolve = resolve or absolute_path
        self._values = self._parameter_values(parameters)
        self._reader = ParameterReader(self._values, base, resolve, registered, self._report)
        # Problems of the values that were given are about those, not about the defaults.
        checked = replace(
            pipeline,
            parameters={
                name: replace(parameter, default=self._values[name])
                for name, parameter in pipeline.parameters.items()
            },
        )
        self.problems += [
            problem
            for problem in validate(checked, catalog, base=base, datasets=datasets)
            if problem.severity == "error" and not self._is_registered(problem)
        ]

    def description(self, name: str) -> Description:
        """Return the description; it means something only if there are no problems."""
        if self.problems:
            return Description(name, ())
        pipeline = self._pipeline
        nodes = self._nodes_to_run()
        if not nodes:
            message = "There is nothing to run: the pipeline has no enabled module."
            self.problems.append(
                Problem("error", message, "Add or enable a module.", code="nothing-to-run")
            )
        ids = job_ids(nodes)
        limit = self._memory_limit(pipeline.extra, None)
        steps = [self._step(pipeline.nodes[node], ids, limit) for node in nodes]
        used = {value for step in steps for value in step.values}
        return Description(
            name=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_ID] or "pipeline",
            steps=tuple(steps),
            parameters=tuple(
                replace(parameter, default=self._values[parameter.name])
                for parameter in pipeline.parameters.values()
                if parameter.name in used
            ),
            text=pipeline.description,
            own_code=self._own_code(nodes),
            compute=self._compute(pipeline.extra, None),
            cards=cards_of(self._given, self._catalog, steps),
        )

    def _parameter_values(self, given: Mapping[str, Json]) -> dict[str, Json]:
        known = self._pipeline.parameters
        values = {name: parameter.default for name, parameter in known.items()}
        for name, value in given.items():
            if name not in known:
                self._report(
                    f"The pipeline has no parameter “{name}”.",
                    near(name, known, "pipeline parameters"),
                    parameter=name,
                    code="pipeline-parameter-unknown",
                )
            elif not fits(known[name], value):
                self._report(
                    f"The pipeline parameter “{name}” is of type {known[name].type}; "
                    f"{value!r} isn't.",
                    parameter=name,
                    code="parameter-wrong",
                )
            else:
                values[name] = value
        return values

    def _is_registered(self, problem: Problem) -> bool:
        """Return whether a problem is about a file that a job doesn't read from here."""
        node = self._pipeline.nodes.get(problem.node or "")
        name = problem.parameter or ""
        if node is None or not name:
            return False
        if name in azure_setting(node.extra, "data", {}):
            return True
        value = self._reader.values_of(node).get(name)
        return isinstance(value, str) and self._reader.there(node, name, value) is not None

    def _nodes_to_run(self) -> list[str]:
        """Return the nodes that a run here would run, in an order that works."""
        left_out: set[str] = set()
        nodes = []
        for name in self._pipeline.order():
            node = self._pipeline.nodes[name]
            if node.module in WEB_SERVICE:
                continue
            if node.disabled or self._is_cut_off(node, left_out):
                left_out.add(name)
            else:
                nodes.append(name)
        return nodes

    def _is_cut_off(self, node: Node, left_out: set[str]) -> bool:
        ports = self._catalog[node.module].input_by_name
        return any(
            source.node in left_out
            and not (ports[port].optional and self._pipeline.nodes[source.node].disabled)
            for port, source in self._pipeline.inputs_of(node.id).items()
        )

    def _step(self, node: Node, ids: Mapping[str, str], memory_limit: float | None) -> Step:
        spec = self._catalog[node.module]
        inputs = {
            port: Input(port, ids[source.node], source.port, spec.input_by_name[port].type_name)
            for port, source in self._pipeline.inputs_of(node.id).items()
            if source.node in ids
        }
        # In the order of the module, whatever the order of the links in the file.
        inputs = {port.name: inputs[port.name] for port in spec.inputs if port.name in inputs}
        outputs = {port.name: Output(port.name, port.type_name) for port in spec.outputs}
        automl = self._automl(node, spec)
        if automl is not None:
            outputs = {}
        parts = StepParts(dict(inputs), dict(outputs))
        for parameter in spec.parameters:
            if automl is None and parameter.name in node.parameters:
                self._reader.read(node, spec, parameter, parts)
        kept = self._kept_code(node, parts)
        call = Call(
            node=node.id,
            parameters=parts.add_parameters_file(ids[node.id]),
            settings=parts.parameters,
            module=self._module_name(node, spec),
            inputs={port: inputs[port].name for port in inputs},
            outputs={port: outputs[port].name for port in outputs},
            files=parts.files,
            written=parts.written,
            values=parts.values,
            secrets=tuple(parts.secrets),
            memory_limit=self._memory_limit(node.extra, node.id) or memory_limit,
        )
        reuse = node.extra.get("reuse")
        volatile = not spec.deterministic or spec.effects in (Effects.READS, Effects.WRITES)
        return Step(
            id=ids[node.id],
            spec=spec,
            comment=node.comment,
            calls=(call,),
            inputs=tuple(parts.inputs.values()),
            outputs=tuple(parts.outputs.values()),
            requires=(*requirements(spec, node.parameters), *kept.requires),
            deterministic=reuse if isinstance(reuse, bool) else not volatile,
            compute=self._compute(node.extra, node.id),
            automl=automl,
        )

    def _automl(self, node: Node, spec: ModuleSpec) -> dict[str, Any] | None:
        """Return the settings of Azure's automated ML job, if the card is to be one."""
        if spec.id not in SEARCHES or not azure_setting(node.extra, AUTOML_SETTING, False):
            return None
        for link in self._pipeline.links_from.get(node.id, ()):
            self._report(
                f"“{link.target.node}” reads “{link.source.port}”, but Azure's automated ML job "
                "outputs only its model, in MLflow's format.",
                f"Remove the link, or clear the setting “{AUTOML_SETTING}” of “{node.id}”.",
                link.target.node,
            )
        values = self._reader.values_of(node)
        return automl_settings(
            node, spec, values, lambda text, hint, name: self._report(text, hint, node.id, name)
        )

    def _module_name(self, node: Node, spec: ModuleSpec) -> str:
        """Return what the step program finds the module by."""
        function = spec.function
        dotted = function.__module__
        here = vars(sys.modules[dotted]).values() if dotted in sys.modules else ()
        first = next(
            (
                each
                for each in here
                if hasattr(each, "__module_options__")
                and getattr(each, "__module__", None) == dotted
            ),
            function,
        )
        if first is not function:
            self._report(
                f"{spec.title} shares its file with other modules; "
                "the step program can only call the first one of a file.",
                "Save it to its own file.",
                node.id,
            )
        built_in = dotted.startswith("modules.") and dotted.rpartition(".")[2] == spec.id
        return spec.id if built_in else dotted

    def _kept_code(self, node: Node, parts: StepParts) -> KeptCode:
        """Return what is needed to read the values passed to a step as files."""
        try:
            kept = kept_code(item.upload for item in parts.inputs.values())
        except ModuleError as error:
            self._report(error.message, error.hint, node.id, code=error.code)
            return KeptCode()
        self._kept |= {code.name: code for code in kept.own}
        return kept

    def _own_code(self, nodes: Iterable[str]) -> tuple[OwnCode, ...]:
        found = dict(self._kept)
        for name in nodes:
            spec = self._catalog[self._pipeline.nodes[name].module]
            for package, folder in own_packages([spec, *spec.called]).items():
                found[package] = OwnCode(package, Path(folder))
        return tuple(found[package] for package in sorted(found))

    def _compute(self, extra: Mapping[str, Json], node: str | None) -> str | None:
        name = azure_setting(extra, "compute", None)
        if name is None or name == "":
            return None
        if not isinstance(name, str) or not is_compute_name(name):
            self._report(
                f"{name!r} can't be the name of a compute target.",
                "Names have letters, digits, and “-”.",
                node,
            )
            return None
        return name

    def _memory_limit(self, extra: Mapping[str, Json], node: str | None) -> float | None:
        limit = azure_setting(extra, "memory_limit", None)
        if limit is None:
            return None
        number = isinstance(limit, (int, float)) and not isinstance(limit, bool)
        if not number or not LEAST_MEMORY <= limit <= MOST_MEMORY:
            self._report(
                f"{limit!r} can't be a memory limit.",
                f"Enter the GB of a step, a number from {LEAST_MEMORY} to {MOST_MEMORY:,}.",
                node,
            )
            return None
        return float(limit)

    def _report(
        self,
        message: str,
        hint: str = "",
        node: str | None = None,
        parameter: str | None = None,
        *,
        code: str = "not-on-azure",
    ) -> None:
        self.problems.append(Problem("error", message, hint, node, parameter=parameter, code=code))


LEAST_MEMORY, MOST_MEMORY = 0.1, 100_000
"""GB of a step."""


def _uses_datasets(pipeline: Pipeline) -> bool:
    values = [parameter.default for parameter in pipeline.parameters.values()]
    for node in pipeline.nodes.values():
        values += node.parameters.values()
    return any(isinstance(value, str) and value.startswith(DATASET_PREFIX) for value in values)
