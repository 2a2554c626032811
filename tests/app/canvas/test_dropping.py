"""Modules and files dropped onto the canvas."""

from __future__ import annotations

from pathlib import Path

import pytest
from canvas_desk import Dragged, link, module, pipeline_of
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtWidgets import QApplication

from designer.app.canvas import MODULE_MIME


@pytest.fixture
def joined(desk):
    desk.show(
        pipeline_of(
            {"dataset": (200, 0), "split_data": (200, 400)},
            ("dataset.dataset", "split_data.dataset"),
        )
    )
    return desk


def test_a_module_lands_with_its_middle_under_the_pointer(desk):
    held = Dragged(desk, module("dataset"))
    assert held.over(300, 200)
    assert desk.canvas.ghost.isVisible()
    held.drop(300, 200)
    assert desk.pipeline.nodes["dataset"].position == (180.0, 160.0)
    assert desk.canvas.selection() == ["dataset"]
    assert not desk.canvas.ghost.isVisible()
    assert QApplication.focusWidget() is desk.canvas.viewer


def test_a_module_dropped_on_a_link_goes_into_it_in_one_step(joined):
    held = Dragged(joined, module("clean_missing"))
    held.over(320, 230)
    shown = joined.canvas.graph.links[link("dataset.dataset", "split_data.dataset")]
    assert shown.hovered
    held.drop(320, 230)
    assert set(joined.pipeline.links) == {
        link("dataset.dataset", "clean_missing.dataset"),
        link("clean_missing.cleaned", "split_data.dataset"),
    }
    assert joined.steps == [("Insert “Clean Missing Data”", None)]


def test_a_module_that_does_not_fit_lies_on_the_link_unlinked(joined):
    held = Dragged(joined, module("train_model"))
    held.over(320, 230)
    assert not any(item.hovered for item in joined.canvas.graph.links.values())
    held.drop(320, 230)
    assert joined.pipeline.links == (link("dataset.dataset", "split_data.dataset"),)
    assert "train_model" in joined.pipeline.nodes


def test_leaving_the_canvas_takes_the_outline_away(joined):
    held = Dragged(joined, module("clean_missing"))
    held.over(320, 230)
    QApplication.sendEvent(joined.viewport, QDragLeaveEvent())
    assert not joined.canvas.ghost.isVisible()
    assert not any(item.hovered for item in joined.canvas.graph.links.values())


def test_files_are_passed_on(desk, qtbot, tmp_path: Path):
    file = tmp_path / "cars.csv"
    file.write_text("a\n1\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)), QUrl("https://example.org/x.csv")])
    with qtbot.waitSignal(desk.canvas.files_dropped) as dropped:
        Dragged(desk, data).drop(100, 100)
    paths, x, y = dropped.args
    assert [Path(path) for path in paths] == [file]
    assert (x, y) == (pytest.approx(100, abs=1), pytest.approx(100, abs=1))
    assert not desk.steps


@pytest.mark.parametrize(
    "data", [module("no_such_module"), module("\udcff".encode("utf-8", "replace").decode())]
)
def test_unknown_modules_are_not_accepted(desk, data):
    held = Dragged(desk, data)
    assert not held.over(100, 100)
    held.drop(100, 100)
    assert not desk.steps


def test_other_things_are_not_accepted(desk):
    text, web, broken = QMimeData(), QMimeData(), QMimeData()
    text.setText("dataset")
    web.setUrls([QUrl("https://example.org/x.csv")])
    broken.setData(MODULE_MIME, b"\xff\xfe")
    for data in (text, web, broken):
        held = Dragged(desk, data)
        assert not held.over(100, 100)
        held.drop(100, 100)
    assert not desk.steps
