"""What graph.json holds is what the SDK itself would send."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chosen_samples import CHOSEN

from designer.azure.compile.compiling import TARGETS
from designer.azure.compile.steps import Description
from designer.azure.sdk_v1 import build_offline
from designer.azure.sdk_v1.graph import graph_text
from designer.azure.sdk_v1.private import creation, plain


@pytest.mark.long
@pytest.mark.parametrize("sample", CHOSEN)
def test_it_is_what_the_sdk_writes_out_itself(
    sample: str,
    described: Callable[[str], Description],
    compiled: Callable[[str, str], Path],
) -> None:
    folder = compiled(sample, "azureml-v1")
    pipeline = build_offline(described(sample), compute="cpu-cluster", folder=folder)
    sent = creation(pipeline, {each.name: each.default for each in described(sample).parameters})
    assert plain(sent) == sent.serialize()


def test_text_has_a_line_for_each_node_and_loses_nothing(
    compiled: Callable[[str, str], Path], graph: Callable[[Path], Any]
) -> None:
    folder = compiled("credit_risk", "azureml-v1")
    text = (folder / "graph.json").read_text("utf-8")
    document = graph(folder)
    assert json.loads(graph_text(document)) == document
    lines = [json.loads(line.strip(" ,")) for line in text.splitlines() if '{"Id": ' in line]
    nodes = set(document["Modules"])
    assert {line["Id"] for line in lines if "ModuleId" in line} == nodes


@pytest.mark.parametrize("target", TARGETS)
def test_python_searches_for_cycles_again_after_compiling(
    target: str, compiled: Callable[[str, str], Path]
) -> None:
    assert gc.isenabled()
    compiled("automobile_price", target)
    assert gc.isenabled()
