"""A canvas on a desk."""

from __future__ import annotations

import pytest
from canvas_desk import CATALOG, Desk, pipeline_of
from PySide6.QtWidgets import QApplication

from designer.app.canvas import Canvas
from designer.app.shell import theme
from designer.pipeline import grouping


@pytest.fixture
def desk(qapp, qtbot):
    theme.apply(qapp, "light")
    canvas = Canvas(CATALOG)
    qtbot.addWidget(canvas)
    canvas.resize(1000, 760)
    with qtbot.waitActive(canvas):
        canvas.show()
        canvas.activateWindow()
    canvas.viewer.setFocus()
    # The scene's origin at a known pixel.
    canvas.viewer.centerOn(400, 300)
    QApplication.processEvents()
    desk = Desk(canvas)
    yield desk
    canvas.close()
    QApplication.processEvents()


@pytest.fixture
def training(desk):
    """A learner, data and a training, not linked yet."""
    desk.show(
        pipeline_of(
            {
                "dataset": (300, 40),
                "linear_regression": (0, 40),
                "split_data": (300, 200),
                "train_model": (100, 360),
            }
        )
    )
    return desk


@pytest.fixture
def grouped(desk):
    """A dataset above a group of two linked steps, and what is linked to it beside and below."""
    pipeline = pipeline_of(
        {
            "dataset": (200, 0),
            "clean_missing": (200, 160),
            "split_data": (200, 300),
            "linear_regression": (600, 160),
            "split_data_2": (600, 300),
            "train_model": (300, 480),
        },
        ("dataset.dataset", "clean_missing.dataset"),
        ("clean_missing.cleaned", "split_data.dataset"),
        ("dataset.dataset", "split_data_2.dataset"),
        ("split_data.first", "train_model.dataset"),
    )
    pipeline, _ = grouping.group(pipeline, ["clean_missing", "split_data"], "Prepare")
    desk.show(pipeline)
    return desk
