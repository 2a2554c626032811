"""Trying an inference pipeline on its example rows, and applying the findings.

Columns that clients don't have to send, steps that would drop a request's only row, and
columns that the response must not have are found by scoring, not by reading the pipeline.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.inference.assembly import real_time, web_node
from designer.inference.draft import ORIGIN, Draft, Entry, Kind
from designer.inference.request_probe import Findings, Probe, Scoring
from designer.inference.scoring_folder import write_scoring_folder
from designer.inference.training import port_of
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.own_modules import ADD_MISSING_COLUMNS, SELECT_COLUMNS
from modules.contract.data_table import DataTable
from modules.contract.specification import ModuleSpec
from modules.contract.value import Value
from modules.scoring import EVERYTHING, Scorer
from modules.values import TrainedModel, Transformation


class Trial:
    """Tries drafts of one training pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        The training pipeline.
    folder : Path
        The new pipeline's, which its relative paths start from.
    """

    def __init__(self, pipeline: Pipeline, specs: Mapping[str, ModuleSpec], folder: Path) -> None:
        self.pipeline = pipeline
        self.specs = specs
        self.folder = folder

    def probe(self, draft: Draft, samples: Mapping[str, DataTable]) -> Probe:
        """Return a draft made ready to be scored in many ways."""
        plain = real_time(self.pipeline, draft, {})
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            write_scoring_folder(plain, self.specs, Path(folder), base=self.folder)
            scorer = Scorer(folder, compiled=False, allowed=EVERYTHING)
        scorings = []
        renamed = {
            entry.node: web_node(self.pipeline, draft, entry) for entry in draft.entries.values()
        }

        def key(endpoint: Endpoint) -> str:
            return f"{renamed.get(endpoint.node, endpoint.node)}.{endpoint.port}"

        for name in draft.scorers:
            spec = self.specs[draft.nodes[name].module]
            if not any(DataTable in port.types for port in spec.inputs):
                # It scores images, which have no columns to leave out.
                continue
            model, rows = (self._source(draft, name, kind) for kind in (TrainedModel, DataTable))
            scorings.append(Scoring(key(model), key(rows)))
        applied = {}
        for name in draft.fitted:
            rows, fitted = (self._source(draft, name, kind) for kind in (DataTable, Transformation))
            applied[name] = (key(rows), key(fitted))
        return Probe(scorer.values, samples, scorings, applied)

    def settle(
        self,
        draft: Draft,
        findings: Findings,
        columns: dict[str, list[dict[str, Any]]],
        kind: Kind,
    ) -> None:
        """Apply the findings, and report them."""
        for name, entries in columns.items():
            stand_ins = findings.stand_ins[name]
            never = findings.never_null[name]
            for plain in entries:
                if plain["name"] in stand_ins:
                    plain["optional"] = True
                if plain["name"] in never:
                    plain.pop("missing", None)
            if stand_ins:
                draft.messages.append(
                    f"Clients don't need to send {_listed(stand_ins)} to “{name}”: the prediction "
                    "doesn't depend on it."
                )
            for label in findings.needed_labels.get(name, ()):
                draft.messages.append(
                    f"Clients have to send the label “{label}” to “{name}”: features are computed "
                    "from it. Check the training data for label leakage."
                )
        if kind == "real-time":
            for node in sorted(findings.filters):
                self._remove(draft, node)

    def fill_and_hide(
        self,
        draft: Draft,
        findings: Findings,
        samples: Mapping[str, DataTable],
        columns: Mapping[str, list[dict[str, Any]]],
    ) -> None:
        """Add placeholders where steps need them, and keep them out of the response."""
        if not any(findings.stand_ins.values()):
            return
        probe = self.probe(draft, samples)
        filled = False
        for entry in list(draft.entries.values()):
            stand_ins = findings.stand_ins[entry.name]
            if stand_ins and not probe.same_without_columns(entry.name, stand_ins):
                self._fill(draft, entry, stand_ins, columns[entry.name])
                filled = True
        if filled:
            self._hide(draft, findings, probe)

    def _source(self, draft: Draft, node: str, kind: type[Value]) -> Endpoint:
        """Return what feeds the input of a node for a type of value."""
        spec = self.specs[draft.nodes[node].module]
        return draft.feeding(node)[port_of(spec.inputs, kind).name]

    def _output(self, module: str, node: str) -> Endpoint:
        return Endpoint(node, self.specs[module].outputs[0].name)

    def _remove(self, draft: Draft, node: str) -> None:
        """Leave out a step that only leaves out rows: every row of a request is scored."""
        above = self._source(draft, node, DataTable)
        draft.redirect(self._output(draft.nodes[node].module, node), above)
        draft.links = [link for link in draft.links if link.target.node != node]
        value = draft.fitted.pop(node)
        del draft.nodes[node]
        if not any(link.source.node == value for link in draft.links):
            del draft.nodes[value]
            draft.values.pop(value)
        draft.messages = [text for text in draft.messages if f"“{node}” became" not in text]
        title = self.specs[self.pipeline.nodes[node].module].title
        draft.messages.append(
            f"{title} “{node}” was left out: it only removes rows with missing values. A "
            "request with such a row is rejected, with a message that names the column."
        )

    def _fill(
        self,
        draft: Draft,
        entry: Entry,
        stand_ins: Mapping[str, Any],
        columns: Sequence[Mapping[str, Any]],
    ) -> None:
        name = draft.free(ADD_MISSING_COLUMNS)
        added = [
            {key: value for key, value in plain.items() if key in ("name", "kind", "zone", "role")}
            | {"value": stand_ins[plain["name"]]}
            for plain in columns
            if plain["name"] in stand_ins
        ]
        node = Node(
            name,
            ADD_MISSING_COLUMNS,
            1,
            {"columns": added, "order": [plain["name"] for plain in columns]},
            position=draft.nodes[entry.node].position,
            comment="Columns that clients don't need to send",
            extra={ORIGIN: str(entry.origin)},
        )
        rows = self._output(draft.nodes[entry.node].module, entry.node)
        draft.redirect(rows, self._output(node.module, name))
        draft.add(node, {"dataset": rows})
        draft.messages.append(
            f"Add Missing Columns “{name}” fills in {_listed(stand_ins)} where the client sends "
            "no value, for the steps that name it."
        )

    def _hide(self, draft: Draft, findings: Findings, probe: Probe) -> None:
        absent = {column for stand_ins in findings.stand_ins.values() for column in stand_ins}
        for output, source in list(draft.outputs.items()):
            table = probe.base.get(str(source))
            names = table.names if isinstance(table, DataTable) else []
            hidden = [name for name in names if name in absent | probe.labels]
            if not hidden:
                continue
            name = draft.free("leave_out_label")
            rules = [{"include": "all"}, {"exclude": "names", "values": hidden}]
            node = Node(
                name,
                SELECT_COLUMNS,
                1,
                {"columns": {"rules": rules}},
                position=draft.nodes[output].position,
                comment="Without the label",
            )
            others = {link.target.node for link in draft.links} - {output}
            draft.redirect(source, self._output(node.module, name), keep=others)
            draft.add(node, {"dataset": source})
            draft.messages.append(
                f"Select Columns in Dataset “{name}” removes {_listed(hidden)} from the response."
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
