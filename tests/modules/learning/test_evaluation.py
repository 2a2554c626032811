"""Evaluate Model against scikit-learn's metrics and against sums done by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference

from modules.contract import DataTable, ModuleError, Role, Scoring
from modules.contract.context import ModuleWarning
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values import TWO_CLASS_METRICS
from modules.values.storage import load, save

# Metrics without a value are told; here it is the values themselves that count.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*these metrics are undefined:modules.contract.context.ModuleWarning"
)


def report(table: DataTable):
    return evaluate_model(table).reports[0]


def two_class(actual, probability, predicted=None, classes=("no", "yes")) -> DataTable:
    """Return a scored dataset as Score Model gives it."""
    probability = np.asarray(probability, dtype=float)
    predicted = probability > 0.5 if predicted is None else np.asarray(predicted, dtype=bool)
    frame = pd.DataFrame(
        {
            "y": np.where(actual, classes[1], classes[0]),
            "Scored Labels": np.where(predicted, classes[1], classes[0]),
            "Scored Probabilities": probability,
        }
    )
    scoring = Scoring(
        "two-class",
        "Scored Labels",
        "y",
        tuple(classes),
        ("Scored Probabilities",),
        classes[1],
        "Learner",
    )
    return DataTable(frame, {"y": Role.LABEL}, scoring)


class TestRegression:
    def test_by_hand(self):
        frame = pd.DataFrame({"Labels": [1.0, 2.0, 6.0], "Regression Scored Labels": [2.0, 2, 4]})
        found = report(DataTable(frame))
        # Errors -1, 0, 2; distances from the mean 3: 2, 1, 3.
        assert found.metrics == pytest.approx(
            {
                "Mean absolute error": 1.0,
                "Root mean squared error": math.sqrt(5 / 3),
                "Relative absolute error": 3 / 6,
                "Relative squared error": 5 / 14,
                "Coefficient of determination": 1 - 5 / 14,
            }
        )

    def test_against_scikit_learn(self, train, table_for):
        table = table_for("spent")
        scored = score_model(train("regression.linear_regression", table, "spent"), table)
        found = report(scored)
        pair = scored.frame["spent"], scored.frame["Scored Labels"]
        assert found.metrics["Mean absolute error"] == pytest.approx(
            reference.mean_absolute_error(*pair), rel=1e-12
        )
        assert found.metrics["Root mean squared error"] == pytest.approx(
            reference.root_mean_squared_error(*pair), rel=1e-12
        )
        assert found.metrics["Coefficient of determination"] == pytest.approx(
            reference.r2_score(*pair), rel=1e-12
        )
        mean = np.full(len(table), pair[0].mean())
        assert found.metrics["Relative absolute error"] == pytest.approx(
            reference.mean_absolute_error(*pair) / reference.mean_absolute_error(pair[0], mean),
            rel=1e-12,
        )
        assert found.name == "Linear Regression"

    def test_residuals_hold_every_row(self):
        actual = np.random.default_rng(0).normal(size=5_000)
        frame = pd.DataFrame({"Labels": actual, "Regression Scored Labels": np.zeros(5_000)})
        bars = report(DataTable(frame)).residuals
        assert bars["count"].sum() == 5_000
        assert len(bars) <= 50
        assert bars["low"].iloc[0] == actual.min()
        assert bars["high"].iloc[-1] == actual.max()
        inside = (actual >= bars["low"].iloc[3]) & (actual < bars["high"].iloc[3])
        assert bars["count"].iloc[3] == inside.sum()

    def test_a_constant_label_has_no_relative_errors(self):
        frame = pd.DataFrame({"Labels": [2.0, 2.0], "Regression Scored Labels": [2.0, 3.0]})
        found = report(DataTable(frame)).metrics
        assert found["Mean absolute error"] == 0.5
        assert math.isnan(found["Coefficient of determination"])
        assert math.isnan(found["Relative absolute error"])


class TestTwoClass:
    @pytest.mark.proves("evaluate_model", by="by hand")
    def test_by_hand(self):
        actual = [True, True, True, False, False, False, False]
        found = report(two_class(actual, [0.9, 0.8, 0.3, 0.6, 0.3, 0.2, 0.1]))
        assert found.metrics["Accuracy"] == pytest.approx(5 / 7)
        assert found.metrics["Precision"] == pytest.approx(2 / 3)
        assert found.metrics["Recall"] == pytest.approx(2 / 3)
        assert found.metrics["F1 score"] == pytest.approx(2 / 3)
        # Of 12 pairs: 0.9 and 0.8 beat all four; 0.3 loses to 0.6, ties with 0.3, beats two.
        assert found.metrics["AUC"] == pytest.approx((4 + 4 + 2.5) / 12)
        expected = -np.mean(np.log([0.9, 0.8, 0.3, 0.4, 0.7, 0.8, 0.9]))
        assert found.metrics["Average log loss"] == pytest.approx(expected)
        # A row for each actual class, a column for each predicted one.
        pd.testing.assert_frame_equal(
            found.confusion,
            pd.DataFrame([[3, 1], [1, 2]], index=["no", "yes"], columns=["no", "yes"]),
        )
        assert (found.positives, found.negatives, found.positive) == (3, 4, "yes")

    @pytest.mark.parametrize(
        "path",
        [
            "classification.two_class_logistic_regression",
            "classification.two_class_boosted_decision_tree",
            "classification.two_class_decision_forest",
        ],
    )
    def test_against_scikit_learn(self, path, train, table_for):
        table = table_for("buys")
        scored = score_model(train(path, table, "buys"), table)
        found = report(scored).metrics
        actual, labels = scored.frame["buys"], scored.frame["Scored Labels"]
        probability = scored.frame["Scored Probabilities"]
        assert found == pytest.approx(
            {
                "Accuracy": reference.accuracy_score(actual, labels),
                "Precision": reference.precision_score(actual, labels, pos_label="yes"),
                "Recall": reference.recall_score(actual, labels, pos_label="yes"),
                "F1 score": reference.f1_score(actual, labels, pos_label="yes"),
                "Balanced accuracy": reference.balanced_accuracy_score(actual, labels),
                "Matthews correlation coefficient": reference.matthews_corrcoef(actual, labels),
                "Brier score": reference.brier_score_loss(actual == "yes", probability),
                "AUC": reference.roc_auc_score(actual == "yes", probability),
                "Average log loss": reference.log_loss(actual == "yes", probability),
            },
            rel=1e-12,
        )
        assert report(scored).confusion.to_numpy().tolist() == (
            reference.confusion_matrix(actual, labels, labels=["no", "yes"]).tolist()
        )

    def test_the_area_is_exact_although_the_table_is_thinned(self):
        random = np.random.default_rng(1)
        actual = random.random(200_000) < 0.05
        probability = np.clip(actual * 0.1 + random.beta(1, 4, 200_000), 0, 1)
        found = report(two_class(actual, probability))
        assert len(found.thresholds) <= 2_000
        expected = reference.roc_auc_score(actual, probability)
        assert found.metrics["AUC"] == pytest.approx(expected, abs=1e-12)

    def test_certain_and_wrong_costs_much_but_not_infinity(self):
        found = report(two_class([True, False], [0.0, 0.5]))
        assert found.metrics["Average log loss"] == pytest.approx(
            reference.log_loss([1, 0], [0.0, 0.5])
        )
        assert math.isfinite(found.metrics["Average log loss"])

    def test_one_class_alone_has_no_area(self):
        with pytest.warns(
            ModuleWarning, match="Every row is “yes”, so these metrics are undefined: AUC"
        ):
            found = report(two_class([True, True], [0.9, 0.2]))
        assert math.isnan(found.metrics["AUC"])
        assert found.metrics["Recall"] == 0.5

    def test_nothing_predicted_positive_has_no_precision(self):
        with pytest.warns(ModuleWarning, match="No row is predicted to be “yes”, .* Precision"):
            found = report(two_class([True, False], [0.4, 0.2])).metrics
        assert math.isnan(found["Precision"])
        assert found["Recall"] == 0

    def test_a_label_that_the_model_does_not_know(self):
        table = two_class([True, False], [0.9, 0.1])
        frame = table.frame.assign(y=["yes.", "no"])
        with pytest.raises(ModuleError, match="“yes\\.”") as caught:
            evaluate_model(table.with_frame(frame))
        assert (caught.value.code, caught.value.column) == ("unknown-class", "y")

    def test_rows_without_a_label_are_left_out(self):
        table = two_class([True, False, True], [0.9, 0.1, 0.2])
        frame = table.frame.assign(y=pd.Series(["yes", "no", None], dtype="str"))
        with pytest.warns(ModuleWarning, match="1 of 3 rows"):
            found = report(table.with_frame(frame))
        assert found.metrics["Accuracy"] == 1

    def test_integer_labels_that_became_numbers(self):
        table = two_class([True, False], [0.9, 0.1], classes=(1, 2))
        found = report(table.with_frame(table.frame.assign(y=[2.0, 1.0])))
        assert found.metrics["Accuracy"] == 1

    def test_a_categorical_label(self):
        table = two_class([True, False], [0.9, 0.7])
        frame = table.frame.assign(y=table.frame["y"].astype("category"))
        assert report(table.with_frame(frame)).metrics["Accuracy"] == 0.5


class TestMulticlass:
    def test_by_hand(self):
        frame = pd.DataFrame(
            {
                "Labels": ["a", "a", "a", "b", "b", "c"],
                "Multi Class Scored Labels": ["a", "a", "b", "b", "c", "c"],
            }
        )
        found = report(DataTable(frame))
        assert found.metrics == pytest.approx(
            {
                "Overall accuracy": 4 / 6,
                # a: 5 of 6 told rightly from the rest, b: 4, c: 5.
                "Average accuracy": (5 + 4 + 5) / 18,
                "Micro-averaged precision": 4 / 6,
                "Macro-averaged precision": (1 + 1 / 2 + 1 / 2) / 3,
                "Micro-averaged recall": 4 / 6,
                "Macro-averaged recall": (2 / 3 + 1 / 2 + 1) / 3,
                "Balanced accuracy": (2 / 3 + 1 / 2 + 1) / 3,
                # Gorodkin: 4·6 − (3·2 + 2·2 + 1·2), over the root of (36 − 12)·(36 − 14).
                "Matthews correlation coefficient": 12 / math.sqrt(24 * 22),
            }
        )
        assert found.confusion.loc["a"].tolist() == [2, 1, 0]
        assert found.table["Rows"].tolist() == [3, 2, 1]

    @pytest.mark.parametrize("name", ["logistic_regression", "decision_forest"])
    def test_against_scikit_learn(self, name, train, table_for):
        table = table_for("level")
        scored = score_model(train(f"classification.multiclass_{name}", table, "level"), table)
        found = report(scored)
        actual, labels = scored.frame["level"], scored.frame["Scored Labels"]
        given = scored.frame[list(scored.scoring.probabilities)].to_numpy()
        average = {"zero_division": 0, "average": "macro"}
        assert found.metrics["Overall accuracy"] == reference.accuracy_score(actual, labels)
        assert found.metrics["Macro-averaged precision"] == pytest.approx(
            reference.precision_score(actual, labels, **average)
        )
        assert found.metrics["Macro-averaged recall"] == pytest.approx(
            reference.recall_score(actual, labels, **average)
        )
        assert found.metrics["Balanced accuracy"] == pytest.approx(
            reference.balanced_accuracy_score(actual, labels)
        )
        assert found.metrics["Matthews correlation coefficient"] == pytest.approx(
            reference.matthews_corrcoef(actual, labels)
        )
        assert found.metrics["Average log loss"] == pytest.approx(
            reference.log_loss(actual, given, labels=list(scored.scoring.classes)), rel=1e-9
        )
        for place, value in enumerate(scored.scoring.classes):
            assert found.table["F1 score"][place] == pytest.approx(
                reference.f1_score(actual == value, labels == value)
            )

    def test_a_class_that_training_never_saw(self, train, table_for):
        table = table_for("level")
        scored = score_model(
            train("classification.multiclass_logistic_regression", table, "level"), table
        )
        strange = scored.frame.assign(level=["unheard of", *scored.frame["level"].iloc[1:]])
        with pytest.warns(
            ModuleWarning, match="1 row has a class that wasn't in the training data"
        ):
            found = report(scored.with_frame(strange))
        assert found.classes == ("high", "low", "middle", "unheard of")
        assert found.confusion.loc["unheard of"].sum() == 1
        assert found.confusion["unheard of"].sum() == 0
        assert math.isfinite(found.metrics["Average log loss"])


class TestClusters:
    def test_by_hand(self):
        frame = pd.DataFrame(
            {
                "Assignments": [0, 0, 1],
                "DistancesToClusterCenter no.0": [1.0, 3.0, 9.0],
                "DistancesToClusterCenter no.1": [8.0, 6.0, 0.5],
            }
        )
        found = report(DataTable(frame))
        table = found.table.set_index("Result")
        assert table.loc["Cluster 0"].tolist() == [7.0, 2.0, 2, 3.0]
        assert table.loc["Cluster 1"].tolist() == [9.0, 0.5, 1, 0.5]
        assert table.loc["Combined evaluation"].tolist() == pytest.approx([23 / 3, 1.5, 3, 3.0])
        assert found.metrics["Average distance to cluster center"] == 1.5

    def test_an_empty_cluster(self):
        frame = pd.DataFrame(
            {"Assignments": [0]} | {f"DistancesToClusterCenter no.{n}": [float(n)] for n in (0, 1)}
        )
        table = report(DataTable(frame)).table.set_index("Result")
        assert table.loc["Cluster 1", "Number of points"] == 0
        assert math.isnan(table.loc["Cluster 1", "Average distance to cluster center"])


class TestForeignScores:
    """Scores from a script or another program, known by the names of their columns."""

    def test_two_class(self):
        frame = pd.DataFrame(
            {
                "Labels": [0, 0, 1, 1],
                "Binary Class Scored Labels": [0, 1, 1, 1],
                "Binary Class Scored Probabilities": [0.1, 0.7, 0.6, 0.9],
            }
        )
        found = report(DataTable(frame))
        assert (found.task, found.positive) == ("two-class", 1)
        assert found.metrics["AUC"] == 0.75
        assert found.metrics["Accuracy"] == 0.75
        assert found.name == "Scored dataset"

    def test_two_class_without_probabilities(self):
        frame = pd.DataFrame({"Labels": ["n", "p"], "Binary Class Scored Labels": ["n", "n"]})
        found = report(DataTable(frame))
        assert found.thresholds is None
        assert set(found.metrics) == set(TWO_CLASS_METRICS)
        assert found.calibration is None

    def test_the_role_of_a_label_comes_before_its_name(self):
        frame = pd.DataFrame(
            {"truth": [1.0, 3.0], "Labels": [0.0, 0.0], "Regression Scored Labels": [1.0, 2.0]}
        )
        found = report(DataTable(frame, {"truth": Role.LABEL}))
        assert found.metrics["Mean absolute error"] == 0.5

    def test_own_scores_that_passed_through_a_file(self, train, table_for):
        table = table_for("buys")
        path = "classification.two_class_logistic_regression"
        scored = score_model(train(path, table, "buys"), table)
        plain = DataTable(scored.frame, {"buys": Role.LABEL})
        assert report(plain).metrics == report(scored).metrics

    @pytest.mark.parametrize("values", [[0, 0], [1, 1]])
    def test_only_one_of_0_and_1(self, values):
        frame = pd.DataFrame({"Labels": values, "Binary Class Scored Labels": values})
        found = report(DataTable(frame))
        assert found.classes == (0, 1)
        assert found.positives == sum(values)

    def test_three_classes_as_two(self):
        frame = pd.DataFrame({"Labels": [0, 1, 2], "Binary Class Scored Labels": [0, 1, 1]})
        with pytest.raises(ModuleError, match="3 classes"):
            evaluate_model(DataTable(frame))


class TestErrors:
    def test_no_label(self, train, table_for):
        model = train("regression.linear_regression", table_for("spent"), "spent")
        rows = DataTable(table_for("spent").frame.drop(columns="spent"))
        with pytest.raises(ModuleError) as caught:
            evaluate_model(score_model(model, rows))
        assert (caught.value.code, caught.value.port) == ("no-label", "scored_dataset")

    def test_no_scores(self, table_for):
        with pytest.raises(ModuleError) as caught:
            evaluate_model(table_for("spent"))
        assert caught.value.code == "no-score-column"

    def test_different_tasks(self, train, table_for):
        numbers, classes = table_for("spent"), table_for("buys")
        first = score_model(train("regression.linear_regression", numbers, "spent"), numbers)
        path = "classification.two_class_decision_forest"
        second = score_model(train(path, classes, "buys"), classes)
        with pytest.raises(ModuleError, match="regression model can't be compared") as caught:
            evaluate_model(first, second)
        assert caught.value.port == "scored_dataset_to_compare"

    def test_no_rows(self):
        table = two_class([True, False], [0.9, 0.1])
        with pytest.raises(ModuleError) as caught:
            evaluate_model(table.with_frame(table.frame.iloc[:0]))
        assert (caught.value.code, caught.value.port) == ("too-few-rows", "scored_dataset")

    def test_no_row_with_label_and_score(self):
        frame = pd.DataFrame({"Labels": [np.nan, 1.0], "Regression Scored Labels": [1.0, np.nan]})
        with pytest.raises(ModuleError) as caught:
            evaluate_model(DataTable(frame))
        assert caught.value.code == "no-scored-rows"

    def test_text_in_place_of_numbers(self):
        frame = pd.DataFrame({"Labels": ["a", "b"], "Regression Scored Labels": [1.0, 2.0]})
        with pytest.raises(ModuleError) as caught:
            evaluate_model(DataTable(frame))
        assert (caught.value.code, caught.value.column) == ("not-numeric", "Labels")


def test_two_models_side_by_side_have_names_of_their_own(train, table_for):
    table = table_for("buys")
    tree = train("classification.two_class_boosted_decision_tree", table, "buys", trees=3)
    forest = train("classification.two_class_decision_forest", table, "buys", trees=3)
    different = evaluate_model(score_model(tree, table), score_model(forest, table))
    assert [each.name for each in different.reports] == [tree.title, forest.title]
    same = evaluate_model(score_model(tree, table), score_model(tree, table))
    assert [each.name for each in same.reports] == [
        "Two-Class Boosted Decision Tree (scored dataset)",
        "Two-Class Boosted Decision Tree (scored dataset to compare)",
    ]


@pytest.mark.parametrize("label", ["spent", "buys", "level"])
def test_a_stored_evaluation_is_the_same(label, train, table_for, tmp_path):
    path = {
        "spent": "regression.linear_regression",
        "buys": "classification.two_class_logistic_regression",
        "level": "classification.multiclass_logistic_regression",
    }[label]
    table = table_for(label)
    before = evaluate_model(score_model(train(path, table, label), table))
    save(before, tmp_path / "evaluation")
    first, second = before.reports[0], load(tmp_path / "evaluation").reports[0]
    assert second.metrics == first.metrics
    for name in ("thresholds", "confusion", "residuals", "table"):
        old, new = getattr(first, name), getattr(second, name)
        assert (old is None) == (new is None)
        if old is not None:
            pd.testing.assert_frame_equal(old, new, check_exact=True)
