"""How long the window stands still: the longest stall of its event loop against a budget.

Run with ``QT_QPA_PLATFORM=offscreen python benchmarks/window.py``. A timer of one
millisecond is the heartbeat; the longest time between two beats is the stall. The
budget is 100 ms, the time that a person takes for "at once" (Miller 1968; Nielsen,
Usability Engineering, 1993, section 5.5). The first evaluation and the first table are
opened as a person would: when the window has been there for a few seconds. On a busy
machine others take part of the stall; "working" is the processor time of the window's
own thread in it.

Charts of a million rows are to be drawn in 300 ms, and those of ten million without a stall, too:
no turn of the event loop takes more than 50 ms. Each is the median of three windows: what else
runs on the machine, or beside a virtual one, takes a tenth of a second from one turn in a hundred.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer

from designer import paths
from designer.app.shell import main as application
from designer.app.shell import theme
from designer.app.shell.main_window import MainWindow
from designer.app.shell.preload import Preloader
from designer.app.shell.settings import Settings
from designer.app.widgets.qt_gc import GarbageCollector
from designer.catalog import load_catalog
from designer.engine.results import Output
from designer.workspace import Workspace

BUDGET = 0.1
"""Seconds."""

SAMPLE = "automobile_price.pipeline.json"
REST = 6.0
"""Seconds between the start and the first thing the person does."""

DRAWN, STALL = 0.3, 0.05
"""Seconds in which a chart of a million rows is to be there; and of a turn meanwhile, at most."""

ROUNDS = 3
"""Windows in which each chart is drawn."""

LIMIT = 120.0
"""Seconds to wait for anything."""


class Heartbeat:
    """The longest time between two beats of the event loop.

    Attributes
    ----------
    longest : tuple of float
        Its seconds, and the processor time of this thread in it.
    """

    def __init__(self) -> None:
        self.begin()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def begin(self) -> None:
        """Forget what was, and count from now on."""
        self.longest, self._last = (0.0, 0.0), (time.perf_counter(), time.thread_time())

    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        passed_by = now[0] - self._last[0], now[1] - self._last[1]
        self.longest, self._last = max(self.longest, passed_by), now


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = application.make_application(sys.argv)
    collector = GarbageCollector(app)
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        window = MainWindow(
            Settings(Path(folder) / "settings.ini"), load_catalog(), workspace=workspace
        )
        window.show()
        collector.keep()
        libraries = Preloader(window)
        libraries.loaded.connect(collector.keep)
        heart = Heartbeat()

        def stalled(act: Callable[[], object], done: Callable[[], object]) -> tuple[float, float]:
            heart.begin()
            act()
            wait(done)
            return heart.longest

        def measure(name: str, act: Callable[[], object], done: Callable[[], object]) -> None:
            show(name, stalled(act, done), BUDGET)

        sample = paths.samples() / SAMPLE
        print(
            f"{'':26}{'stall':>10}{'/ budget':>9}{'working':>12}{'/ budget':>9}"
            f"{'until drawn':>12}{'/ budget':>9}"
        )
        measure("open a sample", lambda: window.files.open_path(sample), passed(0.5))
        measure(
            "start what works behind",
            lambda: application.get_ready(window, libraries),
            passed(REST),
        )
        ended: list[str] = []
        window.controller.finished.connect(lambda status, _: ended.append(status))
        measure("run", window.runs.run, lambda: ended)
        measure(
            "first table",
            lambda: window.runs.show_output("split_data", "results_dataset1"),
            after(lambda: window.runs.result_windows(), 1.5),
        )
        measure(
            "first evaluation",
            lambda: window.runs.show_output("evaluate_model", "evaluation_results"),
            after(lambda: len(window.runs.result_windows()) == 2, 1.5),
        )
        measure("20 edits", lambda: edit(window), passed(1.0))
        stored = [table(Path(folder), rows) for rows in (1_000_000, 10_000_000)]
        # What makes the tables is no part of the window.
        collector.keep()
        for output in stored:
            rounds = [charts(window, output, stalled) for _ in range(ROUNDS)]
            print(f"{output.rows:,} rows")
            for name in rounds[0]:
                stall, working, seconds = map(
                    median, zip(*(each[name] for each in rounds), strict=True)
                )
                show(name, (stall, working), STALL, seconds)
        window.document.undo_stack.setClean()
        window.close()
        libraries.close()
    collector.end()


def table(folder: Path, rows: int) -> Output:
    """Store a table of so many rows."""
    import numpy as np
    import pandas as pd

    from modules.contract import DataTable
    from modules.values import storage

    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(rows, 4)), columns=["a", "b", "c", "d"])
    frame["group"] = draw.choice(["one", "two", "three"], len(frame))
    stored = storage.save(DataTable(frame), folder / f"{rows}")
    return Output(stored["type"], folder / f"{rows}", rows, 5)


def charts(
    window: MainWindow, output: Output, stalled: Callable[..., tuple[float, float]]
) -> dict[str, tuple[float, float, float]]:
    """Make each kind of chart of a table in a new window.

    Returns
    -------
    dict
        The stall of each, the processor time in it, and how long it took until it was drawn.
    """
    from designer.app.views import open_result
    from modules.tables.figures.settings import ChartSettings

    result = open_result(output, f"{output.rows:,} rows", window.controller.engine().result())
    result.resize(1280, 720)
    result.show()
    wait(after(lambda: not result.reading, 2.0))
    view: Any = result.view
    chosen = {
        "scatter (first chart)": ChartSettings("scatter", "a", "b"),
        "scatter by color": ChartSettings("scatter", "a", "b", color="group"),
        "scatter in panels": ChartSettings("scatter", "a", "b", facet="group"),
        "line": ChartSettings("line", "a", "b", color="group"),
        "bar": ChartSettings("bar", "group", "a"),
        "histogram": ChartSettings("histogram", "a", color="group"),
        "box": ChartSettings("box", "group", "a"),
        "correlation matrix": ChartSettings("correlation"),
        "pair plot": ChartSettings("pairs"),
    }
    took = {}
    for name, settings in chosen.items():
        began = time.perf_counter()
        ended: list[float] = []

        def act(settings: ChartSettings = settings) -> None:
            if view.chart is None:
                view.tabs.setCurrentIndex(1)
                return
            view.chart.form.show_settings(settings)
            view.chart.form.changed.emit()

        def done(ended: list[float] = ended) -> bool:
            if view.chart is None or view.chart.drawing:
                return False
            ended.append(time.perf_counter())
            return True

        took[name] = (*stalled(act, after(done, 0.5)), ended[0] - began)
    result.close()
    return took


def show(
    name: str, longest: tuple[float, float], budget: float, drawn: float | None = None
) -> None:
    """Print a stall with the processor time in it, and when a chart was drawn."""
    stall, working = longest
    line = f"{name:26}{stall * 1000:7.0f} ms{stall / budget:9.2f}"
    line += f"{working * 1000:9.0f} ms{working / budget:9.2f}"
    print(line if drawn is None else f"{line}{drawn * 1000:9.0f} ms{drawn / DRAWN:9.2f}")


def edit(window: MainWindow) -> None:
    """Change a parameter again and again, one change in each turn of the event loop."""
    window.canvas.select(["split_data"])
    for index in range(20):
        share = 0.5 + index / 100
        QTimer.singleShot(
            index * 20,
            window,
            lambda share=share: window.properties.fields["fraction"].edited.emit("fraction", share),
        )


def passed(seconds: float) -> Callable[[], bool]:
    """Return a question whether so much time has passed since it was first asked."""
    first: list[float] = []

    def ask() -> bool:
        first.append(time.perf_counter())
        return first[-1] - first[0] >= seconds

    return ask


def after(done: Callable[[], object], seconds: float) -> Callable[[], bool]:
    """Return a question whether so much time has passed since something held."""
    rest = passed(seconds)
    return lambda: bool(done()) and rest()


def wait(done: Callable[[], object]) -> None:
    """Let the event loop turn until something holds."""
    loop = QEventLoop()
    began = time.perf_counter()
    look = QTimer()
    look.timeout.connect(lambda: loop.quit() if done() else None)
    look.start(20)
    QTimer.singleShot(int(LIMIT * 1000), loop, loop.quit)
    loop.exec()
    if time.perf_counter() - began >= LIMIT:
        raise TimeoutError("The window did not get there.")


if __name__ == "__main__":
    main()
