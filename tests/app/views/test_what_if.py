"""The tab “What if”: a row is changed by hand, and prediction and contributions follow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QMenu

from designer.app.views import formatting, open_result
from designer.app.views.model_view import ModelView
from designer.app.views.registry import StoredModel
from designer.app.views.table_view import TableView
from designer.app.views.what_if_page import WhatIfPage
from designer.app.widgets.row_form import RowForm
from designer.engine.results import Output
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
    blank = what_if.average_row(tmp_path)
    found = what_if.predict(tmp_path, blank.row)
    assert found.output == ""
    total = found.base + sum(value for _, value in found.contributions)
    assert total == pytest.approx(found.scores["Scored Labels"], abs=1e-9)


@pytest.fixture
def table(qtbot, engine, model, frame, tmp_path):
    """The table on which the model was trained, beside two models."""
    scored = DataTable(pd.concat([frame, model.score(DataTable(frame)).frame], axis=1))
    folder = tmp_path / "scored"
    storage.save(scored, folder)
    models = []
    for name, each in (("Train Model (one)", model), ("Train Model (two)", other_model(frame))):
        storage.save(each, tmp_path / name)
        models.append(StoredModel(name, tmp_path / name))

    def open_(count: int = 1, shown: DataTable | None = None):
        path = folder
        if shown is not None:
            path = tmp_path / "other"
            storage.save(shown, path)
        output = Output("DataTable", path)
        widget = open_result(output, "Score Model", engine, models=models[:count])
        qtbot.addWidget(widget)
        widget.resize(900, 500)
        with qtbot.waitExposed(widget):
            widget.show()
        qtbot.waitUntil(lambda: isinstance(widget.view, TableView), timeout=30_000)
        return widget.view

    yield open_
    for dialog in what_if_windows():
        dialog.close()
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def other_model(frame: pd.DataFrame) -> TrainedModel:
    table = DataTable(frame[["age", "city", "spent"]])
    return train_model(linear_regression(), table, label_column=ColumnSelector.names("spent"))


def what_if_windows() -> list[QDialog]:
    tops = QApplication.topLevelWidgets()
    return [each for each in tops if isinstance(each, QDialog) and each.isVisible()]


def asked_page(qtbot) -> WhatIfPage:
    qtbot.waitUntil(lambda: len(what_if_windows()) == 1, timeout=10_000)
    page = what_if_windows()[0].findChild(WhatIfPage)
    return page


def menu_of(qtbot, view: TableView, row: int) -> QMenu:
    grid = view.grid
    at = grid.visualRect(grid.table_model.index(row, 1)).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    reason = QContextMenuEvent.Reason.Mouse
    where = grid.viewport().mapToGlobal(at)
    QApplication.sendEvent(grid.viewport(), QContextMenuEvent(reason, at, where))
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    return QApplication.activePopupWidget()


def ask_by_key(qtbot, view: TableView, row: int) -> None:
    def has_focus() -> bool:
        view.window().activateWindow()
        view.grid.setFocus()
        return view.grid.hasFocus() and view.window().isActiveWindow()

    qtbot.waitUntil(has_focus, timeout=20_000)
    view.grid.setCurrentIndex(view.grid.table_model.index(row, 0))

    def answered() -> bool:
        # Now and then, the platform without a screen loses the first key of a new window.
        if QApplication.activePopupWidget() is None and not what_if_windows():
            qtbot.keyClick(view.grid, Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
        return QApplication.activePopupWidget() is not None or bool(what_if_windows())

    qtbot.waitUntil(answered, timeout=20_000)


def test_a_row_of_a_result_is_changed_by_hand(qtbot, table, model, frame):
    view = table()
    view.sort_by("income", True)
    order = frame["income"].sort_values(ascending=False, kind="stable").index
    qtbot.waitUntil(lambda: view.grid.table_model.position(0) == order[0], timeout=20_000)
    menu = menu_of(qtbot, view, 3)
    assert [each.text() for each in menu.actions()[:2]] == [
        "Copy selected cells",
        "What if… with this row",
    ]
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    page = asked_page(qtbot)
    row = frame.loc[order[3]].to_dict()
    given = {name: row[name] for name in ("age", "income", "city", "member", "joined")}
    start = probability(model, given)
    qtbot.waitUntil(lambda: page.result.text() == start, timeout=60_000)
    assert page.before.text().startswith(f"Row {order[3] + 1}: Scored Labels: ")
    age = editor(page, "age")
    age.selectAll()
    qtbot.keyClicks(age, "21")
    changed = probability(model, given | {"age": 21})
    qtbot.waitUntil(lambda: page.result.text() == changed, timeout=30_000)
    qtbot.mouseClick(page.reset, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.result.text() == start, timeout=30_000)


def test_a_long_name_leaves_room_for_its_field(qtbot):
    name = "number of people that the applicant is liable to maintain, at present"
    form = RowForm()
    qtbot.addWidget(form)
    form.show_columns({"row": [{"name": name, "kind": "integer"}]}, "")
    form.resize(360, 200)
    with qtbot.waitExposed(form):
        form.show()
    field = form.fields["row", name].editor
    right = field.mapTo(form, field.rect().topRight()).x()
    assert field.width() >= 100
    assert right < form.width()
    label = next(each for each in form.findChildren(QLabel) if each.toolTip() == name)
    assert label.text().startswith("number of")
    assert label.text().endswith("present")


def test_of_several_models_one_is_chosen_by_keys(qtbot, table, frame):
    view = table(2)
    ask_by_key(qtbot, view, 5)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert [each.text() for each in menu.actions()] == ["Train Model (one)", "Train Model (two)"]
    qtbot.keyClick(menu, Qt.Key.Key_Up)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    page = asked_page(qtbot)
    qtbot.waitUntil(lambda: page.result.text() != "", timeout=20_000)
    assert {name for _, name in page.form.fields} == {"age", "city"}
    assert editor(page, "age").text() == str(frame["age"][5])


def test_a_table_that_lacks_a_column_is_explained(qtbot, table, frame):
    view = table(1, DataTable(frame.drop(columns="income")))
    ask_by_key(qtbot, view, 0)
    page = asked_page(qtbot)
    qtbot.waitUntil(lambda: page.problem.text() != "", timeout=20_000)
    assert page.problem.text() == (
        "The model reads the column “income”, which this table doesn't have. "
        "Choose a row of a table that the model can score."
    )


def test_without_a_model_no_row_is_asked_about(qtbot, table):
    menu = menu_of(qtbot, table(0), 1)
    texts = [each.text() for each in menu.actions()]
    assert texts[:2] == ["Copy selected cells", ""]
    assert not any("What if" in text for text in texts)
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
