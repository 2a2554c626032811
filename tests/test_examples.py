"""The example of each module is valid, shows the module, and runs."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from designer import paths
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.engine.accesses import accesses
from designer.examples import example, stated
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import file
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.validation import validate
from designer.workspace import Workspace
from modules.contract import DataTable, ModuleSpec
from modules.scoring import Scorer
from modules.values import Files, TrainedModel, Transformation
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
    "export_data",
    "import_data",
    "import_files",
    "saved_dataset",
    "saved_model",
    "saved_transformation",
    "web_service_input",
}
"""Examples that make test runs; CI runs all."""

COUNT_LINES = """
from typing import Annotated

from modules.contract import DataTable, PathOf, module


@module("Count Lines", outputs=("lines",))
def count_lines(*, path: Annotated[str, PathOf("read")]) -> DataTable:
    \"\"\"Count the lines of a file.\"\"\"
"""

each_example = pytest.mark.parametrize("spec", SHOWN, ids=lambda spec: spec.id)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    workspace = Workspace(tmp_path_factory.mktemp("examples"))
    with Engine(workspace, CATALOG, workers=1, cores=1) as engine:
        yield engine


def test_every_module_has_one() -> None:
    assert [spec.id for spec in BUILT_IN if EXAMPLES[spec.id] is None] == []


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
    assert not kinds or not kinds <= {"UntrainedModel", "TrainedModel", "Transformation"}


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
            assert not isinstance(value, Files) or len(value.describe())


def test_no_example_names_a_folder_of_this_installation() -> None:
    """A saved example finds its files wherever ModelDesk is installed."""
    reading = []
    for spec in SHOWN:
        pipeline = EXAMPLES[spec.id]
        assert pipeline is not None
        text = file.dumps(pipeline)
        assert str(paths.packages()) not in text, spec.id
        assert "examples/" not in text, spec.id
        if paths.EXAMPLE_PREFIX in text:
            reading.append(spec.id)
    assert {"import_data", "import_files", "saved_dataset", "saved_model"} <= set(reading)


def test_a_saved_example_runs_in_another_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same text means the files of the installation that reads it."""
    pipeline = EXAMPLES["import_data"]
    assert pipeline is not None
    (path,) = [
        value
        for node in file.loads(file.dumps(pipeline)).nodes.values()
        for value in node.parameters.values()
        if str(value).startswith(paths.EXAMPLE_PREFIX)
    ]
    here = paths.absolute_path(path, tmp_path)
    assert here.is_dir()
    assert paths.comes_with_example(here)
    monkeypatch.setattr(paths, "packages", lambda: tmp_path / "elsewhere")
    there = paths.absolute_path(path, tmp_path)
    assert there.relative_to(tmp_path / "elsewhere") == here.relative_to(
        BUILT_IN[0].file.parents[2]
    )
    assert not paths.comes_with_example(here)


@pytest.mark.parametrize("path", ["example:nowhere/visits.csv", "example:", "example:../x.csv"])
def test_an_example_that_is_not_there_is_reported(path: str, tmp_path: Path) -> None:
    node = Node("reader", "import_data", 1, {"path": path})
    pipeline = Pipeline(nodes={"reader": node})
    found = [each.code for each in validate(pipeline, CATALOG, base=tmp_path)]
    assert found == ["file-not-found"]


def test_what_is_not_an_example_is_asked_for_whatever_its_path_looks_like(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")

    def asked(module: str, path: str) -> list[str]:
        pipeline = Pipeline(nodes={"one": Node("one", module, 1, {"path": path})})
        return [each.kind for each in accesses(pipeline, CATALOG, tmp_path, workspace)]

    assert asked("dataset", "example:data_input_output/visits/january.csv") == []
    assert asked("saved_model", "example:model_training/saved_model") == []
    assert asked("dataset", "example:data_input_output/../../../../secret.csv") == ["read"]
    assert asked("dataset", "example:contract/../errors.py") == ["read"]
    assert asked("export_data", "example:data_input_output/visits/january.csv") == ["write"]


def test_a_modules_own_example_has_no_other_entries() -> None:
    known = {"parameters", "inputs", "columns"}
    for spec in BUILT_IN:
        found = stated(spec)
        assert set(found) <= known | {"pipeline"}, spec.id
        assert set(found.get("pipeline", {})) <= known | {"rows", "files"}, spec.id


def test_what_an_example_writes_is_beside_the_pipeline(engine: Engine, tmp_path: Path) -> None:
    pipeline = EXAMPLES["export_data"]
    assert pipeline is not None
    assert engine.run(pipeline, base=tmp_path).status == "completed"
    (written,) = (each for each in tmp_path.iterdir() if each.is_file())
    rows = (paths.resources() / "example_rows.csv").read_text("utf-8").splitlines()
    assert len(written.read_text("utf-8").splitlines()) == len(rows)


def test_the_example_of_an_endpoint_scores_a_request(tmp_path: Path) -> None:
    """A request takes the place of the rows, and gets what the stored model says."""
    pipeline = EXAMPLES["web_service_input"]
    assert pipeline is not None
    write_scoring_folder(pipeline, CATALOG, tmp_path / "scoring", base=tmp_path)
    rows: list[dict[str, Any]] = [
        {"age": 76, "price": None, "city": None},
        {"age": 19, "price": 45.2, "city": "Lima"},
    ]
    answer = Scorer(tmp_path / "scoring").score({"input1": rows})
    labels = [row["Scored Labels"] for row in answer["output1"]]
    # Who is older than 48 is labeled “yes” in the example rows, with some noise.
    assert labels == ["yes", "no"]


def test_an_own_module_that_needs_a_file_has_none_until_its_example_names_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "count_lines.py").write_text(COUNT_LINES, "utf-8")
    catalog = load_catalog(tmp_path)
    assert example(catalog["count_lines"], catalog) is None
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "count_lines.json").write_text(
        '{"pipeline": {"files": {"path": "poem.txt"}}}', "utf-8"
    )
    made = example(catalog["count_lines"], catalog)
    assert made is not None
    (node,) = made.nodes.values()
    assert node.parameters == {"path": str(tmp_path / "examples" / "poem.txt")}


def test_each_example_belongs_to_a_module() -> None:
    ids = {(spec.file.parent, spec.id) for spec in BUILT_IN}
    root = BUILT_IN[0].file.parents[1]
    for path in root.glob("*/examples/*.json"):
        assert (path.parents[1], path.stem) in ids


def test_stored_examples_are_those_that_the_tool_writes() -> None:
    tool = runpy.run_path(str(BUILT_IN[0].file.parents[2] / "tools" / "stored_examples.py"))
    made = tool["stored_values"](CATALOG)
    rows = made["saved_dataset"]
    for id, value in made.items():
        stored = load(CATALOG[id].file.parent / "examples" / id)
        assert type(stored) is type(value)
        found, expected = (
            each.score(rows)
            if isinstance(each, TrainedModel)
            else each.apply(rows)
            if isinstance(each, Transformation)
            else each
            for each in (stored, value)
        )
        pd.testing.assert_frame_equal(found.frame, expected.frame)
        assert found.roles == expected.roles
