"""The path of a row of a table through any tree of a model, from its menu to the picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from focus_desk import is_well, stops
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QTabWidget

from designer.app.views import open_result
from designer.app.views.registry import StoredModel
from designer.app.views.table.what_if_window import WhatIfWindow
from designer.app.views.table_view import TableView
from designer.app.views.tree_page import TreePage
from designer.engine.results import Output
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.contract import ColumnSelector, DataTable
from modules.model_training.train_model import train_model
from modules.values import TrainedModel, storage

LEFT = Qt.MouseButton.LeftButton
WAIT = 60_000


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    age, income = draw.integers(20, 60, 200), draw.normal(30, 8, 200)
    label = np.where(age / 20 + income / 30 + draw.normal(0, 0.3, 200) > 3, "yes", "no")
    return pd.DataFrame({"age": age, "income": income, "buys": label})


@pytest.fixture(scope="module")
def model(frame) -> TrainedModel:
    learner = two_class_decision_forest(trees=5)
    return train_model(learner, DataTable(frame), label_column=ColumnSelector.names("buys"))


@pytest.fixture
def table(qtbot, engine, frame, model, tmp_path):
    storage.save(DataTable(frame), tmp_path / "table")
    storage.save(model, tmp_path / "model")
    models = [StoredModel("Train Model", tmp_path / "model")]
    output = Output("DataTable", tmp_path / "table")
    widget = open_result(output, "Score Model", engine, models=models)
    qtbot.addWidget(widget)
    widget.resize(900, 500)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.waitUntil(lambda: isinstance(widget.view, TableView), timeout=WAIT)
    yield widget.view
    for each in dialogs():
        each.close()


def dialogs() -> list[QDialog]:
    tops = QApplication.topLevelWidgets()
    return [each for each in tops if isinstance(each, QDialog) and each.isVisible()]


def leaves(model: TrainedModel, frame: pd.DataFrame, row: int) -> list[int]:
    """Return the leaf of a row in each tree, as scikit-learn finds it."""
    matrix = model.encoder.transform(frame.loc[[row], ["age", "income"]])
    return model.final_estimator.apply(np.asarray(matrix, float))[0].tolist()


def test_a_row_chosen_in_the_table_is_followed_through_each_tree(qtbot, table, frame, model):
    row = 17
    grid = table.grid
    index = grid.table_model.index(row, 0)
    grid.scrollTo(index)
    at = grid.visualRect(index).center()
    qtbot.mouseClick(grid.viewport(), LEFT, pos=at)
    where = grid.viewport().mapToGlobal(at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where)
    QApplication.sendEvent(grid.viewport(), event)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu), timeout=WAIT)
    menu = QApplication.activePopupWidget()
    action = next(each for each in menu.actions() if each.text().startswith("What if"))
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    qtbot.waitUntil(lambda: len(dialogs()) == 1, timeout=WAIT)
    tabs = dialogs()[0].findChild(QTabWidget)
    assert not tabs.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.waitUntil(lambda: tabs.count() == 2 and tabs.tabBar().isVisible(), timeout=WAIT)
    bar = tabs.tabBar()
    assert bar.tabText(1) == "Trees"
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(1).center())
    page = tabs.currentWidget()
    assert isinstance(page, TreePage)
    expected = leaves(model, frame, row)
    assert len(expected) == 5
    page.number.setFocus()
    for number, leaf in enumerate(expected, 1):
        if number > 1:
            qtbot.keyClick(page.number, Qt.Key.Key_Up)

        def follows(number: int = number, leaf: int = leaf) -> bool:
            tree = page.canvas._tree
            return tree is not None and tree.number == number and tree.path[-1] == leaf

        qtbot.waitUntil(follows, timeout=WAIT)
        assert set(page.canvas._tree.path) <= page.canvas.boxes.keys()


@pytest.mark.long
def test_every_stop_of_a_row_asked_about_has_name_role_and_ring(qtbot, table):
    table.grid.setFocus()
    table.grid.setCurrentIndex(table.grid.table_model.index(0, 0))
    qtbot.keyClick(table.grid, Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: len(dialogs()) == 1, timeout=WAIT)
    (window,) = dialogs()
    assert isinstance(window, WhatIfWindow)
    qtbot.waitUntil(window.tabs.tabBar().isVisible, timeout=WAIT)
    qtbot.waitUntil(lambda: len(stops(window.page)) > 2, timeout=WAIT)
    assert window.tabs.tabBar() in stops(window)
    for tab in range(2):
        window.tabs.setCurrentIndex(tab)
        is_well(qtbot, window)
