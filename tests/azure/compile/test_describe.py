"""Pipelines as steps: names, what is left out, files, secrets, reuse, and what is in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from ast import literal_eval
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.azure.compile.describing import describe
from designer.azure.compile.problems import CompileError
from designer.azure.compile.step_ports import DatastoreFolder, Input, Reference
from designer.azure.compile.steps import Description
from designer.catalog import Catalog, load_catalog
from designer.packaging.snapshot import write_snapshot
from designer.pipeline.model import Endpoint, Link, Node, Pipeline, PipelineParameter
from designer.workspace import Workspace
from modules.contract.registry.automated import Candidate

TABLE = ("enter_data_manually", {"data": "x,y\n1,2\n3,4\n"})

Build = Callable[..., Pipeline]
Describe = Callable[..., Description]


@pytest.fixture
def describing(catalog: Catalog, tmp_path: Path) -> Describe:
    def make(pipeline: Pipeline, **options: Any) -> Description:
        return describe(pipeline, catalog, **{"base": tmp_path, **options})

    return make


@pytest.fixture
def refused(describing: Describe) -> Callable[..., str]:
    """Returns all sentences of what is in the way, with their places."""

    def make(pipeline: Pipeline, **options: Any) -> str:
        with pytest.raises(CompileError) as caught:
            describing(pipeline, **options)
        assert caught.value.problems
        assert all(problem.severity == "error" for problem in caught.value.problems)
        return "\n".join(
            f"{problem.node}.{problem.parameter}: {problem.message}"
            for problem in caught.value.problems
        )

    return make


def test_addresses_become_names(build: Build, describing: Describe) -> None:
    description = describing(
        build(
            {"data": TABLE, "clean/split": "split_data", "clean/inner/split": "split_data"},
            "data.dataset > clean/split.dataset",
            "clean/split.results_dataset1 > clean/inner/split.dataset",
        )
    )
    assert [step.id for step in description.steps] == [
        "data",
        "clean__split",
        "clean__inner__split",
    ]
    assert description.step_by_node["clean/inner/split"].inputs[0].step == "clean__split"


def test_names_that_fall_together_are_told_apart(build: Build, describing: Describe) -> None:
    description = describing(build({"a/b": TABLE, "a__b": TABLE, "a__b_2": TABLE}))
    assert len({step.id for step in description.steps}) == 3


def test_disabled_nodes_are_left_out_with_what_needs_them(
    build: Build, describing: Describe
) -> None:
    nodes = {
        "data": TABLE,
        "off": Node("off", "split_data", disabled=True),
        "after": "split_data",
        "beside": "split_data",
    }
    description = describing(
        build(
            nodes,
            "data.dataset > off.dataset",
            "off.results_dataset1 > after.dataset",
            "data.dataset > beside.dataset",
        )
    )
    assert [step.id for step in description.steps] == ["data", "beside"]


def test_a_file_is_uploaded_and_its_place_here_is_not_told(
    build: Build, describing: Describe, tmp_path: Path
) -> None:
    (tmp_path / "prices 2.csv").write_text("x\n1\n", "utf-8")
    pipeline = build({"data": ("dataset", {"path": "prices 2.csv", "header": False})})
    (step,) = describing(pipeline).steps
    (call,) = step.calls
    file, parameters = step.inputs
    assert call.files == {"path": (file.name, "prices 2.csv")}
    assert file.upload is not None
    assert file.upload.source == tmp_path / "prices 2.csv"
    assert parameters.upload is not None
    assert parameters.upload.content == '{\n "header": false\n}\n'
    assert ("path=", Reference("input", "path"), "/prices 2.csv") in call.arguments()
    before = file.upload.key
    (tmp_path / "prices 2.csv").write_text("x\n2\n", "utf-8")
    again = describing(pipeline).steps[0].inputs[0].upload
    assert again is not None
    assert again.key != before


def test_a_registered_dataset_is_uploaded(
    build: Build, describing: Describe, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    (tmp_path / "prices.csv").write_text("x\n1\n", "utf-8")
    workspace.register_dataset("Prices", tmp_path / "prices.csv")
    pipeline = build({"data": ("dataset", {"path": "dataset:Prices"})})
    (step,) = describing(pipeline, resolve=workspace.resolve, datasets=["Prices"]).steps
    upload = step.inputs[0].upload
    assert upload is not None
    assert upload.source == workspace.dataset("Prices")


def test_data_that_lies_on_a_datastore_is_not_uploaded(build: Build, describing: Describe) -> None:
    """Not even here need it be."""

    def node(place: str) -> Node:
        extra = {"azure": {"data": {"path": place}}}
        return Node("data", "dataset", parameters={"path": "gone.csv"}, extra=extra)

    base = "azureml://datastores/lake/paths"
    (step,) = describing(build({"data": node(f"{base}/2026/sales/all.csv")})).steps
    assert step.inputs == (Input("path", location=DatastoreFolder("lake", "2026/sales")),)
    assert step.calls[0].files == {"path": ("path", "all.csv")}
    (step,) = describing(build({"data": node(f"{base}/2026/sales/")})).steps
    assert step.inputs == (Input("path", location=DatastoreFolder("lake", "2026/sales")),)
    assert step.calls[0].files == {"path": ("path", "")}


def test_a_file_to_write_becomes_an_output(build: Build, describing: Describe) -> None:
    description = describing(
        build(
            {"data": TABLE, "save": ("export_data", {"path": "/home/ann/out/prices.csv"})},
            "data.dataset > save.dataset",
        )
    )
    step = description.step_by_node["save"]
    assert [output.name for output in step.outputs] == ["path"]
    assert ("path=", Reference("output", "path"), "/prices.csv") in step.calls[0].arguments()
    assert "ann" not in repr(step)


def test_a_path_from_a_pipeline_parameter_is_fixed_now(
    build: Build, describing: Describe, tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"{name}\n1\n", "utf-8")
    pipeline = build(
        {"data": ("dataset", {"path": {"$parameter": "file"}})},
        parameters={"file": PipelineParameter("file", "text", "a.csv")},
    )
    description = describing(pipeline, parameters={"file": "b.csv"})
    assert description.steps[0].calls[0].files["path"][1] == "b.csv"
    assert description.parameters == ()


def test_a_secret_travels_as_a_name(build: Build, describing: Describe) -> None:
    parameters = {
        "source": "database",
        "connection": "postgresql://ann@db.example.org/sales",
        "password": {"$secret": "sales-db"},
        "query": "select 1",
    }
    description = describing(build({"rows": ("import_data", parameters)}))
    assert description.secrets == ("sales-db",)
    (step,) = description.steps
    assert not step.deterministic
    upload = step.inputs[0].upload
    assert upload is not None
    assert '"password": "sales-db"' in upload.content


def test_reuse_follows_the_module_and_the_person(
    build: Build, describing: Describe, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n", "utf-8")
    read = {"path": "a.csv"}
    description = describing(
        build(
            {
                "data": TABLE,
                "outside": ("import_data", read),
                "wanted": Node("wanted", "import_data", parameters=read, extra={"reuse": True}),
                "never": Node("never", TABLE[0], parameters=TABLE[1], extra={"reuse": False}),
            }
        )
    )
    assert {step.id: step.deterministic for step in description.steps} == {
        "data": True,
        "outside": False,
        "wanted": True,
        "never": False,
    }


def test_compute_of_the_pipeline_and_of_a_node(build: Build, describing: Describe) -> None:
    on_big = {"azure": {"compute": "big-cluster"}}
    big = Node("big", TABLE[0], parameters=TABLE[1], extra=on_big)
    description = describing(build({"data": TABLE, "big": big}, extra={"azure": {"compute": "my"}}))
    assert description.compute == "my"
    assert [step.compute for step in description.steps] == [None, "big-cluster"]


def test_memory_limit_of_the_pipeline_and_of_a_node(build: Build, describing: Describe) -> None:
    extra = {"azure": {"memory_limit": 0.5}}
    node = Node("own", TABLE[0], parameters=TABLE[1], extra=extra)
    nodes = {"data": TABLE, "own": node}

    def limits(**more: Any) -> list[list[str]]:
        calls = [step.calls[0] for step in describing(build(nodes, **more)).steps]
        words = [[word for (word, *_) in call.arguments()] for call in calls]
        return [
            each[each.index("--memory-limit") :] if "--memory-limit" in each else []
            for each in words
        ]

    assert limits() == [[], ["--memory-limit", "0.5"]]
    assert limits(extra={"azure": {"memory_limit": 8}}) == [
        ["--memory-limit", "8"],
        ["--memory-limit", "0.5"],
    ]


def test_own_modules_travel(
    build: Build, tmp_path: Path, catalog: Catalog, own_modules: Path
) -> None:
    own = load_catalog(own_modules)
    assert not own.problems
    pipeline = build({"data": TABLE, "twice": "doubled"}, "data.dataset > twice.dataset")
    description = describe(pipeline, own, base=tmp_path)
    (code,) = description.own_code
    assert code.name.startswith("user_modules._")
    assert description.step_by_node["twice"].calls[0].module == f"{code.name}.doubled"


LEARNER = """
from modules.contract.registry.automated import Candidate
from modules.learning import learner


