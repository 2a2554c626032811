"""The way of the rows: which steps of a training pipeline score new rows, and with what.

From each scoring step the way leads up to the datasets. What was learnt is taken from the
run; steps that matter in training only are left out; tables in which rows are looked up
are taken as they were in the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from designer.inference.draft import ORIGIN, Draft, Entry, InferenceError, Run
from designer.inference.messages import named, say_what_follows, say_what_left
from designer.inference.scoring_folder import WEB_SERVICE_OUTPUT
from designer.inference.training import Training
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import WEB_SERVICE_INPUT, Endpoint, Link, Node, Pipeline
from modules.contract.data_table import DataTable
from modules.contract.specification import Effects, ModuleSpec, Serving
from modules.values import TrainedModel, Transformation
from modules.values.storage import describe


def find_route(
    pipeline: Pipeline,
    run: Run,
    specs: Mapping[str, ModuleSpec],
    scores: Sequence[str] = (),
) -> Draft:
    """Return the steps that score new rows.

    Parameters
    ----------
    scores : sequence of str
        The scoring nodes to take; all by default.

    Raises
    ------
    InferenceError
        If there is no trained model, or a step that is needed did not complete.
    """
    return _Walk(pipeline, run, specs).draft(scores)


class _Walk:
    def __init__(self, pipeline: Pipeline, run: Run, specs: Mapping[str, ModuleSpec]) -> None:
        self.pipeline = pipeline
        self.specs = specs
        self.training = Training(pipeline, run, specs)
        self.made = Draft()
        self.done: dict[Endpoint, Endpoint] = {}
        self.taken: set[str] = set(pipeline.nodes)
        self.dropped: set[str] = set()

    def draft(self, scores: Sequence[str]) -> Draft:
        chosen = self.training.scoring_nodes(scores)
        sent: dict[str, str] = {}
        for node in self.pipeline.nodes.values():
            if node.module == WEB_SERVICE_OUTPUT and not node.disabled and not scores:
                source = self.pipeline.inputs_of(node.id).get("dataset")
                if source is not None:
                    self._output(node.id, self.rows(source), str(node.parameters.get("name", "")))
                    sent[source.node] = node.id
        if not sent:
            for name in chosen:
                spec = self.specs[self.pipeline.nodes[name].module]
                port = next(p.name for p in spec.outputs if DataTable in p.types)
                self._output("web_service_output", self.rows(Endpoint(name, port)), "")
            say_what_follows(self.made, self.pipeline, self.specs, chosen)
        say_what_left(self.made, self.pipeline, self.specs, self.dropped)
        if not self.made.entries:
            raise InferenceError(
                "No dataset leads to a scoring step, so there is nothing to ask of a caller.",
                "Score the rows of a dataset, and run the pipeline.",
            )
        return self.made

    def rows(self, source: Endpoint) -> Endpoint:
        """Return what gives, in the new pipeline, the rows that an output gave."""
        if source not in self.done:
            self.done[source] = self._rows(source)
        return self.done[source]

    def _rows(self, source: Endpoint) -> Endpoint:
        node, spec = self.training.step(source.node)
        tables = self.training.tables_into(source.node, spec)
        if node.module == WEB_SERVICE_INPUT:
            raise InferenceError(
                f"Nothing but the Web Service Input “{node.id}” feeds a step, so its columns are "
                "not known.",
                "Connect a dataset to the same input, and run the pipeline.",
            )
        if not tables:
            return self._entry(source)
        first = next(iter(tables))
        if spec.when_serving == Serving.DROP or node.module in _MERGES_ROWS:
            self._leave_out(node, spec)
            return self._rows_into(node.id, first, tables[first])
        if spec.when_serving == Serving.AS_FITTED:
            return self._as_fitted(source, node, spec, first, tables[first])
        return self._kept(source, node, spec, tables)

    def _rows_into(self, node: str, port: str, source: Endpoint) -> Endpoint:
        """Return what gives the rows at an input; a Web Service Input there is the way in."""
        for link in self.pipeline.links_into.get(node, ()):
            giver = self.pipeline.nodes[link.source.node]
            shares = link.target.port == port and self.pipeline.is_web_service(link)
            if shares and not giver.disabled and source != link.source:
                return self._entry(source, giver)
        return self.rows(source)

    def _kept(
        self, source: Endpoint, node: Node, spec: ModuleSpec, tables: Mapping[str, Endpoint]
    ) -> Endpoint:
        if spec.effects in (Effects.READS, Effects.WRITES):
            what = "reads from" if spec.effects == Effects.READS else "writes to"
            raise InferenceError(
                f"{named(node, spec)} {what} outside of the pipeline on the way of the rows.",
                "Move it out of the way from the dataset to the scoring step.",
            )
        self.made.nodes[node.id] = replace(node, extra=_own(node))
        if spec.effects == Effects.USER_CODE:
            self.made.said.append(
                f"{named(node, spec)} holds code of your own. It is kept and runs on every "
                "request, which may have one row only: see that it works there."
            )
        main = next(iter(tables))
        for port, given in self.training.linked(node.id, spec).items():
            if port not in tables:
                new = self._value(given)
            elif port == main or self.training.goes_along(node, given, tables[main]):
                new = self._rows_into(node.id, port, given)
            else:
                new = self._value(given)
                self.made.said.append(
                    f"{named(node, spec)} looks rows up in the table from “{given.node}”. That "
                    "table stays as it was in the run, as a Saved Dataset."
                )
            self.made.links.append(Link(new, Endpoint(node.id, port)))
        if self.training.is_scoring(node.id):
            self.made.scorers[node.id] = source
        return source

    def _as_fitted(
        self, source: Endpoint, node: Node, spec: ModuleSpec, port: str, given: Endpoint
    ) -> Endpoint:
        learnt = next((p for p in spec.outputs if Transformation in p.types), None)
        if learnt is not None:
            return self._applied(node, spec, Endpoint(node.id, learnt.name), port, given)
        if node.module == "train_clustering_model":
            model = next(p for p in spec.outputs if TrainedModel in p.types)
            return self._assigned(node, Endpoint(node.id, model.name), port, given)
        names = self.training.chosen_columns(source, given)
        if names is not None:
            return self._selected(node, spec, names, port, given)
        raise InferenceError(
            f"{named(node, spec)} learns from data, but gives nothing to apply to new rows.",
            "Move it out of the way from the dataset to the scoring step.",
        )

    def _applied(
        self, node: Node, spec: ModuleSpec, learnt: Endpoint, port: str, given: Endpoint
    ) -> Endpoint:
        rows = self._rows_into(node.id, port, given)
        value = self._value(learnt)
        applied = replace(
            node, module="apply_transformation", version=1, parameters={}, extra=_own(node)
        )
        self.made.nodes[node.id] = applied
        self.made.links += [
            Link(value, Endpoint(node.id, "transformation")),
            Link(rows, Endpoint(node.id, "dataset")),
        ]
        self.made.fitted[node.id] = value.node
        self.made.said.append(
            f"{named(node, spec)} became Apply Transformation with what it learnt in the run: "
            "a request is changed as the training data was, and nothing is learnt from it."
        )
        return Endpoint(node.id, "transformed_dataset")

    def _assigned(self, node: Node, model: Endpoint, port: str, given: Endpoint) -> Endpoint:
        """A training step whose clustered rows go on: the fitted model takes its place."""
        rows = self._rows_into(node.id, port, given)
        value = self._value(model)
        scorer = self._free(f"{node.id}_scores")
        parameters = {k: v for k, v in node.parameters.items() if k == "append"}
        self.made.nodes[scorer] = Node(
            scorer, "assign_data_to_clusters", 1, parameters, position=node.position
        )
        self.made.links += [
            Link(value, Endpoint(scorer, "trained_model")),
            Link(rows, Endpoint(scorer, "dataset")),
        ]
        result = Endpoint(scorer, "results_dataset")
        self.made.scorers[scorer] = result
        return result

    def _selected(
        self, node: Node, spec: ModuleSpec, names: list[str], port: str, given: Endpoint
    ) -> Endpoint:
        rows = self._rows_into(node.id, port, given)
        rule = {"rules": [{"include": "names", "values": names}], "keep_order": True}
        self.made.nodes[node.id] = replace(
            node,
            module="select_columns_in_dataset",
            version=1,
            parameters={"columns": rule},
            extra=_own(node) | {ORIGIN: f"{node.id}.{port}"},
        )
        self.made.links.append(Link(rows, Endpoint(node.id, "dataset")))
        self.made.said.append(
            f"{named(node, spec)} became Select Columns in Dataset with the columns that it "
            "chose in the run."
        )
        return Endpoint(node.id, "results_dataset")

    def _value(self, source: Endpoint) -> Endpoint:
        """Return a node that holds a value of the run."""
        key = Endpoint(source.node, f"{source.port} (kept)")
        if key in self.done:
            return self.done[key]
        node, spec = self.training.step(source.node)
        output = self.training.stored(source)
        kind = _SAVED.get(output.type)
        if kind is None:
            raise InferenceError(
                f"{named(node, spec)} gives a {output.type}, which an inference pipeline can't "
                "hold.",
            )
        module, port, suffix = kind
        stands_for_all = spec.when_serving == Serving.AS_FITTED and output.type == "TrainedModel"
        name = node.id if stands_for_all else self._free(f"{node.id}_{suffix}")
        self.made.nodes[name] = Node(
            name,
            module,
            comment=(node.comment if stands_for_all else "") or _title(output.path),
            position=node.position,
            extra={ORIGIN: str(source)},
        )
        self.made.values[name] = source
        if output.type == "TrainedModel":
            self.made.said.append(
                f"{named(node, spec)} was replaced by the model that it trained in the run; "
                "learner and training data are not needed any more."
            )
        self.done[key] = Endpoint(name, port)
        return self.done[key]

    def _entry(self, source: Endpoint, given: Node | None = None) -> Endpoint:
        key = Endpoint(source.node, f"{source.port} (rows)")
        if key in self.done:
            return self.done[key]
        node, spec = self.training.step(source.node)
        self.training.stored(source)
        is_source = not self.training.tables_into(source.node, spec)
        name = node.id if is_source else self._free(f"{node.id}_rows")
        number = len(self.made.entries) + 1
        label = f"input{number}"
        if given is not None:
            label = str(given.parameters.get("name", label))
        self.made.nodes[name] = Node(
            name,
            "saved_dataset",
            comment=node.comment if is_source else "",
            position=node.position,
            extra={ORIGIN: str(source), "sample": True},
        )
        self.made.entries[name] = Entry(name, source, label)
        self.done[key] = Endpoint(name, "dataset")
        return self.done[key]

    def _output(self, wish: str, source: Endpoint, name: str) -> None:
        node = wish if wish in self.pipeline.nodes else self._free(wish)
        old = self.pipeline.nodes.get(node)
        position = old.position if old else self.made.nodes[source.node].position
        label = name or f"output{len(self.made.outputs) + 1}"
        parameters = {"name": label} if label != "output1" else {}
        self.made.nodes[node] = Node(node, WEB_SERVICE_OUTPUT, 1, parameters, position=position)
        self.made.links.append(Link(source, Endpoint(node, "dataset")))
        self.made.outputs[node] = source
        self.made.output_names[node] = label

    def _leave_out(self, node: Node, spec: ModuleSpec) -> None:
        if node.id in self.dropped:
            return
        self.dropped.add(node.id)
        why = (
            "it adds rows to train with"
            if node.module in _MERGES_ROWS
            else "it chooses rows to train or test with"
        )
        self.made.said.append(
            f"{named(node, spec)} was left out: {why}. Every row of a request is scored."
        )

    def _free(self, wish: str) -> str:
        name = free_id(wish, self.taken)
        self.taken.add(name)
        return name


def _title(folder: Path) -> str:
    """Return what a stored value is called: the learner, for example."""
    return str(describe(folder).get("title", ""))


def _own(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.extra.items() if name != "reuse"}


_MERGES_ROWS = frozenset({"add_rows"})
"""Modules that bring together rows of several tables which are alike: on the way of the
rows to be scored they change nothing."""

_SAVED = {
    "TrainedModel": ("saved_model", "trained_model", "model"),
    "Transformation": ("saved_transformation", "transformation", "fitted"),
    "DataTable": ("saved_dataset", "dataset", "table"),
}
"""By type of a kept value: the module that holds it, its output, and the end of its id."""
