"""The path of the rows: which steps of a training pipeline score new rows, and with what.

From each scoring step the path leads up to the datasets. Fitted values are taken from the
run; steps that matter in training only are left out; tables in which rows are looked up
are used as they were in the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from designer.engine.results import RunResult
from designer.inference.draft import ORIGIN, Draft, Entry, InferenceError, named
from designer.inference.training import Training, makes, port_of
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.own_modules import (
    APPLY_TRANSFORMATION,
    SELECT_COLUMNS,
    WEB_SERVICE_INPUT,
    WEB_SERVICE_OUTPUT,
)
from modules.contract.data_table import DataTable
from modules.contract.specification import Effects, ModuleSpec, Port, Serving
from modules.values import ImageFolder, TrainedModel, Transformation, UntrainedModel
from modules.values.image_folder import IMAGE
from modules.values.storage import describe


def find_route(
    pipeline: Pipeline,
    run: RunResult,
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
        If there is no trained model, or a step that is needed didn't complete.
    """
    return _Walk(pipeline, run, specs).draft(scores)


class _Walk:
    def __init__(self, pipeline: Pipeline, run: RunResult, specs: Mapping[str, ModuleSpec]) -> None:
        self.pipeline = pipeline
        self.specs = specs
        self.training = Training(pipeline, run, specs)
        self.made = Draft(set(pipeline.nodes))
        self.done: dict[tuple[str, Endpoint], Endpoint] = {}
        self.dropped: set[str] = set()

    def draft(self, scores: Sequence[str]) -> Draft:
        chosen = self.training.scoring_nodes(scores)
        for node in self.pipeline.nodes.values():
            if node.module == WEB_SERVICE_OUTPUT and not node.disabled and not scores:
                source = self.pipeline.inputs_of(node.id).get("dataset")
                if source is not None:
                    name = str(node.parameters.get("name", ""))
                    self.made.add_output(node.id, self.rows(source), name, node.position)
        if not self.made.outputs:
            for scorer in chosen:
                spec = self.specs[self.pipeline.nodes[scorer].module]
                rows = self.rows(Endpoint(scorer, port_of(spec.outputs, DataTable).name))
                self.made.add_output(self.made.free(WEB_SERVICE_OUTPUT), rows, "", None)
            self._report_later_steps(chosen)
        self._report_removed()
        if not self.made.entries:
            raise InferenceError(
                "No dataset leads to a scoring step, so a request would have no rows to score.",
                "Score the rows of a dataset, and run the pipeline.",
            )
        return self.made

    def rows(self, source: Endpoint) -> Endpoint:
        """Return what outputs, in the new pipeline, the rows of an output."""
        key = ("rows", source)
        if key not in self.done:
            self.done[key] = self._rows(source)
        return self.done[key]

    def _rows(self, source: Endpoint) -> Endpoint:
        node, spec = self.training.step(source.node)
        tables = self.training.rows_into(source.node, spec)
        if node.module == WEB_SERVICE_INPUT:
            raise InferenceError(
                f"Only the Web Service Input “{node.id}” feeds a step, so its columns are unknown.",
                "Connect a dataset to the same input, and run the pipeline.",
            )
        if not tables:
            return self._entry(source)
        first = next(iter(tables))
        if spec.when_serving in (Serving.DROP, Serving.MERGES_ROWS):
            self._leave_out(source, node, spec, tables[first])
            return self._rows_into(node.id, first, tables[first])
        if spec.when_serving == Serving.AS_FITTED:
            return self._as_fitted(source, node, spec, first, tables[first])
        return self._kept(source, node, spec, tables)

    def _rows_into(self, node: str, port: str, source: Endpoint) -> Endpoint:
        """Return what outputs the rows at an input; a Web Service Input there is the way in."""
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
                f"{named(node, spec)} {what} outside of the pipeline on the path of the rows.",
                "Move it off the path from the dataset to the scoring step.",
            )
        if spec.effects == Effects.USER_CODE:
            self.made.messages.append(
                f"{named(node, spec)} contains your own code. It is kept and runs on every "
                "request, which may have only one row: check that it works there."
            )
        main = next(iter(tables))
        sources = {}
        for port, given in self.training.linked(node.id, spec).items():
            if port not in tables:
                sources[port] = self._value(given)
            elif port == main or self.training.is_row_aligned(node, given, tables[main]):
                sources[port] = self._rows_into(node.id, port, given)
            else:
                sources[port] = self._value(given)
                self.made.messages.append(
                    f"{named(node, spec)} looks rows up in the table from “{given.node}”. That "
                    "table is kept from the run as a Saved Dataset."
                )
        self.made.add(replace(node, extra=_own(node)), sources)
        if self.training.is_scoring(node.id):
            self.made.scorers[node.id] = source
        return source

    def _as_fitted(
        self, source: Endpoint, node: Node, spec: ModuleSpec, port: str, given: Endpoint
    ) -> Endpoint:
        fitted = {kind: p for p in spec.outputs for kind in p.types}
        if Transformation in fitted:
            return self._applied(node, spec, fitted[Transformation], port, given)
        if TrainedModel in fitted:
            return self._scored(node, fitted[TrainedModel], port, given)
        names = self.training.chosen_columns(source, given)
        if names is not None:
            return self._selected(node, spec, names, port, given)
        raise InferenceError(
            f"{named(node, spec)} is fitted to data, but outputs nothing to apply to new rows.",
            "Move it off the path from the dataset to the scoring step.",
        )

    def _applied(
        self, node: Node, spec: ModuleSpec, fitted: Port, port: str, given: Endpoint
    ) -> Endpoint:
        rows = self._rows_into(node.id, port, given)
        value = self._value(Endpoint(node.id, fitted.name))
        applied = replace(
            node, module=APPLY_TRANSFORMATION, version=1, parameters={}, extra=_own(node)
        )
        self.made.fitted[node.id] = value.node
        self.made.messages.append(
            f"{named(node, spec)} became Apply Transformation as fitted in the run: a request is "
            "transformed like the training data, and nothing is fitted to it."
        )
        return self._put(applied, value, rows)

    def _scored(self, node: Node, model: Port, port: str, given: Endpoint) -> Endpoint:
        """The scores of a training step are used: its fitted model makes them."""
        spec = self.training.scorer(model)
        rows = self._rows_into(node.id, port, given)
        value = self._value(Endpoint(node.id, model.name))
        parameters = {k: v for k, v in node.parameters.items() if k in spec.parameter_by_name}
        name = self.made.free(f"{node.id}_scores")
        scorer = Node(name, spec.id, spec.version, parameters, position=node.position)
        result = self._put(scorer, value, rows)
        self.made.scorers[name] = result
        return result

    def _selected(
        self, node: Node, spec: ModuleSpec, names: list[str], port: str, given: Endpoint
    ) -> Endpoint:
        rows = self._rows_into(node.id, port, given)
        rule = {"rules": [{"include": "names", "values": names}], "keep_order": True}
        chosen = replace(
            node,
            module=SELECT_COLUMNS,
            version=1,
            parameters={"columns": rule},
            extra=_own(node) | {ORIGIN: f"{node.id}.{port}"},
        )
        self.made.messages.append(
            f"{named(node, spec)} became Select Columns in Dataset with the columns "
            "selected in the run."
        )
        return self._put(chosen, None, rows)

    def _put(self, node: Node, value: Endpoint | None, rows: Endpoint) -> Endpoint:
        """Add a node that makes rows of rows, with a fitted value perhaps; return its output."""
        spec = self.specs[node.module]
        sources = {}
        for port in spec.inputs:
            if DataTable in port.types:
                sources[port.name] = rows
            elif value is not None:
                sources[port.name] = value
        self.made.add(node, sources)
        return Endpoint(node.id, port_of(spec.outputs, DataTable).name)

    def _value(self, source: Endpoint) -> Endpoint:
        """Return a node that loads a value of the run."""
        key = ("value", source)
        if key in self.done:
            return self.done[key]
        node, spec = self.training.step(source.node)
        output = self.training.stored(source)
        if not spec.inputs and not self.training.is_loadable(output.type):
            # It makes the same value again, from its parameters alone.
            self.made.add(replace(node, extra=_own(node)), {})
            self.done[key] = source
            return source
        saver = self.training.saver(output.type)
        (port,) = saver.outputs
        is_model = TrainedModel in port.types
        takes_all = is_model and spec.when_serving == Serving.AS_FITTED
        suffix = port.name.rpartition("_")[2]
        name = node.id if takes_all else self.made.free(f"{node.id}_{suffix}")
        title = str(describe(output.path).get("title", ""))
        comment = (node.comment if takes_all else "") or title
        self._stored(name, saver, source, comment)
        self.made.values[name] = source
        if is_model:
            self.made.messages.append(
                f"{named(node, spec)} was replaced by the model trained in the run; the learner "
                "and the training data are no longer needed."
            )
        self.done[key] = Endpoint(name, port.name)
        return self.done[key]

    def _entry(self, source: Endpoint, given: Node | None = None) -> Endpoint:
        key = ("entry", source)
        if key in self.done:
            return self.done[key]
        node, spec = self.training.step(source.node)
        kind = self.training.stored(source).type
        if kind == ImageFolder.__name__:
            self.done[key] = self._images_entry(source, node, spec, given)
            return self.done[key]
        saver = self.training.saver(kind)
        is_source = not self.training.rows_into(source.node, spec)
        name = node.id if is_source else self.made.free(f"{node.id}_rows")
        label = self._label(given)
        self._stored(name, saver, source, node.comment if is_source else "", sample=True)
        self.made.entries[name] = Entry(name, source, label)
        self.done[key] = Endpoint(name, saver.outputs[0].name)
        return self.done[key]

    def _images_entry(
        self, source: Endpoint, node: Node, spec: ModuleSpec, given: Node | None
    ) -> Endpoint:
        """Rows with an image each enter, and become a folder of images."""
        own = makes(spec, ImageFolder)
        converter = spec if own else self.training.converter(ImageFolder)
        name = node.id if own else self.made.free(converter.id)
        saver = self.training.saver(DataTable.__name__)
        rows = self.made.free(f"{node.id}_requests")
        self._stored(rows, saver, source, "", sample=True)
        self.made.entries[rows] = Entry(rows, source, self._label(given), name)
        made = Node(
            name,
            converter.id,
            converter.version,
            comment=node.comment if own else "",
            position=node.position,
        )
        self.made.add(made, {converter.inputs[0].name: Endpoint(rows, saver.outputs[0].name)})
        self.made.messages.append(
            f"Each row of a request contains an image: its file as base64 in the column “{IMAGE}”."
        )
        return Endpoint(name, converter.outputs[0].name)

    def _label(self, given: Node | None) -> str:
        """Return the name of the next Web Service Input."""
        label = f"input{len(self.made.entries) + 1}"
        return label if given is None else str(given.parameters.get("name", label))

    def _stored(
        self, name: str, saver: ModuleSpec, source: Endpoint, comment: str, **extra: Any
    ) -> None:
        position = self.pipeline.nodes[source.node].position
        extra = {ORIGIN: str(source), **extra}
        self.made.nodes[name] = Node(
            name, saver.id, saver.version, comment=comment, position=position, extra=extra
        )

    def _leave_out(self, source: Endpoint, node: Node, spec: ModuleSpec, given: Endpoint) -> None:
        added = self.training.added_columns(source, given)
        self.made.unavailable |= dict.fromkeys(added, named(node, spec))
        if node.id in self.dropped:
            return
        self.dropped.add(node.id)
        rows, before = (self.training.stored(each).rows or 0 for each in (source, given))
        if spec.when_serving == Serving.MERGES_ROWS or rows > before:
            why = "it adds training rows"
        elif added:
            why = f"it adds {_listed([f'“{name}”' for name in added])} to training rows"
        else:
            why = "it selects rows for training or testing"
        self.made.messages.append(
            f"{named(node, spec)} was left out: {why}. Every row of a request is scored."
        )

    def _report_later_steps(self, chosen: Sequence[str]) -> None:
        """Report the steps after the scores, which are left out."""
        behind = self.pipeline.descendants(chosen) - set(chosen)
        names = [
            named(node, spec)
            for node, spec in self._enabled()
            if node.id in behind and spec.when_serving == Serving.KEEP
        ]
        if names:
            verb = "works" if len(names) == 1 else "work"
            was = "was" if len(names) == 1 else "were"
            self.made.messages.append(
                f"{_listed(names)} {verb} on the scored rows of a whole dataset and {was} removed. "
                "Put a step between scoring and Web Service Output if each response needs it."
            )

    def _report_removed(self) -> None:
        """Report the steps of training and evaluation that are gone."""
        learners, others = [], []
        for node, spec in self._enabled():
            if node.id in self.made.nodes or node.id in self.dropped:
                continue
            if spec.outputs and all(port.types == (UntrainedModel,) for port in spec.outputs):
                learners.append(named(node, spec))
            elif spec.when_serving == Serving.DROP and spec.inputs:
                others.append(named(node, spec))
        for names, one, several in (
            (learners, "the model is already trained", "the models are already trained"),
            (others, "it isn't needed to score a row", "they aren't needed to score a row"),
        ):
            if names:
                was, why = ("was", one) if len(names) == 1 else ("were", several)
                self.made.messages.append(f"{_listed(names)} {was} removed: {why}.")

    def _enabled(self) -> list[tuple[Node, ModuleSpec]]:
        return [
            (node, self.specs[node.module])
            for node in self.pipeline.nodes.values()
            if not node.disabled and node.module in self.specs
        ]


def _listed(names: Sequence[str]) -> str:
    """Return names listed as in a sentence: “a, b and c”."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _own(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.extra.items() if name != "reuse"}
