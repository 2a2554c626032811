"""From a trained pipeline to its inference pipeline, and up to date after a new run.

The conversion reads stored results and scores example rows, so call it outside of the
window's process (``Engine.call``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from designer.engine.results import RunResult
from designer.engine.store.output_check import check_output
from designer.inference.assembly import batch, real_time, report_ends, tidy_positions
from designer.inference.draft import ORIGIN, Draft, InferenceError, Kind
from designer.inference.kept_values import keep_folder, relative_path, store_made
from designer.inference.request_probe import example_rows
from designer.inference.route import find_route
from designer.inference.scoring_folder import ScoringError
from designer.inference.trial import Trial
from designer.paths import is_relative_path
from designer.pipeline.migration import migrate_parameters
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.shared.groups import without_shared
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.specification import ModuleSpec, Parameter, PathOf
from modules.requests.tables import schema_of
from modules.values import ImageFolder
from modules.values.image_folder import IMAGE
from modules.values.storage import load, save

__all__ = ["Inference", "InferenceError", "Kind", "convert", "update"]

_EXAMPLE_IMAGES = 10
"""Images of the run that are kept as an example of a request."""

RECORD = "inference"
"""Top-level field of an inference pipeline: its kind and the run that it came from."""


@dataclass(frozen=True)
class Inference:
    """An inference pipeline and the changes made to create it.

    Parameters
    ----------
    messages : tuple of str
        Messages for the user: each replacement and its reason.
    """

    pipeline: Pipeline
    messages: tuple[str, ...]


def convert(
    pipeline: Pipeline,
    run: RunResult,
    specs: Mapping[str, ModuleSpec],
    *,
    base: Path,
    values: Path,
    target: Path | None = None,
    kind: Kind = "real-time",
    scores: Sequence[str] = (),
    source: str = "",
) -> Inference:
    """Create the inference pipeline of a completed run.

    Parameters
    ----------
    pipeline : Pipeline
        As it ran.
    run : RunResult
        Its run.
    base : Path
        The folder that relative paths of the pipeline start from.
    values : Path
        The folder to keep models and transformations in, each under a name made from its
        content; what is there stays.
    target : Path, optional
        The folder of the new pipeline's file; by default ``base``.
    kind : str
        ``real-time`` has Web Service Input and Output; ``batch`` reads a dataset that a
        pipeline parameter names.
    scores : sequence of str, optional
        Scoring nodes to take; by default all.
    source : str
        The training pipeline's file, for the record.

    Raises
    ------
    InferenceError
        In one sentence, if there is no trained model or a result is missing.
    OSError
        If values can't be kept.
    """
    # Steps inside of shared modules are replaced too, and then it isn't the module anymore.
    pipeline = without_shared(pipeline)
    made = _Conversion(pipeline, run, specs, base, values, target or base)
    return made.convert(kind, scores, source)


def update(
    inference: Pipeline,
    pipeline: Pipeline,
    run: RunResult,
    specs: Mapping[str, ModuleSpec],
    *,
    base: Path,
    values: Path,
    target: Path | None = None,
) -> Inference:
    """Update an inference pipeline from a new run; the user's edits are kept.

    Parameters
    ----------
    inference : Pipeline
        Created by :func:`convert`, and possibly edited since.
    pipeline, run, specs, base, values, target
        As for :func:`convert`.

    Raises
    ------
    InferenceError
        If it isn't an inference pipeline, or there is nothing to update it from.
    """
    record = inference.extra.get(RECORD)
    if not isinstance(record, Mapping):
        raise InferenceError(
            "This pipeline wasn't made from a training pipeline.",
            "Create an inference pipeline from a completed run first.",
        )
    kind: Kind = "batch" if record.get("kind") == "batch" else "real-time"
    fresh = convert(
        pipeline,
        run,
        specs,
        base=base,
        values=values,
        target=target,
        kind=kind,
        scores=[str(name) for name in record.get("scores", ())],
        source=str(record.get("source", "")),
    ).pipeline
    inference = without_shared(inference)
    nodes, messages = _updated(inference, fresh, specs)
    extra = {**inference.extra, RECORD: {**record, "run": fresh.extra[RECORD]["run"]}}
    return Inference(replace(inference, nodes=nodes, extra=extra), tuple(messages))


class _Conversion:
    def __init__(
        self,
        pipeline: Pipeline,
        run: RunResult,
        specs: Mapping[str, ModuleSpec],
        base: Path,
        values: Path,
        target: Path,
    ) -> None:
        self.pipeline = migrate_parameters(pipeline, specs)
        self.run = run
        self.specs = specs
        self.base = base
        self.values = values
        self.target = target

    def convert(self, kind: Kind, scores: Sequence[str], source: str) -> Inference:
        draft = find_route(self.pipeline, self.run, self.specs, scores)
        self._keep_values(draft)
        full = {entry.name: self._table(entry.origin) for entry in draft.entries.values()}
        samples = {name: example_rows(table) for name, table in full.items()}
        self._keep_samples(draft, samples)
        columns = {name: schema_of(table).to_json() for name, table in full.items()}
        for entry in draft.entries.values():
            if entry.converter:
                # Of few images, each would be a known value.
                columns[entry.name] = [{"name": IMAGE, "kind": "string"}]
        trial = Trial(self.pipeline, self.specs, self.target)
        try:
            probe = trial.probe(draft, samples)
            if probe.scorings:
                findings = probe.findings(full)
                trial.settle(draft, findings, columns, kind)
                trial.fill_and_hide(draft, findings, samples, columns)
        except (ModuleError, ScoringError) as error:
            _refuse_unavailable(draft, error)
            draft.messages.append(
                f"The inference pipeline can't score its example rows: {error.message} "
                f"{error.hint}".rstrip()
            )
        if kind == "batch":
            pipeline = batch(self.pipeline, self.specs, draft, self._rebased)
        else:
            pipeline = real_time(self.pipeline, draft, columns)
            report_ends(draft, samples)
        record: dict[str, Any] = {"kind": kind, "run": self.run.id}
        if source:
            record["source"] = source
        if scores:
            record["scores"] = list(scores)
        positions = tidy_positions(pipeline, draft)
        nodes = {name: replace(n, position=positions[name]) for name, n in pipeline.nodes.items()}
        members = {part for name in nodes for part in _groups_of(name)}
        groups = {name: group for name, group in self.pipeline.groups.items() if name in members}
        finished = replace(
            pipeline,
            nodes=nodes,
            groups=groups,
            description=self.pipeline.description,
            extra={RECORD: record},
        )
        return Inference(finished, tuple(draft.messages))

    def _keep_values(self, draft: Draft) -> None:
        for name, origin in draft.values.items():
            stored = self._stored(origin)
            output = self.specs[draft.nodes[name].module].outputs[0].name
            prefix = output.rpartition("_")[2]
            self._set_path(draft, name, keep_folder(stored, self.values, prefix))
        for name, node in draft.nodes.items():
            if name not in draft.values and name not in draft.entries:
                draft.nodes[name] = self._rebased(node)

    def _keep_samples(self, draft: Draft, samples: Mapping[str, DataTable]) -> None:
        for name, entry in draft.entries.items():
            folder = store_made(partial(save, samples[entry.name]), self.values, "rows")
            self._set_path(draft, name, folder)

    def _set_path(self, draft: Draft, name: str, folder: Path) -> None:
        node = draft.nodes[name]
        parameter = self.specs[node.module].value_path
        assert parameter is not None
        path = relative_path(folder, self.target)
        draft.nodes[name] = replace(node, parameters={parameter.name: path})

    def _stored(self, origin: Endpoint) -> Path:
        """Return the folder of an output of the run, if it is as it was stored."""
        folder = self.run.nodes[origin.node].outputs[origin.port].path
        try:
            check_output(folder)
        except ModuleError as error:
            raise InferenceError(error.message, error.hint) from error
        return folder

    def _table(self, origin: Endpoint) -> DataTable:
        try:
            table = load(self._stored(origin))
        except ModuleError as error:
            raise InferenceError(error.message, "Run the pipeline again.") from error
        if isinstance(table, ImageFolder):
            table = table.example_rows(_EXAMPLE_IMAGES)
        if not isinstance(table, DataTable) or not len(table):
            raise InferenceError(
                f"“{origin.node}” output no rows in the run, so there is no example of a request.",
                "Run the pipeline with data.",
            )
        return table

    def _rebased(self, node: Node) -> Node:
        """Return a node whose relative paths start from the new pipeline's folder."""
        spec = self.specs.get(node.module)
        parameters = dict(node.parameters)
        for name, value in node.parameters.items():
            known = spec.parameter_by_name.get(name) if spec else None
            if known is None or not isinstance(known.marker, PathOf):
                continue
            if not isinstance(value, str) or not value or ":" in value:
                continue
            if is_relative_path(value) and self.target != self.base:
                parameters[name] = relative_path(self.base / value, self.target)
        return replace(node, parameters=parameters)