@learner("Mean", task="regression", automated=Candidate("Mean", [(0, {})]))
def mean_regression():
    "Predict the mean."
    from sklearn.dummy import DummyRegressor

    return DummyRegressor()
"""


def test_modules_that_a_module_finds_by_itself_travel(build: Build, tmp_path: Path) -> None:
    """A job of Automated ML tries the same learners as here, those of the user's own too."""
    (tmp_path / "mean_regression.py").write_text(LEARNER)
    own = load_catalog(tmp_path)
    assert not own.problems
    pipeline = build({"data": TABLE, "best": "automated_training"}, "data.dataset > best.dataset")
    node = pipeline.nodes["best"]
    chosen = replace(node, parameters={"label_column": ["y"]})
    pipeline = replace(pipeline, nodes={**pipeline.nodes, "best": chosen})
    description = describe(pipeline, own, base=tmp_path)
    learners = [each for each in own.values() if isinstance(each.automated, Candidate)]
    assert {name for each in learners for name in each.requires} <= {*description.requires}
    (code,) = description.own_code
    snapshot = tmp_path / "snapshot"
    write_snapshot(snapshot, description.own_code, description.requires)
    found = "from modules.contract.registry.discovery import automated_modules as found; "
    listing = subprocess.run(
        [sys.executable, "-c", found + "print([each.function.__module__ for each in found()])"],
        cwd=snapshot,
        env={**os.environ, "PYTHONPATH": str(snapshot)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {each.function.__module__ for each in learners} <= {*literal_eval(listing.stdout)}
    assert f"{code.name}.mean_regression" in listing.stdout


class TestInTheWay:
    def test_problems_of_the_pipeline_all_at_once(self, build: Build, refused) -> None:
        said = refused(
            build({"data": ("dataset", {"path": "gone.csv"}), "split": ("split_data", {"no": 1})})
        )
        assert "data.path: File: there is no file “gone.csv”." in said
        assert "split.no: Split Data has no parameter “no”." in said
        assert len(said.splitlines()) >= 3

    def test_nothing_to_run(self, build: Build, refused) -> None:
        assert "nothing to run" in refused(Pipeline())
        assert "nothing to run" in refused(
            build({"off": Node("off", "enter_data_manually", disabled=True)})
        )

    def test_a_cycle(self, build: Build, refused) -> None:
        links = ["a.results_dataset1 > b.dataset", "b.results_dataset1 > a.dataset"]
        assert "form a cycle" in refused(build({"a": "split_data", "b": "split_data"}, *links))

    @pytest.mark.parametrize(
        "connection",
        [
            "sqlite:///sales.db",
            "postgresql://localhost/sales",
            "postgresql://ann@127.0.0.1:5432/sales",
        ],
    )
    def test_a_database_that_only_this_computer_reaches(
        self, build: Build, refused, connection: str
    ) -> None:
        parameters = {"source": "database", "connection": connection, "query": "select 1"}
        said = refused(build({"rows": ("import_data", parameters)}))
        assert "rows.connection" in said
        assert "which a job on Azure can't reach" in said

    def test_a_url_of_this_computer(self, build: Build, refused) -> None:
        parameters = {"source": "URL", "url": "http://localhost:8000/a.csv"}
        assert "rows.url" in refused(build({"rows": ("import_data", parameters)}))

    def test_what_has_no_effect_is_no_obstacle(self, build: Build, describing: Describe) -> None:
        parameters = {
            "source": "URL",
            "url": "https://example.org/a.csv",
            "connection": "sqlite:///sales.db",
            "path": "gone.csv",
        }
        (step,) = describing(build({"rows": ("import_data", parameters)})).steps
        upload = step.inputs[0].upload
        assert upload is not None
        assert "sqlite" not in upload.content

    def test_pipeline_parameters(self, build: Build, refused) -> None:
        pipeline = build(
            {"data": TABLE, "split": ("split_data", {"fraction": {"$parameter": "part"}})},
            "data.dataset > split.dataset",
            parameters={"part": PipelineParameter("part", "number")},
        )
        assert "“part” has no value" in refused(pipeline)
        assert "no parameter “prat”" in refused(pipeline, parameters={"part": 0.5, "prat": 1})
        assert "is of type number" in refused(pipeline, parameters={"part": "much"})
        assert "from 0 to 1" in refused(pipeline, parameters={"part": 7})

    def test_a_compute_target_that_is_none(self, build: Build, refused) -> None:
        extra = {"azure": {"compute": "my cluster!"}}
        node = Node("data", TABLE[0], parameters=TABLE[1], extra=extra)
        assert "can't be the name of a compute target" in refused(build({"data": node}))

    @pytest.mark.parametrize("limit", ["8 GB", 0, -1, 0.09, 100_001, True, [], {}])
    def test_a_memory_limit_that_is_none(self, build: Build, refused, limit: Any) -> None:
        extra = {"azure": {"memory_limit": limit}}
        node = Node("data", TABLE[0], parameters=TABLE[1], extra=extra)
        said = refused(build({"data": node}))
        assert said.startswith("data.")
        assert "can't be a memory limit" in said
        said = refused(build({"a": TABLE, "b": TABLE}, extra=extra))
        assert said.count("can't be a memory limit") == 1

    @pytest.mark.parametrize("place", ["lake/a.csv", "azureml://datastores/lake/a.csv", 7])
    def test_a_place_that_is_none_in_azure_ml(self, build: Build, refused, place: Any) -> None:
        extra = {"azure": {"data": {"path": place}}}
        node = Node("data", "dataset", parameters={"path": "gone.csv"}, extra=extra)
        assert "isn't data in Azure ML" in refused(build({"data": node}))

    def test_several_modules_in_one_file(
        self, build: Build, tmp_path: Path, own_modules: Path
    ) -> None:
        text = (own_modules / "doubled.py").read_text("utf-8")
        second = text.partition("@module")[2].replace("Doubled", "Second")
        second = second.replace("def doubled", "def second")
        (own_modules / "pair.py").write_text(
            text.replace("Doubled", "First").replace("def doubled", "def first")
            + "\n\n@module"
            + second,
            "utf-8",
        )
        own = load_catalog(own_modules)
        pipeline = build({"data": TABLE, "it": "second"}, "data.dataset > it.dataset")
        with pytest.raises(CompileError, match="shares its file"):
            describe(pipeline, own, base=tmp_path)
        pipeline = build({"data": TABLE, "it": "first"}, "data.dataset > it.dataset")
        assert len(describe(pipeline, own, base=tmp_path).steps) == 2


_names = st.from_regex(r"[a-z][a-z0-9_]{0,6}(/[a-z][a-z0-9_]{0,4}){0,2}", fullmatch=True)


@given(
    names=st.lists(_names, min_size=1, max_size=12, unique=True),
    disabled=st.lists(st.booleans(), min_size=12, max_size=12),
    joins=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_as_many_steps_as_enabled_nodes(
    catalog: Catalog, names: list[str], disabled: list[bool], joins: list[bool]
) -> None:
    """Independent tables and chains from the first; all names differ, all inputs exist."""
    nodes, links = {}, []
    first = names[0]
    enabled = set()
    for number, name in enumerate(names):
        chained = number > 0 and joins[number]
        module, parameters = ("split_data", {}) if chained else TABLE
        nodes[name] = Node(name, module, parameters=parameters, disabled=disabled[number])
        if chained:
            links.append(Link(Endpoint(first, "dataset"), Endpoint(name, "dataset")))
        if not disabled[number] and not (chained and disabled[0]):
            enabled.add(name)
    pipeline = Pipeline(nodes=nodes, links=tuple(links))
    try:
        description = describe(pipeline, catalog, base=Path())
    except CompileError:
        assert not enabled
        return
    assert {node for step in description.steps for node in step.nodes} == enabled
    ids = [step.id for step in description.steps]
    assert len(set(ids)) == len(ids) == len(enabled)
    made: set[tuple[str, str]] = set()
    for step in description.steps:
        for item in step.inputs:
            assert item.upload or (item.step, item.output) in made
        made |= {(step.id, output.name) for output in step.outputs}


@pytest.mark.parametrize(("engine", "needed"), [("SQLite", False), ("DuckDB", True)])
def test_a_library_for_a_value_is_part_of_the_environment(
    engine: str, needed: bool, build: Build, describing: Describe
) -> None:
    description = describing(
        build(
            {"table": TABLE, "sql": ("apply_sql_transformation", {"engine": engine})},
            "table.dataset > sql.t1",
        )
    )
    assert ("duckdb" in description.requires) == needed
