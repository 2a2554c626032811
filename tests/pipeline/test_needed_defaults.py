"""A parameter that must not be empty may stay at a default that isn't."""

from __future__ import annotations

from designer.catalog import load_catalog
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.validation import validate


def problems(**parameters):
    node = Node("parts", "date_parts", parameters={"columns": ["when"], **parameters})
    found = validate(Pipeline(nodes={"parts": node}), load_catalog())
    return [each.message for each in found if each.parameter == "parts"]


def test_a_default_that_is_not_empty_needs_no_choice():
    assert problems() == []
    assert problems(parts=[]) == ["Parts: nothing is chosen."]
