"""Request metrics of an endpoint."""

from __future__ import annotations

import math
import time
from array import array
from collections import Counter
from typing import Any

QUANTILES = (0.5, 0.9, 0.95, 0.99)
WINDOW = 10_000
"""Number of latest responses used for the latency quantiles."""


class Metrics:
    """Counts requests and measures their latency.

    Only scoring requests count; those for health or metrics don't.
    """

    def __init__(self) -> None:
        self.started = time.time()
        self.statuses: Counter[int] = Counter()
        self.seconds = 0.0
        self.longest = 0.0
        self.running = 0
        self._latest = array("d", bytes(8 * WINDOW))
        self._count = 0

    def add(self, status: int, seconds: float) -> None:
        """Count a completed request."""
        self.statuses[status] += 1
        self.seconds += seconds
        if seconds > self.longest:
            self.longest = seconds
        self._latest[self._count % WINDOW] = seconds
        self._count += 1

    def quantiles(self) -> dict[float, float | None]:
        """Return quantiles of the latest latencies in seconds; None before the first.

        Nearest-rank method: the smallest latency that isn't exceeded by that share of responses.
        """
        latest = sorted(self._latest[: min(self._count, WINDOW)])
        if not latest:
            return dict.fromkeys(QUANTILES)
        # A product such as 0.99 * 100 can be slightly above its exact value.
        ranks = {q: math.ceil(q * len(latest) - 1e-9) for q in QUANTILES}
        return {q: latest[rank - 1] for q, rank in ranks.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as plain data, times in milliseconds."""
        errors = sum(count for status, count in self.statuses.items() if status >= 400)
        failures = sum(count for status, count in self.statuses.items() if status >= 500)
        mean = self.seconds / self._count if self._count else None
        return {
            "uptime_seconds": round(time.time() - self.started, 3),
            "requests": self._count,
            "errors": errors,
            "server_errors": failures,
            "running": self.running,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "latency_ms": {
                "mean": _milliseconds(mean),
                **{f"p{q * 100:g}": _milliseconds(value) for q, value in self.quantiles().items()},
                "max": _milliseconds(self.longest if self._count else None),
            },
        }

    def to_text(self, labels: dict[str, str]) -> str:
        """Return the metrics in the text format of Prometheus.

        Parameters
        ----------
        labels : dict of str to str
            Labels of each sample.
        """
        lines = [
            "# HELP endpoint_requests_total Completed scoring requests, by status.",
            "# TYPE endpoint_requests_total counter",
        ]
        for status, count in sorted(self.statuses.items()):
            marks = _marks(labels | {"status": str(status)})
            lines.append(f"endpoint_requests_total{marks} {count}")
        lines += [
            "# HELP endpoint_requests_running Scoring requests in progress.",
            "# TYPE endpoint_requests_running gauge",
            f"endpoint_requests_running{_marks(labels)} {self.running}",
            "# HELP endpoint_latency_seconds Time from the request to its response.",
            "# TYPE endpoint_latency_seconds summary",
        ]
        for q, value in self.quantiles().items():
            shown = "NaN" if value is None else f"{value:.6g}"
            lines.append(f"endpoint_latency_seconds{_marks(labels | {'quantile': str(q)})} {shown}")
        lines += [
            f"endpoint_latency_seconds_sum{_marks(labels)} {self.seconds:.6f}",
            f"endpoint_latency_seconds_count{_marks(labels)} {self._count}",
            "# HELP endpoint_start_time_seconds When the endpoint was started.",
            "# TYPE endpoint_start_time_seconds gauge",
            f"endpoint_start_time_seconds{_marks(labels)} {self.started:.3f}",
        ]
        return "\n".join(lines) + "\n"


def _marks(labels: dict[str, str]) -> str:
    quoted = (
        (name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for name, value in labels.items()
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in quoted) + "}"


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
