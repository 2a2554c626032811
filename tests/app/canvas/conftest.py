"""A canvas on a desk."""

from __future__ import annotations

import pytest
from canvas_desk import CATALOG, Desk, pipeline_of
from PySide6.QtWidgets import QApplication

from designer.app import theme
from designer.app.canvas import Canvas


@pytest.fixture
def desk(qapp, qtbot):
    theme.apply(qapp, "light")
    canvas = Canvas(CATALOG)
    qtbot.addWidget(canvas)
    canvas.resize(1000, 760)
    canvas.show()
    qtbot.waitExposed(canvas)
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
