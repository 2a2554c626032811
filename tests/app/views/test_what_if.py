"""The tab “What if”: a row is changed by hand, and prediction and contributions follow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from designer.app.views import formatting
from designer.app.views.model_view import ModelView
from designer.app.views.what_if_page import WhatIfPage
from modules.classification.two_class_boosted_decision_tree import two_class_boosted_decision_tree
from modules.contract import ColumnSelector, DataTable
from modules.model_training.train_model import train_model
from modules.regression.linear_regression import linear_regression
from modules.scoring import what_if
from modules.values import TrainedModel, storage


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(2)
    rows = 300
    frame = pd.DataFrame(
        {
            "age": draw.integers(20, 60, rows),
            "income": draw.normal(30_000, 5_000, rows).round(1),
            "city": draw.choice(["Oslo", "Rome"], rows),
            "member": draw.random(rows) < 0.3,
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 99, rows), "D"),
        }
    )
    score = frame["age"] / 20 + (frame["city"] == "Oslo") + draw.normal(0, 0.3, rows)
    return frame.assign(buys=np.where(score > score.median(), "yes", "no"), spent=100 * score)


@pytest.fixture(scope="module")
def model(frame) -> TrainedModel:
    table = DataTable(frame.drop(columns="spent"))
    learner = two_class_boosted_decision_tree(trees=20)
    return train_model(learner, table, label_column=ColumnSelector.names("buys"))


@pytest.fixture
def page(qtbot, opened, model) -> WhatIfPage:
    widget = opened(model, "Train Model, trained model")
    qtbot.waitUntil(lambda: isinstance(widget.view, ModelView), timeout=30_000)
    tabs = widget.view.tabs
    bar = tabs.tabBar()
    at = next(index for index in range(tabs.count()) if tabs.tabText(index) == "What if")
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(at).center())
    found = tabs.currentWidget()
    assert isinstance(found, WhatIfPage)
    qtbot.waitUntil(lambda: found.result.text() != "", timeout=30_000)
    return found


def editor(page: WhatIfPage, name: str) -> QLineEdit | QComboBox:
    return page.form.fields["row", name].editor


def probability(model: TrainedModel, row: dict) -> str:
    table = DataTable(pd.DataFrame([row]))
    scored = model.score(table).frame.iloc[0]
    return (
        f"Scored Labels: {scored['Scored Labels']}\n"
        f"Scored Probabilities: {formatting.number(scored['Scored Probabilities'], 4)}"
    )


def average(frame: pd.DataFrame) -> dict:
    return {
        "age": round(frame["age"].mean()),
        "income": float(f"{frame['income'].mean():.6g}"),
        "city": frame["city"].mode()[0],
        "member": False,
        "joined": frame["joined"].mean().replace(microsecond=0, nanosecond=0),
    }


def test_it_starts_with_the_average_row(page, model, frame):
    assert page.result.text() == probability(model, average(frame))
    assert editor(page, "age").text() == str(round(frame["age"].mean()))
    assert editor(page, "city").currentText() == frame["city"].mode()[0]
    assert editor(page, "member").currentText() == "false"
    assert page.chart.chart.chart.title == "Contributions to “yes”"


def test_prediction_and_contributions_follow_what_is_typed_and_chosen(qtbot, page, model, frame):
    age, city = editor(page, "age"), editor(page, "city")
    qtbot.mouseClick(age, Qt.MouseButton.LeftButton)
    age.selectAll()
    qtbot.keyClicks(age, "58")
    row = average(frame) | {"age": 58}
    qtbot.waitUntil(lambda: page.result.text() == probability(model, row), timeout=20_000)
    before = page.chart.chart.chart
    city.setFocus()
    qtbot.keyClick(city, Qt.Key.Key_Home)
    qtbot.keyClick(city, Qt.Key.Key_Down)
    qtbot.keyClick(city, Qt.Key.Key_O)
    row["city"] = "Oslo"
    assert city.currentText() == "Oslo"
    qtbot.waitUntil(lambda: page.result.text() == probability(model, row), timeout=20_000)
    chart = page.chart.chart.chart
    names = dict(zip(chart.categories, chart.series[0].y, strict=True))
    assert set(names) == set(average(frame))
    assert names["age"] > 0
    assert page.before.text().startswith("Average row: Scored Labels: ")
    qtbot.mouseClick(page.reset, Qt.MouseButton.LeftButton)
    start = probability(model, average(frame))
    qtbot.waitUntil(lambda: page.result.text() == start, timeout=20_000)
    assert before != chart


def test_a_value_that_isnt_a_number_is_explained(qtbot, page):
    age = editor(page, "age")
    age.selectAll()
    qtbot.keyClicks(age, "old")
    qtbot.waitUntil(lambda: page.problem.text() != "", timeout=20_000)
    assert page.problem.text() == ("Column “age” must be an integer, not “old”. Enter an integer.")
    age.selectAll()
    qtbot.keyClicks(age, "33")
    qtbot.waitUntil(lambda: page.problem.text() == "", timeout=20_000)


def test_contributions_add_up_also_for_missing_values(model, tmp_path):
    storage.save(model, tmp_path)
    row = {"age": None, "income": 31_000.0, "city": None, "member": None, "joined": None}
    found = what_if.predict(tmp_path, row)
    total = found.base + sum(value for _, value in found.contributions)
    chance = found.scores["Scored Probabilities"]
    assert total == pytest.approx(np.log(chance / (1 - chance)), abs=1e-9)


def test_a_regression_has_its_units(frame, tmp_path):
    table = DataTable(frame[["age", "city", "spent"]])
    model = train_model(linear_regression(), table, label_column=ColumnSelector.names("spent"))
    storage.save(model, tmp_path)
    blank = what_if.blank_row(tmp_path)
    found = what_if.predict(tmp_path, blank.row)
    assert found.output == ""
    total = found.base + sum(value for _, value in found.contributions)
    assert total == pytest.approx(found.scores["Scored Labels"], abs=1e-9)
