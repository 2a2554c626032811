"""Saving into another folder changes where the file is, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from run_desk import LONG, run, states
from window_desk import CONTROL, SHIFT, add, key

from designer.pipeline import file as pipeline_file

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

DONE = {"completed", "reused"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with a table in it and a folder for pipelines."""
    home = tmp_path / "home"
    for name in ("data", "projects"):
        (home / name).mkdir(parents=True)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(home))
    # A table of its own: what other tests have run is in the store.
    (home / "data" / "cars.csv").write_text(f"price,doors\n1,2\n3,4\n5,2\n7,{len(str(tmp_path))}\n")
    return home


def choose(window, monkeypatch, file: Path) -> None:
    """Choose a file with the button beside the field."""
    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda dialog: [str(file)])
    QTest.mouseClick(window.properties.fields["path"].editor.browse, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def save_as(window, monkeypatch, file: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    window.canvas.setFocus()
    key(window, Qt.Key.Key_S, CONTROL | SHIFT)
    assert window.document.path == file


def checked(window, qtbot) -> list[str]:
    """Return the errors of a check that has begun after now."""
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        window.checker.check_now()
    return [each.message for each in window.checker.problems if each.severity == "error"]


@pytest.fixture
def ran(window, qtbot, home, monkeypatch):
    """A table of the home folder was chosen and split, in a pipeline that isn't saved, and run."""
    add(window, "dataset")
    choose(window, monkeypatch, home / "data" / "cars.csv")
    window.canvas.select(["dataset"])
    window.canvas.open_quick_add("Split Data")
    key(window, Qt.Key.Key_Return)
    assert [str(link) for link in window.document.pipeline.links]
    window.canvas.setFocus()
    key(window, Qt.Key.Key_F5)
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        pass
    assert set(states(window).values()) <= DONE
    return window


def read_file(window) -> Path:
    """Return the file that the dataset reads."""
    return (
        window.document.base / window.document.pipeline.nodes["dataset"].parameters["path"]
    ).resolve()


def test_saving_into_another_folder_changes_neither_results_nor_validity(
    ran, qtbot, home, monkeypatch
):
    window = ran
    save_as(window, monkeypatch, home / "projects" / "cars.pipeline.json")
    assert read_file(window) == home / "data" / "cars.csv"
    assert checked(window, qtbot) == []
    window.runs.refresh()
    assert set(states(window).values()) <= DONE
    key(window, Qt.Key.Key_F5)
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        pass
    assert set(states(window).values()) == {"reused"}
    assert not window.bar.isVisible()


def test_results_of_before_the_first_save_are_there_when_the_file_is_opened(
    ran, qtbot, home, monkeypatch
):
    window = ran
    file = home / "projects" / "cars.pipeline.json"
    save_as(window, monkeypatch, file)
    qtbot.waitUntil(lambda: window.run_list.list.topLevelItemCount() == 1, timeout=LONG)
    window.files.new()
    window.files.open_path(file)
    qtbot.waitUntil(lambda: len(window.controller.results) == 2, timeout=LONG)
    window.runs.refresh()
    assert set(states(window).values()) <= DONE


def test_undo_steps_over_a_save_and_paths_stay_right(window, qtbot, home, monkeypatch):
    table = home / "data" / "cars.csv"
    add(window, "dataset")
    choose(window, monkeypatch, table)
    add(window, "split_data")
    save_as(window, monkeypatch, home / "projects" / "cars.pipeline.json")
    assert not window.document.dirty
    key(window, Qt.Key.Key_Z, CONTROL)
    # The step before the save, with the file that it named then.
    assert list(window.document.pipeline.nodes) == ["dataset"]
    assert read_file(window) == table
    assert window.document.dirty
    assert checked(window, qtbot) == []
    key(window, Qt.Key.Key_Z, CONTROL)
    assert "path" not in window.document.pipeline.nodes["dataset"].parameters
    for _ in range(2):
        key(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert read_file(window) == table
    assert not window.document.dirty
    assert pipeline_file.read(window.document.path) == window.document.pipeline


def test_a_step_undone_before_the_save_is_right_when_it_is_redone(window, home, monkeypatch):
    table = home / "data" / "cars.csv"
    add(window, "dataset")
    choose(window, monkeypatch, table)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_Z, CONTROL)
    save_as(window, monkeypatch, home / "projects" / "cars.pipeline.json")
    key(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert read_file(window) == table


def test_what_was_removed_from_a_file_may_be_read_after_undo_in_another_folder(
    window, qtbot, home, monkeypatch
):
    # The table was in the pipeline's own folder, so nobody was ever asked about it.
    from designer.pipeline import edits
    from designer.pipeline.model import Pipeline

    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "cars.csv"})
    file = home / "data" / "cars.pipeline.json"
    pipeline_file.write(pipeline, file)
    assert window.files.open_path(file)
    window.canvas.select(["dataset"])
    key(window, Qt.Key.Key_Delete)
    save_as(window, monkeypatch, home / "projects" / "cars.pipeline.json")
    key(window, Qt.Key.Key_Z, CONTROL)
    assert read_file(window) == home / "data" / "cars.csv"
    checked(window, qtbot)
    assert window.known.missing == []


def test_a_pipeline_that_is_run_to_its_copy_elsewhere_computes_nothing(
    ran, qtbot, home, monkeypatch
):
    window = ran
    save_as(window, monkeypatch, home / "projects" / "one.pipeline.json")
    (home / "projects" / "deep").mkdir()
    save_as(window, monkeypatch, home / "projects" / "deep" / "two.pipeline.json")
    assert run(window, qtbot) == "completed"
    assert {result.status for result in window.controller.results.values()} == {"reused"}
