"""What an endpoint counts, held against numbers that are known."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.endpoint.metrics import QUANTILES, WINDOW, Metrics


def test_before_the_first_request_there_is_nothing() -> None:
    found = Metrics().to_json()

    assert (found["requests"], found["errors"], found["statuses"]) == (0, 0, {})
    assert set(found["latency_ms"].values()) == {None}
    assert "NaN" in Metrics().to_text({})


def test_a_hundred_requests_of_1_to_100_milliseconds() -> None:
    metrics = Metrics()
    statuses = [200] * 90 + [401, 413, 422, 422, 499, 500, 503, 200, 200, 200]
    order = np.random.default_rng(3).permutation(100)
    for place, status in zip(order, statuses, strict=True):
        metrics.add(status, (int(place) + 1) / 1000)

    found = metrics.to_json()

    assert (found["requests"], found["errors"], found["server_errors"]) == (100, 7, 2)
    assert found["statuses"] == {
        "200": 93, "401": 1, "413": 1, "422": 2, "499": 1, "500": 1, "503": 1,
    }  # fmt: skip
    assert found["latency_ms"] == pytest.approx(
        {"mean": 50.5, "p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100}
    )


@given(st.lists(st.floats(1e-6, 100), min_size=1, max_size=300))
def test_quantiles_are_those_of_the_nearest_rank(seconds: list[float]) -> None:
    metrics = Metrics()
    for each in seconds:
        metrics.add(200, each)

    expected = np.quantile(seconds, QUANTILES, method="inverted_cdf")

    assert list(metrics.quantiles().values()) == expected.tolist()
    assert metrics.seconds == pytest.approx(math.fsum(seconds))


def test_quantiles_are_of_the_latest_and_counts_of_all() -> None:
    metrics = Metrics()
    for _ in range(500):
        metrics.add(500, 9.0)
    for _ in range(WINDOW):
        metrics.add(200, 0.002)

    found = metrics.to_json()

    assert (found["requests"], found["server_errors"]) == (WINDOW + 500, 500)
    assert (found["latency_ms"]["p99"], found["latency_ms"]["max"]) == (2.0, 9000.0)


def test_the_text_has_the_same_numbers_in_the_format_of_prometheus() -> None:
    metrics = Metrics()
    for status in (200, 200, 422):
        metrics.add(status, 0.25)
    metrics.running = 2

    text = metrics.to_text({"endpoint": 'a"b\\c\nd'})

    sample = re.compile(r"([a-z_]+)\{((?:[a-z]+=\"(?:[^\"\\\n]|\\.)*\",?)*)\} (\S+)")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    matches = [sample.fullmatch(line) for line in lines]
    assert all(matches)
    found = {(m[1], m[2].rpartition(",")[2]): float(m[3]) for m in matches if m}
    assert found["endpoint_requests_total", 'status="200"'] == 2
    assert found["endpoint_requests_total", 'status="422"'] == 1
    assert found["endpoint_latency_seconds", 'quantile="0.5"'] == 0.25
    assert [value for (name, _), value in found.items() if name.endswith("_sum")] == [0.75]
    assert [value for (name, _), value in found.items() if name.endswith("_running")] == [2]
