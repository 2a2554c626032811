"""Shared modules on the command line: listed, explained, run, changed, exported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from designer.catalog import load_catalog
from designer.pipeline import edits, grouping
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Interface, Pipeline
from designer.pipeline.shared import choices, making


def turned(pipeline: Pipeline, nodes: list[str], *parameters: str) -> Pipeline:
    """Return a pipeline in which nodes are a shared module."""
    grouped, name = grouping.group(pipeline, nodes, "Take a Part")
    found = choices.choices_of_group(grouped, name, load_catalog())
    interface = Interface(
        "Take a Part",
        tuple(each.item for each in found.inputs if each.chosen),
        tuple(each.item for each in found.outputs if each.chosen),
        tuple(each.item for each in found.parameters if each.item.name in parameters),
    )
    definition = making.module_of_group(grouped, name, interface)
    return making.turn_into_module(grouped, name, "take_a_part", definition)


@pytest.fixture
def shared(small: tuple[Pipeline, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Return a pipeline and the same one with its second node as a shared module."""
    pipeline, path = small
    other = tmp_path / "shared.pipeline.json"
    write(turned(pipeline, [list(pipeline.nodes)[1]], "fraction"), other)
    return path, other


@pytest.fixture
def run(designer, tmp_path):
    """Call a command in a workspace of the test's own."""
    return lambda *arguments: designer(*arguments, "--workspace", tmp_path / "workspace")


def test_a_run_with_a_shared_module_equals_the_flat_one(run, shared) -> None:
    path, other = shared
    flat = json.loads(run("run", path, "--json").stdout)
    nodes = json.loads(run("run", other, "--json").stdout)["nodes"]
    # Fingerprints are equal, so there is nothing to compute.
    assert {node["status"] for node in nodes.values()} == {"reused"}
    assert nodes["take_a_part/split_data"]["outputs"] == flat["nodes"]["split_data"]["outputs"]


def test_a_parameter_of_the_card_can_be_set(run, shared) -> None:
    _, other = shared
    result = run("run", other, "--set", "take_a_part.fraction=1", "--json")
    outputs = json.loads(result.stdout)["nodes"]["take_a_part/split_data"]["outputs"]
    assert outputs["results_dataset1"]["rows"] == 2


def test_until_a_card_runs_all_that_is_in_it_and_what_it_needs(run, small, tmp_path) -> None:
    pipeline, _ = small
    names = list(pipeline.nodes)
    pipeline, after = edits.add_node(pipeline, "split_data")
    source = Endpoint(names[1], "results_dataset1")
    pipeline = edits.connect(pipeline, source, Endpoint(after, "dataset"))
    path = tmp_path / "until.pipeline.json"
    write(turned(pipeline, [names[1], after], "fraction"), path)
    whole = json.loads(run("run", path, "--until", "take_a_part", "--json").stdout)
    assert set(whole["nodes"]) == {names[0], f"take_a_part/{names[1]}", f"take_a_part/{after}"}
    part = run("run", path, "--until", f"take_a_part/{names[1]}", "--json")
    assert set(json.loads(part.stdout)["nodes"]) == {names[0], f"take_a_part/{names[1]}"}


def test_until_nothing_near_a_card_names_the_card(run, shared) -> None:
    result = run("run", shared[1], "--until", "take_a_prt")
    assert result.exit_code == 2
    assert "no node “take_a_prt”" in result.stderr
    assert "Did you mean “take_a_part”" in result.stderr


def test_modules_lists_and_explains_it(run, shared) -> None:
    _, other = shared
    listed = json.loads(run("modules", "list", "--beside", other, "--json").stdout)
    (module,) = [each for each in listed if each["id"] == "take_a_part.module.json"]
    assert module["title"] == "Take a Part"
    assert module["category"] == "Shared: this pipeline"
    assert module["inputs"][0]["type"] == "DataTable"
    assert module["parameters"][0]["default"] == 0.7
    shown = run("modules", "show", "take_a_part", "--beside", other).stdout
    assert "Take a Part" in shown
    assert "fraction" in shown


def test_a_missing_module_is_an_error_with_what_to_do(run, shared) -> None:
    _, other = shared
    (other.parent / "shared.modules" / "take_a_part.module.json").unlink()
    result = run("validate", other, "--json")
    assert result.exit_code == 2
    problems = json.loads(result.stdout)["problems"]
    assert any(
        problem["node"] == "take_a_part" and "can't be found" in problem["message"]
        for problem in problems
    )


def test_exported_code_has_a_function_for_it(run, shared, tmp_path) -> None:
    _, other = shared
    code = tmp_path / "code.py"
    assert run("export", other, "--to", "python", "-o", code).exit_code == 0
    assert "def take_a_part(" in code.read_text("utf-8")


def test_the_modules_of_the_workspace_are_found(run, shared, tmp_path) -> None:
    _, other = shared
    folder = tmp_path / "workspace" / "modules"
    folder.mkdir(parents=True)
    (tmp_path / "shared.modules" / "take_a_part.module.json").rename(
        folder / "take_a_part.module.json"
    )
    assert run("validate", other).exit_code == 0
    assert not read(other).nodes.keys() & {"take_a_part/split_data"}
    assert "take_a_part/split_data" in read(other, folder).nodes


def test_an_inference_pipeline_has_its_steps_and_not_the_module(run, tmp_path) -> None:
    rows = "x,y\n" + "\n".join(f"{x},{2 * x + 1}" for x in range(8))
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": rows})
    pipeline, learner = edits.add_node(pipeline, "linear_regression")
    label = {"rules": [{"include": "names", "values": ["y"]}]}
    pipeline, train = edits.add_node(pipeline, "train_model", parameters={"label_column": label})
    pipeline, score = edits.add_node(pipeline, "score_model")
    for source, target in (
        (Endpoint(learner, "untrained_model"), Endpoint(train, "untrained_model")),
        (Endpoint(data, "dataset"), Endpoint(train, "dataset")),
        (Endpoint(train, "trained_model"), Endpoint(score, "trained_model")),
        (Endpoint(data, "dataset"), Endpoint(score, "dataset")),
    ):
        pipeline = edits.connect(pipeline, source, target)
    path, out = tmp_path / "line.pipeline.json", tmp_path / "out.pipeline.json"
    write(turned(pipeline, [train, score]), path)
    ran = run("run", path)
    assert ran.exit_code == 0, ran.output
    assert run("inference", path, "--kind", "real-time", "-o", out).exit_code == 0
    groups = json.loads(out.read_text("utf-8"))["groups"]
    assert all("module" not in group for group in groups.values())
    made = read(out)
    assert "take_a_part/score_model" in made.nodes
    assert not any(node.module == "train_model" for node in made.nodes.values())
