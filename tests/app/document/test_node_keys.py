"""Keys of nodes, which tell whether a result still holds."""

from __future__ import annotations

import pytest
from run_desk import splitting

from designer.engine.staleness import node_keys
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline


def test_a_node_key_follows_what_decides_the_result(tmp_path):
    before = splitting()
    keys = node_keys(before, tmp_path, {})
    moved = edits.set_comment(edits.move(before, {"split_data": (9, 9)}), "split_data", "x")
    assert node_keys(moved, tmp_path, {}) == keys
    changed = edits.set_parameter(before, "enter_data_manually", "header", False)
    assert node_keys(changed, tmp_path, {})["split_data"] != keys["split_data"]
    alone = edits.disconnect(before, before.links)
    assert node_keys(alone, tmp_path, {})["split_data"] != keys["split_data"]
    assert node_keys(alone, tmp_path, {})["enter_data_manually"] == keys["enter_data_manually"]


@pytest.mark.parametrize("count", [3000])
def test_keys_of_a_large_pipeline_are_quick_to_make(tmp_path, count):
    pipeline = Pipeline()
    nodes, links = dict(pipeline.nodes), []
    template = splitting().nodes["split_data"]
    from dataclasses import replace

    from designer.pipeline.model import Link

    for number in range(count):
        name = f"n{number}"
        nodes[name] = replace(template, id=name)
        if number:
            links.append(
                Link(Endpoint(f"n{number - 1}", "results_dataset1"), Endpoint(name, "dataset"))
            )
    pipeline = replace(pipeline, nodes=nodes, links=tuple(links))
    assert len(set(node_keys(pipeline, tmp_path, {}).values())) == count
