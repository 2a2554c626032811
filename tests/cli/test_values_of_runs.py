"""Values that are given for a run: whatever is wrong with them is told in one pass."""

from __future__ import annotations

import json

import pytest

from designer.pipeline.file import write
from designer.pipeline.model import Node, Pipeline, PipelineParameter
from designer.pipeline.parameters import add_parameter

SETTINGS = (
    "split_data.fraction=7",
    "split_data.mode=row",
    "splat.fraction=1",
    "split_data.fractian=1",
    "split_data.seed",
    "split_data.randomized=no",
)
EXPECTED = [
    ("split_data", "fraction", "7 isn't a number from 0 to 1", "designer modules split_data"),
    ("split_data", "mode", "“row” isn't one of", "Did you mean “rows”?"),
    ("splat", "fraction", "no node “splat”", "Did you mean “split_data”?"),
    ("split_data", "fractian", "no parameter “fractian”", "Did you mean “fraction”?"),
    (None, None, "“split_data.seed” isn't of the form NODE.PARAM=VALUE", "NODE.PARAM=VALUE"),
]
"""Of each that is wrong the node, the parameter, words of the message and of the hint."""


@pytest.fixture
def parametrised(small):
    pipeline, path = small
    pipeline = add_parameter(pipeline, PipelineParameter("share", "number", 0.5))
    write(add_parameter(pipeline, PipelineParameter("top", "boolean", True)), path)
    return path


def options(name, values):
    return [word for value in values for word in (name, value)]


def assert_told(problems, expected):
    assert len(problems) == len(expected)
    for problem, (node, parameter, message, hint) in zip(problems, expected, strict=True):
        assert (problem["node"], problem["parameter"]) == (node, parameter)
        assert message in problem["message"]
        assert hint in problem["hint"]


def test_all_wrong_settings_are_told_at_once(designer, small, tmp_path):
    place = ("--workspace", tmp_path / "w")
    given = options("--set", SETTINGS)
    result = designer("run", small[1], *given, *place, "--json")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert document["valid"] is False
    assert_told(document["problems"], EXPECTED)
    plain = designer("run", small[1], *given, *place)
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert plain.stderr.count("Error: ") == len(EXPECTED)
    assert "Error: split_data.fraction: Fraction of rows" in plain.stderr
    for problem in document["problems"]:
        assert problem["message"] in plain.stderr
        assert problem["hint"] in plain.stderr
    assert not (tmp_path / "w").exists()


def test_so_are_pipeline_parameters_nodes_and_the_pipeline_itself(designer, parametrised, tmp_path):
    (tmp_path / "prices.csv").unlink()
    result = designer(
        "run", parametrised, "--json", "--workspace", tmp_path / "w",
        *options("--set", ("split_data.fraction=x",)),
        *options("--param", ("share=many", "top=3", "shore=1", "share")),
        *options("--until", ("split_dat", "split_data")),
    )  # fmt: skip
    assert result.exit_code == 2
    assert_told(
        json.loads(result.stdout)["problems"],
        [
            ("split_data", "fraction", "“x” isn't a number", "designer modules"),
            (None, "share", "“many” isn't", "share=0.5"),
            (None, "top", "“3” isn't", "top=true"),
            (None, "shore", "no parameter “shore”", "Did you mean “share”?"),
            (None, None, "“share” isn't of the form NAME=VALUE", "NAME=VALUE"),
            (None, None, "no node “split_dat”", "Did you mean “split_data”?"),
            ("dataset", "path", "prices.csv", ""),
        ],
    )


def test_a_needed_parameter_with_a_wrong_value_is_told_once(designer, tmp_path):
    path = tmp_path / "one.pipeline.json"
    write(Pipeline(nodes={"data": Node("data", "enter_data_manually")}), path)
    result = designer("run", path, "--set", "data.data_format=XML", "--json")
    (problem, *others) = json.loads(result.stdout)["problems"]
    assert problem["parameter"] == "data_format"
    assert all(other["parameter"] != "data_format" for other in others)


def test_compile_tells_all_values_too(designer, parametrised, tmp_path):
    given = options("--param", ("share=many", "shore=1"))
    target = ("--to", "azureml-v2", "-o", tmp_path / "out", "--workspace", tmp_path / "w")
    result = designer("compile", parametrised, *target, *given)
    assert result.exit_code == 2
    assert "“many” isn't" in result.stderr
    assert "no parameter “shore”" in result.stderr
    assert not (tmp_path / "out").exists()
