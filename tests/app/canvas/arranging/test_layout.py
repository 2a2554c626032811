"""Arranging a pipeline."""

from __future__ import annotations

import pytest
from canvas_desk import CATALOG, pipeline_of
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.app.canvas.arranging.arrangement import arrangement
from designer.app.canvas.arranging.layout import layout
from designer.app.canvas.items.geometry import FRAME_PADDING, FRAME_TITLE, GRID, HEIGHT, WIDTH
from designer.pipeline.grouping import group
from designer.pipeline.model import Endpoint, Link, Node, Pipeline


def graph_of(count: int, pairs: list[tuple[int, int]]) -> Pipeline:
    nodes = {f"n{i}": Node(f"n{i}", "join_data", position=(0.0, 0.0)) for i in range(count)}
    links = tuple(
        Link(Endpoint(f"n{a}", "joined"), Endpoint(f"n{b}", "left" if a % 2 else "right"))
        for a, b in pairs
    )
    return Pipeline(nodes=nodes, links=links)


def check(pipeline: Pipeline, places: dict[str, tuple[float, float]]) -> None:
    assert set(places) == set(pipeline.nodes)
    listed = list(places.values())
    for index, (x, y) in enumerate(listed):
        assert (x % GRID, y % GRID) == (0, 0)
        for other_x, other_y in listed[index + 1 :]:
            assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT


@settings(max_examples=60)
@given(
    st.integers(1, 25).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.lists(
                st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)),
                max_size=2 * count,
            ),
        )
    )
)
def test_nothing_overlaps_and_links_go_down(drawn):
    count, pairs = drawn
    pipeline = graph_of(count, [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]])
    places = arrangement(pipeline, CATALOG)
    check(pipeline, places)
    for link in pipeline.links:
        assert places[link.source.node][1] + HEIGHT < places[link.target.node][1]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_cycles_of_a_damaged_file_are_arranged_too(pairs):
    pipeline = graph_of(10, pairs)
    check(pipeline, arrangement(pipeline, CATALOG))


def test_a_chain_is_a_straight_line():
    places = {f"select_columns_{i}": (37.0 * i, 400.0 - i) for i in range(1, 6)}
    links = [
        (f"select_columns_{i}.selected", f"select_columns_{i + 1}.dataset") for i in range(1, 5)
    ]
    arranged = layout(pipeline_of(places, *links), CATALOG)(pipeline_of(places, *links))
    assert len({node.position[0] for node in arranged.nodes.values()}) == 1


def test_a_learner_comes_just_above_the_training():
    pipeline = pipeline_of(
        dict.fromkeys(("dataset", "split_data", "linear_regression", "train_model"), (0, 0)),
        ("dataset.dataset", "split_data.dataset"),
        ("split_data.first", "train_model.dataset"),
        ("linear_regression.untrained_model", "train_model.untrained_model"),
    )
    places = arrangement(pipeline, CATALOG)
    assert places["linear_regression"][1] == places["split_data"][1]
    # The untrained model goes into the left port, so the learner lies at the left.
    assert places["linear_regression"][0] < places["split_data"][0]


def test_crossings_are_undone():
    pipeline = pipeline_of(
        {
            "dataset_1": (0, 0),
            "dataset_2": (300, 0),
            "split_data_1": (0, 100),
            "split_data_2": (300, 100),
        },
        ("dataset_1.dataset", "split_data_2.dataset"),
        ("dataset_2.dataset", "split_data_1.dataset"),
    )
    places = arrangement(pipeline, CATALOG)
    first = places["dataset_1"][0] - places["dataset_2"][0]
    second = places["split_data_2"][0] - places["split_data_1"][0]
    assert first * second > 0


def test_the_edit_keeps_the_corner_and_moves_only_what_is_there():
    pipeline = pipeline_of({"dataset": (200, 140), "split_data": (400, 600)})
    edit = layout(pipeline, CATALOG)
    arranged = edit(pipeline)
    assert min(node.position[1] for node in arranged.nodes.values()) == 140
    assert min(node.position[0] for node in arranged.nodes.values()) == 200
    less = pipeline_of({"dataset": (0, 0)})
    assert list(edit(less).nodes) == ["dataset"]


def test_an_empty_pipeline_stays_empty():
    assert layout(Pipeline(), CATALOG)(Pipeline()) == Pipeline()


@pytest.mark.long
def test_a_thousand_nodes_with_many_diamonds_are_arranged():
    # Whoever followed every way through them would not come to an end.
    pairs = [(i, j) for i in range(1000) for j in (i + 1, i + 30) if j < 1000]
    pipeline = graph_of(1000, pairs)
    assert len(arrangement(pipeline, CATALOG)) == 1000


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["", "a/", "a/b/", "c/"]), min_size=1, max_size=14).flatmap(
        lambda groups: st.tuples(
            st.just(groups),
            st.lists(st.tuples(*2 * [st.integers(0, len(groups) - 1)]), max_size=2 * len(groups)),
        )
    )
)
def test_a_frame_holds_no_card_of_others(drawn):
    groups, pairs = drawn
    names = [f"{group}n{index}" for index, group in enumerate(groups)]
    links = {
        Link(Endpoint(names[min(pair)], "joined"), Endpoint(names[max(pair)], "left"))
        for pair in pairs
        if pair[0] != pair[1]
    }
    pipeline = Pipeline(
        nodes={name: Node(name, "join_data") for name in names}, links=tuple(sorted(links))
    )
    places = arrangement(pipeline, CATALOG)
    check(pipeline, places)
    for within in ("a/", "a/b/", "c/"):
        inside = [place for name, place in places.items() if name.startswith(within)]
        if not inside:
            continue
        left, right = min(x for x, _ in inside), max(x for x, _ in inside) + WIDTH
        top, bottom = min(y for _, y in inside), max(y for _, y in inside) + HEIGHT
        for name, (x, y) in places.items():
            if not name.startswith(within):
                beside = x >= right + FRAME_PADDING or x + WIDTH <= left - FRAME_PADDING
                below = y >= bottom + FRAME_PADDING or y + HEIGHT <= top - FRAME_TITLE
                assert beside or below


def test_a_chain_through_a_group_runs_straight_down():
    pipeline = pipeline_of(
        {"dataset": (0, 0), "split_data": (0, 0), "join_data": (0, 0)},
        ("dataset.dataset", "split_data.dataset"),
        ("split_data.first", "join_data.left"),
    )
    pipeline, _ = group(pipeline, ["split_data"], "Inner")
    places = arrangement(pipeline, CATALOG)
    assert places["dataset"][0] == places["inner/split_data"][0]
    assert places["dataset"][1] < places["inner/split_data"][1] < places["join_data"][1]
