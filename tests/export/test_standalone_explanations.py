"""Code without this project explains models as the modules do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alone import alone, assert_equal, compared
from exporting import make

from module_examples import example_table  # isort: skip

from designer.export import ExportError
from designer.pipeline.model import Group, Pipeline
from modules.contract import DataTable

pytestmark = pytest.mark.filterwarnings("ignore")

FRAME = example_table(60).frame.drop(columns=["joined", "member"])
FRAME.loc[::7, "city"] = None
FRAME.loc[::9, FRAME.select_dtypes("number").columns[0]] = np.nan
READ = ("dataset", {"path": "rows.csv"})

LEARNERS: dict[str, tuple[Any, str]] = {
    "linear": ("two_class_logistic_regression", "label"),
    "trees of two classes": (("two_class_decision_forest", {"trees": 3}), "label"),
    "LightGBM of several classes": (("multiclass_lightgbm", {"trees": 3}), "city"),
    "linear of several classes": ("multiclass_logistic_regression", "city"),
    "compared rows": ("two_class_naive_bayes", "label"),
    "compared numbers": (("nearest_neighbors_regression", {}), "target"),
    "boosted numbers": (("boosted_decision_tree_regression", {"trees": 5}), "target"),
}


def longer(names: Iterable[str]) -> list[Any]:
    """Return the names as parameters; all but the first take long together."""
    first, *others = names
    return [first, *(pytest.param(name, marks=pytest.mark.long) for name in others)]


def explained(learner: Any, label: str, module: str, parameters: dict[str, Any]) -> Pipeline:
    return make(
        {
            "rows": READ,
            "learner": learner,
            "train": ("train_model", {"label_column": [label]}),
            "explain": (module, parameters),
        },
        "learner.untrained_model > train.untrained_model",
        "rows.dataset > train.dataset",
        "train.trained_model > explain.trained_model",
        "rows.dataset > explain.dataset",
    )


@pytest.mark.parametrize("name", longer(LEARNERS))
def test_predictions(name: str, tmp_path: Path) -> None:
    learner, label = LEARNERS[name]
    pipeline = explained(learner, label, "explain_prediction", {"permutations": 2, "reasons": 2})
    found = {end: each for end, *each in compared(pipeline, FRAME, tmp_path)}
    frame, wanted = found["explain.explained_dataset"]
    assert "Base Value" in frame
    assert_equal(frame, wanted, DataTable(FRAME))


@pytest.mark.parametrize(
    "name", longer(["linear", "LightGBM of several classes", "boosted numbers"])
)
def test_models(name: str, tmp_path: Path) -> None:
    learner, label = LEARNERS[name]
    given = {"repeats": 2, "rows": 40, "dependence": 3, "permutations": 2}
    pipeline = explained(learner, label, "explain_model", given)
    found = {end: each for end, *each in compared(pipeline, FRAME, tmp_path)}
    frame, wanted = found["explain.importance"]
    assert frame["Importance"].notna().all()
    assert_equal(frame, wanted, DataTable(FRAME))
    tables, report = found["explain.report"]
    charts = {
        each.heading: each.chart
        for each in report.sections
        if each.heading.startswith("Dependence")
    }
    assert list(charts) == [each for each in tables if each != "importance"]
    for title, chart in charts.items():
        averages = tables[title].iloc[:, 1:].T.to_numpy()
        for series, average in zip(chart.series, averages, strict=False):
            np.testing.assert_allclose(series.y, average, rtol=1e-12)


@pytest.mark.parametrize("tuned", [False, True])
def test_training_rows_go_where_the_model_goes(tuned: bool, tmp_path: Path) -> None:
    """The training is in a function; rows without a label aren't averaged."""
    train, port, model = "train_model", "dataset", "trained_model"
    options: dict[str, Any] = {"label_column": ["label"]}
    if tuned:
        train, port, model = "tune_model_hyperparameters", "training_dataset", "trained_best_model"
        options |= {"mode": "random sweep", "runs": 2, "folds": 2}
    pipeline = make(
        {
            "rows": READ,
            "inner/learner": "two_class_logistic_regression",
            "inner/split": "split_data",
            "inner/train": (train, options),
            "explain": "explain_prediction",
        },
        "rows.dataset > inner/split.dataset",
        f"inner/split.results_dataset1 > inner/train.{port}",
        "inner/learner.untrained_model > inner/train.untrained_model",
        f"inner/train.{model} > explain.trained_model",
        "inner/split.results_dataset2 > explain.dataset",
        groups={"inner": Group("inner")},
    )
    frame = FRAME.assign(label=FRAME["label"].astype(object).where(FRAME.index % 5 > 0, None))
    found = {end: each for end, *each in compared(pipeline, frame, tmp_path)}
    assert_equal(*found["explain.explained_dataset"], DataTable(FRAME))


@pytest.mark.parametrize("module", ["explain_prediction", "explain_model"])
def test_a_model_of_models_names_the_card(module: str, tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": READ,
            "learner": "two_class_logistic_regression",
            "both": "calibrate_probabilities",
            "train": ("train_model", {"label_column": ["label"]}),
            "explain": module,
        },
        "learner.untrained_model > both.untrained_model",
        "both.untrained_model > train.untrained_model",
        "rows.dataset > train.dataset",
        "train.trained_model > explain.trained_model",
        "rows.dataset > explain.dataset",
    )
    FRAME.to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(ExportError, match="consists of other models"):
        alone(pipeline, tmp_path)
