"""Curves, averages and folds against scikit-learn and against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, PredefinedSplit, StratifiedKFold, cross_validate

from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.context import ModuleWarning
from modules.data_transformation.partition_and_sample import partition_and_sample
from modules.scoring_evaluation.cross_validate_model import cross_validate_model
from modules.scoring_evaluation.evaluate_model import evaluate_model

# Metrics without a value are told; here it is the values themselves that count.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*these metrics are undefined:modules.contract.context.ModuleWarning"
)


def scored(actual, probability) -> DataTable:
    probability = np.asarray(probability, dtype=float)
    return DataTable(
        pd.DataFrame(
            {
                "Labels": np.asarray(actual, dtype=int),
                "Binary Class Scored Labels": (probability > 0.5).astype(int),
                "Binary Class Scored Probabilities": probability,
            }
        )
    )


def report(table: DataTable):
    return evaluate_model(table).reports[0]


class TestCurves:
    def test_by_hand(self):
        # In the order of the scores: +, -, + and - tied, -.
        found = report(scored([1, 0, 1, 0, 0], [0.9, 0.8, 0.6, 0.6, 0.1]))
        curves = found.curves()
        assert found.thresholds["threshold"].tolist() == [np.inf, 0.9, 0.8, 0.6, 0.1]
        assert curves["roc"].to_numpy().tolist() == [
            [0, 0], [0, 0.5], [1 / 3, 0.5], [2 / 3, 1], [1, 1]
        ]  # fmt: skip
        assert curves["precision_recall"].to_numpy().tolist() == [
            [0, 1], [0.5, 1], [0.5, 1 / 2], [1, 2 / 4], [1, 2 / 5]
        ]  # fmt: skip
        # Lift as the original draws it: the rate of rows scored positive, and the hits.
        assert curves["lift"].to_numpy().tolist() == [
            [0, 0], [0.2, 1], [0.4, 1], [0.8, 2], [1, 2]
        ]  # fmt: skip

    @given(
        st.lists(
            st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0])),
            min_size=2,
            max_size=40,
        ).filter(lambda rows: len({row[0] for row in rows}) == 2)
    )
    def test_precision_and_recall_are_those_of_scikit_learn(self, rows):
        actual, score = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
        curve = report(scored(actual, score)).curves()["precision_recall"]
        precision, recall, _ = reference.precision_recall_curve(actual, score)
        # There from the lowest threshold on, here from the highest.
        np.testing.assert_allclose(curve["x"], recall[::-1])
        np.testing.assert_allclose(curve["y"], precision[::-1])
        area = reference.roc_auc_score(actual, score)
        roc = report(scored(actual, score)).curves()["roc"]
        assert np.trapezoid(roc["y"], roc["x"]) == pytest.approx(area)

    def test_a_perfect_and_a_useless_score(self):
        perfect = report(scored([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]))
        assert perfect.metrics["AUC"] == 1
        useless = report(scored([0, 1, 0, 1], [0.5] * 4))
        assert useless.metrics["AUC"] == 0.5
        assert useless.curves()["roc"].to_numpy().tolist() == [[0, 0], [1, 1]]


def test_published_confusion_matrix():
    """The income sample of the original, whose counts are known (docs of the designer)."""
    counts = {(1, 1): 2078, (0, 1): 670, (1, 0): 1805, (0, 0): 11728}
    rows = [pair for pair, count in counts.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["Labels", "Binary Class Scored Labels"])
    found = report(DataTable(frame))
    rounded = {name: round(value, 3) for name, value in found.metrics.items()}
    published = {"Accuracy": 0.848, "Precision": 0.756, "Recall": 0.535, "F1 score": 0.627}
    # By hand: the mean of 2078/3883 and 11728/12398; 23161434 by the root of the four sums.
    by_hand = {"Balanced accuracy": 0.741, "Matthews correlation coefficient": 0.547}
    assert rounded == published | by_hand
    # A row for each actual class, a column for each predicted one.
    assert found.confusion.loc[1].tolist() == [1805, 2078]
    assert found.confusion.loc[0].tolist() == [11728, 670]


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=3, max_size=60)
)
def test_averages_over_classes_are_those_of_scikit_learn(rows):
    frame = pd.DataFrame(rows, columns=["Labels", "Multi Class Scored Labels"])
    found = report(DataTable(frame))
    actual, predicted = frame["Labels"], frame["Multi Class Scored Labels"]
    classes = sorted(set(actual) | set(predicted))
    assert found.confusion.to_numpy().tolist() == (
        reference.confusion_matrix(actual, predicted, labels=classes).tolist()
    )
    for name, function in (
        ("precision", reference.precision_score),
        ("recall", reference.recall_score),
    ):
        for average in ("micro", "macro"):
            assert found.metrics[f"{average.capitalize()}-averaged {name}"] == pytest.approx(
                function(actual, predicted, average=average, labels=classes, zero_division=0)
            )
    by_class = function_by_class(actual, predicted, classes)
    np.testing.assert_allclose(found.table["F1 score"].fillna(0), by_class)
    one_by_one = [np.mean((actual == value) == (predicted == value)) for value in classes]
    assert found.metrics["Average accuracy"] == pytest.approx(np.mean(one_by_one))


def function_by_class(actual, predicted, classes):
    return reference.f1_score(actual, predicted, average=None, labels=classes, zero_division=0)


def test_relative_errors_of_a_published_run():
    """R² = 1 - RSE, as in the figures of the original's automobile sample."""
    rng = np.random.default_rng(2)
    actual = rng.normal(size=58)
    predicted = actual + rng.normal(0, 0.3, 58)
    frame = pd.DataFrame({"Labels": actual, "Regression Scored Labels": predicted})
    found = report(DataTable(frame)).metrics
    mean = np.full(58, actual.mean())
    assert found["Relative squared error"] == pytest.approx(
        reference.mean_squared_error(actual, predicted) / reference.mean_squared_error(actual, mean)
    )
    assert found["Coefficient of determination"] == 1 - found["Relative squared error"]


