"""Random pipelines export to code without this project that gives what the modules give."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from alone import alone, assert_equal, executed
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_exported_at_random import SLOW, outcome, pipelines

from designer.pipeline.model import Pipeline
from modules.contract import DataTable, ModuleError

pytestmark = pytest.mark.filterwarnings("ignore")


@settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
@given(pipeline=pipelines(), with_layout=st.booleans())
def test_random_pipelines_run_without_this_project(pipeline: Pipeline, with_layout: bool) -> None:
    check(pipeline, with_layout)


@pytest.mark.long
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(pipeline=pipelines(), with_layout=st.booleans())
def test_200_random_pipelines_run_without_it(pipeline: Pipeline, with_layout: bool) -> None:
    check(pipeline, with_layout)


def check(pipeline: Pipeline, with_layout: bool) -> None:
    """Export a pipeline, run the code, and compare the results with those of the modules."""
    try:
        expected = outcome(pipeline)
    except ModuleError:
        # A table has become too small for a step.
        assume(False)
    # Of a table without rows, scikit-learn neither divides the rows nor predicts.
    assume(all(len(value) > 1 for value in expected.values() if isinstance(value, DataTable)))
    with tempfile.TemporaryDirectory() as folder:
        script = alone(pipeline, Path(folder), with_layout=with_layout)
        results = executed(script, Path(folder))
    assert set(results) == set(script.results)
    table = next(value for value in expected.values() if isinstance(value, DataTable))
    for name, end in script.results.items():
        assert_equal(results[name], expected[end], table)
    assert set(pipeline.nodes) <= set(script.lines)
