"""Contributions of columns: they add up to what the model predicts, for every learner."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.automated_ml.automated_training import automated_training
from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.learning.explanation.contributions import Explainer
from modules.model_training.train_model import train_model
from modules.scoring.what_if import average_row, predict
from modules.values import storage

LEARNERS = [
    ("regression.lightgbm_regression", "spent", "TreeSHAP"),
    ("classification.two_class_lightgbm", "buys", "TreeSHAP"),
    ("classification.multiclass_lightgbm", "level", "TreeSHAP"),
    ("regression.decision_forest_regression", "spent", "TreeSHAP"),
    ("regression.boosted_decision_tree_regression", "spent", "TreeSHAP"),
    ("classification.two_class_boosted_decision_tree", "buys", "TreeSHAP"),
    ("classification.multiclass_boosted_decision_tree", "level", "TreeSHAP"),
    ("classification.two_class_decision_forest", "buys", "TreeSHAP"),
    ("classification.multiclass_decision_forest", "level", "TreeSHAP"),
    ("regression.linear_regression", "spent", "linear"),
    ("regression.elastic_net_regression", "spent", "linear"),
    ("regression.bayesian_ridge_regression", "spent", "linear"),
    ("regression.huber_regression", "spent", "linear"),
    ("classification.two_class_logistic_regression", "buys", "linear"),
    ("classification.multiclass_logistic_regression", "level", "linear"),
    ("classification.two_class_averaged_perceptron", "buys", "linear"),
    ("classification.two_class_support_vector_machine", "buys", "linear"),
    ("regression.nearest_neighbors_regression", "spent", "all coalitions"),
    ("regression.fast_forest_quantile_regression", "spent", "all coalitions"),
    ("classification.two_class_neural_network", "buys", "all coalitions"),
    ("classification.multiclass_naive_bayes", "level", "all coalitions"),
]


def learner(path: str):
    return getattr(importlib.import_module(f"modules.{path}"), path.rpartition(".")[2])()


def outputs(model, scored: DataTable, unit: str) -> np.ndarray:
    """Return what the model scored, on the scale of the contributions."""
    names = list(scored.scoring.probabilities)
    if model.task == "regression":
        found = scored.frame[[scored.scoring.scored]].to_numpy(float)
    else:
        found = scored.frame[names].to_numpy(float)
    if unit == "log-odds":
        return np.log(found / (1 - found))
    return np.log(found) if unit == "logarithm of the prediction" else found


@pytest.mark.parametrize(
    ("path", "label", "method"), LEARNERS, ids=[path.rpartition(".")[2] for path, *_ in LEARNERS]
)
def test_contributions_add_up_to_the_prediction(path, label, method, train, table_for) -> None:
    model = train(path, table_for(label), label)
    rows = DataTable(table_for(label).frame.iloc[:40].reset_index(drop=True))
    found = Explainer(model).explain(rows)
    assert found.method == method
    assert found.columns == ("age", "income", "city", "member")
    assert (
        found.outputs == {"spent": (), "buys": ("yes",), "level": ("high", "low", "middle")}[label]
    )
    if found.unit == "margin":
        # Of several classes, the probabilities are their softmax.
        if label == "level":
            powers = np.exp(found.sums)
            sums = powers / powers.sum(axis=1, keepdims=True)
            truth = outputs(model, model.score(rows), "probability")
        else:
            sums, encoder = found.sums, model.encoder
            matrix = encoder.transform(rows.frame[encoder.names_])
            truth = model.estimator.decision_function(matrix)[:, None]
    else:
        sums, truth = found.sums, outputs(model, model.score(rows), found.unit)
    assert np.abs(sums - truth).max() < 1e-9 * max(1, np.abs(truth).max())
    assert np.abs(found.values).max() > 0


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, str, DataTable]:
    """Return a learner, its label and method, and a table with every kind of column."""
    path, label, method = draw(st.sampled_from(LEARNERS))
    rows = draw(st.integers(30, 60))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    scale = 10.0 ** draw(st.integers(-3, 6))
    frame = pd.DataFrame(
        {
            "number": random.normal(size=rows) * scale + draw(st.sampled_from([0.0, 1.0, -50.0])),
            "count": random.integers(-5, 40, rows),
            "kind": random.choice(list("abcdef")[: draw(st.integers(1, 6))], rows),
            "flag": random.random(rows) < draw(st.sampled_from([0.0, 0.1, 0.5])),
        }
    )
    signal = frame["number"] / scale + frame["count"] / 10 + frame["flag"]
    signal += random.normal(size=rows)
    if draw(st.booleans()):
        frame.loc[random.random(rows) < 0.2, "number"] = np.nan
        frame.loc[random.random(rows) < 0.2, "kind"] = None
    classes = {"spent": 0, "buys": 2, "level": 3}[label]
    groups = pd.Series(signal.rank(method="first") * max(classes, 1) // (rows + 1)).astype(int)
    frame[label] = groups.map({0: "low", 1: "middle", 2: "top"}) if classes else signal * scale
    return path, label, method, DataTable(frame)


@pytest.mark.long
@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables())
def test_contributions_of_any_model_of_any_table_add_up(given_table) -> None:
    path, label, method, table = given_table
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = train_model(learner(path), table, label_column=ColumnSelector.names(label))
    rows = DataTable(table.frame.iloc[:8].reset_index(drop=True))
    found = Explainer(model).explain(rows)
    assert found.method == method
    sums = found.sums
    if found.unit == "margin" and label == "level":
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        sums = powers / powers.sum(axis=1, keepdims=True)
        truth = outputs(model, model.score(rows), "probability")
    elif found.unit == "margin":
        truth = model.estimator.decision_function(
            model.encoder.transform(rows.frame[model.encoder.names_])
        )[:, None]
    elif found.unit == "log-odds":
        # Of probabilities near 0 and 1, the odds have lost their digits.
        sums, truth = 1 / (1 + np.exp(-sums)), outputs(model, model.score(rows), "probability")
    else:
        truth = outputs(model, model.score(rows), found.unit)
    assert np.abs(sums - truth).max() < 1e-9 * max(1, np.abs(truth).max())


@pytest.mark.long
def test_the_best_model_of_automated_ml_is_explained_with_its_preparation(tmp_path) -> None:
    """The contributions are those of the columns as they came: dates, texts, many categories."""
    random = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, 90), "D"),
            "text": [" ".join(random.choice(["good", "bad", "dog", "sun"], 5)) for _ in range(90)],
            "zip": random.choice([f"z{number}" for number in range(40)], 90),
            "x": random.normal(size=90),
        }
    )
    score = frame["x"] + frame["text"].str.count("good") + random.normal(size=90)
    table = DataTable(frame.assign(y=np.where(score > score.median(), "yes", "no")))
    model, board, _ = automated_training(
        table,
        label_column=ColumnSelector.names("y"),
        trials=3,
        folds=2,
        allowed_learners="Logistic Regression, Nearest Neighbors",
    )
    assert board.plan["steps"]
    storage.save(model, tmp_path / "model")
    model = storage.load(tmp_path / "model")
    rows = DataTable(frame.head(6))
    found = Explainer(model, permutations=4).explain(rows)
    assert found.columns == ("when", "text", "zip", "x")
    truth = outputs(model, model.score(rows), "probability")
    sums = found.sums if found.unit == "probability" else 1 / (1 + np.exp(-found.sums))
    assert np.abs(sums - truth).max() < 1e-9
    assert np.abs(found.values[:, 3]).max() > 0
    # In the window, it starts with an average row, which has nothing to explain.
    blank = average_row(tmp_path / "model")
    assert blank.row["x"] == pytest.approx(frame["x"].mean(), rel=1e-5)
    assert blank.row["when"].startswith("2024-")
    assert blank.row["text"] in set(frame["text"])
    changed = predict(tmp_path / "model", {**blank.row, "x": 2.0, "text": "good good good dog sun"})
    parts = dict(changed.contributions)
    assert parts["x"] > 0
    assert parts["text"] > 0
    assert parts["zip"] == pytest.approx(0, abs=1e-9)
    total = changed.base + sum(parts.values())
    assert total == pytest.approx(changed.scores["Scored Probabilities"], abs=1e-9)


def test_linear_contributions_are_coefficients_times_distance_to_the_mean(train) -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3, 6], "b": ["x", "y", "x", "x"]})
    frame["y"] = 2 * frame["a"] + 5 * (frame["b"] == "x") + 1
    model = train("regression.linear_regression", DataTable(frame), "y", l2_weight=0.0)
    found = Explainer(model).explain(DataTable(frame))
    assert found.base[0] == pytest.approx(frame["y"].mean())
    assert found.values[:, 0, 0] == pytest.approx(2 * (frame["a"] - 3))
    # A row of “x” is compared with the three of four rows that are.
    assert found.values[:, 1, 0] == pytest.approx([1.25, -3.75, 1.25, 1.25])


def test_a_poisson_regression_is_explained_as_the_logarithm(train, people) -> None:
    frame = people[["age", "income"]].assign(count=people["age"] // 10).dropna()
    table = DataTable(frame.reset_index(drop=True))
    model = train("regression.poisson_regression", table, "count")
    found = Explainer(model).explain(table)
    assert found.unit == "logarithm of the prediction"
    truth = model.score(table).frame["Scored Labels"].to_numpy(float)
    assert np.abs(np.exp(found.sums[:, 0]) / truth - 1).max() < 1e-9


def test_many_columns_are_sampled_and_still_add_up(train) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(120, 11)), columns=list("abcdefghijk"))
    frame["y"] = frame["a"] * frame["b"] + frame["c"]
    model = train("regression.nearest_neighbors_regression", DataTable(frame), "y")
    rows = DataTable(frame.iloc[:5])
    found = Explainer(model, permutations=8).explain(rows)
    truth = model.score(rows).frame["Scored Labels"]
    assert found.method == "permutation sampling"
    assert found.sums[:, 0] == pytest.approx(truth.to_numpy(float), abs=1e-9)
    again = Explainer(model, permutations=8).explain(rows)
    assert (found.values == again.values).all()


def test_a_model_of_several_models_is_explained_by_its_scores(
    train, make_learner, table_for
) -> None:
    from modules.classification.one_vs_all_multiclass import one_vs_all_multiclass

    base = make_learner("classification.two_class_logistic_regression")
    table = table_for("level")
    model = train_model(
        one_vs_all_multiclass(base), table, label_column=ColumnSelector.names("level")
    )
    rows = DataTable(table.frame.iloc[:12].reset_index(drop=True))
    found = Explainer(model).explain(rows)
    truth = outputs(model, model.score(rows), "probability")
    assert found.unit == "probability"
    assert found.sums == pytest.approx(truth, abs=1e-9)


def test_missing_and_unseen_values_are_explained(train, table_for) -> None:
    model = train("classification.two_class_boosted_decision_tree", table_for("buys"), "buys")
    rows = DataTable(
        pd.DataFrame(
            {
                "age": [30, 40],
                "income": [np.nan, 1e6],
                "city": ["Paris", None],
                "member": [True, False],
            }
        )
    )
    found = Explainer(model).explain(rows)
    truth = outputs(model, model.score(rows), "log-odds")
    assert found.sums == pytest.approx(truth, abs=1e-9)


def test_no_rows_have_no_contributions(train, table_for) -> None:
    model = train("classification.multiclass_naive_bayes", table_for("level"), "level")
    found = Explainer(model).explain(DataTable(table_for("level").frame.iloc[:0]))
    assert found.values.shape == (0, 4, 3)


def test_clusters_have_nothing_to_explain(people) -> None:
    from modules.clustering.k_means_clustering import k_means_clustering
    from modules.model_training.train_clustering_model import train_clustering_model

    table = DataTable(people[["age"]])
    model = train_clustering_model(k_means_clustering(), table)[0]
    with pytest.raises(ModuleError, match="doesn't predict a label"):
        Explainer(model)


def test_a_missing_column_is_a_clear_error(train, table_for) -> None:
    model = train("regression.linear_regression", table_for("spent"), "spent")
    with pytest.raises(ModuleError, match="city"):
        Explainer(model).explain(table_for("spent").select(["age", "income", "member"]))
