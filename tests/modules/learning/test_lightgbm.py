"""The LightGBM learners equal LightGBM called directly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest

from modules.classification.multiclass_lightgbm import multiclass_lightgbm
from modules.classification.two_class_lightgbm import two_class_lightgbm
from modules.contract import DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning, using_threads
from modules.regression.lightgbm_regression import lightgbm_regression
from modules.values.storage import load, save

ROWS = 600


def table(task: str) -> DataTable:
    """Return numbers with missing values, categories, weights, and a label."""
    rng = np.random.default_rng(5)
    size = rng.normal(size=ROWS)
    color = rng.choice(["blue", "green", "red"], ROWS)
    signal = size + 2 * (color == "green") + rng.normal(0, 0.3, ROWS)
    labels = {
        "regression": signal,
        "two-class": np.where(signal > 1.5, "yes", "no"),
        "multiclass": np.select([signal > 1.5, signal > 0], ["high", "mid"], "low"),
    }
    frame = pd.DataFrame(
        {
            "size": np.where(rng.random(ROWS) < 0.1, np.nan, size),
            "color": pd.Series(color, dtype="str").where(rng.random(ROWS) > 0.1),
            "weight": rng.integers(1, 4, ROWS),
            "label": labels[task],
        }
    )
    return DataTable(frame, {"label": Role.LABEL, "weight": Role.WEIGHT})


def matrix(data: DataTable) -> np.ndarray:
    codes = pd.Categorical(data.frame["color"], ["blue", "green", "red"]).codes
    return np.column_stack([data.frame["size"], np.where(codes < 0, np.nan, codes)])


def theirs(kind: Any, data: DataTable, label: Any, **parameters: Any) -> Any:
    model = kind(n_estimators=15, random_state=3, verbosity=-1, **parameters)
    weights = data.frame["weight"]
    return model.fit(matrix(data), label, sample_weight=weights, categorical_feature=[1])


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("squared error", "regression"),
        ("absolute error", "regression_l1"),
        ("huber", "huber"),
        ("quantile", "quantile"),
        ("tweedie", "tweedie"),
        ("poisson", "poisson"),
    ],
)
@pytest.mark.proves("lightgbm_regression", by="LightGBM")
def test_regression(loss: str, name: str) -> None:
    data = table("regression")
    data = data.with_frame(data.frame.assign(label=data.frame["label"] + 10))
    ours = lightgbm_regression(trees=15, loss=loss, quantile=0.8, seed=3).fit(data, "label")
    alpha = {"alpha": 0.8} if loss == "quantile" else {}
    other = theirs(lightgbm.LGBMRegressor, data, data.frame["label"], objective=name, **alpha)
    np.testing.assert_array_equal(
        ours.score(data).frame["Scored Labels"], other.predict(matrix(data))
    )


@pytest.mark.proves("two_class_lightgbm", by="LightGBM")
def test_two_classes() -> None:
    data = table("two-class")
    ours = two_class_lightgbm(trees=15, seed=3).fit(data, "label").score(data).frame
    other = theirs(lightgbm.LGBMClassifier, data, data.frame["label"])
    np.testing.assert_array_equal(
        ours["Scored Probabilities"], other.predict_proba(matrix(data))[:, 1]
    )
    assert (ours["Scored Labels"] == other.predict(matrix(data))).all()


@pytest.mark.proves("multiclass_lightgbm", by="LightGBM")
def test_several_classes() -> None:
    data = table("multiclass")
    ours = multiclass_lightgbm(trees=15, seed=3).fit(data, "label").score(data).frame
    other = theirs(lightgbm.LGBMClassifier, data, data.frame["label"])
    np.testing.assert_array_equal(ours.iloc[:, 1:], other.predict_proba(matrix(data)))


def test_categories_are_split_one_by_one_up_to_the_limit() -> None:
    data = table("two-class")
    letters = np.random.default_rng(1).choice(list("abcdefgh"), ROWS)
    data = data.with_frame(data.frame.assign(color=pd.Series(letters, dtype="str")))
    codes = pd.Categorical(letters).codes.astype(float)
    rows = np.column_stack([data.frame["size"], codes])
    scores = {}
    for limit in (4, 64):
        learner = two_class_lightgbm(trees=15, seed=3, one_vs_rest_categories=limit)
        scores[limit] = learner.fit(data, "label").score(data).frame["Scored Probabilities"]
        other = lightgbm.LGBMClassifier(
            n_estimators=15, random_state=3, verbosity=-1, max_cat_to_onehot=limit
        )
        weights = data.frame["weight"]
        other.fit(rows, data.frame["label"], sample_weight=weights, categorical_feature=[1])
        np.testing.assert_array_equal(scores[limit], other.predict_proba(rows)[:, 1])
    assert (scores[4] != scores[64]).any()


def test_ordered_categories_are_split_as_numbers() -> None:
    data = table("two-class")
    letters = np.random.default_rng(1).choice([*"abcdefgh", None], ROWS)
    data = data.with_frame(data.frame.assign(color=pd.Series(letters, dtype="str")))
    codes = pd.Categorical(letters).codes.astype(float)
    rows = np.column_stack([data.frame["size"], np.where(codes < 0, np.nan, codes)])
    model = two_class_lightgbm(trees=15, seed=3, ordered_categories=True).fit(data, "label")
    other = lightgbm.LGBMClassifier(n_estimators=15, random_state=3, verbosity=-1)
    other.fit(rows, data.frame["label"], sample_weight=data.frame["weight"])
    expected = other.predict_proba(rows)[:, 1]
    np.testing.assert_array_equal(model.score(data).frame["Scored Probabilities"], expected)
    compiled = model.compile()
    assert compiled is not None
    names = ["size", "color"]
    records = data.frame[names].astype(object).where(data.frame[names].notna(), None)
    score = compiled.row_function()
    scored = [score(row)["Scored Probabilities"] for row in records.to_dict("records")]
    np.testing.assert_allclose(scored, expected, rtol=1e-12)


def test_balanced_classes() -> None:
    data = table("two-class")
    weights = data.frame["weight"]
    data = data.with_roles({"weight": Role.NONE})
    balanced = two_class_lightgbm(trees=15, seed=3, balance_classes=True).fit(data, "label")
    other = lightgbm.LGBMClassifier(
        n_estimators=15, random_state=3, verbosity=-1, class_weight="balanced"
    ).fit(matrix(data), data.frame["label"], categorical_feature=[1])
    np.testing.assert_array_equal(
        balanced.score(data).frame["Scored Probabilities"], other.predict_proba(matrix(data))[:, 1]
    )
    assert len(weights) == ROWS


def test_the_number_of_threads_does_not_matter(tmp_path: Path) -> None:
    files = []
    for count in (1, 2):
        with using_threads(count):
            learner = lightgbm_regression(trees=10, row_share=0.7, feature_share=0.7)
            save(learner.fit(table("regression"), "label"), tmp_path / str(count))
        files.append((tmp_path / str(count) / "model.skops").read_bytes())
    assert files[0] == files[1]


def test_a_stored_model_scores_the_same(tmp_path: Path) -> None:
    data = table("multiclass")
    model = multiclass_lightgbm().fit(data, "label")
    expected = model.score(data).frame
    save(model, tmp_path)
    assert load(tmp_path).score(data).frame.equals(expected)


@pytest.mark.parametrize("missing", [True, False])
def test_the_compiled_form_equals_the_trees(missing: bool) -> None:
    """Also for what training never saw: missing values, other categories, far numbers."""
    data = table("regression")
    if not missing:
        data = data.with_frame(data.frame.dropna().reset_index(drop=True))
    model = lightgbm_regression().fit(data, "label")
    compiled = model.compile()
    assert compiled is not None
    row_function = compiled.row_function()
    for size in (-1e300, -0.5, -0.0, 0.0, 1e-40, 0.4, 1e300, None):
        for color in ("blue", "green", "red", "black", None):
            frame = pd.DataFrame({"size": [size], "color": [color]}).astype({"color": "str"})
            row = DataTable(frame.astype({"size": float}))
            (expected,) = model.score(row).frame["Scored Labels"]
            found = row_function({"size": size, "color": color})["Scored Labels"]
            assert found == pytest.approx(expected, rel=1e-12)


def test_importances_name_the_features() -> None:
    data = table("regression")
    sheet = lightgbm_regression().fit(data, "label").sheets()["Feature importances"]
    importances = dict(sheet.rows)
    assert set(importances) == {"size", "color"}
    assert sum(importances.values()) == pytest.approx(1)


def test_few_rows_make_a_warning() -> None:
    data = table("regression").slice(0, 30)
    with pytest.warns(ModuleWarning, match="No tree has a split"):
        lightgbm_regression().fit(data, "label")


def test_a_label_that_the_loss_does_not_allow_is_explained() -> None:
    with pytest.raises(ModuleError, match="at least one target label is negative") as caught:
        lightgbm_regression(loss="poisson").fit(table("regression"), "label")
    assert caught.value.code == "training-failed"
