"""Train Model on what real tables hold: text, gaps, odd labels, weights, and worse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, Ridge

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning
from modules.model_training.train_model import train_model
from modules.scoring_evaluation.cross_validate_model import cross_validate_model
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values.storage import load, save


def test_unseen_categories_and_missing_values_are_scored(some_learners, train, table_for):
    path, label = some_learners
    model = train(path, table_for(label), label)
    strange = pd.DataFrame(
        {
            "age": [40, 40],
            "income": [np.nan, 30_000.0],
            "city": ["Trondheim", None],
            "member": [True, False],
        }
    )
    scored = model.score(DataTable(strange)).frame
    assert len(scored) == 2
    assert scored.notna().all().all()


def test_a_feature_without_any_value_is_left_out(some_learners, train, table_for):
    path, label = some_learners
    frame = table_for(label).frame.assign(empty=np.nan, blank=pd.Series([None] * 400, dtype="str"))
    with pytest.warns(ModuleWarning, match="Column “(empty|blank)” doesn't have any values"):
        model = train(path, DataTable(frame), label)
    plain = train(path, table_for(label), label)
    pd.testing.assert_frame_equal(
        model.score(DataTable(frame)).frame, plain.score(table_for(label)).frame, check_exact=True
    )


def test_a_stored_model_predicts_the_same(some_learners, train, table_for, tmp_path):
    path, label = some_learners
    table = table_for(label)
    model = train(path, table, label)
    save(model, tmp_path / "model")
    pd.testing.assert_frame_equal(
        load(tmp_path / "model").score(table).frame, model.score(table).frame, check_exact=True
    )


def test_training_again_gives_the_same_bytes(some_learners, train, table_for, tmp_path):
    path, label = some_learners
    for name in ("first", "second"):
        save(train(path, table_for(label), label), tmp_path / name)
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes()


def test_a_stored_learner_trains_the_same(some_learners, make_learner, table_for, tmp_path):
    path, label = some_learners
    learner = make_learner(path)
    save(learner, tmp_path / "learner")
    chosen = ColumnSelector.names(label)
    stored = train_model(load(tmp_path / "learner"), table_for(label), label_column=chosen)
    fresh = train_model(learner, table_for(label), label_column=chosen)
    pd.testing.assert_frame_equal(
        stored.score(table_for(label)).frame, fresh.score(table_for(label)).frame
    )


@pytest.mark.parametrize(
    ("path", "label", "parameters"),
    [
        ("regression.linear_regression", "spent", {}),
        (
            "regression.linear_regression",
            "spent",
            {"solution_method": "online gradient descent"},
        ),
        ("classification.two_class_logistic_regression", "buys", {}),
        ("classification.multiclass_logistic_regression", "level", {}),
        ("classification.multiclass_logistic_regression", "buys", {}),
    ],
)
def test_a_compiled_linear_model_equals_score(path, label, parameters, train, table_for):
    table = table_for(label)
    model = train(path, table, label, **parameters)
    one_row = model.compile().row_function()
    scored = model.score(table).frame
    for position in range(0, len(table), 7):
        row = {
            name: None if pd.isna(value) else value
            for name, value in table.frame.iloc[position].items()
        }
        found = one_row(row)
        for name, value in found.items():
            expected = scored[name].iloc[position]
            assert value == (expected if isinstance(value, str) else pytest.approx(expected))


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param([0, 1], id="integers"),
        pytest.param([1.0, 2.0], id="numbers"),
        pytest.param([False, True], id="booleans"),
        pytest.param(["no", "yes"], id="strings"),
        pytest.param(pd.Categorical(["b", "a"], categories=["b", "a", "never"]), id="categories"),
    ],
)
def test_labels_of_any_kind_come_back_as_they_were(labels, train):
    random = np.random.default_rng(5)
    code = random.integers(0, 2, 200)
    frame = pd.DataFrame({"x": code + random.normal(0, 0.1, 200)})
    frame["y"] = (
        pd.Series(labels).take(code).to_numpy() if isinstance(labels, list) else (labels.take(code))
    )
    model = train("classification.two_class_logistic_regression", DataTable(frame), "y")
    scored = model.score(DataTable(frame)).frame
    assert (scored["Scored Labels"].to_numpy() == np.asarray(frame["y"])).all()
    # The positive class: the second in sorted order, or in the order of the categories.
    second = "a" if isinstance(labels, pd.Categorical) else labels[1]
    is_second = np.asarray(frame["y"]) == second
    assert (scored["Scored Probabilities"][is_second] > 0.5).all()


def test_rows_without_a_label_are_left_out_and_said(train, people):
    frame = people[["age", "member", "spent"]].copy()
    frame.loc[:9, "spent"] = np.nan
    with pytest.warns(ModuleWarning, match="10 of 400 rows don't have a value in “spent”"):
        model = train("regression.linear_regression", DataTable(frame), "spent")
    rest = frame.iloc[10:]
    expected = Ridge(alpha=0.001).fit(rest[["age", "member"]].astype(float), rest["spent"])
    np.testing.assert_allclose(model.estimator.coef_, expected.coef_, rtol=1e-12)


def test_a_weight_column_weighs_the_rows(make_learner, people):
    frame = people[["age", "member", "buys"]].assign(w=np.arange(400) % 5)
    table = DataTable(frame, {"w": Role.WEIGHT})
    model = train_model(
        make_learner("classification.two_class_logistic_regression"),
        table,
        label_column=ColumnSelector.names("buys"),
    )
    matrix = frame[["age", "member"]].astype(float)
    expected = LogisticRegression(tol=1e-7, solver="newton-cholesky", max_iter=1000).fit(
        matrix, frame["buys"], sample_weight=frame["w"]
    )
    np.testing.assert_array_equal(
        model.score(table).frame["Scored Probabilities"], expected.predict_proba(matrix)[:, 1]
    )


def test_the_role_of_a_label_is_enough(make_learner, table_for):
    table = table_for("spent").with_roles({"spent": Role.LABEL, "age": Role.NONE})
    model = train_model(make_learner("regression.linear_regression"), table)
    assert model.label == "spent"
    assert [column.name for column in model.features] == ["income", "city", "member"]


class TestErrors:
    """What can't be trained says so in words, and where."""

    def raised(self, train, path, frame, label) -> ModuleError:
        with pytest.raises(ModuleError) as caught:
            train(path, DataTable(frame), label)
        return caught.value

    def test_no_label_chosen(self, make_learner, table_for):
        with pytest.raises(ModuleError) as caught:
            train_model(make_learner("regression.linear_regression"), table_for("spent"))
        assert (caught.value.code, caught.value.parameter) == ("no-label", "label_column")

    def test_two_columns_with_the_role_of_the_label(self, make_learner):
        """Two labelled tables that were joined: which one is meant can't be guessed."""
        frame = pd.DataFrame({"x": [1.0, 2, 3, 4], "churn": [1.0, 3, 5, 7], "y": [2.0, 4, 6, 8]})
        table = DataTable(frame, {"churn": Role.LABEL, "y": Role.LABEL})
        learner = make_learner("regression.linear_regression")
        for train_it in (train_model, cross_validate_model):
            with pytest.raises(ModuleError, match=r"2 columns.*“churn” and “y”") as caught:
                train_it(learner, table)
            assert caught.value.parameter == "label_column"
        chosen = train_model(learner, table, label_column=ColumnSelector.names("y"))
        assert chosen.label == "y"

    def test_a_label_that_is_not_there(self, make_learner, table_for):
        with pytest.raises(ModuleError, match="Column “spend” doesn't exist") as caught:
            train_model(
                make_learner("regression.linear_regression"),
                table_for("spent"),
                label_column=ColumnSelector.names("spend"),
            )
        assert caught.value.hint == "Did you mean “spent”?"

    def test_two_labels(self, make_learner, table_for):
        with pytest.raises(ModuleError) as caught:
            train_model(
                make_learner("regression.linear_regression"),
                table_for("spent"),
                label_column=ColumnSelector.names("spent", "age"),
            )
        assert caught.value.code == "several-columns-selected"

    def test_one_class(self, train, people):
        frame = people.assign(buys="yes")[["age", "buys"]]
        error = self.raised(train, "classification.two_class_logistic_regression", frame, "buys")
        assert error.code == "one-class"
        assert "“yes”" in error.message

    def test_three_classes_for_a_two_class_learner(self, train, people):
        frame = people[["age", "level"]]
        error = self.raised(train, "classification.two_class_boosted_decision_tree", frame, "level")
        assert error.code == "more-than-two-classes"

    def test_text_for_a_regression(self, train, people):
        error = self.raised(
            train, "regression.linear_regression", people[["age", "level"]], "level"
        )
        assert (error.code, error.column) == ("label-not-numeric", "level")

    def test_an_identifier_among_the_features(self, train):
        frame = pd.DataFrame(
            {"id": [f"row {n}" for n in range(1500)], "x": range(1500), "y": range(1500)}
        )
        error = self.raised(train, "regression.linear_regression", frame, "y")
        assert (error.code, error.column) == ("too-many-unique-values", "id")

    @pytest.mark.parametrize(
        "path",
        [
            "regression.linear_regression",
            "classification.two_class_logistic_regression",
            "classification.two_class_decision_forest",
        ],
    )
    def test_infinite_values_name_their_column(self, path, train, people):
        frame = people[["age", "member"]].assign(y=np.arange(400) % 2, rate=1.0)
        frame.loc[3, "rate"] = np.inf
        error = self.raised(train, path, frame, "y")
        assert (error.code, error.column) == ("infinite-value", "rate")

    def test_no_rows(self, train, people):
        error = self.raised(train, "regression.linear_regression", people.iloc[:0], "spent")
        assert error.code == "too-few-rows"

    def test_nothing_but_the_label(self, train, people):
        error = self.raised(train, "regression.linear_regression", people[["spent"]], "spent")
        assert error.code == "no-features"

    def test_a_clustering_learner(self, make_learner, table_for):
        with pytest.raises(ModuleError, match="Clustering") as caught:
            train_model(make_learner("clustering.k_means_clustering"), table_for("spent"))
        assert caught.value.hint == "Use Train Clustering Model."


