"""A card put into a link gets room: what comes after it moves down, and nothing else."""

from __future__ import annotations

import pytest
from arranged import boxes, overlapping, pipelines
from canvas_desk import CATALOG, Dragged, link, module, pipeline_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from designer.app.canvas.arranging.layout import layout
from designer.app.canvas.arranging.room import GAP, with_room
from designer.pipeline import edits
from designer.pipeline.grouping import group

CHAIN = [
    ("dataset.dataset", "clean_missing.dataset"),
    ("clean_missing.cleaned", "split_data.dataset"),
]
PLACES = {
    "dataset": (200, 0),
    "clean_missing": (200, 140),
    "split_data": (200, 280),
    "join_data": (600, 140),
    "linear_regression": (600, 280),
}


@pytest.fixture
def chain(desk):
    desk.show(pipeline_of(PLACES, *CHAIN))
    return desk


def top(desk, name):
    return desk.pipeline.nodes[name].position[1]


def drop(desk, name="select_columns", at=(320.0, 100.0)):
    held = Dragged(desk, module(name))
    held.over(*at)
    assert any(item.hovered for item in desk.canvas.graph.links.values())
    held.drop(*at)


def test_a_module_dropped_on_a_short_link_pushes_down_what_follows(chain):
    before = chain.pipeline
    drop(chain)
    assert link("dataset.dataset", "select_columns.dataset") in chain.pipeline.links
    assert link("select_columns.selected", "clean_missing.dataset") in chain.pipeline.links
    assert top(chain, "dataset") + 60 + GAP <= top(chain, "select_columns")
    assert top(chain, "select_columns") + 60 + GAP <= top(chain, "clean_missing")
    assert top(chain, "clean_missing") + 60 + GAP <= top(chain, "split_data")
    for beside in ("dataset", "join_data", "linear_regression"):
        assert chain.pipeline.nodes[beside] == before.nodes[beside]
    assert [text for text, _ in chain.steps] == ["Insert “Select Columns in Dataset”"]
    chain.undo()
    assert chain.pipeline == before


def test_nothing_moves_where_there_is_room(desk):
    desk.show(
        pipeline_of(
            {"dataset": (200, 0), "split_data": (200, 400)}, (*CHAIN[0][:1], "split_data.dataset")
        )
    )
    drop(desk, at=(320.0, 230.0))
    assert top(desk, "split_data") == 400
    assert top(desk, "select_columns") == 200


def test_a_card_of_others_moves_only_if_it_is_in_the_way(desk):
    places = {**PLACES, "join_data": (200, 420), "linear_regression": (440, 220)}
    desk.show(pipeline_of(places, *CHAIN))
    drop(desk)
    assert top(desk, "join_data") >= top(desk, "split_data") + 60
    assert top(desk, "linear_regression") == 220


def test_a_note_goes_along_with_its_card(chain):
    noted, _ = edits.add_note(chain.pipeline, "Why", position=(450, 260), size=(120, 100))
    chain.show(noted)
    before = top(chain, "split_data")
    drop(chain)
    moved = top(chain, "split_data") - before
    assert moved > 0
    assert chain.pipeline.notes["note"].position == (450, 260 + moved)


def test_the_frame_of_a_group_grows_and_pushes_down_what_is_below_it(desk):
    pipeline = pipeline_of(
        {**PLACES, "train_model": (200, 440)},
        *CHAIN,
        ("split_data.first", "train_model.dataset"),
    )
    pipeline, _ = group(pipeline, ["clean_missing", "split_data"], "Prepare")
    desk.show(pipeline)
    drop(desk, at=(320.0, 242.0))
    assert "prepare/select_columns" in desk.pipeline.nodes
    frame = desk.canvas.graph.frames.items["prepare"].card_rect()
    assert frame.bottom() < top(desk, "train_model")
    assert top(desk, "join_data") == 140


def test_a_collapsed_group_that_follows_moves_as_a_whole(desk):
    pipeline = pipeline_of(PLACES, *CHAIN)
    pipeline, _ = group(pipeline, ["clean_missing", "split_data"], "Prepare")
    from designer.pipeline.grouping import set_group

    desk.show(set_group(pipeline, "prepare", collapsed=True))
    frame = desk.canvas.graph.frames.items["prepare"].card_rect()
    drop(desk, at=(320.0, (60.0 + frame.top()) / 2))
    after = desk.canvas.graph.frames.items["prepare"].card_rect()
    assert after.top() >= top(desk, "select_columns") + 60 + GAP
    inner = desk.pipeline.nodes
    apart = inner["prepare/split_data"].position[1] - inner["prepare/clean_missing"].position[1]
    assert apart == 140


@settings(max_examples=60)
@given(pipelines(("", "a/"), notes=2), st.data())
def test_an_arranged_pipeline_stays_free_of_overlaps(pipeline, data):
    settled = layout(pipeline, CATALOG)(pipeline)
    assume(settled.links)
    chosen = data.draw(st.sampled_from(sorted(settled.links)))
    x, y = settled.nodes[chosen.source.node].position
    holder = chosen.source.node.rpartition("/")[0]
    added, name = edits.add_node(settled, "join_data", position=(x, y + 80.0), group=holder)
    added = edits.insert_on_link(added, chosen, name, "left", "joined")
    after = with_room(added, name)
    before, now = boxes(added), boxes(after)
    assert all(now[one][0] == before[one][0] and now[one][1] >= before[one][1] for one in now)
    lying = [pair for pair in overlapping(after) if pair not in overlapping(added) or name in pair]
    assert lying == []
    # Once there is room, nothing moves.
    assert with_room(after, name) == after
