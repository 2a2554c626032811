"""An engine for the views: a real worker process, as the application has."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtWidgets import QApplication
from table_desk import laid_out

from designer.app.shell import theme
from designer.app.views import open_result
from designer.app.views.table_view import TableView
from modules.contract.data_table import DataTable
from modules.values import storage


@dataclass(frozen=True)
class Output:
    type: str
    path: Path
    rows: int | None = None
    columns: int | None = None


class Workers:
    """Runs calls in one other process and remembers what was asked."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=context)
        self._pool.submit(len, ()).result()
        self.asked = []

    def call(self, function, *args) -> Future:
        self.asked.append(function.__name__)
        return self._pool.submit(function, *args)

    def close(self):
        self._pool.shutdown(wait=True, cancel_futures=True)


@pytest.fixture(scope="package")
def _workers():
    workers = Workers()
    yield workers
    workers.close()


@pytest.fixture
def engine(_workers):
    _workers.asked.clear()
    return _workers


@pytest.fixture
def opened(qtbot, engine, tmp_path):
    """Store a value and open it, as Visualize does."""
    theme.apply(QApplication.instance(), "light")
    alive = []

    def open_(value, title="Result", size=(1200, 760), engine=engine, wait=True):
        folder = tmp_path / f"value{len(list(tmp_path.iterdir()))}"
        summary = storage.save(value, folder)
        output = Output(summary["type"], folder, summary.get("rows"), summary.get("columns"))
        widget = open_result(output, title, engine)
        qtbot.addWidget(widget)
        alive.append(widget)
        widget.resize(*size)
        with qtbot.waitExposed(widget):
            widget.show()
        if wait:
            qtbot.waitUntil(lambda: laid_out(widget), timeout=30_000)
        return widget

    yield open_
    alive.clear()


@pytest.fixture
def every_move(monkeypatch):
    """Let pyqtgraph not leave out moves of the mouse that are close together."""
    import pyqtgraph

    monkeypatch.setitem(pyqtgraph.CONFIG_OPTIONS, "mouseRateLimit", -1)


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(11)
    rows = 400
    price = draw.lognormal(9, 1, rows).round(2)
    price[::9] = np.nan
    return pd.DataFrame(
        {
            "price": price,
            "doors": draw.integers(2, 6, rows),
            "make": draw.choice(["audi", "bmw", "saab"], rows),
            "note": ["a text of a thousand letters " * 40 for _ in range(rows)],
        }
    )


@pytest.fixture
def view(opened, frame) -> TableView:
    return opened(DataTable(frame, {"price": "label"}), "Cars").view