class TestPositiveClass:
    """Of two classes a person may choose the one that the probabilities are about."""

    def test_the_other_class_turns_everything_round(self, make_learner, table_for, tmp_path):
        learner = make_learner("classification.two_class_logistic_regression")
        table = table_for("buys")
        label = ColumnSelector.names("buys")
        usual = score_model(train_model(learner, table, label_column=label), table)
        model = train_model(learner, table, label_column=label, positive_class="no")
        turned = score_model(model, table)
        assert (model.classes, model.positive) == (("yes", "no"), "no")
        np.testing.assert_allclose(
            turned.frame["Scored Probabilities"], 1 - usual.frame["Scored Probabilities"], atol=1e-9
        )
        assert turned.frame["Scored Labels"].tolist() == usual.frame["Scored Labels"].tolist()
        found = evaluate_model(turned).reports[0]
        actual, labels = turned.frame["buys"], turned.frame["Scored Labels"]
        assert found.metrics["Recall"] == metrics.recall_score(actual, labels, pos_label="no")
        assert found.metrics["Precision"] == metrics.precision_score(actual, labels, pos_label="no")
        assert found.confusion.index.tolist() == ["yes", "no"]
        save(model, tmp_path / "model")
        one_row = load(tmp_path / "model").compile().row_function()
        row = {name: None if pd.isna(v) else v for name, v in table.frame.iloc[0].items()}
        assert one_row(row) == {
            "Scored Labels": turned.frame["Scored Labels"][0],
            "Scored Probabilities": pytest.approx(turned.frame["Scored Probabilities"][0]),
        }

    @pytest.mark.parametrize(
        ("labels", "written", "positive"),
        [
            ([0, 1], "0", 0),
            ([1.0, 2.0], "1", 1.0),
            ([False, True], "false", False),
            (["a", "b"], "a", "a"),
            (["a", "b"], "b", "b"),
        ],
    )
    def test_labels_of_every_kind(self, labels, written, positive, make_learner):
        frame = pd.DataFrame({"x": np.arange(40.0), "y": labels * 20})
        model = train_model(
            make_learner("classification.two_class_decision_forest"),
            DataTable(frame),
            label_column=ColumnSelector.names("y"),
            positive_class=written,
        )
        assert model.positive == positive
        assert type(model.positive) is type(labels[0])
        assert set(model.score(DataTable(frame)).frame["Scored Labels"]) <= set(labels)

    def test_it_is_the_same_in_every_fold(self, make_learner, table_for):
        learner = make_learner("classification.two_class_logistic_regression")
        chosen = {"label_column": ColumnSelector.names("buys"), "folds": 3}
        scored, by_fold = cross_validate_model(
            learner, table_for("buys"), positive_class="no", **chosen
        )
        usual, _ = cross_validate_model(learner, table_for("buys"), **chosen)
        np.testing.assert_allclose(
            scored.frame["Scored Probabilities"], 1 - usual.frame["Scored Probabilities"], atol=1e-9
        )
        whole = evaluate_model(scored).reports[0]
        assert whole.positive == "no"
        expected = metrics.recall_score(
            scored.frame["buys"], scored.frame["Scored Labels"], pos_label="no"
        )
        assert whole.metrics["Recall"] == expected
        assert abs(by_fold.frame["Recall"][3] - expected) < 0.01

    def test_a_class_that_is_not_there(self, make_learner, table_for):
        with pytest.raises(
            ModuleError, match="“buys” doesn't contain the class “perhaps”"
        ) as caught:
            train_model(
                make_learner("classification.two_class_logistic_regression"),
                table_for("buys"),
                label_column=ColumnSelector.names("buys"),
                positive_class="perhaps",
            )
        assert caught.value.parameter == "positive_class"
        assert "“yes”" in caught.value.hint

    def test_other_learners_have_none(self, make_learner, table_for):
        with pytest.warns(ModuleWarning, match="doesn't have a positive class"):
            train_model(
                make_learner("regression.linear_regression"),
                table_for("spent"),
                label_column=ColumnSelector.names("spent"),
                positive_class="1",
            )