def _refuse_unavailable(draft: Draft, error: ModuleError | ScoringError) -> None:
    """Raise an error if scoring failed for lack of a column that only training rows have."""
    column = error.column if isinstance(error, ModuleError) else None
    if column in draft.unavailable:
        raise InferenceError(
            f"Scoring needs the column “{column}”, which {draft.unavailable[column]} adds to "
            "training rows but can't add to a request.",
            "Train without this column, or compute it with a module that is kept when serving, "
            "and run the pipeline again.",
        ) from error


def _updated(
    inference: Pipeline, fresh: Pipeline, specs: Mapping[str, ModuleSpec]
) -> tuple[dict[str, Node], list[str]]:
    """Return the nodes with the values and columns of a fresh pipeline, and what changed."""
    messages = []
    nodes = dict(inference.nodes)
    made = {
        (str(node.extra[ORIGIN]), node.module): node
        for node in fresh.nodes.values()
        if ORIGIN in node.extra
    }
    for name, node in inference.nodes.items():
        if ORIGIN not in node.extra:
            continue
        new = made.pop((str(node.extra[ORIGIN]), node.module), None)
        if new is None:
            messages.append(
                f"“{name}” wasn't updated: the scoring steps of the training pipeline no longer "
                f"use {node.extra[ORIGIN]}."
            )
            continue
        spec = specs[node.module]
        changed = [
            parameter.name
            for parameter in spec.parameters
            if _is_from_run(spec, parameter)
            and new.parameters.get(parameter.name) != node.parameters.get(parameter.name)
        ]
        if not changed:
            continue
        renewed = {key: new.parameters[key] for key in changed if key in new.parameters}
        kept = {key: value for key, value in node.parameters.items() if key not in changed}
        nodes[name] = replace(node, parameters={**kept, **renewed})
        what = spec.outputs[0].title.lower() if spec.value_path else "columns"
        messages.append(f"“{name}” now has the {what} of the latest run.")
    for origin, module in made:
        messages.append(
            f"The training pipeline now needs {specs[module].title} for {origin}, which this "
            "pipeline lacks. Create the inference pipeline again to add it."
        )
    return nodes, messages or ["Nothing has changed since the last update."]


def _is_from_run(spec: ModuleSpec, parameter: Parameter) -> bool:
    """Return whether an update renews a parameter; names and settings are the user's.

    It is what the run decided: where a value is stored, or which columns there are.
    """
    return parameter == spec.value_path or parameter.kind in ("columns", "data")


def _groups_of(name: str) -> list[str]:
    found = []
    while name := name.rpartition("/")[0]:
        found.append(name)
    return found
