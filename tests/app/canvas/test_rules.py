"""Which ports go together; checked against the contract's own answer."""

from __future__ import annotations

import itertools

import pytest
from canvas_desk import CATALOG, link, pipeline_of

from designer.catalog import load_catalog
from designer.pipeline import edits
from designer.pipeline.link_rules import LinkRules, compatible, way_through
from designer.pipeline.model import Endpoint, Pipeline

PLACES = {name: (0.0, 100.0 * index) for index, name in enumerate(CATALOG)}


def test_every_pair_of_ports_is_judged_as_the_contract_does():
    pipeline = pipeline_of(PLACES)
    for first, second in itertools.permutations(CATALOG.values(), 2):
        for output, given in itertools.product(first.outputs, second.inputs):
            source, target = Endpoint(first.id, output.name), Endpoint(second.id, given.name)
            forward = LinkRules.starting(pipeline, CATALOG, source, True)
            backward = LinkRules.starting(pipeline, CATALOG, target, False)
            fits = given.accepts(output)
            assert (forward.refusal(target, False) == "") == fits
            assert (backward.refusal(source, True) == "") == fits


def test_ports_of_one_name_are_told_apart_by_their_modules():
    catalog = load_catalog()
    pipeline, learner = edits.add_node(Pipeline(), "k_means_clustering")
    pipeline, training = edits.add_node(pipeline, "train_model")
    rules = LinkRules.starting(pipeline, catalog, Endpoint(learner, "untrained_model"), True)
    assert rules.refusal(Endpoint(training, "untrained_model"), False) == (
        "“K-Means Clustering” outputs an untrained model for clustering; "
        "“Train Model” needs an untrained model that predicts a label."
    )


def test_a_refused_cycle_is_one_that_the_edit_refuses_too():
    pipeline = pipeline_of(
        {"select_columns": (0, 0), "clean_missing": (0, 1), "split_data": (0, 2)},
        ("select_columns.selected", "clean_missing.dataset"),
        ("clean_missing.cleaned", "split_data.dataset"),
    )
    source, target = Endpoint("split_data", "first"), Endpoint("select_columns", "dataset")
    rules = LinkRules.starting(pipeline, CATALOG, source, True)
    assert "already needs" in rules.refusal(target, False)
    with pytest.raises(edits.EditError):
        edits.connect(pipeline, source, target)
    backward = LinkRules.starting(pipeline, CATALOG, target, False)
    assert "already needs" in backward.refusal(source, True)


def test_many_diamonds_are_judged_at_once():
    places = {f"join_data_{i}": (0.0, 100.0 * i) for i in range(1, 61)}
    pipeline = pipeline_of(
        places,
        *[
            (f"join_data_{i}.joined", f"join_data_{i + 1}.{side}")
            for i in range(1, 60)
            for side in ("left", "right")
        ],
    )
    rules = LinkRules.starting(pipeline, CATALOG, Endpoint("join_data_60", "joined"), True)
    assert rules.refusal(Endpoint("join_data_1", "left"), False)


def test_ports_of_unknown_modules_take_everything():
    pipeline, name = edits.add_node(pipeline_of({"dataset": (0, 0)}), "vanished")
    rules = LinkRules.starting(pipeline, CATALOG, Endpoint("dataset", "dataset"), True)
    assert rules.refusal(Endpoint(name, "whatever"), False) == ""


def test_modules_are_offered_by_the_ports_they_have():
    pipeline = pipeline_of(PLACES)
    rules = LinkRules.starting(pipeline, CATALOG, Endpoint("train_model", "trained_model"), True)
    assert [spec.id for spec in compatible(rules, iter(CATALOG.values()))] == ["score_model"]
    assert len(compatible(None, iter(CATALOG.values()))) == len(CATALOG)


def test_a_module_goes_into_a_link_only_where_it_fits_on_both_sides():
    pipeline = pipeline_of(
        {"dataset": (0, 0), "split_data": (0, 100)}, ("dataset.dataset", "split_data.dataset")
    )
    joined = link("dataset.dataset", "split_data.dataset")
    assert way_through(pipeline, CATALOG, joined, CATALOG["clean_missing"]) == (
        "dataset",
        "cleaned",
    )
    assert way_through(pipeline, CATALOG, joined, CATALOG["train_model"]) is None
    assert way_through(pipeline, CATALOG, joined, CATALOG["dataset"]) is None
