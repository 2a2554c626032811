from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from strategies import pipelines

from designer.pipeline import edits
from designer.pipeline.migration import migrate_parameters
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.pipeline.validation import Problem, validate
from modules.contract.columns import Column
from modules.contract.specification import ModuleSpec

Build = Callable[..., Pipeline]
Specs = dict[str, ModuleSpec]

NODES: dict[str, Any] = {
    "data": ("dataset", {"path": "prices.csv"}),
    "split": "split_data",
    "learner": "learner",
    "train": ("train", {"label": ["price"]}),
}
LINKS = """
    data.dataset>split.dataset
    split.first>train.dataset
    learner.untrained_model>train.untrained_model
"""


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    problem = problems[0]
    for sentence in (problem.message, problem.hint):
        assert not sentence or sentence[-1] in ".?" or sentence.startswith("pip install")
    assert problem.message
    return problem


def test_a_sound_pipeline_has_no_problems(build: Build, specs: Specs, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").touch()
    assert validate(build(NODES, LINKS), specs, base=tmp_path) == []


def test_an_empty_pipeline_gets_a_hint(specs: Specs) -> None:
    assert only(validate(Pipeline(), specs)).severity == "hint"


def test_an_unknown_module(build: Build, specs: Specs) -> None:
    pipeline = build({"a": "split_dat"}, "")
    problem = only(validate(pipeline, specs))
    assert (problem.severity, problem.node) == ("error", "a")
    assert "“split_dat”" in problem.message
    assert "“split_data”" in problem.hint
    disabled = edits.set_disabled(pipeline, "a", True)
    assert only(validate(disabled, specs)).severity == "warning"


def test_links_of_an_unknown_module_are_not_blamed(build: Build, specs: Specs) -> None:
    nodes = NODES | {"odd": "of_tomorrow"}
    links = LINKS.replace("data.dataset>split.dataset", "data.dataset>odd.x odd.y>split.dataset")
    assert only(validate(build(nodes, links), specs)).node == "odd"


def test_a_newer_module_version(build: Build, specs: Specs) -> None:
    pipeline = build({"a": ("learner", {"of_tomorrow": 1})})
    node = replace(pipeline.nodes["a"], version=7)
    problem = only(validate(edits.replace_node(pipeline, node), specs))
    assert "version 7" in problem.message
    assert "version 1" in problem.message


def test_an_older_module_version_migrates(build: Build, specs: Specs) -> None:
    pipeline = build({"a": ("renamed", {"old": 4}), "b": ("renamed", {"middle": 4})})
    for name, version in (("a", 1), ("b", 2)):
        node = replace(pipeline.nodes[name], version=version)
        pipeline = edits.replace_node(pipeline, node)
    assert validate(pipeline, specs) == []
    migrated = migrate_parameters(pipeline, specs)
    assert [migrated.nodes[name].parameters for name in "ab"] == [{"new": 4}] * 2
    assert [migrated.nodes[name].version for name in "ab"] == [3, 3]
    assert pipeline.nodes["a"].parameters == {"old": 4}
    assert migrate_parameters(migrated, specs) is migrated


def test_a_migration_that_fails_keeps_the_node(build: Build, specs: Specs) -> None:
    pipeline = build({"a": ("brittle", {"old": 4})})
    assert migrate_parameters(pipeline, specs) is pipeline
    assert "version 1 can't be migrated to version 2" in only(validate(pipeline, specs)).message


def test_a_module_whose_library_is_missing(build: Build, specs: Specs) -> None:
    problem = only(validate(build({"a": "unavailable"}), specs))
    assert "no-such-distribution-anywhere" in problem.message
    assert "pytest" not in problem.message
    assert problem.hint == "pip install no-such-distribution-anywhere"


# Parameters


@pytest.mark.parametrize(
    ("module", "parameters", "parameter", "said"),
    [
        ("learner", {"treez": 3}, "treez", "no parameter “treez”"),
        ("learner", {"trees": 0}, "trees", "of at least 1"),
        ("learner", {"trees": "many"}, "trees", "isn't an integer"),
        ("learner", {"trees": None}, "trees", "isn't an integer"),
        ("learner", {"trees": {"$secret": "x"}}, "trees", "a secret can't be used"),
        ("learner", {"trees": {"$parameter": "gone"}}, "trees", "no pipeline parameter “gone”"),
        ("learner", {"trees": {"$parameter": "word"}}, "trees", "of type text"),
        ("learner", {"trees": {"$parameter": "zero"}}, "trees", "of at least 1"),
        ("dataset", {}, "path", "No file is chosen"),
        ("dataset", {"path": ""}, "path", "No file is chosen"),
        ("import_data", {"connection": "postgres://me:hunter2@host/db"}, "connection", "password"),
        ("import_data", {"connection": "Server=x;PWD=hunter2"}, "connection", "password"),
        ("import_data", {"connection": "x://host/db?password=hunter2"}, "connection", "password"),
        ("import_data", {"password": "hunter2"}, "password", "the secret's value"),
        ("import_data", {"password": {"$parameter": "word"}}, "password", "of type text"),
        ("import_data", {"header": 1.5}, "header", "isn't true or false"),
    ],
)
def test_wrong_parameters(
    build: Build, specs: Specs, module: str, parameters: dict[str, Any], parameter: str, said: str
) -> None:
    bound = {
        "word": PipelineParameter("word", "text", "x"),
        "zero": PipelineParameter("zero", "integer", 0),
    }
    problem = only(validate(build({"a": (module, parameters)}, parameters=bound), specs))
    assert said in problem.message
    assert (problem.severity, problem.node, problem.parameter) == ("error", "a", parameter)
    assert "hunter2" not in problem.message + problem.hint


@pytest.mark.parametrize(
    ("module", "parameters"),
    [
        ("learner", {"trees": {"$parameter": "few"}}),
        ("learner", {"trees": {"$parameter": "unset"}}),
        ("import_data", {"rows": None}),
        ("import_data", {"password": ""}),
        ("import_data", {"connection": "postgres://me@host/db"}),
        ("import_data", {"connection": "postgres://me:{password}@host/db"}),
        ("import_data", {"connection": "Server=x;Password={password}"}),
        ("import_data", {"password": {"$secret": "warehouse"}}),
        ("dataset", {"path": "https://example.org/a.csv"}),
        ("dataset", {"path": "dataset:Prices"}),
    ],
)
def test_right_parameters(
    build: Build, specs: Specs, module: str, parameters: dict[str, Any], tmp_path: Path
) -> None:
    bound = {
        "few": PipelineParameter("few", "integer", 3),
        "unset": PipelineParameter("unset", "integer"),
    }
    pipeline = build({"a": (module, parameters)}, parameters=bound)
    assert validate(pipeline, specs, base=tmp_path, datasets=["Prices"]) == []


def test_values_that_have_no_effect_are_not_looked_at(build: Build, specs: Specs) -> None:
    def problems(**parameters: object) -> list[Problem]:
        nodes = NODES | {"split": ("split_data", parameters)}
        return validate(build(nodes, LINKS), specs)

    assert problems(mode="rows", expression=7) == []
    assert only(problems(mode="expression")).parameter == "expression"
    assert problems(mode="expression", expression="x > 1", fraction=99) == []
    assert only(problems(fraction=99)).parameter == "fraction"


def test_a_condition_follows_a_bound_value(build: Build, specs: Specs) -> None:
    nodes = NODES | {"split": ("split_data", {"mode": {"$parameter": "mode"}})}
    for mode, count in (("rows", 0), ("expression", 1)):
        parameters = {"mode": PipelineParameter("mode", "text", mode)}
        assert len(validate(build(nodes, LINKS, parameters=parameters), specs)) == count


def test_a_default_that_is_not_of_its_type(specs: Specs, build: Build) -> None:
    parameters = {
        name: PipelineParameter(name, kind, default)
        for name, kind, default in (
            ("a", "integer", 1.5),
            ("b", "boolean", 1),
            ("c", "integer", True),
            ("d", "number", 1),
            ("e", "text", None),
            ("f", "text", "x://me:hunter2@host"),
        )
    }
    problems = validate(build({"x": "learner"}, parameters=parameters), specs)
    assert [problem.parameter for problem in problems] == ["a", "b", "c", "f"]


def test_missing_files_are_looked_for_beside_the_pipeline(
    build: Build, specs: Specs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = build({"a": ("dataset", {"path": "data/prices.csv"})})
    problem = only(validate(pipeline, specs, base=tmp_path))
    assert "“data/prices.csv”" in problem.message
    assert str(tmp_path) in problem.hint
    assert validate(pipeline, specs) == []
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.csv").touch()
    assert validate(pipeline, specs, base=tmp_path) == []
    monkeypatch.setenv("HOME", str(tmp_path / "data"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "data"))
    home = build({"a": ("dataset", {"path": "~/prices.csv"})})
    assert validate(home, specs, base=tmp_path) == validate(home, specs) == []
    home = build({"a": ("dataset", {"path": "~/gone.csv"})})
    assert only(validate(home, specs, base=tmp_path)).code == "file-not-found"
    absolute = build({"a": ("dataset", {"path": str(tmp_path / "no.csv")})})
    assert only(validate(absolute, specs)).parameter == "path"
    strange = build({"a": ("dataset", {"path": "a\0b"})})
    assert only(validate(strange, specs, base=tmp_path)).parameter == "path"


def test_a_dataset_that_is_not_registered(build: Build, specs: Specs) -> None:
    pipeline = build({"a": ("dataset", {"path": "dataset:Price"})})
    problem = only(validate(pipeline, specs, datasets=["Prices", "Flights"]))
    assert "“Price”" in problem.message
    assert "“Prices”" in problem.hint


# Links


@pytest.mark.parametrize(
    ("old", "new", "node", "port", "said"),
    [
        ("data.dataset>split.dataset", "", "split", "dataset", "isn't connected"),
        ("split.first>", "split.third>", "split", "third", "no output “third”"),
        ("split.first>train.dataset", "split.first>train.dataset split.first>train.data", "train",
         "data", "no input “data”"),
        ("split.first>", "gone.first>", "train", "dataset", "“gone”"),
        ("split.first>train.dataset", "learner.untrained_model>train.dataset", "train", "dataset",
         "needs a dataset, but the output “Untrained model” of “learner” is an untrained model"),
        ("split.first>train.dataset", "split.first>train.dataset split.second>train.dataset",
         "train", "dataset", "has 2 links"),
    ],
)  # fmt: skip
def test_wrong_links(
    build: Build, specs: Specs, old: str, new: str, node: str, port: str, said: str
) -> None:
    problem = only(validate(build(NODES, LINKS.replace(old, new)), specs))
    assert said in problem.message
    assert (problem.severity, problem.node, problem.port) == ("error", node, port)


def test_an_optional_input_may_stay_open_and_any_value_may_pass(build: Build, specs: Specs) -> None:
    nodes = NODES | {"any": "anything", "join": "join"}
    links = LINKS + "train.trained_model>any.value any.value>join.left"
    assert validate(build(nodes, links), specs) == []


def test_a_web_service_input_may_share_an_input(build: Build, specs: Specs) -> None:
    nodes = NODES | {"request": "web_service_input"}
    links = LINKS + "request.dataset>train.dataset"
    assert validate(build(nodes, links), specs) == []
    nodes["second"] = ("web_service_input", {"name": "other"})
    links += " second.dataset>train.dataset"
    assert "2 links from a Web Service Input" in only(validate(build(nodes, links), specs)).message


def test_names_of_web_service_ports_are_unique(build: Build, specs: Specs) -> None:
    nodes = {
        "a": "web_service_input",
        "b": ("web_service_input", {"name": "input"}),
        "c": ("web_service_input", {"name": "other"}),
        "d": ("web_service_output", {"name": "input"}),
    }
    problem = only(validate(build(nodes, "a.dataset>d.result"), specs))
    assert (problem.node, problem.parameter) == ("b", "name")
    assert "“a” and “b”" in problem.message


def test_every_cycle_is_named(build: Build, specs: Specs) -> None:
    nodes = dict.fromkeys("abcdefgs", "anything")
    links = """
        s.value>a.value a.value>b.value b.value>c.value c.value>a.value
        c.value>d.value d.value>e.value e.value>d.value f.value>f.value
        e.value>g.value
    """
    problems = [p for p in validate(build(nodes, links), specs) if "a cycle" in p.message]
    cycles = {frozenset(p.message.split(": ")[1][:-1].split(" → ")) for p in problems}
    assert cycles == {frozenset("abc"), frozenset("de"), frozenset("f")}
    for problem in problems:
        walk = problem.message.split(": ")[1][:-1].split(" → ")
        assert walk[0] == walk[-1]
        steps = {(link.source.node, link.target.node) for link in build(nodes, links).links}
        assert set(itertools.pairwise(walk)) <= steps


def test_a_long_cycle_does_not_exhaust_the_stack(build: Build, specs: Specs) -> None:
    nodes = {f"n{number}": "anything" for number in range(5000)}
    links = " ".join(f"n{i}.value>n{(i + 1) % 5000}.value" for i in range(5000))
    problem = only(validate(build(nodes, links), specs))
    assert len(problem.message) < 200


# Disabled nodes


def test_what_needs_a_disabled_node_is_named(build: Build, specs: Specs) -> None:
    nodes = NODES | {"join": "join", "any": "anything"}
    links = LINKS + "data.dataset>join.left split.second>join.right train.trained_model>any.value"
    pipeline = edits.set_disabled(build(nodes, links), "split", True)
    problems = validate(pipeline, specs)
    assert {problem.node for problem in problems} == {"train", "any"}
    assert all(problem.severity == "warning" for problem in problems)
    assert all("“split”" in problem.message for problem in problems)


def test_a_disabled_node_may_be_unfinished(build: Build, specs: Specs) -> None:
    pipeline = build({"a": ("split_data", {"fraction": 7}), "b": "learner"})
    assert validate(edits.set_disabled(pipeline, "a", True), specs) == []


# Columns


def test_selections_that_name_unknown_columns(build: Build, specs: Specs) -> None:
    columns = {
        Endpoint("split", "first"): [Column("price", "number"), Column("make", "string")],
        Endpoint("data", "dataset"): [Column("price", "number")],
    }

    def problems(label: object) -> list[Problem]:
        nodes = NODES | {"train": ("train", {"label": label})}
        return validate(build(nodes, LINKS), specs, columns=columns)

    assert problems(["price"]) == []
    assert problems({"rules": [{"include": "types", "values": ["numeric"]}]}) == []
    problem = only(problems(["pryce"]))
    assert (problem.node, problem.parameter, problem.severity) == ("train", "label", "error")
    assert "“pryce”" in problem.message
    assert "“price”" in problem.hint
    rules = [{"include": "all"}, {"exclude": "names", "values": ["gone"]}]
    assert only(problems({"rules": rules})).severity == "hint"
    assert "several" not in only(problems(["price", "make"])).hint
    assert "one column is needed" in only(problems(["price", "make"])).message
    assert "column selection" in only(problems({"rules": [{"include": "colour"}]})).message.lower()


def test_columns_of_an_input_that_is_not_known_are_not_checked(build: Build, specs: Specs) -> None:
    columns = {Endpoint("data", "dataset"): [Column("x", "number")]}
    assert validate(build(NODES, LINKS), specs, columns=columns) == []


# All together


def test_every_problem_is_found_in_one_pass(build: Build, specs: Specs, tmp_path: Path) -> None:
    nodes = NODES | {
        "learner": ("learner", {"trees": 0, "leaves": 1}),
        "odd": "of_tomorrow",
        "join": "join",
    }
    links = LINKS + "split.fifth>join.right join.dataset>nowhere.x"
    problems = validate(build(nodes, links), specs, base=tmp_path)
    assert len(problems) == 7
    assert {(p.node, p.port or p.parameter) for p in problems} == {
        ("data", "path"),
        ("learner", "trees"),
        ("learner", "leaves"),
        ("odd", None),
        ("join", "left"),
        ("split", "fifth"),
        ("join", "dataset"),
    }


@given(pipelines())
def test_no_pipeline_makes_validation_fail(specs: Specs, pipeline: Pipeline) -> None:
    known = list(specs)
    nodes = {
        name: replace(node, module=known[len(name) % len(known)], version=1 + len(name) % 3)
        for name, node in pipeline.nodes.items()
    }
    for problem in validate(replace(pipeline, nodes=nodes), specs, base=Path("nowhere")):
        assert problem.severity in ("error", "warning", "hint")
        assert problem.node is None or problem.node in nodes
        assert problem.message
