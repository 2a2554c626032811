"""Links go around cards."""

from __future__ import annotations

from itertools import pairwise

import pytest
from arranged import boxes, ends, pipelines
from canvas_desk import CATALOG
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.app.canvas.arranging.boxes import Box, grown
from designer.app.canvas.arranging.lanes import spread
from designer.app.canvas.arranging.layout import layout
from designer.app.canvas.arranging.obstacles import Obstacles
from designer.app.canvas.arranging.routing import Router, points


def samples(route, step=2.0):
    """Points of a link, no further apart than a step: independent of how crossings are found."""
    for (x1, y1), (x2, y2) in pairwise(points(route)):
        count = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / step))
        for index in range(count + 1):
            yield x1 + (x2 - x1) * index / count, y1 + (y2 - y1) * index / count


def hit(route, box: Box) -> bool:
    return any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in samples(route))


def routes_of(pipeline):
    every = boxes(pipeline)
    hard = {name: box for name, box in every.items() if name in pipeline.nodes}
    soft = {name: box for name, box in every.items() if name in pipeline.notes}
    router = Router(Obstacles(hard.items()), Obstacles(soft.items()))
    at = {link: ends(pipeline, link) for link in pipeline.links}
    ways = {link: router.way(at[link]) for link in pipeline.links}
    led = {link: way for link, way in ways.items() if way.route}
    found = spread(led, {link: link.source for link in led})
    return {
        link: found.get(link)
        or ((at[link][0], at[link][1], at[link][1]), (*at[link][2:], at[link][3]))
        for link in pipeline.links
    }


@settings(max_examples=80)
@given(pipelines(("", "a/", "a/b/"), notes=3, cards=18))
def test_no_link_of_an_arranged_pipeline_crosses_a_card_that_it_does_not_belong_to(pipeline):
    after = layout(pipeline, CATALOG)(pipeline)
    cards = {name: box for name, box in boxes(after).items() if name in after.nodes}
    for link, route in routes_of(after).items():
        for name, box in cards.items():
            if name not in (link.source.node, link.target.node):
                assert not hit(route, box), (link, name)


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.integers(-8, 8), st.integers(1, 8)), max_size=14, unique=True),
    st.tuples(st.integers(-6, 6), st.integers(1, 9)),
)
def test_a_link_between_cards_placed_by_hand_finds_the_way(cells, target):
    """Cards anywhere on a lattice with gaps, as a person places them."""
    corner = (target[0] * 300.0, target[1] * 120.0 + 120.0)
    cards = {
        f"{x} {y}": (x * 300.0, y * 120.0, x * 300.0 + 240.0, y * 120.0 + 60.0)
        for x, y in cells
        if abs(x * 300.0 - corner[0]) > 1 or abs(y * 120.0 - corner[1]) > 1
    }
    at = (100.0, 60.0, corner[0] + 80.0, corner[1])
    way = Router(Obstacles(cards.items()), Obstacles()).way(at)
    route = way.route or ((at[0], at[1], at[1]), (at[2], at[3], at[3]))
    assert (route[0][0], route[0][1]) == at[:2]
    assert (route[-1][0], route[-1][2]) == at[2:]
    for name, box in cards.items():
        assert not hit(route, box), name


def test_a_link_with_nothing_in_its_way_is_a_plain_curve():
    router = Router(Obstacles([("far", (900.0, 0.0, 1140.0, 60.0))]), Obstacles())
    assert router.way((0.0, 0.0, 100.0, 200.0)).route == ()


def test_a_link_goes_around_on_the_shorter_side():
    wall = (-60.0, 100.0, 300.0, 160.0)
    route = Router(Obstacles([("wall", wall)]), Obstacles()).way((0.0, 0.0, 0.0, 300.0)).route
    assert min(x for x, _, _ in route) < -60.0
    assert max(x for x, _, _ in route) == 0.0


def test_a_link_up_goes_beside_its_cards():
    upper, lower = (0.0, 0.0, 240.0, 60.0), (0.0, 300.0, 240.0, 360.0)
    cards = {"upper": upper, "lower": lower}
    route = Router(Obstacles(cards.items()), Obstacles()).way((120.0, 360.0, 120.0, 0.0)).route
    assert not hit(route, grown(upper, -1, -1))
    assert not hit(route, grown(lower, -1, -1))


def test_a_link_crosses_a_note_only_if_the_way_around_is_long():
    at = (0.0, 0.0, 0.0, 400.0)
    small, broad = (-60.0, 150.0, 200.0, 250.0), (-5000.0, 150.0, 5000.0, 250.0)
    around = Router(Obstacles(), Obstacles([("note", small)])).way(at).route
    across = Router(Obstacles(), Obstacles([("note", broad)])).way(at).route
    assert not hit(around, small)
    assert not across or {x for x, _, _ in across} == {0.0}


def test_a_link_may_end_in_a_frame():
    frame = (-200.0, 200.0, 200.0, 600.0)
    way = Router(Obstacles(), Obstacles([("group", frame)])).way((0.0, 0.0, 0.0, 400.0))
    assert way.route == ()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_links_of_several_outputs_run_side_by_side(count):
    wall = {"wall": (-100.0, 100.0, 1000.0, 400.0)}
    router = Router(Obstacles(wall.items()), Obstacles())
    ways = {n: router.way((10.0 * n, 0.0, 10.0 * n, 500.0)) for n in range(count)}
    together = spread(ways, dict.fromkeys(ways, "one output"))
    assert len({route[1][0] for route in together.values()}) == 1
    apart = spread(ways, {n: n for n in ways})
    lanes = sorted(route[1][0] for route in apart.values())
    assert all(b - a >= 4.0 for a, b in pairwise(lanes))
    assert all(not hit(route, wall["wall"]) for route in apart.values())
