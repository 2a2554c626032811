"""Histograms made comparable. Without Qt and without numpy."""

from __future__ import annotations

from collections.abc import Sequence

Histogram = tuple[Sequence[float], Sequence[float]]
"""Edges, and between each two of them a count."""


def in_common_bins(histograms: Sequence[Histogram]) -> list[Histogram]:
    """Return the histograms over the same bins, so that their heights can be compared.

    The bins are as many as the finest of them has, from the least edge to the greatest. A
    count is shared out by the part of its bin that is in each common one, as if its rows
    were spread evenly within it; so every histogram keeps its total. Histograms that have
    the same edges already are returned unchanged.
    """
    if len({tuple(edges) for edges, _ in histograms}) < 2:
        return list(histograms)
    low = min(edges[0] for edges, _ in histograms)
    high = max(edges[-1] for edges, _ in histograms)
    bins = max(len(counts) for _, counts in histograms)
    if not high > low:
        return list(histograms)
    width = (high - low) / bins
    common = [low + index * width for index in range(bins)] + [high]
    return [(common, _shared_out(edges, counts, common)) for edges, counts in histograms]


def _shared_out(
    edges: Sequence[float], counts: Sequence[float], common: Sequence[float]
) -> list[float]:
    found = [0.0] * (len(common) - 1)
    width = (common[-1] - common[0]) / len(found)
    for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True):
        first = _index(left, common, width)
        last = _index(right, common, width)
        if first == last or not right > left:
            found[first] += count
            continue
        rest = float(count)
        for index in range(first, last):
            inside = common[index + 1] - max(left, common[index])
            part = min(max(count * inside / (right - left), 0.0), rest)
            found[index] += part
            rest -= part
        # What is left, so that no rounding changes the total.
        found[last] += rest
    return found


def _index(value: float, common: Sequence[float], width: float) -> int:
    """Return the bin that contains a value."""
    index = min(max(int((value - common[0]) / width), 0), len(common) - 2)
    while index > 0 and value < common[index]:
        index -= 1
    while index < len(common) - 2 and value >= common[index + 1]:
        index += 1
    return index
