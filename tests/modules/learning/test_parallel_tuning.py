"""Tune Model Hyperparameters in several processes: the same as in one."""

from __future__ import annotations

import filecmp
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.contract import ColumnSelector, DataTable, RangeToTry, ValuesToTry
from modules.contract.context import ModuleWarning, listening, using_threads
from modules.learning.tuning import attempts
from modules.model_training.tune_model_hyperparameters import tune_model_hyperparameters as tune
from modules.python_language.create_python_model import create_python_model
from modules.regression.linear_regression import linear_regression
from modules.values import storage

Y = ColumnSelector.names("y")

ENDING = """
import os

import pandas as pd


class AzureMLModel:
    sweep = {"share": [0.2, 2.0, 0.5]}

    def __init__(self, share=0.5):
        self.share = share

    def train(self, df_train, df_label):
        if self.share > 1:
            os._exit(3)
        self.limit = float(df_train["x0"].quantile(self.share))

    def predict(self, df):
        return pd.DataFrame({"Scored Labels": (df["x0"] > self.limit).map({True: "b", False: "a"})})
"""


@pytest.fixture(autouse=True)
def processes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "WORTHWHILE", 0.0)


def frame(rows: int = 160, *, number: bool = False) -> pd.DataFrame:
    draw = np.random.default_rng(4)
    features = draw.normal(size=(rows, 3))
    y = features[:, 0] + draw.normal(scale=0.7, size=rows)
    label = y if number else np.where(y > 0, "b", "a")
    return pd.DataFrame(features, columns=["x0", "x1", "x2"]).assign(y=label)


def tuned(folder: Path, workers: int, *inputs: object, **options: object) -> list[str]:
    """Write the outputs; return the step's warnings, not those of resources left elsewhere."""
    with (
        using_threads(workers),
        pytest.warns(ModuleWarning) as found,
        listening(lambda fraction, _: None),
    ):
        outputs = tune(*inputs, label_column=Y, **options)
    for name, value in zip(("results", "model", "report"), outputs, strict=True):
        storage.save(value, folder / str(workers) / name)
    return [str(each.message) for each in found if issubclass(each.category, ModuleWarning)]


def check_same(one: Path, two: Path) -> None:
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert files
    _, different, errors = filecmp.cmpfiles(one, two, [str(path) for path in files], shallow=False)
    assert (different, errors) == ([], [])


@pytest.mark.long
def test_folds_of_many_settings_with_failures_and_warnings(tmp_path: Path) -> None:
    table = frame()
    table.loc[:3, "y"] = None
    learner = two_class_logistic_regression(
        l2_weight=ValuesToTry((1.0, 30.0, 500.0, 1e-9, 3.0, 2.0, 0.0, 1e5, 1e6))
    )
    options = {"mode": "entire grid", "folds": 3, "stop_poor_settings": True, "patience": 7}
    warned = [tuned(tmp_path, each, learner, DataTable(table), **options) for each in (1, 2)]
    assert warned[0] == warned[1]
    assert any(text.startswith("4 of 160 rows") for text in warned[0])
    check_same(tmp_path / "1", tmp_path / "2")


@pytest.mark.long
def test_halving_by_a_validation_table(tmp_path: Path) -> None:
    learner = linear_regression(l2_weight=RangeToTry(0.01, 100.0, log=True))
    table, second = frame(500, number=True), frame(80, number=True)
    second.loc[0, "y"] = np.nan
    inputs = learner, DataTable(table), DataTable(second)
    options = {"mode": "successive halving", "runs": 9, "regression_metric": METRIC}
    for workers in (1, 2):
        tuned(tmp_path, workers, *inputs, **options)
    check_same(tmp_path / "1", tmp_path / "2")


METRIC = "Root mean squared error"


@pytest.mark.long
def test_a_setting_that_ends_its_process_is_a_row() -> None:
    learner = create_python_model(script=ENDING, task="two-class")
    with using_threads(2), pytest.warns(ModuleWarning, match="1 of 3 settings failed"):
        results, model, _ = tune(
            learner, DataTable(frame(60)), label_column=Y, mode="entire grid", folds=2
        )
    problems = results.frame.set_index("share")["Problem"]
    assert problems[2.0] == "The training's process ended (exit status 3), perhaps out of memory."
    assert problems.drop(2.0).isna().all()
    assert model.parameters["share"] == 0.5
