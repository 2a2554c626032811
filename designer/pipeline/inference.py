"""From a trained pipeline to its inference pipeline, and up to date after a new run.

The conversion reads stored results and scores example rows, so call it outside of the
window's process (``Engine.call``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from designer.pipeline._kept_values import keep_folder, keep_made, relative_path
from designer.pipeline._serving_layout import tidy_positions
from designer.pipeline._serving_route import (
    ORIGIN,
    Draft,
    Entry,
    InferenceError,
    Run,
    find_route,
)
from designer.pipeline.identifiers import free_id
from designer.pipeline.migration import migrate_parameters
from designer.pipeline.model import (
    WEB_SERVICE_INPUT,
    Endpoint,
    Link,
    Node,
    Pipeline,
    PipelineParameter,
)
from designer.pipeline.scoring import WEB_SERVICE_OUTPUT, ScoringError, write_scoring_folder
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.request_probe import Findings, Probe, Scoring, example_rows
from modules.contract.requests import schema_of
from modules.contract.specification import ModuleSpec, PathOf
from modules.contract.storage import load, save
from modules.contract.values import TrainedModel
from modules.scorer import Scorer

__all__ = ["Inference", "InferenceError", "Kind", "convert", "update"]

Kind = Literal["real-time", "batch"]

RECORD = "inference"
"""Top-level field of an inference pipeline: its kind and the run that it came from."""


@dataclass(frozen=True)
class Inference:
    """An inference pipeline and what was done to get it.

    Parameters
    ----------
    said : tuple of str
        Plain sentences for the person: what was replaced by what, and why.
    """

    pipeline: Pipeline
    said: tuple[str, ...]


def convert(
    pipeline: Pipeline,
    run: Run,
    specs: Mapping[str, ModuleSpec],
    *,
    base: Path,
    values: Path,
    target: Path | None = None,
    kind: Kind = "real-time",
    scores: Sequence[str] = (),
    source: str = "",
) -> Inference:
    """Make the inference pipeline of a completed run.

    Parameters
    ----------
    pipeline : Pipeline
        As it ran.
    run : Run
        Its run; ``designer.engine.results.RunResult`` is one.
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
    made = _Conversion(pipeline, run, specs, base, values, target or base)
    return made.convert(kind, scores, source)