class TestFolds:
    """Every metric of every fold, and their mean and deviation, as cross_validate gives them."""

    def summary(self, by_fold: DataTable, name: str) -> list[float]:
        return by_fold.frame[name].tolist()

    def test_two_classes(self, make_learner, people):
        frame = people[["age", "member", "buys"]]
        _, by_fold = cross_validate_model(
            make_learner("classification.two_class_logistic_regression"),
            DataTable(frame),
            label_column=ColumnSelector.names("buys"),
            folds=5,
            seed=3,
        )
        found = cross_validate(
            LogisticRegression(tol=1e-7, solver="newton-cholesky", max_iter=1000),
            frame[["age", "member"]].astype(float),
            frame["buys"] == "yes",
            cv=StratifiedKFold(5, shuffle=True, random_state=3),
            scoring=["accuracy", "precision", "recall", "f1", "roc_auc", "neg_log_loss"],
        )
        pairs = {
            "Accuracy": found["test_accuracy"],
            "Precision": found["test_precision"],
            "Recall": found["test_recall"],
            "F1 score": found["test_f1"],
            "AUC": found["test_roc_auc"],
            "Average log loss": -found["test_neg_log_loss"],
        }
        for name, values in pairs.items():
            expected = [*values, values.mean(), values.std(ddof=1)]
            np.testing.assert_allclose(self.summary(by_fold, name), expected, rtol=1e-6)

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
    def test_undefined_metrics_count_as_in_scikit_learn(self, make_learner):
        """Precision without a predicted positive, and AUC without an actual one."""
        random = np.random.default_rng(5)
        x = random.normal(size=60)
        positive = np.zeros(60, dtype=bool)
        positive[[3, 9, 20, 31, 40]] = True
        frame = pd.DataFrame({"x": x + positive, "y": np.where(positive, "yes", "no")})
        frame["part"] = np.arange(60) // 12
        frame.loc[frame["part"] == 4, "y"] = "no"
        with pytest.warns(ModuleWarning, match="As in scikit-learn, Precision, .* count as 0"):
            _, by_fold = cross_validate_model(
                make_learner("classification.two_class_logistic_regression"),
                DataTable(frame, {"part": Role.FOLD}),
                label_column=ColumnSelector.names("y"),
            )
        found = cross_validate(
            LogisticRegression(tol=1e-7, solver="newton-cholesky", max_iter=1000),
            frame[["x"]],
            frame["y"] == "yes",
            cv=PredefinedSplit(frame["part"]),
            scoring=["precision", "recall", "f1", "roc_auc"],
        )
        assert np.isnan(found["test_roc_auc"]).sum() == 1
        assert (found["test_precision"] == 0).any()
        for name, scorer in (
            ("Precision", "precision"),
            ("Recall", "recall"),
            ("F1 score", "f1"),
            ("AUC", "roc_auc"),
        ):
            values = found[f"test_{scorer}"]
            expected = [*values, values.mean(), values.std(ddof=1)]
            np.testing.assert_allclose(self.summary(by_fold, name), expected, rtol=1e-9)
        assert by_fold.metrics["Precision (mean)"] == found["test_precision"].mean()
        assert "AUC (mean)" not in by_fold.metrics

    def test_equal_labels_count_as_in_scikit_learn(self, make_learner):
        frame = pd.DataFrame({"x": np.arange(20.0), "y": np.arange(20.0) ** 2})
        frame["part"] = np.arange(20) // 5
        frame.loc[frame["part"] == 1, "y"] = 7.0
        with pytest.warns(ModuleWarning, match="Coefficient of determination count as 0 there"):
            _, by_fold = cross_validate_model(
                make_learner("regression.linear_regression"),
                DataTable(frame, {"part": Role.FOLD}),
                label_column=ColumnSelector.names("y"),
            )
        found = cross_validate(
            Ridge(alpha=0.001),
            frame[["x"]],
            frame["y"],
            cv=PredefinedSplit(frame["part"]),
            scoring="r2",
        )["test_score"]
        expected = [*found, found.mean(), found.std(ddof=1)]
        np.testing.assert_allclose(
            self.summary(by_fold, "Coefficient of determination"), expected, rtol=1e-9
        )

    def test_regression_on_assigned_folds(self, make_learner, people):
        frame = people[["age", "member", "spent"]]
        table = partition_and_sample(DataTable(frame), mode="assign to folds", seed=8)
        _, by_fold = cross_validate_model(
            make_learner("regression.linear_regression"),
            table,
            label_column=ColumnSelector.names("spent"),
        )
        found = cross_validate(
            Ridge(alpha=0.001),
            frame[["age", "member"]].astype(float),
            frame["spent"],
            cv=KFold(5, shuffle=True, random_state=8),
            scoring=["neg_mean_absolute_error", "neg_root_mean_squared_error", "r2"],
        )
        pairs = {
            "Mean absolute error": -found["test_neg_mean_absolute_error"],
            "Root mean squared error": -found["test_neg_root_mean_squared_error"],
            "Coefficient of determination": found["test_r2"],
        }
        for name, values in pairs.items():
            expected = [*values, values.mean(), values.std(ddof=1)]
            np.testing.assert_allclose(self.summary(by_fold, name), expected, rtol=1e-9)

    def test_weights_reach_every_fold(self, make_learner, people):
        frame = people[["age", "spent"]].assign(w=1 + np.arange(400) % 3)
        scored_rows, _ = cross_validate_model(
            make_learner("regression.linear_regression"),
            DataTable(frame, {"w": Role.WEIGHT}),
            label_column=ColumnSelector.names("spent"),
            folds=2,
        )
        train, test = next(iter(KFold(2, shuffle=True, random_state=0).split(frame)))
        matrix = frame[["age"]].to_numpy(float)
        model = Ridge(alpha=0.001).fit(
            matrix[train], frame["spent"].iloc[train], sample_weight=frame["w"].iloc[train]
        )
        np.testing.assert_allclose(
            scored_rows.frame["Scored Labels"].iloc[test], model.predict(matrix[test])
        )

    def test_a_class_of_one_row_has_no_fold(self, make_learner, people):
        from modules.contract import ModuleError

        frame = people[["age"]].assign(y=["rare", *["often"] * 399])

        def validate() -> None:
            cross_validate_model(
                make_learner("classification.two_class_logistic_regression"),
                DataTable(frame),
                label_column=ColumnSelector.names("y"),
                folds=5,
            )

        with pytest.raises(ModuleError, match="“rare” in only 1 row"):
            validate()
