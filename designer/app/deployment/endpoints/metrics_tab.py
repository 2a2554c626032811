"""The tab “Metrics”: requests, latency, and errors."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.deployment.backend import Backend
from designer.app.deployment.endpoints.live_chart import LiveChart
from designer.app.deployment.types import EndpointInfo
from designer.app.views import formatting
from designer.texts import formatted, tr

INTERVAL = 1000
KEPT = 120
"""Values that a chart shows: two minutes."""

_NUMBERS = {
    "requests": tr("Requests"),
    "errors": tr("Errors"),
    "p50": tr("Median latency"),
    "p99": tr("99th percentile latency"),
    "uptime": tr("Uptime"),
}


class MetricsTab(QWidget):
    """Shows what the endpoint that is chosen has counted since it was started."""

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._info: EndpointInfo | None = None
        self._asking = False
        self._samples: deque[tuple[float, int, int]] = deque(maxlen=2)
        self.rate = LiveChart(tr("Requests per second"), "accent", kept=KEPT)
        self.latency = LiveChart(tr("Median latency"), "running", kept=KEPT, unit="ms")
        self.errors = LiveChart(tr("Errors per second"), "error", kept=KEPT)
        self.numbers: dict[str, QLabel] = {}
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setProperty("role", "muted")
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self._ask)
        grid = QGridLayout()
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(2)
        for column, (name, title) in enumerate(_NUMBERS.items()):
            number, label = QLabel("–"), QLabel(title)
            number.setProperty("role", "title")
            number.setAccessibleName(title)
            label.setProperty("role", "muted")
            grid.addWidget(number, 0, column)
            grid.addWidget(label, 1, column)
            self.numbers[name] = number
        grid.setColumnStretch(len(_NUMBERS), 1)
        charts = QGridLayout()
        charts.setSpacing(12)
        for column, chart in enumerate((self.rate, self.latency, self.errors)):
            charts.addWidget(chart, 0, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 12)
        layout.setSpacing(12)
        layout.addLayout(grid)
        layout.addLayout(charts)
        layout.addWidget(self.problem)
        layout.addStretch()

    def show_endpoint(self, info: EndpointInfo) -> None:
        """Show an endpoint; its charts start again."""
        before = self._info
        self._info = info
        if before is None or (before.name, before.state) != (info.name, info.state):
            self._asking = False
            self._samples.clear()
            for chart in (self.rate, self.latency, self.errors):
                chart.clear()
            for number in self.numbers.values():
                number.setText("–")
        self._ask()

    def set_watching(self, watching: bool) -> None:
        """Update every second, or stop that."""
        if watching:
            self._clock.start()
        else:
            self._clock.stop()

    def _ask(self) -> None:
        info = self._info
        if info is None or self._asking:
            return
        if info.in_cloud:
            self.problem.setText(
                tr(
                    "Azure counts the requests of this endpoint. Open it in Azure ML studio "
                    "to see the metrics."
                )
            )
            return
        if not info.running:
            self.problem.setText(tr("The endpoint isn't running."))
            return
        self._asking = True
        name = info.name

        def done(metrics: Mapping[str, Any]) -> None:
            self._asking = False
            if self._info is not None and self._info.name == name:
                self.problem.setText("")
                self._take(metrics)

        def failed(error: BaseException) -> None:
            self._asking = False
            if self._info is not None and self._info.name == name:
                self.problem.setText(error_text(error))

        self._background.run(lambda: self._backend.metrics(name), done, failed)

    def _take(self, metrics: Mapping[str, Any]) -> None:
        now = time.monotonic()
        requests, errors = int(metrics.get("requests") or 0), int(metrics.get("errors") or 0)
        latency = metrics.get("latency_ms") or {}
        self._samples.append((now, requests, errors))
        if len(self._samples) == 2:
            (then, before, failed), _ = self._samples
            seconds = max(now - then, 0.001)
            self.rate.add(max(requests - before, 0) / seconds)
            self.errors.add(max(errors - failed, 0) / seconds)
        self.latency.add(latency.get("p50"))
        self.numbers["requests"].setText(formatted(requests))
        self.numbers["errors"].setText(formatted(errors))
        for name in ("p50", "p99"):
            value = latency.get(name)
            self.numbers[name].setText(
                "–" if value is None else f"{formatting.number(value, 3)} ms"
            )
        self.numbers["uptime"].setText(_duration(float(metrics.get("uptime_seconds", 0))))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return tr("{days} d {hours} h").format(days=days, hours=hours)
    if hours:
        return tr("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return (
        tr("{minutes} min {rest} s").format(minutes=minutes, rest=rest) if minutes else f"{rest} s"
    )
