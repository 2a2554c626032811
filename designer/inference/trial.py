"""What trying an inference pipeline on its example rows shows, and what follows from it.

Columns that the caller need not send, steps that would drop a request's only row, and
columns that the answer must not have are found by scoring, not by reading the pipeline.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.inference.draft import ORIGIN, Draft, Entry, Kind
from designer.inference.ends import real_time, web_node
from designer.inference.request_probe import Findings, Probe, Scoring
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from modules.contract.data_table import DataTable
from modules.contract.specification import ModuleSpec
from modules.scoring import Scorer
from modules.values import TrainedModel


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
            scorer = Scorer(folder, compiled=False)
        scorings = []
        renamed = {
            entry.node: web_node(self.pipeline, draft, entry) for entry in draft.entries.values()
        }

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

    def settle(
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

    def fill_and_hide(
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
        probe = self.probe(draft, samples)
        filled = False
        for entry in list(draft.entries.values()):
            stand_ins = findings.stand_ins[entry.name]
            if stand_ins and not probe.works_without(entry.name, stand_ins):
                self._fill(draft, entry, stand_ins, columns[entry.name])
                filled = True
        if filled:
            self._hide(draft, findings, probe)

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
