"""From a stored output to its view, without a wait in the window."""

from __future__ import annotations

import subprocess
import sys
import time

import pandas as pd
import pytest
from PySide6.QtCore import QTimer

from designer.app.views.message_view import MessageView
from designer.app.views.opening import PATIENCE
from designer.app.views.table_view import TableView
from modules.contract import DataTable
from modules.values import storage

FIRST = """
import os, sys, threading
from pathlib import Path
from PySide6.QtWidgets import QAbstractItemView, QApplication
from designer.app.shell import theme
from designer.app.views import open_result

class Output:
    type, path = sys.argv[1], Path(sys.argv[2])

class Watch:
    heavy = []

    def find_spec(self, name, path=None, target=None):
        if name in ("pyarrow", "pyqtgraph", "numpy", "pandas"):
            if threading.current_thread() is threading.main_thread():
                Watch.heavy.append(name)

sys.meta_path.insert(0, Watch())
app = QApplication([])
theme.apply(app, "light")
widget = open_result(Output(), "First", None)
widget.show()
assert not Watch.heavy, Watch.heavy
while widget.reading:
    app.processEvents()
print(type(widget.view).__name__)
import numpy
model = widget.view.findChild(QAbstractItemView).model()
model.show_rows(numpy.array([3, 1]))
print([model.value(row, 0) for row in range(2)], "pandas" in Watch.heavy, flush=True)
# The statistics of the columns are still being made on a thread.
os._exit(0)
"""


@pytest.fixture
def table(tmp_path):
    storage.save(DataTable(pd.DataFrame({"size": range(5)})), tmp_path / "table")
    return tmp_path / "table"


def test_the_first_table_imports_its_library_on_a_thread(table):
    done = subprocess.run(
        [sys.executable, "-c", FIRST, "DataTable", str(table)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["TableView", "[3, 1] False"], done.stderr


def test_words_appear_only_where_reading_takes_long(opened, qtbot):
    frame = pd.DataFrame({"size": range(5)})
    widget = opened(DataTable(frame), wait=False)
    said = []
    watch = QTimer()
    watch.setInterval(1)
    watch.timeout.connect(lambda: said.append(isinstance(widget.view, MessageView)))
    watch.start()
    start = time.monotonic()
    qtbot.waitUntil(lambda: not widget.reading)
    if time.monotonic() - start < PATIENCE / 2000:
        assert not any(said)
    assert isinstance(widget.view, TableView)


def test_a_long_read_says_that_it_reads(qtbot, table):
    from concurrent.futures import Future

    from designer.app.views import open_result

    class Slow:
        def call(self, function, *args):
            return Future()

    class Output:
        type, path = "TrainedModel", table

    widget = open_result(Output(), "Model", Slow())
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(lambda: isinstance(widget.view, MessageView))
    assert (widget.view.message, widget.reading) == ("Reading…", True)
