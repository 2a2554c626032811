"""Data that no learner can use: infinite, too large, weights that are none, a diverging fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning
from modules.model_training.train_clustering_model import train_clustering_model
from modules.model_training.train_model import train_model
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model

LABEL = ColumnSelector.names("y")


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    x = rng.normal(size=80)
    return pd.DataFrame({"x": x, "z": rng.normal(size=80), "y": (x > 0).astype(int)})


def caught(act) -> ModuleError:
    with pytest.raises(ModuleError) as error:
        act()
    assert error.value.message.endswith(".")
    assert error.value.hint
    return error.value


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([-1.0] + [1.0] * 79, "-1"),
        ([0.0] * 80, "0 in every row"),
        ([np.nan] + [1.0] * 79, "missing"),
        ([np.inf] + [1.0] * 79, "infinite"),
        (["heavy"] * 80, "isn't numeric"),
    ],
)
def test_weights_that_are_none(weights, words, some_learners, make_learner, frame):
    path, _ = some_learners
    table = DataTable(frame.assign(w=weights), {"w": Role.WEIGHT})
    error = caught(lambda: train_model(make_learner(path), table, label_column=LABEL))
    assert (error.code, error.column) == ("bad-weights", "w")
    assert words in error.message


def test_weights_of_rows_without_a_label_do_not_matter(make_learner, frame):
    table = DataTable(
        frame.assign(y=[np.nan, *frame["y"][1:]], w=[-5.0] + [1.0] * 79), {"w": Role.WEIGHT}
    )
    with pytest.warns(ModuleWarning, match="1 of 80 rows"):
        train_model(make_learner("regression.linear_regression"), table, label_column=LABEL)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("regression.linear_regression", "spent"),
        ("classification.two_class_logistic_regression", "buys"),
        ("classification.multiclass_logistic_regression", "level"),
    ],
)
def test_weights_count_as_repeated_rows(path, label, make_learner, people):
    """A weight of 2 is a row that is there twice, wherever the fit draws nothing at random."""
    rows = people[["age", "member", label]].head(200)
    weights = 1 + np.arange(200) % 2
    chosen = ColumnSelector.names(label)
    weighed = train_model(
        make_learner(path),
        DataTable(rows.assign(w=weights), {"w": Role.WEIGHT}),
        label_column=chosen,
    )
    repeated = train_model(
        make_learner(path),
        DataTable(rows.loc[rows.index.repeat(weights)].reset_index(drop=True)),
        label_column=chosen,
    )
    name = "Scored Labels" if label == "spent" else weighed.score(DataTable(rows)).names[-1]
    np.testing.assert_allclose(
        weighed.score(DataTable(rows)).frame[name],
        repeated.score(DataTable(rows)).frame[name],
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    "path", ["regression.linear_regression", "classification.two_class_decision_forest"]
)
def test_infinite_values_of_both_signs_are_named(path, make_learner, frame):
    frame.loc[[3, 4], "z"] = [np.inf, -np.inf]
    table = DataTable(frame)
    error = caught(lambda: train_model(make_learner(path), table, label_column=LABEL))
    assert (error.code, error.column) == ("infinite-value", "z")
    error = caught(
        lambda: train_clustering_model(make_learner("clustering.k_means_clustering"), table)
    )
    assert error.column == "z"


def test_an_infinite_label_is_named(make_learner, frame):
    table = DataTable(frame.assign(y=[np.inf] + [1.0] * 79))
    learner = make_learner("regression.boosted_decision_tree_regression")
    error = caught(lambda: train_model(learner, table, label_column=LABEL))
    assert (error.code, error.column) == ("infinite-value", "y")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("classification.two_class_logistic_regression", np.inf, "infinite-value"),
        ("classification.two_class_decision_forest", -np.inf, "infinite-value"),
        ("classification.two_class_decision_forest", 1e300, "value-too-large"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_scoring_names_the_column(path, value, code, make_learner, frame):
    model = train_model(make_learner(path), DataTable(frame), label_column=LABEL)
    rows = DataTable(frame.assign(x=[value, *frame["x"][1:]]))
    error = caught(lambda: score_model(model, rows))
    assert (error.code, error.column, error.port) == (code, "x", "dataset")


def test_steps_that_are_too_large_are_said(make_learner, frame):
    table = DataTable(frame * 1_000)
    learner = make_learner(
        "regression.linear_regression",
        solution_method="online gradient descent",
        normalize=False,
    )
    with pytest.warns(ModuleWarning, match="didn't converge.*“y”"):
        train_model(learner, table, label_column=LABEL)


def test_a_fit_that_stops_early_is_said(make_learner):
    x = np.random.default_rng(0).normal(size=200)
    # Without a penalty, the loss of separable classes has no minimum.
    table = DataTable(pd.DataFrame({"x": x * 1e30, "y": np.where(x > 0, "plus", "minus")}))
    learner = make_learner(
        "classification.two_class_logistic_regression", solver="l-bfgs", l2_weight=0.0
    )
    with pytest.warns(ModuleWarning, match="didn't converge") as found:
        train_model(learner, table, label_column=LABEL)
    others = [each for each in found if each.category is not ModuleWarning]
    assert not any("sklearn" in each.filename for each in others)


def test_fewer_points_than_clusters_are_said(make_learner):
    table = DataTable(pd.DataFrame({"x": [1.0, 1.0, 2.0, 2.0]}))
    with pytest.warns(ModuleWarning, match="fewer distinct rows than clusters"):
        train_clustering_model(make_learner("clustering.k_means_clustering", centroids=3), table)


class TestEvaluation:
    def table(self, **columns) -> DataTable:
        return DataTable(pd.DataFrame(columns))

    def test_infinite_values(self):
        error = caught(
            lambda: evaluate_model(
                self.table(Labels=[1.0, np.inf], **{"Regression Scored Labels": [1.0, 2.0]})
            )
        )
        assert (error.code, error.column) == ("infinite-value", "Labels")
        with pytest.warns(ModuleWarning, match="errors are infinite"):
            found = evaluate_model(
                self.table(Labels=[1.0, 2.0], **{"Regression Scored Labels": [1.0, np.inf]})
            )
        assert found.reports[0].metrics["Mean absolute error"] == np.inf

    @pytest.mark.parametrize("score", [1.5, -0.25, np.inf])
    def test_a_score_that_is_no_probability(self, score):
        table = self.table(
            Labels=[0, 1],
            **{
                "Binary Class Scored Labels": [0, 1],
                "Binary Class Scored Probabilities": [0.5, score],
            },
        )
        error = caught(lambda: evaluate_model(table))
        assert (error.code, error.column) == (
            "not-a-probability",
            "Binary Class Scored Probabilities",
        )
        assert f"{score:g}" in error.message

    def test_classes_as_text_and_as_numbers(self):
        table = self.table(Labels=[0, 1], **{"Binary Class Scored Labels": ["0", "1"]})
        error = caught(lambda: evaluate_model(table))
        assert error.code == "types-differ"
        assert "“Labels”" in error.message


class TestLabelsOfClusters:
    """What K-Means Clustering says about a label, as the original's assign label mode."""

    @pytest.fixture
    def flowers(self) -> DataTable:
        # Two groups around 0 and 10; their centers are 0.1 and 10.1.
        frame = pd.DataFrame(
            {
                "x": [0.0, 0.1, 0.2, 10.0, 10.1, 10.2],
                "kind": pd.Series(["a", None, "b", None, "c", "a"], dtype="str"),
            }
        )
        return DataTable(frame, {"kind": Role.LABEL})

    def labels(self, make_learner, table: DataTable, mode: str) -> list[str | None]:
        learner = make_learner("clustering.k_means_clustering", label_mode=mode, normalize=False)
        _, results = train_clustering_model(learner, table)
        assert results.having_role(Role.LABEL) == ["kind"]
        column = results.frame["kind"].astype(object)
        return column.where(column.notna(), None).tolist()

    def test_by_hand(self, make_learner, flowers):
        before = ["a", None, "b", None, "c", "a"]
        assert self.labels(make_learner, flowers, "ignore label column") == before
        # Nearest to 10.1 among the labelled is 10.1 itself, "c"; to 0.1 both "a" and "b" are
        # equally near up to rounding.
        filled = self.labels(make_learner, flowers, "fill missing values")
        assert filled[3:] == ["c", "c", "a"]
        assert filled[1] in ("a", "b")
        assert (filled[0], filled[2]) == ("a", "b")
        written = self.labels(make_learner, flowers, "overwrite from closest to center")
        assert written[3:] == ["c"] * 3
        assert len(set(written[:3])) == 1

    def test_a_cluster_without_labels_stays_without(self, make_learner, flowers):
        kinds = pd.Series(["a", "a", "a", None, None, None], dtype="str")
        table = flowers.with_frame(flowers.frame.assign(kind=kinds))
        for mode in ("fill missing values", "overwrite from closest to center"):
            assert self.labels(make_learner, table, mode) == ["a"] * 3 + [None] * 3

    def test_without_a_label_it_changes_nothing(self, make_learner, flowers):
        plain = DataTable(flowers.frame[["x"]])
        learner = make_learner(
            "clustering.k_means_clustering", label_mode="overwrite from closest to center"
        )
        _, results = train_clustering_model(learner, plain)
        assert results.names[0] == "x"
