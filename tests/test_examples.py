"""The example of each module is valid, shows the module, and runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from designer.catalog import load_catalog
from designer.engine import Engine
from designer.examples import example, stated
from designer.pipeline import file
from designer.pipeline.validation import validate
from designer.workspace import Workspace
from modules.contract import DataTable, ModuleSpec
from modules.contract.markers import PathOf
from modules.values.storage import load

CATALOG = load_catalog()
BUILT_IN = [spec for spec in CATALOG.values() if spec.function.__module__.startswith("modules.")]
EXAMPLES = {spec.id: example(spec, CATALOG) for spec in BUILT_IN}
SHOWN = [spec for spec in BUILT_IN if EXAMPLES[spec.id] is not None]
SHORT = {
    "group_by",
    "normalize_data",
    "preprocess_text",
    "back_test_forecast",
    "score_svd_recommender",
    "two_class_logistic_regression",
}
"""Examples that make test runs; CI runs all."""

each_example = pytest.mark.parametrize("spec", SHOWN, ids=lambda spec: spec.id)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    workspace = Workspace(tmp_path_factory.mktemp("examples"))
    with Engine(workspace, CATALOG, workers=1, cores=1) as engine:
        yield engine


def test_only_modules_that_need_a_file_or_an_endpoint_have_none() -> None:
    without = [spec for spec in BUILT_IN if EXAMPLES[spec.id] is None]
    for spec in without:
        paths = [each for each in spec.parameters if isinstance(each.marker, PathOf)]
        assert paths or spec.category.title == "Web Service", spec.id


@each_example
def test_it_is_a_valid_pipeline_that_uses_the_module(spec: ModuleSpec, tmp_path: Path) -> None:
    pipeline = EXAMPLES[spec.id]
    assert pipeline is not None
    assert validate(pipeline, CATALOG, base=tmp_path) == []
    read = file.loads(file.dumps(pipeline))
    assert (read.nodes, read.groups) == (pipeline.nodes, pipeline.groups)
    assert set(read.links) == set(pipeline.links)
    assert spec.id in {node.module for node in pipeline.nodes.values()}
    (group,) = pipeline.groups.values()
    assert group.title == f"Example: {spec.title}"
    assert all(node.group == group.id for node in pipeline.nodes.values())
    places = [node.position for node in pipeline.nodes.values()]
    assert len(set(places)) == len(places)
    for link in pipeline.links:
        ends = (pipeline.nodes[end.node].position for end in link)
        assert next(ends)[1] < next(ends)[1]
    # It shows something: other modules train a learner, and apply what was trained.
    ends = {pipeline.nodes[name].module for name in set(pipeline.nodes) - set(pipeline.links_from)}
    kinds = {port.type_name for module in ends for port in CATALOG[module].outputs}
    assert not kinds <= {"UntrainedModel", "TrainedModel"}


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(spec, id=spec.id, marks=() if spec.id in SHORT else pytest.mark.long)
        for spec in SHOWN
        if CATALOG.available(spec)
    ],
)
def test_it_runs_and_has_rows(spec: ModuleSpec, engine: Engine, tmp_path: Path) -> None:
    pipeline = EXAMPLES[spec.id]
    assert pipeline is not None
    result = engine.run(pipeline, base=tmp_path)
    assert {name: each.error for name, each in result.nodes.items() if each.error} == {}
    assert result.status == "completed"
    for node in result.nodes.values():
        for output in node.outputs.values():
            value = load(Path(output.path))
            assert not isinstance(value, DataTable) or len(value)


def test_a_modules_own_example_has_no_other_entries() -> None:
    known = {"parameters", "inputs", "columns"}
    for spec in BUILT_IN:
        found = stated(spec)
        assert set(found) <= known | {"pipeline"}, spec.id
        assert set(found.get("pipeline", {})) <= known | {"rows"}, spec.id


def test_each_example_belongs_to_a_module() -> None:
    ids = {(spec.file.parent, spec.id) for spec in BUILT_IN}
    root = BUILT_IN[0].file.parents[1]
    for path in root.glob("*/examples/*.json"):
        assert (path.parents[1], path.stem) in ids
