"""A learner that encodes categories by the label within each training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from modules.automated_ml.automated_training import automated_training
from modules.classification.multiclass_logistic_regression import multiclass_logistic_regression
from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.contract import ColumnSelector, DataTable, Role
from modules.feature_engineering.target_encoded_learner import target_encoded_learner
from modules.regression.linear_regression import linear_regression
from modules.scoring_evaluation.cross_validate_model import cross_validate_model
from modules.values import storage

LABEL = ColumnSelector.names("y")


def people(rows: int = 300, values: int = 60, *, signal: bool, seed: int = 0) -> DataTable:
    """Return rows with a category of many values that decides the label, or says nothing."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, values, rows)
    better = random.random(values) > 0.5
    chance = np.where(better[codes], 0.85, 0.15) if signal else np.full(rows, 0.5)
    frame = pd.DataFrame(
        {
            "zip": [f"z{code}" for code in codes],
            "x": random.normal(size=rows),
            "y": np.where(random.random(rows) < chance, "yes", "no"),
        }
    )
    return DataTable(frame, {"y": Role.LABEL})


def auc(table: DataTable, learner) -> float:
    scored, _ = cross_validate_model(learner, table, label_column=LABEL, folds=5)
    return roc_auc_score(scored.frame["y"] == "yes", scored.frame["Scored Probabilities"])


@pytest.mark.proves("target_encoded_learner", by="scikit-learn")
def test_the_encoding_is_that_of_scikit_learn():
    table = people(signal=True)
    model = target_encoded_learner(two_class_logistic_regression(), folds=5, seed=2).fit(table, "y")
    frame, target = table.frame, (table.frame["y"] == "yes").to_numpy()
    splits = StratifiedKFold(5, shuffle=True, random_state=2)
    encoder = TargetEncoder(target_type="binary", cv=splits)
    crossed = encoder.fit_transform(frame[["zip"]], target)
    theirs = LogisticRegression(tol=1e-8, max_iter=10_000)
    theirs.fit(np.column_stack([crossed, frame["x"]]), target)
    rows = np.column_stack([encoder.transform(frame[["zip"]]), frame["x"]])
    found = model.score(table).frame["Scored Probabilities"]
    np.testing.assert_allclose(found, theirs.predict_proba(rows)[:, 1], atol=1e-4)


@pytest.mark.filterwarnings("ignore:In some of the")
def test_a_category_that_says_nothing_is_not_rewarded():
    """Encoded before the rows are divided, it would give the label away."""
    learner = target_encoded_learner(two_class_logistic_regression())
    found = np.mean([auc(people(signal=False, seed=seed), learner) for seed in range(3)])
    assert abs(found - 0.5) < 0.07
    leaking = people(signal=False).frame
    means = (leaking["y"] == "yes").groupby(leaking["zip"]).transform("mean")
    assert roc_auc_score(leaking["y"] == "yes", means) > 0.65


def test_a_category_that_decides_is_learned():
    learner = target_encoded_learner(two_class_logistic_regression())
    assert auc(people(rows=600, signal=True), learner) > 0.75


@pytest.mark.parametrize(
    ("learner", "label"),
    [
        (linear_regression(), lambda codes: codes * 1.5),
        (multiclass_logistic_regression(), lambda codes: np.array(list("abc"))[codes % 3]),
    ],
    ids=["regression", "multiclass"],
)
def test_a_stored_model_scores_rows_as_tables(learner, label, tmp_path: Path):
    random = np.random.default_rng(1)
    codes = random.integers(0, 40, 400)
    frame = pd.DataFrame({"zip": [f"z{code}" for code in codes], "y": label(codes)})
    frame.loc[::50, "zip"] = None
    table = DataTable(frame, {"y": Role.LABEL})
    made = target_encoded_learner(learner)
    storage.save(made, tmp_path / "learner")
    model = storage.load(tmp_path / "learner").fit(table, "y")
    storage.save(model, tmp_path / "model")
    model = storage.load(tmp_path / "model")
    rows = frame.head(20).drop(columns="y")
    rows.loc[3, "zip"] = "never seen"
    expected = model.score(DataTable(rows)).frame
    compiled = model.compile()
    assert compiled is not None
    score = compiled.row_function()
    for at, row in enumerate(rows.astype(object).where(rows.notna(), None).to_dict("records")):
        for name, value in score(row).items():
            if isinstance(value, float):
                assert value == pytest.approx(expected[name].iloc[at], rel=1e-9), name
            else:
                assert value == expected[name].iloc[at]
    assert "z1" in model.known_values["zip"]


def test_few_values_are_left_to_the_learner():
    table = people(values=8, signal=True)
    learner = two_class_logistic_regression()
    expected = learner.fit(table, "y").score(table).frame
    found = target_encoded_learner(learner).fit(table, "y").score(table).frame
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.long
def test_automated_ml_prefers_it_where_it_is_better():
    """Seven rows of a postal code are too few for a split by it, but enough for an average."""
    table = people(rows=900, values=120, signal=True)
    _, board, _ = automated_training(
        table, label_column=LABEL, trials=6, allowed_learners="LightGBM", folds=3
    )
    by_title: dict[str, float] = {}
    for trial in board.trials:
        by_title.setdefault(trial["title"], trial["score"])
    title = "Two-Class LightGBM"
    assert by_title[f"{title} with target encoding"] > by_title[title]
