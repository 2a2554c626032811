"""Start-up: quick, and without what only a run needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, sys
from PySide6.QtCore import QTimer
from designer.app.shell import main

seen = {}

def look():
    from PySide6.QtWidgets import QApplication
    (window,) = [w for w in QApplication.allWidgets() if w.objectName() == "main"]
    seen["visible"] = window.isVisible()
    seen["title"] = window.windowTitle()
    seen["nodes"] = list(window.document.pipeline.nodes)
    seen["modules"] = sorted(name for name in sys.modules if "." not in name)
    QTimer.singleShot(0, window.close)

def on_shown(window):
    QTimer.singleShot(0, look)

if __name__ == "__main__":
    main.on_shown = on_shown
    seen["status"] = main.open_window(*sys.argv[1:])
    print(json.dumps(seen))
"""

WAITING_SCRIPT = """
import json, sys
from designer.app.shell import main
from designer.app.shell.preload import Preloader

def on_shown(window):
    from PySide6.QtWidgets import QApplication
    from PySide6.QtCore import QTimer

    def watch():
        (libraries,) = QApplication.instance().findChildren(Preloader)
        libraries.loaded.connect(window.close)

    QTimer.singleShot(0, watch)

if __name__ == "__main__":
    main.on_shown = on_shown
    status = main.open_window()
    modules = sorted(name for name in sys.modules if "." not in name)
    print(json.dumps({"status": status, "modules": modules}))
"""

HEAVY = {
    "pandas",
    "numpy",
    "scipy",
    "sklearn",
    "pyarrow",
    "mlflow",
    "azureml",
    "sqlalchemy",
    "pyqtgraph",
    "matplotlib",
    "dask",
    "torch",
}


NEVER = {"pandas", "scipy", "sklearn", "mlflow", "azureml", "torch"}
"""What only other processes need."""


def start(tmp_path: Path, *arguments: str, script_text: str = SCRIPT) -> dict:
    script = tmp_path / "start.py"
    script.write_text(script_text)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "MODELDESK_WORKSPACE": str(tmp_path / "workspace"),
    }
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_the_window_is_shown_without_a_heavy_library(tmp_path):
    seen = start(tmp_path)
    assert seen["visible"]
    assert HEAVY.isdisjoint(seen["modules"])
    assert seen["status"] == 0


@pytest.mark.long
def test_what_a_first_result_needs_is_imported_before_it_is_asked_for(tmp_path):
    seen = start(tmp_path, script_text=WAITING_SCRIPT)
    assert seen["status"] == 0
    assert {"numpy", "pyarrow", "pyqtgraph"} <= set(seen["modules"])
    assert NEVER.isdisjoint(seen["modules"])


def test_a_file_that_is_named_is_opened(tmp_path):
    from designer.pipeline import edits
    from designer.pipeline import file as pipeline_file
    from designer.pipeline.model import Pipeline

    pipeline_file.write(edits.add_node(Pipeline(), "split_data")[0], tmp_path / "p.pipeline.json")
    seen = start(tmp_path, str(tmp_path / "p.pipeline.json"))
    assert seen["nodes"] == ["split_data"]
    assert seen["title"] == "p – ModelDesk"
    assert HEAVY.isdisjoint(seen["modules"])


@pytest.mark.long
def test_a_file_that_can_not_be_read_still_opens_the_window(tmp_path):
    (tmp_path / "bad.pipeline.json").write_text("{")
    seen = start(tmp_path, str(tmp_path / "bad.pipeline.json"))
    assert seen["visible"]
    assert seen["nodes"] == []
