"""What is said of a pipeline before and after the look at it."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QApplication
from window_desk import TABLE

from designer.app.document import checker
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

LONG = 60_000


@pytest.fixture
def gate(monkeypatch):
    """Hold back every look at a pipeline until the gate is opened."""
    gate, validate = threading.Event(), checker.validate

    def look(*arguments, **options):
        gate.wait(LONG / 1000)
        return validate(*arguments, **options)

    monkeypatch.setattr(checker, "validate", look)
    yield gate
    gate.set()


def said(window) -> str:
    """Return what the panel says in place of a list; empty if it lists problems."""
    return window.problems.empty.text() if window.problems.empty.isVisible() else ""


def write(folder, name: str, *modules: str, **parameters):
    pipeline = Pipeline()
    for module in modules:
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    path = folder / f"{name}.pipeline.json"
    pipeline_file.write(pipeline, path)
    return path


def test_nothing_is_said_to_be_fine_before_it_was_looked_at(window, qtbot, gate, tmp_path):
    bad = write(tmp_path, "bad", "split_data")
    good = write(tmp_path, "good", "enter_data_manually", **TABLE)
    window.navigation.show_panel("problems")
    window.files.open_path(bad)
    window.canvas.select_all()
    QApplication.processEvents()
    assert said(window) == "Checking…"
    gate.set()
    qtbot.waitUntil(lambda: bool(window.problems.problems()), timeout=LONG)
    gate.clear()
    window.files.open_path(good)
    assert said(window) == "Checking…"
    gate.set()
    qtbot.waitUntil(lambda: said(window) == "No problems found.", timeout=LONG)


def test_a_file_with_a_row_too_long_marks_its_card(window, qtbot, tmp_path):
    (tmp_path / "cars.csv").write_text("make,price\naudi,1\nbmw,2,3\n")
    window.files.open_path(write(tmp_path, "cars", "dataset", path="cars.csv"))
    card = window.canvas.graph.nodes["dataset"]
    qtbot.waitUntil(lambda: card.severity == "warning", timeout=LONG)
    assert [problem.severity for problem in window.problems.problems()] == ["warning"]
    assert "Line 3 has 3 values" in window.problems.problems()[0].message
    assert "1 warning" in window.status.problems.text()
    (tmp_path / "cars.csv").write_text("make,price\naudi,1\nbmw,2\n")
    window.checker.check_now()
    qtbot.waitUntil(lambda: card.severity == "", timeout=LONG)


def test_a_check_with_a_change_after_it_settles_nothing(qtbot, catalog, tmp_path):
    tried = threading.Event()

    def sample(*_):
        tried.wait(LONG / 1000)
        return {}, ()

    one, _ = edits.add_node(Pipeline(), "split_data")
    made = checker.Checker(catalog, sample)
    behind = []
    made.settled.connect(lambda: behind.append(made.is_behind))
    made.pipeline_changed(one, tmp_path)
    with qtbot.waitSignal(made.checked):
        made.check_now()
    made.pipeline_changed(Pipeline(), tmp_path)
    tried.set()
    qtbot.waitUntil(lambda: bool(behind))
    assert behind == [False]
    assert not [problem for problem in made.problems if problem.node]
    made.close()