def update(
    inference: Pipeline,
    pipeline: Pipeline,
    run: Run,
    specs: Mapping[str, ModuleSpec],
    *,
    base: Path,
    values: Path,
    target: Path | None = None,
) -> Inference:
    """Bring an inference pipeline up to date with a new run; a person's edits stay.

    Parameters
    ----------
    inference : Pipeline
        Made by :func:`convert`, and edited since perhaps.
    pipeline, run, specs, base, values, target
        As for :func:`convert`.

    Raises
    ------
    InferenceError
        If it is no inference pipeline, or there is nothing to update it from.
    """
    record = inference.extra.get(RECORD)
    if not isinstance(record, Mapping):
        raise InferenceError(
            "This pipeline was not made from a training pipeline.",
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
    return _updated(inference, fresh)


class _Conversion:
    def __init__(
        self,
        pipeline: Pipeline,
        run: Run,
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
        findings = Findings()
        try:
            probe = self._probe(draft, samples)
            findings = probe.findings(full)
            self._settle(draft, findings, columns, kind)
            self._fill_and_hide(draft, findings, samples, columns, probe)
        except (ModuleError, ScoringError) as error:
            draft.said.append(
                f"The inference pipeline can't score its example rows: {error.message} "
                f"{error.hint}".rstrip()
            )
        if kind == "batch":
            pipeline = self._batch(draft)
        else:
            pipeline = self._real_time(draft, columns)
            self._say_ends(draft, samples)
        record: dict[str, Any] = {"kind": kind, "run": self.run.id}
        if source:
            record["source"] = source
        if scores:
            record["scores"] = list(scores)
        places = tidy_positions(pipeline.nodes, pipeline.links)
        nodes = {name: replace(n, position=places[name]) for name, n in pipeline.nodes.items()}
        members = {part for name in nodes for part in _groups_of(name)}
        groups = {name: group for name, group in self.pipeline.groups.items() if name in members}
        finished = replace(
            pipeline,
            nodes=nodes,
            groups=groups,
            description=self.pipeline.description,
            extra={RECORD: record},
        )
        return Inference(finished, tuple(draft.said))

    def _keep_values(self, draft: Draft) -> None:
        for name, origin in draft.values.items():
            stored = self.run.nodes[origin.node].outputs[origin.port].path
            prefix = draft.nodes[name].module.removeprefix("saved_")
            self._set_path(draft, name, keep_folder(stored, self.values, prefix))
        for name, node in draft.nodes.items():
            if name not in draft.values and name not in draft.entries:
                draft.nodes[name] = self._rebased(node)

    def _keep_samples(self, draft: Draft, samples: Mapping[str, DataTable]) -> None:
        for name, entry in draft.entries.items():
            place = keep_made(partial(save, samples[entry.name]), self.values, "rows")
            self._set_path(draft, name, place)

    def _set_path(self, draft: Draft, name: str, place: Path) -> None:
        path = relative_path(place, self.target)
        draft.nodes[name] = replace(draft.nodes[name], parameters={"path": path})

    def _table(self, origin: Endpoint) -> DataTable:
        try:
            table = load(self.run.nodes[origin.node].outputs[origin.port].path)
        except ModuleError as error:
            raise InferenceError(error.message, "Run the pipeline again.") from error
        if not isinstance(table, DataTable) or not len(table):
            raise InferenceError(
                f"“{origin.node}” gave no rows in the run, so there is no example of a request.",
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
            if isinstance(value, str) and value and ":" not in value:
                path = Path(value)
                if not path.is_absolute() and self.target != self.base:
                    parameters[name] = relative_path(self.base / path, self.target)
        return replace(node, parameters=parameters)

    def _probe(self, draft: Draft, samples: Mapping[str, DataTable]) -> Probe:
        plain = self._real_time(draft, {})
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            write_scoring_folder(plain, self.specs, Path(folder), base=self.target)
            scorer = Scorer(folder, compiled=False)
        scorings = []
        renamed = {entry.node: self._web_node(entry, draft) for entry in draft.entries.values()}

        def key(endpoint: Endpoint) -> str:
            return f"{renamed.get(endpoint.node, endpoint.node)}.{endpoint.port}"

        for name in draft.scorers:
            spec = self.specs[draft.nodes[name].module]
            feeding = draft.feeding(name)
            model = next(feeding[p.name] for p in spec.inputs if TrainedModel in p.types)
            rows = next(feeding[p.name] for p in spec.inputs if DataTable in p.types)
            scorings.append(Scoring(key(model), key(rows)))
        applied = {}
        for name in draft.fitted:
            feeding = draft.feeding(name)
            result = Endpoint(name, "transformed_dataset")
            applied[name] = (
                key(feeding["dataset"]),
                key(feeding["transformation"]),
                key(result),
            )
        return Probe(scorer.values, samples, scorings, applied)

    def _settle(
        self,
        draft: Draft,
        findings: Findings,
        columns: dict[str, list[dict[str, Any]]],
        kind: Kind,
    ) -> None:
        """Take over what was found, and say it."""
        for name, entries in columns.items():
            stand_ins = findings.stand_ins[name]
            never = findings.never_null[name]
            for plain in entries:
                if plain["name"] in stand_ins:
                    plain["optional"] = True
                if plain["name"] in never:
                    plain.pop("missing", None)
            if stand_ins:
                listed = ", ".join(f"“{column}”" for column in stand_ins)
                draft.said.append(
                    f"The caller need not send {listed} to “{name}”: the prediction does not "
                    "depend on it."
                )
            for label in findings.needed_labels.get(name, ()):
                draft.said.append(
                    f"The caller has to send the label “{label}” to “{name}”: features are "
                    "computed from it. Look whether the training data gives the answer away."
                )
        if kind == "real-time":
            for node in sorted(findings.filters):
                self._take_out(draft, node)

    def _take_out(self, draft: Draft, node: str) -> None:
        """Leave out a step that only leaves out rows: a row that is asked about is scored."""
        above = draft.feeding(node)["dataset"]
        links = []
        for link in draft.links:
            if link.target.node == node:
                continue
            if link.source.node == node:
                link = Link(above, link.target)
            links.append(link)
        draft.links = links
        for output, source in draft.outputs.items():
            if source.node == node:
                draft.outputs[output] = above
        value = draft.fitted.pop(node)
        del draft.nodes[node]
        if not any(link.source.node == value for link in links):
            del draft.nodes[value]
            draft.values.pop(value)
        draft.said = [text for text in draft.said if f"“{node}” became" not in text]
        title = self.specs[self.pipeline.nodes[node].module].title
        draft.said.append(
            f"{title} “{node}” was left out: it only removes rows with missing values. A "
            "request with such a row is refused, with a sentence that names the column."
        )

    def _fill_and_hide(
        self,
        draft: Draft,
        findings: Findings,
        samples: Mapping[str, DataTable],
        columns: Mapping[str, list[dict[str, Any]]],
        probe: Probe,
    ) -> None:
        """Add stand-ins where steps need them, and keep them out of the answer."""
        if not any(findings.stand_ins.values()):
            return
        probe = self._probe(draft, samples)
        filled = False
        for entry in list(draft.entries.values()):
            stand_ins = findings.stand_ins[entry.name]
            if stand_ins and not probe.works_without(entry.name, stand_ins):
                self._fill(draft, entry, stand_ins, columns[entry.name])
                filled = True
        if filled:
            self._hide(draft, findings, probe)

    def _fill(
        self,
        draft: Draft,
        entry: Entry,
        stand_ins: Mapping[str, Any],
        columns: Sequence[Mapping[str, Any]],
    ) -> None:
        name = free_id("add_missing_columns", {*draft.nodes, *self.pipeline.nodes})
        added = [
            {key: value for key, value in plain.items() if key in ("name", "kind", "zone", "role")}
            | {"value": stand_ins[plain["name"]]}
            for plain in columns
            if plain["name"] in stand_ins
        ]
        order = [plain["name"] for plain in columns]
        draft.nodes[name] = Node(
            name,
            "add_missing_columns",
            1,
            {"columns": added, "order": order},
            position=draft.nodes[entry.node].position,
            comment="Not asked of the caller",
            extra={ORIGIN: str(entry.origin)},
        )
        filled = Endpoint(name, "results_dataset")
        draft.links = [
            Link(filled, link.target) if link.source.node == entry.node else link
            for link in draft.links
        ]
        draft.links.append(Link(Endpoint(entry.node, "dataset"), Endpoint(name, "dataset")))
        for output, source in draft.outputs.items():
            if source.node == entry.node:
                draft.outputs[output] = filled
        listed = ", ".join(f"“{column}”" for column in stand_ins)
        draft.said.append(
            f"Add Missing Columns “{name}” gives {listed} a value where the caller sends none, "
            "for the steps that name it."
        )

    def _hide(self, draft: Draft, findings: Findings, probe: Probe) -> None:
        absent = {column for stand_ins in findings.stand_ins.values() for column in stand_ins}
        for output, source in list(draft.outputs.items()):
            table = probe.base.get(str(source))
            names = table.names if isinstance(table, DataTable) else []
            hidden = [name for name in names if name in absent | probe.labels]
            if not hidden:
                continue
            node = free_id("leave_out_label", {*draft.nodes, *self.pipeline.nodes})
            rules = [{"include": "all"}, {"exclude": "names", "values": hidden}]
            draft.nodes[node] = Node(
                node,
                "select_columns_in_dataset",
                1,
                {"columns": {"rules": rules}},
                position=draft.nodes[output].position,
                comment="Without the label",
            )
            shown = Endpoint(node, "results_dataset")
            target = Endpoint(output, "dataset")
            draft.links = [link for link in draft.links if link.target != target]
            draft.links += [Link(source, Endpoint(node, "dataset")), Link(shown, target)]
            draft.outputs[output] = shown
            listed = ", ".join(f"“{name}”" for name in hidden)
            draft.said.append(
                f"Select Columns in Dataset “{node}” leaves {listed} out of the answer."
            )

    def _web_node(self, entry: Entry, draft: Draft) -> str:
        """Return the id of an entry's Web Service Input: the person's own, or a new one."""
        for node in self.pipeline.nodes.values():
            is_input = node.module == WEB_SERVICE_INPUT and not node.disabled
            if is_input and str(node.parameters.get("name", "input1")) == entry.name:
                return node.id
        place = [each.node for each in draft.entries.values()].index(entry.node)
        return "web_service_input" if not place else f"web_service_input_{place + 1}"

    def _real_time(self, draft: Draft, columns: Mapping[str, list[dict[str, Any]]]) -> Pipeline:
        nodes, links = dict(draft.nodes), list(draft.links)
        for entry in draft.entries.values():
            name = self._web_node(entry, draft)
            parameters: dict[str, Any] = {}
            if entry.name != "input1":
                parameters["name"] = entry.name
            if columns.get(entry.name):
                parameters["columns"] = columns[entry.name]
            across, down = draft.nodes[entry.node].position
            nodes[name] = Node(
                name,
                WEB_SERVICE_INPUT,
                1,
                parameters,
                position=(across + 1, down),
                extra={ORIGIN: str(entry.origin)},
            )
            links += [
                Link(Endpoint(name, "dataset"), link.target)
                for link in draft.links
                if link.source.node == entry.node
            ]
        return replace(self._shell(), nodes=nodes, links=tuple(links))

    def _say_ends(self, draft: Draft, samples: Mapping[str, DataTable]) -> None:
        for entry in draft.entries.values():
            draft.said.append(
                f"Web Service Input “{entry.name}” brings the rows of a request in the place of "
                f"“{entry.origin.node}”; {len(samples[entry.name])} of its rows stay as an example."
            )
        for output, name in draft.output_names.items():
            draft.said.append(
                f"Web Service Output “{name}” sends back what “{draft.outputs[output].node}” gives."
            )

    def _batch(self, draft: Draft) -> Pipeline:
        """Return the pipeline with the datasets themselves, named by pipeline parameters."""
        nodes = {
            name: node for name, node in draft.nodes.items() if node.module != WEB_SERVICE_OUTPUT
        }
        links = [link for link in draft.links if link.target.node in nodes]
        parameters = dict(self.pipeline.parameters)
        for entry in draft.entries.values():
            old = self.pipeline.nodes[entry.origin.node]
            spec = self.specs[old.module]
            path = next((p for p in spec.parameters if isinstance(p.marker, PathOf)), None)
            if entry.node != old.id or path is None:
                draft.said.append(
                    f"The rows come from the Saved Dataset “{entry.node}”; put the dataset to "
                    "score in its place."
                )
                continue
            node = self._rebased(old)
            name = free_id(f"{old.name}_file", set(parameters))
            value = node.parameters.get(path.name, path.default)
            parameters[name] = PipelineParameter(
                name, "text", value if isinstance(value, str) else None, "The dataset to score."
            )
            bound = {**node.parameters, path.name: {"$parameter": name}}
            nodes[entry.node] = replace(node, parameters=bound)
            links = [
                Link(entry.origin, link.target) if link.source.node == entry.node else link
                for link in links
            ]
            draft.said.append(
                f"The dataset “{old.id}” is now named by the pipeline parameter “{name}”: give "
                "each run the file to score."
            )
        return replace(self._shell(), nodes=nodes, links=tuple(links), parameters=parameters)

    def _shell(self) -> Pipeline:
        return Pipeline(parameters=self.pipeline.parameters)


def _updated(inference: Pipeline, fresh: Pipeline) -> Inference:
    """Return an inference pipeline with the values and columns of a fresh one."""
    said = []
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
            said.append(
                f"“{name}” stayed as it was: the training pipeline no longer gives "
                f"{node.extra[ORIGIN]} to the scoring steps."
            )
            continue
        changed = [key for key in _RENEWED if new.parameters.get(key) != node.parameters.get(key)]
        if not changed:
            continue
        renewed = {key: new.parameters[key] for key in changed if key in new.parameters}
        kept = {key: value for key, value in node.parameters.items() if key not in changed}
        nodes[name] = replace(node, parameters={**kept, **renewed})
        said.append(f"“{name}” now holds {_WHAT.get(node.module, 'what')} of the latest run.")
    for origin, module in made:
        said.append(
            f"The training pipeline now needs a {module.replace('_', ' ')} from {origin}, which "
            "this pipeline lacks. Create the inference pipeline anew to have it."
        )
    if not said:
        said.append("Nothing has changed since.")
    record = {**inference.extra[RECORD], "run": fresh.extra[RECORD]["run"]}
    extra = {**inference.extra, RECORD: record}
    return Inference(replace(inference, nodes=nodes, extra=extra), tuple(said))


def _groups_of(name: str) -> list[str]:
    found = []
    while name := name.rpartition("/")[0]:
        found.append(name)
    return found


_RENEWED = ("path", "columns", "order")
"""Parameters that an update takes over; all others are the person's."""

_WHAT = {
    "saved_model": "the model",
    "saved_transformation": "what was learnt",
    "saved_dataset": "the rows",
    "web_service_input": "the columns",
    "add_missing_columns": "the values",
    "select_columns_in_dataset": "the columns",
}
