"""What is true of every arranged pipeline."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from arranged import overlapping, pipelines, strangers, upward
from canvas_desk import CATALOG, pipeline_of
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.app.canvas.arranging.layout import layout
from designer.app.canvas.items.geometry import GRID, WIDTH
from designer.pipeline import edits
from designer.pipeline.grouping import group
from designer.pipeline.model import Endpoint, Link, Node, Note, Pipeline

GROUPS = ("", "a/", "a/b/", "c/")


def arranged(pipeline: Pipeline, chosen=()) -> Pipeline:
    return layout(pipeline, CATALOG, chosen)(pipeline)


@settings(max_examples=80)
@given(pipelines(GROUPS))
def test_nothing_lies_on_a_card_a_note_or_a_foreign_frame_and_links_go_down(pipeline):
    after = arranged(pipeline)
    assert overlapping(after) == []
    assert strangers(after) == []
    # Groups that need each other can't both be above the other.
    if not pipeline.groups:
        assert upward(after) == []
    assert all(x % GRID == y % GRID == 0 for x, y in (n.position for n in after.nodes.values()))


@settings(max_examples=80)
@given(pipelines(GROUPS))
def test_pressing_twice_changes_nothing(pipeline):
    once = arranged(pipeline)
    assert arranged(once) == once


@settings(max_examples=60)
@given(pipelines(GROUPS, notes=0))
def test_pressing_twice_changes_nothing_with_collapsed_groups(pipeline):
    once = arranged(pipeline)
    assert arranged(once) == once


@settings(max_examples=40)
@given(pipelines(("", "a/"), cycles=True))
def test_a_cycle_goes_up_only_where_it_must(pipeline):
    after = arranged(pipeline)
    assert overlapping(after) == []
    assert arranged(after) == after
    rest = Pipeline(nodes=after.nodes, links=tuple(set(after.links) - set(upward(after))))
    # What goes up closes a cycle of what goes down.
    for link in upward(after):
        if not pipeline.groups:
            assert link.source.node in rest.descendants([link.target.node])


@settings(max_examples=60)
@given(st.data())
def test_branches_stay_on_the_side_where_they_were(data):
    """Trees without crossings: no two children of a card change sides."""
    count = data.draw(st.integers(2, 20))
    parents = [data.draw(st.integers(0, index - 1)) for index in range(1, count)]
    children: dict[int, list[int]] = {}
    for child, parent in enumerate(parents, 1):
        children.setdefault(parent, []).append(child)
    # Drawn without a crossing, in columns by order of visit.
    order: list[int] = []

    def visit(node: int) -> None:
        order.append(node)
        for child in children.get(node, ()):
            visit(child)

    visit(0)
    mirrored = data.draw(st.booleans())
    nodes = {
        f"n{node}": Node(
            f"n{node}", "select_columns", position=((-300.0 if mirrored else 300.0) * column, 0.0)
        )
        for column, node in enumerate(order)
    }
    links = tuple(
        Link(Endpoint(f"n{parent}", "selected"), Endpoint(f"n{child}", "dataset"))
        for child, parent in enumerate(parents, 1)
    )
    after = arranged(Pipeline(nodes=nodes, links=links))
    for siblings in children.values():
        for one, two in combinations(siblings, 2):
            before = nodes[f"n{one}"].position[0] < nodes[f"n{two}"].position[0]
            now = after.nodes[f"n{one}"].position[0] < after.nodes[f"n{two}"].position[0]
            assert before == now


def comparison(sign: float) -> Pipeline:
    """Two branches of four that are compared; the first one on the left, or on the right."""
    places = {"dataset": (0.0, 0.0), "evaluate_model": (0.0, 900.0)}
    links = []
    for number, side in ((1, -1), (2, 1)):
        chain = [f"select_columns_{number}{step}" for step in range(4)]
        places |= {name: (side * sign * 400.0, 150.0 * step) for step, name in enumerate(chain, 1)}
        links += [("dataset.dataset", f"{chain[0]}.dataset")]
        links += [(f"{a}.selected", f"{b}.dataset") for a, b in pairwise(chain)]
        port = "scored" if number == 1 else "scored_to_compare"
        links += [(f"{chain[-1]}.selected", f"evaluate_model.{port}")]
    return pipeline_of(places, *links)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_whole_branches_are_not_swapped_to_save_one_crossing(sign):
    after = arranged(comparison(sign))
    for step in range(4):
        one, two = (after.nodes[f"select_columns_{n}{step}"].position[0] for n in (1, 2))
        assert (one < two) == (sign > 0)


def test_separate_pipelines_fill_a_readable_area_in_reading_order():
    places, links = {}, []
    for index in range(20):
        at = (index % 5 * 400.0, index // 5 * 700.0)
        places |= {f"dataset_{index}": at, f"split_data_{index}": (at[0] + 7, at[1] + 130)}
        links.append((f"dataset_{index}.dataset", f"split_data_{index}.dataset"))
    after = arranged(pipeline_of(places, *links))
    spots = [after.nodes[f"dataset_{index}"].position for index in range(20)]
    width = max(x for x, _ in spots) + WIDTH - min(x for x, _ in spots)
    height = max(y for _, y in spots) + 260 - min(y for _, y in spots)
    assert 1.0 < width / height < 2.4
    assert spots == sorted(spots, key=lambda at: (at[1], at[0]))


def noted(text_at, size=(220.0, 120.0)) -> Pipeline:
    pipeline = pipeline_of(
        {"dataset": (0, 0), "split_data": (0, 140), "join_data": (700, 0)},
        ("dataset.dataset", "split_data.dataset"),
    )
    return edits.add_note(pipeline, "Why", position=text_at, size=size)[0]


@pytest.mark.parametrize(
    ("at", "card", "side"),
    [
        ((260.0, 120.0), "split_data", "right"),
        ((-300.0, 100.0), "split_data", "left"),
        ((0.0, -200.0), "dataset", "above"),
        ((20.0, 240.0), "split_data", "below"),
        ((30.0, 130.0), "split_data", "right"),
        ((960.0, 0.0), "join_data", "right"),
    ],
)
def test_a_note_stays_beside_what_it_explains(at, card, side):
    after = arranged(noted(at))
    x, y = after.nodes[card].position
    left, top = after.notes["note"].position
    assert {
        "right": WIDTH < left - x <= WIDTH + 40 and abs(top - y) < 60,
        "left": 220 < x - left <= 220 + 40 and abs(top - y) < 60,
        "above": left == x and 120 < y - top <= 160,
        "below": left == x and 60 < top - y <= 100,
    }[side]


def test_notes_at_the_side_explain_one_row_each():
    pipeline = noted((320.0, -20.0), (300.0, 100.0))
    pipeline, _ = edits.add_note(pipeline, "Row 2", position=(320.0, 125.0), size=(300.0, 100.0))
    after = arranged(pipeline)
    for note, card in (("note", "dataset"), ("note_2", "split_data")):
        left, top = after.notes[note].position
        assert 0 < left - after.nodes[card].position[0] - WIDTH <= 40
        assert abs(top - after.nodes[card].position[1]) < 60


def test_notes_alone_are_laid_out_too():
    notes = {f"n{i}": Note(f"n{i}", position=(10.0 * i, 0.0)) for i in range(5)}
    after = arranged(Pipeline(notes=notes))
    assert overlapping(after) == []


def test_an_empty_group_is_kept_free():
    pipeline = edits.add_group(noted((900.0, 900.0)), "empty", position=(10.0, 20.0))
    after = arranged(pipeline)
    x, y = after.groups["empty"].position
    for node in after.nodes.values():
        left, top = node.position
        assert x + 200 <= left or left + WIDTH <= x or y + 92 <= top or top + 60 <= y


@settings(max_examples=60)
@given(pipelines(("", "a/"), notes=3), st.data())
def test_only_what_is_selected_moves_and_nothing_lies_on_the_rest(pipeline, data):
    settled = arranged(pipeline)
    names = list(settled.nodes)
    chosen = set(data.draw(st.lists(st.sampled_from(names), max_size=6)))
    after = arranged(settled, chosen)
    if not 2 <= len(chosen) < len(names):
        assert after == arranged(settled)
        return
    assert {n: x for n, x in after.nodes.items() if n not in chosen} == {
        n: x for n, x in settled.nodes.items() if n not in chosen
    }
    assert after.notes == settled.notes
    assert overlapping(after) == []
    assert arranged(after, chosen) == after


def test_a_selected_group_is_arranged_inside():
    pipeline = pipeline_of(
        {"dataset": (0, 0), "clean_missing": (500, 300), "split_data": (500, 310)},
        ("clean_missing.cleaned", "split_data.dataset"),
    )
    pipeline, name = group(pipeline, ["clean_missing", "split_data"], "Prepare")
    after = arranged(pipeline, [name])
    assert after.nodes["dataset"].position == (0, 0)
    first, second = (after.nodes[f"prepare/{one}"] for one in ("clean_missing", "split_data"))
    assert second.position[1] > first.position[1] + 60
    assert min(first.position[0], second.position[0]) == 500
    assert first.position[1] == 300


def test_cards_that_the_user_had_in_one_row_stay_in_it():
    # Scoring the first branch could begin a row earlier.
    pipeline = pipeline_of(
        {
            "dataset": (0, 0),
            "split_data": (0, 140),
            "select_columns_1": (-300, 280),
            "clean_missing_1": (-300, 420),
            "clean_missing_2": (300, 420),
            "join_data": (0, 560),
        },
        ("dataset.dataset", "split_data.dataset"),
        ("split_data.first", "select_columns_1.dataset"),
        ("select_columns_1.selected", "clean_missing_1.dataset"),
        ("split_data.second", "clean_missing_2.dataset"),
        ("clean_missing_1.cleaned", "join_data.left"),
        ("clean_missing_2.cleaned", "join_data.right"),
    )
    after = arranged(pipeline)
    tops = [after.nodes[f"clean_missing_{n}"].position[1] for n in (1, 2)]
    assert tops[0] == tops[1]
