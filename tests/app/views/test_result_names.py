"""Everything that Tab reaches in the windows of results: its name, its role, and its ring."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chart_desk import charts
from focus_desk import faults, is_well, name_of, ring, stops
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from table_desk import laid_out

from designer.app.views.evaluation_view import EvaluationView
from designer.app.views.files_view import FilesView
from designer.app.views.model_view import ModelView
from designer.app.views.report_view import ReportView
from designer.app.views.table_view import TableView
from designer.engine.tables.row_filters import RowFilter
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.contract import ColumnSelector, DataTable
from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet
from modules.model_training.train_model import train_model
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.values import ImageFolder, Report, Section


def people() -> pd.DataFrame:
    draw = np.random.default_rng(4)
    age = draw.integers(20, 60, 200)
    city = draw.choice(["Oslo", "Rome"], 200)
    bought = np.where(age + draw.normal(0, 3, 200) > 40, "yes", "no")
    return pd.DataFrame({"age": age, "city": city, "bought": bought})


def model():
    learner = two_class_decision_forest(trees=2, seed=1)
    return train_model(learner, DataTable(people()), label_column=ColumnSelector.names("bought"))


def two_classes():
    draw = np.random.default_rng(5)
    score = draw.beta(2, 2, 200).round(2)
    frame = pd.DataFrame(
        {
            "Labels": (draw.random(200) < score).astype(int),
            "Scored Labels": (score > 0.5).astype(int),
            "Scored Probabilities": score,
        }
    )
    return evaluate_model(DataTable(frame.add_prefix("Binary Class ").rename(columns=BACK)), None)


BACK = {"Binary Class Labels": "Labels"}


def two_models():
    draw = np.random.default_rng(6)
    actual = draw.normal(size=100)
    tables = [
        DataTable(pd.DataFrame({"Labels": actual, "Scored Labels": actual + draw.normal(size=100)}))
        for _ in range(2)
    ]
    return evaluate_model(*tables)


def report():
    bars = Chart("bars", "Importance", "Loss", series=[Series("", y=[4, 1])], categories=("a", "b"))
    line = Chart("lines", "Dependence", "age", "income", [Series("", [20, 40, 60], [1, 3, 2])])
    sheet = Sheet(("column", "loss"), (("a", 4.0), ("b", 1.0)))
    sections = Section("Importance", "Which matter.", sheet, bars), Section("Age", chart=line)
    return Report("Why", (*sections, Section("Again", "", sheet)))


RESULTS = {
    "model": (model, ModelView),
    "two classes": (two_classes, EvaluationView),
    "two models": (two_models, EvaluationView),
    "report": (report, ReportView),
    "table": (lambda: DataTable(people()), TableView),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", RESULTS)
def test_every_stop_of_a_result_has_name_role_and_ring(qtbot, opened, kind):
    make, view = RESULTS[kind]
    window = opened(make(), "Result")
    qtbot.waitUntil(lambda: isinstance(window.view, view), timeout=30_000)
    tabs = getattr(window.view, "tabs", None)
    found, weak = {}, {}
    for index in range(tabs.count() if tabs is not None else 1):
        if tabs is not None:
            tabs.setCurrentIndex(index)
        page = tabs.tabText(index) if tabs is not None else kind
        qtbot.waitUntil(lambda: len(stops(window)) > 1, timeout=30_000)
        QApplication.processEvents()
        found[page] = faults(window)
        for widget in stops(window):
            if (ratio := ring(window, widget)) < 3.0:
                weak[f"{page}: {type(widget).__name__} {name_of(widget)}"] = round(ratio, 2)
    assert {page: each for page, each in found.items() if each} == {}
    assert weak == {}


@pytest.mark.long
def test_every_stop_of_a_table_in_each_state_has_name_role_and_ring(qtbot, opened):
    frame = people().assign(**{f"years before {age}": age for age in range(20)})
    window = opened(DataTable(frame, {"bought": "label"}), "Result", size=(640, 500))
    view = window.view
    view._tools.add_filter(RowFilter("city", "in", ("Oslo",)))
    qtbot.waitUntil(lambda: laid_out(window) and view._tools.filter_bar.isVisible())
    view.grid.horizontalScrollBar().setValue(900)
    assert view._tools.pinned.isVisible()
    is_well(qtbot, window)


@pytest.mark.long
def test_every_stop_of_images_has_name_role_and_ring(qtbot, opened, tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    for name in ("red", "blue"):
        image = QImage(80, 40, QImage.Format.Format_RGB32)
        image.fill(QColor(name))
        image.save(str(folder / f"{name}.png"))
    window = opened(ImageFolder(folder))
    qtbot.waitUntil(lambda: isinstance(window.view, FilesView), timeout=30_000)
    view = window.view
    qtbot.waitUntil(lambda: view.image_pane is not None and not view.image_pane.image.isNull())
    is_well(qtbot, window)


@pytest.mark.long
def test_every_stop_of_a_chart_of_a_table_has_name_role_and_ring(qtbot, opened):
    window = opened(DataTable(people()), "Result")
    charts(qtbot, window.view)
    is_well(qtbot, window)
