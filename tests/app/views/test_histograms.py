"""Histograms over common bins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.app.views.charts.histograms import in_common_bins


def test_equal_edges_are_left_alone():
    one, two = ([0.0, 1.0, 2.0], [3, 4]), ([0.0, 1.0, 2.0], [5, 6])
    assert in_common_bins([one, two]) == [one, two]
    assert in_common_bins([one]) == [one]


def test_counts_are_shared_out_by_the_part_of_their_bin():
    wide, narrow = ([0.0, 4.0], [8]), ([0.0, 1.0, 2.0], [1, 2])
    (edges, first), (same, second) = in_common_bins([wide, narrow])
    assert list(edges) == list(same) == [0.0, 2.0, 4.0]
    assert first == [4.0, 4.0]
    assert second == [3.0, 0.0]


def test_a_bin_without_width_stays_whole():
    (_, first), (_, second) = in_common_bins([([1.0, 1.0], [7]), ([0.0, 1.0, 2.0], [1, 1])])
    assert sum(first) == 7
    assert max(first) == 7
    assert sum(second) == 2
    assert in_common_bins([([1.0, 1.0], [7]), ([1.0, 1.0, 1.0], [1, 2])])[0][1] == [7]


def test_two_samples_of_one_distribution_look_alike():
    draw = np.random.default_rng(0)
    found = []
    for size, bins in ((40_000, 60), (40_000, 37)):
        counts, edges = np.histogram(draw.normal(size=size), bins)
        found.append((edges.tolist(), counts.tolist()))
    (edges, first), (_, second) = in_common_bins(found)
    assert len(edges) == 61
    assert np.abs(np.subtract(first, second)).max() < 0.05 * max(first)
    exact, _ = np.histogram(np.random.default_rng(0).normal(size=40_000), edges)
    assert np.abs(np.subtract(first, exact)).max() < 0.05 * exact.max()


@st.composite
def histograms(draw):
    steps = draw(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
    edges = np.cumsum([draw(st.floats(-1e6, 1e6)), *steps]).tolist()
    counts = draw(st.lists(st.integers(0, 10**6), min_size=len(steps), max_size=len(steps)))
    return edges, counts


@given(st.lists(histograms(), min_size=1, max_size=4))
def test_no_row_is_lost_or_made(drawn):
    found = in_common_bins(drawn)
    assert len({tuple(edges) for edges, _ in found}) == 1 or not any(
        edges[-1] > edges[0] for edges, _ in drawn
    )
    for (edges, counts), (_, before) in zip(found, drawn, strict=True):
        assert sum(counts) == pytest.approx(sum(before))
        assert min(counts) >= 0
        assert len(edges) == len(counts) + 1
        assert sorted(edges) == list(edges)
