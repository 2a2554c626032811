"""The known columns at every port, from samples and from runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.app.document.agreements import Agreements
from designer.app.document.checker import Checker
from designer.app.document.stored_columns import columns_of
from designer.engine.accesses import Access
from designer.engine.staleness import node_keys
from designer.pipeline.model import Endpoint
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import DataTable, Effects
from modules.contract.columns import Column
from modules.contract.specification import ModuleSpec

if TYPE_CHECKING:
    from designer.app.document.document import Document
    from designer.app.runs.run_controller import RunController


OUTSIDE = (Effects.USER_CODE, Effects.READS)
"""What may do harm, or be slow, when half of what it does is tried."""

TYPED = ("script", "text", "path")
"""Kinds of parameters that are typed letter by letter."""


class KnownColumns:
    """Columns by output port.

    Parameters
    ----------
    agreements : Agreements
        What may run on a sample, and which files may be looked at.

    Attributes
    ----------
    missing : list of Access
        What the pipeline did, when it was last checked, that the user hasn't agreed to.
    """

    def __init__(
        self,
        document: Document,
        specs: Mapping[str, ModuleSpec],
        controller: RunController,
        agreements: Agreements,
    ) -> None:
        self._document = document
        self._specs = specs
        self._controller = controller
        self._agreements = agreements
        self.missing: list[Access] = []
        self._columns: dict[Endpoint, list[Column]] = {}
        self._values: Mapping[Endpoint, Mapping[str, Sequence[str]]] = {}
        self._keys: dict[str, str] = {}
        self.checker = Checker(specs, self._sample, agreements.closed, self._unfinished)

    def at_input(self, node: str, port: str) -> Sequence[Column] | None:
        """Return the columns at an input of a node; None while they are unknown."""
        source = self._document.pipeline.inputs_of(node).get(port)
        return None if source is None else self.at_output(source)

    def at_output(self, source: Endpoint) -> Sequence[Column] | None:
        """Return the columns at an output; None while they are unknown."""
        found = self.checker.columns.get(source)
        return found if found is not None else self._columns.get(source)

    def values_at_input(self, node: str, port: str, column: str) -> Sequence[str] | None:
        """Return the values of a column in the sample at an input; None if there are many."""
        source = self._document.pipeline.inputs_of(node).get(port)
        return None if source is None else self._values.get(source, {}).get(column)

    def stored_at_input(self, node: str, port: str) -> str | None:
        """Return the folder of the table that the last run had at an input, if there is one."""
        source = self._document.pipeline.inputs_of(node).get(port)
        result = self._controller.results.get(source.node) if source is not None else None
        output = result.outputs.get(source.port) if source is not None and result else None
        is_table = output is not None and output.type == DataTable.port_type.name
        return str(output.path) if output is not None and is_table else None

    def all(self) -> dict[Endpoint, Sequence[Column]]:
        """Return the known columns of every output port."""
        return {**self._columns, **self.checker.columns}

    def forget(self) -> None:
        """Clear everything: another pipeline is open."""
        self.checker.forget()
        self._columns, self._keys, self._values = {}, {}, {}
        self.missing = []

    def learn(self) -> None:
        """Read the columns of the last run's tables, in another process."""
        folders = {
            (name, port): str(output.path)
            for name, result in self._controller.results.items()
            for port, output in result.outputs.items()
            if output.type == DataTable.port_type.name
        }
        if not folders:
            return

        def call() -> dict[tuple[str, str], list[tuple[str, str, str]]]:
            found = self._controller.engine().result().call(columns_of, folders).result()
            return dict(found)

        self.checker.in_background(call, self._on_columns, with_engine=True)

    def _on_columns(self, found: Mapping[tuple[str, str], Sequence[Sequence[str]]]) -> None:
        pipeline, base = self._document.pipeline, self._document.base
        self._keys = node_keys(pipeline, base, self._specs)
        for name in self._controller.stale(pipeline, base):
            self._keys.pop(name, None)
        self._columns = {
            Endpoint(*key): [Column(*column) for column in columns]
            for key, columns in found.items()
        }
        fresh = {e: c for e, c in self._columns.items() if e.node in self._keys}
        self.checker.update_columns(fresh)

    def _unfinished(self) -> set[str]:
        """Return the nodes whose code or address may be half typed."""
        found = set()
        for name, key in self._document.unfinished():
            spec = self._specs.get(self._document.pipeline.nodes[name].module)
            parameter = spec.parameter_by_name.get(key) if spec else None
            if spec and parameter and spec.effects in OUTSIDE and parameter.kind in TYPED:
                found.add(name)
        return found

    def _sample(
        self, pipeline: Any, base: Path, left_out: Collection[str]
    ) -> tuple[Mapping[Endpoint, Any], list[Problem]]:
        """Learn the columns; called on a thread."""
        known, known_keys = self._columns, self._keys
        # By the key: a node that was grouped or renamed since the run has another id.
        by_key: dict[str, dict[str, list[Column]]] = {}
        for end, columns in known.items():
            if end.node in known_keys:
                by_key.setdefault(known_keys[end.node], {})[end.port] = columns
        fresh = {
            Endpoint(name, port): columns
            for name, key in node_keys(pipeline, base, self._specs).items()
            for port, columns in by_key.get(key, {}).items()
        }
        self.missing = self._agreements.missing(pipeline, base)
        self._agreements.keep(pipeline, base)
        closed = {access.node for access in self.missing}.union(left_out)
        found = (
            self._controller.engine()
            .result()
            .sample(pipeline, base=base, allow=pipeline.nodes.keys() - closed)
        )
        self._values = found.values
        hints = [_hint(access) for access in self.missing if access.kind != "write"]
        return {**fresh, **found.columns}, [*found.problems, *hints]


def _hint(access: Access) -> Problem:
    what = tr("code isn't run") if access.kind == "code" else tr("data isn't read")
    return Problem(
        "hint",
        tr("Its {what} before you allow it, because it wasn't entered here.").format(what=what),
        tr("Choose “Allow code and external data” in the Pipeline menu."),
        access.node,
        code="not-allowed",
    )
