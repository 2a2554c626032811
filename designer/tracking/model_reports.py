"""What the reports of a run show of a model: Explain Model's importances for example."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from designer.tracking.run_records import RunRecord
from modules.contract import DataTable
from modules.contract.errors import ModuleError
from modules.contract.sheet import Sheet
from modules.values import Report, Section, TrainedModel, storage
from modules.values.charts.tables import sheet_of


def reports_on(record: RunRecord, node: str) -> Iterator[Report]:
    """Yield the stored reports of the step that trained a model, and of those that read it.

    Also those of the steps that read tables of the latter: scores for example.
    """
    pipeline = record.pipeline
    if pipeline is None:
        return
    models = {
        port
        for port, output in record.nodes.get(node, {}).get("outputs", {}).items()
        if output["type"] == TrainedModel.port_type.name
    }
    readers = [
        link.target.node
        for link in pipeline.links
        if link.source.node == node and link.source.port in models
    ]
    tables = [
        link.target.node
        for reader in readers
        for link in pipeline.links_from.get(reader, ())
        if _type(record, reader, link.source.port) == DataTable.port_type.name
    ]
    for each in dict.fromkeys([node, *readers, *tables]):
        for output in record.nodes.get(each, {}).get("outputs", {}).values():
            if output["type"] == Report.port_type.name:
                try:
                    value = storage.load(Path(output["path"]))
                except ModuleError:
                    # Results of old runs are removed when there are too many.
                    continue
                if isinstance(value, Report):
                    yield value


def table_of(section: Section) -> Sheet | None:
    """Return the table of a section, or the values of its bars."""
    if section.sheet is None and section.chart is not None and section.chart.kind == "bars":
        return sheet_of(section.chart)
    return section.sheet


def _type(record: RunRecord, node: str, port: str) -> str:
    return str(record.nodes.get(node, {}).get("outputs", {}).get(port, {}).get("type", ""))
