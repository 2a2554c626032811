"""What a person has to fill in, and what a wrong choice leaves open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from designer.catalog import load_catalog
from designer.pipeline.model import Node, Pipeline, PipelineParameter
from designer.pipeline.validation import validate

Build = Callable[..., Pipeline]

PALETTE = load_catalog()
TABLE = ("enter_data_manually", {"data": "age,price\n1,2\n"})
LABEL = {"rules": [{"include": "names", "values": ["price"]}]}


def needed(module: str, **parameters: Any) -> list[tuple[str | None, str]]:
    """Return what is wrong with the values of a node alone, as parameter and sentence."""
    pipeline = Pipeline(nodes={"it": Node("it", module, parameters=parameters)})
    problems = validate(pipeline, PALETTE)
    return [(each.parameter, each.message) for each in problems if each.parameter]


@pytest.mark.parametrize(
    ("module", "parameters", "lacking"),
    [
        ("dataset", {}, ["path"]),
        ("dataset", {"path": "dataset:cars", "delimiter": "other"}, ["other_delimiter"]),
        ("enter_data_manually", {}, ["data"]),
        ("import_data", {}, ["path"]),
        ("import_data", {"source": "URL"}, ["url"]),
        ("import_data", {"source": "database"}, ["connection", "query"]),
        ("export_data", {}, ["path"]),
        ("export_data", {"destination": "database"}, ["connection", "table"]),
        ("group_data_into_bins", {"mode": "custom edges"}, ["edges"]),
        ("split_data", {"stratified": True}, ["stratification_column"]),
        ("split_data", {"stratified": True, "mode": "regular expression"}, []),
        ("partition_and_sample", {"stratified": True}, ["stratification_column"]),
        (
            "partition_and_sample",
            {
                "mode": "assign to folds",
                "partitioner": "partition with customized proportions",
            },
            ["proportions"],
        ),
        ("join_data", {}, ["left_keys", "right_keys"]),
        ("select_columns_in_dataset", {}, ["columns"]),
    ],
)
def test_what_is_empty_and_has_an_effect_is_an_error(
    module: str, parameters: dict[str, Any], lacking: list[str]
) -> None:
    assert [name for name, _ in needed(module, **parameters)] == lacking


def test_spaces_alone_are_as_good_as_nothing() -> None:
    assert [name for name, _ in needed("enter_data_manually", data=" \n ")] == ["data"]


def test_what_a_pipeline_parameter_will_give_is_not_missed() -> None:
    pipeline = Pipeline(
        nodes={
            "it": Node("it", "enter_data_manually", parameters={"data": {"$parameter": "rows"}})
        },
        parameters={"rows": PipelineParameter("rows", "text")},
    )
    assert validate(pipeline, PALETTE) == []


def test_values_that_hang_on_a_wrong_choice_are_looked_at_too() -> None:
    """Mending the one should not bring up the other."""
    problems = needed("split_data", mode="rowz", fraction=1.7, seed="abc")
    assert [name for name, _ in problems] == ["mode", "fraction", "seed"]


def test_values_that_a_right_choice_hides_are_not_looked_at() -> None:
    assert needed("split_data", mode="regular expression", fraction=1.7, seed="abc") == []


TRAINING = """
    {}.{}>train.dataset
    learner.untrained_model>train.untrained_model
"""


@pytest.mark.parametrize(
    ("label", "missed"),
    [({}, True), ({"label_column": LABEL}, False), ({"label_column": []}, True)],
)
def test_a_label_has_to_be_chosen(build: Build, label: dict[str, Any], missed: bool) -> None:
    nodes = {"data": TABLE, "learner": "linear_regression", "train": ("train_model", label)}
    problems = validate(build(nodes, TRAINING.format("data", "dataset")), PALETTE)
    assert [(each.severity, each.node, each.parameter) for each in problems] == [
        ("error", "train", "label_column")
    ] * missed


def test_a_label_that_edit_metadata_may_give_is_not_missed(build: Build) -> None:
    nodes = {
        "data": TABLE,
        "edit": ("edit_metadata", {"columns": LABEL, "fields": "label"}),
        "clip": "clip_values",
        "learner": "linear_regression",
        "train": "train_model",
    }
    links = "data.dataset>edit.dataset\nedit.results_dataset>clip.dataset\n"
    pipeline = build(nodes, links + TRAINING.format("clip", "results_dataset"))
    assert validate(pipeline, PALETTE) == []


def test_modules_that_are_not_known_may_give_one(build: Build) -> None:
    nodes = {
        "data": TABLE,
        "own": "somebodys_own",
        "learner": "linear_regression",
        "train": "train_model",
    }
    pipeline = build(nodes, "data.dataset>own.table\n" + TRAINING.format("own", "out"))
    assert {each.node for each in validate(pipeline, PALETTE)} == {"own"}
