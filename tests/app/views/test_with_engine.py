"""The views with the application's own engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from designer.app.views import open_result
from designer.app.views.general_view import GeneralView
from designer.app.views.model_view import ModelView
from designer.catalog import load_catalog
from designer.engine import Engine, Output
from designer.workspace import Workspace
from modules.contract.data_table import DataTable
from modules.data_transformation.clean_missing_data import clean_missing_data
from modules.learning import SklearnLearner
from modules.values import storage


@pytest.fixture
def engine(tmp_path):
    engine = Engine(Workspace(tmp_path / "workspace"), load_catalog())
    yield engine
    engine.close()


def test_profiles_orders_models_and_transformations_come_from_its_worker(qtbot, engine, tmp_path):
    draw = np.random.default_rng(2)
    size = draw.normal(size=300)
    frame = pd.DataFrame({"size": size, "price": 2 * size})
    frame.loc[::5, "size"] = np.nan
    learner = SklearnLearner("Linear Regression", "regression", estimator=LinearRegression())
    values = {
        "table": DataTable(frame),
        "model": learner.fit(DataTable(frame), "price"),
        "transformation": clean_missing_data(DataTable(frame))[1],
    }
    shown = {}
    for name, value in values.items():
        summary = storage.save(value, tmp_path / name)
        output = Output(summary["type"], tmp_path / name, summary.get("rows"))
        shown[name] = open_result(output, name, engine)
        qtbot.addWidget(shown[name])
        shown[name].show()
    qtbot.waitUntil(lambda: not shown["table"].reading)
    table = shown["table"].view
    table.sort_by("price")
    first = int(frame["price"].argmin())
    qtbot.waitUntil(lambda: table.grid.table_model.position(0) == first, timeout=60_000)
    qtbot.waitUntil(lambda: len(table._profiles) == 2, timeout=60_000)
    assert table._profiles["size"].missing == 60
    qtbot.waitUntil(lambda: isinstance(shown["model"].view, ModelView), timeout=60_000)
    transformation = shown["transformation"]
    qtbot.waitUntil(lambda: isinstance(transformation.view, GeneralView), timeout=60_000)
    assert transformation.view.pages[0].sheet.texts()[1][0] == "size"
