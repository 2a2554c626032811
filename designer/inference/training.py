"""Queries of a training pipeline and its run, as the path of the rows needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from designer.engine.results import Output, RunResult
from designer.inference.draft import InferenceError
from designer.pipeline.model import Endpoint, Node, Pipeline
from modules.contract.data_table import DataTable
from modules.contract.port_type import AnyValue
from modules.contract.row_form import RowForm
from modules.contract.specification import ModuleSpec, Port, Serving
from modules.contract.value import Value
from modules.values import ImageFolder, TrainedModel
from modules.values.storage import load

ROWS = (DataTable, ImageFolder)
"""The types of values whose parts are scored one by one."""


class Training:
    """A training pipeline with its run.

    Every method raises :class:`InferenceError` where the run lacks what is needed.
    """

    def __init__(self, pipeline: Pipeline, run: RunResult, specs: Mapping[str, ModuleSpec]) -> None:
        self.pipeline = pipeline
        self.run = run
        self.specs = specs

    def step(self, name: str) -> tuple[Node, ModuleSpec]:
        """Return a node and its module."""
        node = self.pipeline.nodes[name]
        spec = self.specs.get(node.module)
        if spec is None:
            raise InferenceError(f"The module “{node.module}” of “{name}” isn't installed.")
        return node, spec

    def stored(self, source: Endpoint) -> Output:
        """Return a stored output of the run."""
        result = self.run.nodes.get(source.node)
        if result is None or result.status not in ("completed", "reused"):
            status = "isn't part of it"
            if result is not None:
                status = "failed" if result.status == "failed" else f"was {result.status}"
            raise InferenceError(
                f"The run has no result of “{source.node}”: the step {status}.",
                "Run the whole pipeline first.",
            )
        output = result.outputs.get(source.port)
        if output is None:
            raise InferenceError(
                f"“{source.node}” has no output “{source.port}” in the run.",
                "Run the pipeline again.",
            )
        if not output.path.is_dir():
            raise InferenceError(
                f"The result of “{source.node}” is no longer stored.", "Run the pipeline again."
            )
        return output

    def is_loadable(self, type_name: str) -> bool:
        """Return whether a module loads a stored value of a type."""
        return self._saver(type_name) is not None

    def saver(self, type_name: str) -> ModuleSpec:
        """Return the module that loads a stored value of a type."""
        found = self._saver(type_name)
        if found is not None:
            return found
        raise InferenceError(
            f"No module loads a stored {type_name} in an inference pipeline.",
            "Move the step that outputs it off the path from the dataset to the scoring step.",
        )

    def _saver(self, type_name: str) -> ModuleSpec | None:
        for spec in self.specs.values():
            if spec.value_path is None or len(spec.outputs) != 1:
                continue
            if type_name in {kind.__name__ for kind in spec.outputs[0].types}:
                return spec
        return None

    def scorer(self, model: Port) -> ModuleSpec:
        """Return the module that scores rows with the models of an output."""
        for spec in self.specs.values():
            if spec.when_serving == Serving.KEEP and _scores(spec, model):
                return spec
        raise InferenceError(
            f"No module scores rows with {model.phrase}.",
            "Install a module that does, or remove the step that needs the scores.",
        )

    def converter(self, kind: type[Value]) -> ModuleSpec:
        """Return the module that makes a value of a type of the rows of a request."""
        for spec in self.specs.values():
            if spec.when_serving == Serving.KEEP and makes(spec, kind):
                return spec
        raise InferenceError(
            f"No module makes {kind.__name__} of the rows of a request.",
            "Start the path to the scoring step with a dataset.",
        )

    def rows_into(self, node: str, spec: ModuleSpec) -> dict[str, Endpoint]:
        """Return what feeds the inputs that take tables or images, in the order of the ports."""
        found = {}
        for port, source in self.linked(node, spec).items():
            _, giver = self.step(source.node)
            given = giver.output_by_name[source.port].types
            if set(ROWS) & set(spec.input_by_name[port].types) and {*ROWS, AnyValue} & set(given):
                found[port] = source
        return found

    def linked(self, node: str, spec: ModuleSpec) -> dict[str, Endpoint]:
        """Return what feeds the inputs of a step, in the order of its ports."""
        linked = self.pipeline.inputs_of(node)
        return {
            port.name: linked[port.name]
            for port in spec.inputs
            if port.name in linked and not self.pipeline.nodes[linked[port.name].node].disabled
        }

    def is_scoring(self, name: str) -> bool:
        """Return whether a step scores rows with a trained model."""
        node = self.pipeline.nodes[name]
        spec = self.specs.get(node.module)
        if spec is None or node.disabled or spec.when_serving != Serving.KEEP:
            return False
        linked = self.pipeline.inputs_of(name)
        takes_model = any(TrainedModel in p.types and p.name in linked for p in spec.inputs)
        # A forecast of what follows the training data is made from the model alone.
        takes_rows = any(TrainedModel not in p.types and p.name in linked for p in spec.inputs)
        gives_rows = any(DataTable in port.types for port in spec.outputs)
        return takes_model and takes_rows and gives_rows

    def scoring_nodes(self, wanted: Sequence[str]) -> list[str]:
        """Return the scoring steps that are wanted; by default the last on each way."""
        found = [name for name in self.pipeline.order() if self.is_scoring(name)]
        for name in wanted:
            if name not in found:
                listed = ", ".join(f"“{each}”" for each in found) or "none"
                raise InferenceError(
                    f"“{name}” isn't a step that scores with a trained model.",
                    f"Scoring steps are: {listed}.",
                )
        if not found:
            raise self._no_scoring()
        if wanted:
            return list(wanted)
        # A step whose scores feed another scoring step is on the path to it.
        return [
            name
            for name in found
            if not any(other != name for other in self.pipeline.descendants([name]) & set(found))
        ]

    def is_row_aligned(self, node: Node, given: Endpoint, main: Endpoint) -> bool:
        """Return whether a further table of a step belongs to the rows that are scored.

        It does if it comes, row for row, from the same dataset and not from another part
        of it; and in any case if the module works on one row of each table.
        """
        row = self.specs[node.module].row
        if isinstance(row, RowForm) and not row.fixed:
            return True
        root, row_wise, parts = self._root(given)
        main_root, _, main_parts = self._root(main)
        same_part = all(main_parts.get(name, port) == port for name, port in parts.items())
        return row_wise and root == main_root and same_part

    def chosen_columns(self, source: Endpoint, given: Endpoint) -> list[str] | None:
        """Return the columns that a step kept, if it did nothing but choose columns."""
        before, after = self.stored(given), self.stored(source)
        if before.rows != after.rows:
            return None
        names, chosen = (_names(load(output.path)) for output in (before, after))
        return chosen if set(chosen) <= set(names) else None

    def added_columns(self, source: Endpoint, given: Endpoint) -> list[str]:
        """Return the columns that a step added to the rows that it got."""
        after, before = (_names(load(self.stored(each).path)) for each in (source, given))
        return [name for name in after if name not in before]

    def _no_scoring(self) -> InferenceError:
        trained = [
            name
            for name, node in self.pipeline.nodes.items()
            if node.module in self.specs
            and any(TrainedModel in port.types for port in self.specs[node.module].outputs)
        ]
        if trained:
            return InferenceError(
                f"The model trained by “{trained[0]}” isn't used to score rows.",
                "Add Score Model or Assign Data to Clusters, connect it, and run the pipeline.",
            )
        return InferenceError(
            "There is no trained model in this pipeline.",
            "Add Train Model and Score Model, and run the pipeline.",
        )

    def _root(self, source: Endpoint) -> tuple[Endpoint, bool, dict[str, str]]:
        """Return where rows come from, whether each step kept every row, and which part of them.

        The part is the output of each step on the way that is left out, Split Data for example.
        """
        row_wise = True
        parts: dict[str, str] = {}
        while True:
            _, spec = self.step(source.node)
            tables = self.rows_into(source.node, spec)
            if not tables:
                return source, row_wise, parts
            above = next(iter(tables.values()))
            if spec.when_serving == Serving.DROP:
                parts[source.node] = source.port
            elif len(tables) > 1:
                row_wise = False
            if spec.when_serving != Serving.DROP:
                rows = self.stored(source).rows
                row_wise = row_wise and rows == self.stored(above).rows
            source = above


def _names(value: object) -> list[str]:
    return value.names if isinstance(value, DataTable) else []


def makes(spec: ModuleSpec, kind: type[Value]) -> bool:
    """Return whether a module makes a value of a type of a table."""
    return (
        len(spec.inputs) == 1
        and DataTable in spec.inputs[0].types
        and [port.types for port in spec.outputs] == [(kind,)]
    )


def port_of(ports: Sequence[Port], kind: type[Value]) -> Port:
    """Return the first of some ports that passes a type of value."""
    return next(port for port in ports if kind in port.types)


def _scores(spec: ModuleSpec, model: Port) -> bool:
    """Return whether a module makes rows of rows and such a model."""
    return (
        any(TrainedModel in port.types and port.accepts(model) for port in spec.inputs)
        and any(DataTable in port.types for port in spec.inputs)
        and any(DataTable in port.types for port in spec.outputs)
    )
