"""Charts of outputs, kept with the pipeline."""

from __future__ import annotations

from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.charts import chart_of, set_chart
from designer.pipeline.model import Pipeline

SETTINGS = {"kind": "scatter", "x": "age", "y": "income"}


def test_a_chart_is_a_line_of_its_node_and_survives_the_file():
    pipeline, node = edits.add_node(Pipeline(), "split_data")
    before = pipeline_file.dumps(pipeline).splitlines()
    changed = set_chart(pipeline, node, "results_dataset2", {"kind": "bar", "x": "city"})
    changed = set_chart(changed, node, "results_dataset1", SETTINGS)
    text = pipeline_file.dumps(changed)
    assert len(text.splitlines()) <= len(before) + 4
    found = pipeline_file.loads(text)
    assert chart_of(found.nodes[node], "results_dataset1") == SETTINGS
    assert chart_of(found.nodes[node], "results_dataset2") == {"kind": "bar", "x": "city"}
    assert chart_of(pipeline.nodes[node], "results_dataset1") is None


def test_a_chart_follows_its_node():
    pipeline, node = edits.add_node(Pipeline(), "split_data")
    pipeline = set_chart(pipeline, node, "results_dataset1", SETTINGS)
    renamed = edits.rename_node(pipeline, node, "halves")
    assert chart_of(renamed.nodes["halves"], "results_dataset1") == SETTINGS
    assert set_chart(pipeline, "gone", "results_dataset1", SETTINGS) is pipeline


def test_what_others_wrote_there_is_no_chart():
    pipeline, _ = edits.add_node(Pipeline(), "split_data")
    text = pipeline_file.dumps(pipeline).replace('"version": 1,', '"version": 1, "charts": 7,', 2)
    found = pipeline_file.loads(text)
    assert all(chart_of(each, "results_dataset1") is None for each in found.nodes.values())
