"""Trees of a model on the screen: the path of a row, opening nodes, other trees, files."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QToolButton

from designer.app.views.model_view import ModelView
from designer.app.views.tree_page import TreePage
from designer.app.views.what_if_page import WhatIfPage
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.contract import ColumnSelector, DataTable
from modules.model_training.train_model import train_model
from modules.scoring.tree_path import tree_path
from modules.values import TrainedModel


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    draw = np.random.default_rng(2)
    age = draw.integers(20, 60, 300)
    frame = pd.DataFrame({"age": age, "city": draw.choice(["Oslo", "Rome"], 300)})
    frame["buys"] = np.where(age + draw.normal(0, 3, 300) > 40, "yes", "no")
    learner = two_class_decision_forest(trees=3)
    return train_model(learner, DataTable(frame), label_column=ColumnSelector.names("buys"))


@pytest.fixture
def view(qtbot, opened, model) -> ModelView:
    widget = opened(model, "Train Model, trained model")
    qtbot.waitUntil(lambda: isinstance(widget.view, ModelView), timeout=30_000)
    return widget.view


def go_to(qtbot, view: ModelView, title: str):
    bar = view.tabs.tabBar()
    titles = [bar.tabText(index) for index in range(bar.count())]
    center = bar.tabRect(titles.index(title)).center()
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=center)
    return view.tabs.currentWidget()


@pytest.fixture
def page(qtbot, view) -> TreePage:
    found = go_to(qtbot, view, "Trees")
    assert isinstance(found, TreePage)
    qtbot.waitUntil(lambda: bool(found.canvas.boxes), timeout=30_000)
    return found


def test_the_path_of_the_average_row_is_bold(page):
    tree = tree_path(page._folder, 1)
    assert set(tree.path) <= page.canvas.boxes.keys()
    leaf = tree.nodes[tree.path[-1]]
    assert page.path.text() == f"The bold path is that of the average row: {leaf.value}."
    tops = [page.canvas.boxes[at].top() for at in tree.path]
    assert tops == sorted(tops)


def test_a_click_closes_a_node_and_opens_it_again(qtbot, page):
    before = page.canvas.boxes
    root = before[0].center().toPoint()
    qtbot.mouseClick(page.canvas, Qt.MouseButton.LeftButton, pos=root)
    assert list(page.canvas.boxes) == [0]
    root = page.canvas.boxes[0].center().toPoint()
    qtbot.mouseClick(page.canvas, Qt.MouseButton.LeftButton, pos=root)
    assert page.canvas.boxes == before


def test_keys_move_between_nodes(qtbot, page):
    tree = tree_path(page._folder, 1)
    page.canvas.setFocus()
    qtbot.keyClick(page.canvas, Qt.Key.Key_Down)
    assert page.canvas.accessibleDescription().startswith(page.canvas.described(tree.path[1]))
    qtbot.keyClick(page.canvas, Qt.Key.Key_Up)
    assert page.canvas.accessibleDescription().startswith(page.canvas.described(0))
    qtbot.keyClick(page.canvas, Qt.Key.Key_Return)
    assert list(page.canvas.boxes) == [0]


def test_another_tree_and_another_depth(qtbot, page):
    page.number.setFocus()
    qtbot.keyClick(page.number, Qt.Key.Key_Up)
    expected = tree_path(page._folder, 2)
    qtbot.waitUntil(lambda: page.canvas._tree.number == 2, timeout=30_000)
    assert page.canvas._tree == expected
    page.levels.setFocus()
    for _ in range(30):
        qtbot.keyClick(page.levels, Qt.Key.Key_Up)
    assert len(page.canvas.boxes) == len(expected.nodes)
    assert page.levels.value() == page.canvas.deepest


def test_the_path_follows_the_row_that_is_changed_by_hand(qtbot, view, page):
    what_if = go_to(qtbot, view, "What if")
    assert isinstance(what_if, WhatIfPage)
    qtbot.waitUntil(lambda: what_if.result.text() != "", timeout=30_000)
    age = what_if.form.fields["row", "age"].editor
    age.setFocus()
    age.selectAll()
    qtbot.keyClicks(age, "22")
    go_to(qtbot, view, "Trees")
    row = {"age": 22, "city": what_if.form.changed_row("row", {}).get("city", "Oslo")}
    qtbot.waitUntil(
        lambda: page.path.text().startswith("The bold path is that of the row of the tab"),
        timeout=30_000,
    )
    qtbot.waitUntil(
        lambda: page.canvas._tree.path[:2] == tree_path(page._folder, 1, row).path[:2],
        timeout=30_000,
    )


def test_a_tree_and_importances_are_saved(qtbot, view, page, model, tmp_path, monkeypatch):
    chosen = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen[-1]), ""))

    def press(parent, name):
        button = next(b for b in parent.findChildren(QToolButton) if b.accessibleName() == name)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    chosen.append(tmp_path / "tree.svg")
    press(page, "Save image of the tree")
    assert page.path.text() == "Saved tree.svg."
    assert "<svg" in (tmp_path / "tree.svg").read_text("utf-8")
    sheet = go_to(qtbot, view, "Feature importances")
    chosen.append(tmp_path / "importances.csv")
    press(sheet, "Save as CSV: Feature importances")
    with (tmp_path / "importances.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    expected = model.sheets()["Feature importances"]
    assert rows[0] == list(expected.headers)
    assert [float(row[1]) for row in rows[1:]] == [row[1] for row in expected.rows]
    chosen.append(tmp_path / "importances.png")
    press(sheet, "Save image: Feature importances")
    assert sheet.note.text() == "Saved importances.png."
    assert (tmp_path / "importances.png").stat().st_size > 1_000
