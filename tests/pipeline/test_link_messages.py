"""What validation says about links: exact sentences, and inputs that several links share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.pipeline.validation import Problem, validate
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


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "data.dataset>split.dataset",
            "",
            Problem(
                "error",
                "Split Data: the input “Dataset” isn't connected.",
                "Connect a dataset.",
                "split",
                "dataset",
            ),
        ),
        (
            "split.first>",
            "split.furst>",
            Problem(
                "error",
                "Split Data has no output “furst”.",
                "Did you mean “first”?",
                "split",
                "furst",
            ),
        ),
        (
            "split.first>",
            "split.x>",
            Problem(
                "error",
                "Split Data has no output “x”.",
                "The outputs are “first”, “second”.",
                "split",
                "x",
            ),
        ),
        (
            "split.first>train.dataset",
            "split.first>train.dataset split.first>train.x",
            Problem(
                "error",
                "Train Model has no input “x”.",
                "The inputs are “untrained_model”, “dataset”.",
                "train",
                "x",
            ),
        ),
        (
            "split.first>",
            "gone.first>",
            Problem(
                "error",
                "The link gone.first → train.dataset refers to a node “gone” that doesn't exist.",
                "The nodes are “data”, “split”, “learner”, “train”.",
                "train",
                "dataset",
            ),
        ),
        (
            "split.first>train.dataset",
            "split.first>train.dataset split.second>trian.dataset",
            Problem(
                "error",
                "The link split.second → trian.dataset refers to a node “trian” that doesn't "
                "exist.",
                "Did you mean “train”?",
                "split",
                "second",
            ),
        ),
        (
            "split.first>train.dataset",
            "learner.untrained_model>train.dataset",
            Problem(
                "error",
                "Train Model: the input “Dataset” needs a dataset, but the output “Untrained "
                "model” of “learner” is an untrained model.",
                "Connect a dataset.",
                "train",
                "dataset",
            ),
        ),
        (
            "split.first>train.dataset",
            "split.first>train.dataset split.second>train.dataset data.dataset>train.dataset",
            Problem(
                "error",
                "The input “dataset” of “train” has 3 links.",
                "Remove all but one.",
                "train",
                "dataset",
            ),
        ),
    ],
)
def test_the_sentences_about_links(
    build: Build, specs: Specs, old: str, new: str, problem: Problem
) -> None:
    assert validate(build(NODES, LINKS.replace(old, new)), specs) == [problem]


def test_a_link_between_nodes_that_do_not_exist(build: Build, specs: Specs) -> None:
    pipeline = build({"l": "learner"}, "x.a>y.b")
    message = "The link x.a → y.b refers to a node “{}” that doesn't exist."
    assert validate(pipeline, specs) == [
        Problem("error", message.format(node), "The nodes are “l”.") for node in "xy"
    ]
    nowhere = replace(pipeline, nodes={})
    found = [each for each in validate(nowhere, specs) if each.severity == "error"]
    assert found == [Problem("error", message.format(node), "Remove the link.") for node in "xy"]


def test_web_service_inputs_that_share_an_input(build: Build, specs: Specs) -> None:
    nodes = NODES | {"in1": "web_service_input", "in2": ("web_service_input", {"name": "b"})}
    links = LINKS + "in1.dataset>train.dataset in2.dataset>train.dataset"
    assert validate(build(nodes, links), specs) == [
        Problem(
            "error",
            "The input “dataset” of “train” has 2 links from a Web Service Input.",
            "Remove all but one.",
            "train",
            "dataset",
        )
    ]


@pytest.mark.parametrize("count", [7, 8, 9, 12])
def test_a_cycle_is_named_by_its_first_eight_nodes(build: Build, specs: Specs, count: int) -> None:
    names = [f"n{number:02}" for number in range(count)]
    links = " ".join(
        f"{name}.value>{names[(at + 1) % count]}.value" for at, name in enumerate(names)
    )
    (problem,) = validate(build(dict.fromkeys(names, "anything"), links), specs)
    start = problem.node
    assert start is not None
    at = names.index(start)
    walk = [*names[at:], *names[:at]]
    shown = [*walk[:8], "…"] if count > 8 else walk
    assert problem.message == f"These nodes form a cycle: {' → '.join([*shown, start])}."
    assert problem.hint == "Remove one of the links between them."
    assert problem.severity == "error"


@pytest.mark.parametrize(
    ("nodes", "links", "cycles"),
    [
        # A node that feeds itself, reached from another one first: named once.
        ("sf", "s.value>f.value f.value>f.value", ["f → f"]),
        # A cycle that leads to nodes which are done with already.
        (
            "abcd",
            "a.value>b.value c.value>b.value c.value>d.value d.value>c.value",
            ["c → d → c"],
        ),
    ],
)
def test_cycles_beside_other_links(
    build: Build, specs: Specs, nodes: str, links: str, cycles: list[str]
) -> None:
    problems = validate(build(dict.fromkeys(nodes, "anything"), links), specs)
    messages = [each.message for each in problems if "a cycle" in each.message]
    assert messages == [f"These nodes form a cycle: {cycle}." for cycle in cycles]


def test_a_disabled_web_service_input_beside_a_link_harms_nothing(
    build: Build, specs: Specs
) -> None:
    """An ordinary link feeds the input in a run; the Web Service Input matters to requests."""
    nodes = NODES | {"request": "web_service_input"}
    pipeline = build(nodes, LINKS + "request.dataset>train.dataset")
    assert validate(edits.set_disabled(pipeline, "request", True), specs) == []
    # The other way round, nothing feeds the input in a run.
    (problem,) = validate(edits.set_disabled(pipeline, "split", True), specs)
    assert problem == Problem(
        "warning",
        "“train” won't run: it needs “split”, which is disabled.",
        "Enable “split”, or connect something else.",
        "train",
        "dataset",
    )


@pytest.mark.parametrize(
    ("links", "disabled"),
    [
        ("data.dataset>join.right", ["request"]),
        ("gone.x>join.left", ["request"]),
        ("data.dataset>join.left", ["request", "data"]),
    ],
    ids=["another input", "a node that doesn't exist", "disabled too"],
)
def test_a_disabled_web_service_input_without_another_source_is_named(
    build: Build, specs: Specs, links: str, disabled: list[str]
) -> None:
    nodes = {"request": "web_service_input", "data": ("dataset", {"path": "x"}), "join": "join"}
    pipeline = build(nodes, f"request.dataset>join.left {links}")
    for node in disabled:
        pipeline = edits.set_disabled(pipeline, node, True)
    warnings = [each for each in validate(pipeline, specs) if each.severity == "warning"]
    assert warnings == [
        Problem(
            "warning",
            "“join” won't run: it needs “request”, which is disabled.",
            "Enable “request”, or connect something else.",
            "join",
            "left",
        )
    ]


def test_what_follows_from_a_disabled_node_names_it_once(build: Build, specs: Specs) -> None:
    nodes = NODES | {"any": "anything", "more": "anything"}
    links = LINKS + "train.trained_model>any.value any.value>more.value split.second>nowhere.x"
    pipeline = edits.set_disabled(build(nodes, links), "split", True)
    pipeline = edits.set_disabled(pipeline, "data", True)
    warnings = [each for each in validate(pipeline, specs) if each.severity == "warning"]
    assert [each.node for each in warnings] == ["train", "any", "more"]
    assert {each.hint for each in warnings} == {"Enable “split”, or connect something else."}
    (missing,) = [each for each in validate(pipeline, specs) if each.severity == "error"]
    assert "“nowhere”" in missing.message
