"""A person's own modules and plug-ins follow their files while the window is open."""

from __future__ import annotations

import sys
import threading
from importlib import metadata
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from designer.app.shell.main_window import MainWindow
from designer.pipeline import edits
from designer.pipeline.model import Endpoint

SOURCE = '''
from __future__ import annotations

from modules.contract import DataTable, module


@module("Times", outputs=("product",))
def times(dataset: DataTable, *, column: str = "x") -> DataTable:
    """Multiply the numbers of a column."""
    return dataset.with_frame(dataset.frame.assign(**{column: dataset.frame[column] * 2}))
'''


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def palette(window: MainWindow) -> list[str]:
    return window.palette_panel.visible_modules()


@pytest.mark.long
def test_a_new_file_is_in_the_palette_at_once(qtbot, desk, tmp_path):
    tree, model = desk.palette_panel.tree, desk.palette_panel.model
    tree.setExpanded(model.index(0, 0), False)
    folder = tmp_path / "workspace" / "modules"
    write(folder / "times.py", SOURCE)
    qtbot.waitUntil(lambda: "times" in palette(desk), timeout=20_000)
    # What was collapsed is, still.
    assert not tree.isExpanded(model.index(0, 0))
    desk.modules.add_at_center("times")
    (item,) = desk.canvas.graph.nodes.values()
    assert [port.name for port in item.inputs] == ["dataset"]

    # Changed, as an editor does it: a new file in its place.
    changed = (
        SOURCE.replace("dataset: DataTable,", "rows: DataTable,")
        .replace("dataset.", "rows.")
        .replace("Times", "Product")
        .replace("column: str", "factor: int = 3, column: str")
    )
    write(folder / "times.tmp", changed)
    (folder / "times.tmp").replace(folder / "times.py")
    qtbot.waitUntil(lambda: "factor" in desk.catalog["times"].parameter_by_name, timeout=20_000)
    desk.canvas.select(["times"])
    assert "factor" in desk.properties.fields
    (item,) = desk.canvas.graph.nodes.values()
    assert [port.name for port in item.inputs] == ["rows"]

    # It can't be loaded, and then can be again.
    write(folder / "times.py", "def times(:\n")
    qtbot.waitUntil(lambda: "times" not in desk.catalog, timeout=20_000)
    assert "times.py: line 1 isn't Python" in desk.bar.text.text()
    qtbot.waitUntil(
        lambda: any("isn't installed" in each.message for each in desk.checker.problems),
        timeout=20_000,
    )
    write(folder / "times.py", SOURCE)
    qtbot.waitUntil(lambda: "times" in desk.catalog, timeout=20_000)
    assert "times.py" not in desk.bar.text.text() or desk.bar.isHidden()
    (folder / "times.py").unlink()
    qtbot.waitUntil(lambda: "times" not in palette(desk), timeout=20_000)


def test_a_changed_module_runs_as_it_is_now(qtbot, desk, tmp_path):
    file = tmp_path / "workspace" / "modules" / "times.py"
    # Equal content is imported once, from wherever it was first.
    source = SOURCE.replace("Multiply", "Scale")
    write(file, source)
    qtbot.waitUntil(lambda: "times" in palette(desk), timeout=20_000)

    def add(pipeline):
        table = {"data": "x\n1\n2\n"}
        one, rows = edits.add_node(pipeline, "enter_data_manually", parameters=table)
        two, node = edits.add_node(one, "times")
        return edits.connect(two, Endpoint(rows, "dataset"), Endpoint(node, "dataset"))

    desk.edits.apply("Add", add)

    def products() -> list[int]:
        with qtbot.waitSignal(desk.controller.finished, timeout=60_000) as ended:
            desk.actions_by_id["run"].trigger()
        assert ended.args[0] == "completed", desk.controller.result("times").error
        from modules.values.storage import load

        output = desk.controller.output("times", "product")
        return load(output.path).frame["x"].tolist()

    assert products() == [2, 4]
    write(file, source.replace("* 2", "* 5"))
    before = desk.catalog["times"].function
    qtbot.waitUntil(lambda: desk.catalog["times"].function is not before, timeout=20_000)
    assert products() == [5, 10]


def test_a_plug_in_appears_and_changes(qtbot, desk, tmp_path, monkeypatch):
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    desk.module_watch.start()
    write(site / "watched_toy" / "__init__.py", SOURCE)
    about = site / "watched_toy-1.0.dist-info"
    write(about / "METADATA", "Metadata-Version: 2.1\nName: watched-toy\nVersion: 1.0\n")
    write(about / "entry_points.txt", "[modeldesk.modules]\ntoy = watched_toy\n")
    qtbot.waitUntil(
        lambda: (
            "watched_toy" in "".join(map(str, desk.catalog.problems))
            or any(spec.title == "Times" for spec in desk.catalog.values())
        ),
        timeout=20_000,
    )
    (spec,) = (spec for spec in desk.catalog.values() if spec.title == "Times")
    assert spec.id in palette(desk)
    write(site / "watched_toy" / "__init__.py", SOURCE.replace("Times", "Product of Two"))
    qtbot.waitUntil(
        lambda: any(spec.title == "Product of Two" for spec in desk.catalog.values()),
        timeout=20_000,
    )
    sys.modules.pop("watched_toy", None)


def test_returning_to_the_window_looks_for_changes_on_a_thread(qtbot, desk, monkeypatch):
    # Some three hundred installed packages are read: a moment in which nobody could type.
    looked: list[threading.Thread] = []
    entry_points = metadata.entry_points

    def find(**selected: str) -> metadata.EntryPoints:
        looked.append(threading.current_thread())
        return entry_points(**selected)

    monkeypatch.setattr(metadata, "entry_points", find)
    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    qtbot.waitUntil(lambda: len(looked) > 0)
    assert threading.main_thread() not in looked
