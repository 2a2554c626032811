"""Score Model puts predictions beside the rows they belong to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning
from modules.scoring_evaluation.score_model import score_model


def test_scores_are_appended_with_roles(train, table_for):
    table = table_for("buys").with_roles({"age": Role.NONE})
    model = train("classification.two_class_boosted_decision_tree", table, "buys")
    scored = score_model(model, table)
    assert scored.names == [*table.names, "Scored Labels", "Scored Probabilities"]
    assert scored.having_role(Role.SCORE) == ["Scored Labels", "Scored Probabilities"]
    assert scored.having_role(Role.LABEL) == ["buys"]
    assert scored.having_role(Role.NONE) == ["age"]
    pd.testing.assert_frame_equal(scored.frame[table.names], table.frame)
    assert scored.scoring.learner == "Two-Class Boosted Decision Tree"


def test_scores_alone_keep_the_label(train, table_for):
    model = train("regression.linear_regression", table_for("spent"), "spent")
    scored = score_model(model, table_for("spent"), append_score_columns_to_output=False)
    assert scored.names == ["spent", "Scored Labels"]


def test_rows_without_the_label_can_be_scored(train, table_for):
    table = table_for("level")
    model = train("classification.multiclass_decision_forest", table, "level")
    rows = DataTable(table.frame.drop(columns="level"))
    scored = score_model(model, rows)
    probabilities = [f"Scored Probabilities_{value}" for value in ("high", "low", "middle")]
    assert scored.names[-4:] == ["Scored Labels", *probabilities]
    np.testing.assert_allclose(scored.frame[probabilities].sum(axis=1), 1)
    assert scored.scoring.label is None


def test_scoring_twice_replaces_the_scores(train, table_for):
    table = table_for("spent")
    first = score_model(train("regression.linear_regression", table, "spent"), table)
    forest = train("regression.decision_forest_regression", table, "spent")
    with pytest.warns(ModuleWarning, match="“Scored Labels” of the dataset was replaced"):
        second = score_model(forest, first)
    assert second.names == first.names
    np.testing.assert_array_equal(
        second.frame["Scored Labels"], forest.score(table).frame["Scored Labels"]
    )


def test_no_rows_give_no_scores(some_learners, train, table_for):
    path, label = some_learners
    table = table_for(label)
    scored = score_model(train(path, table, label), table.with_frame(table.frame.iloc[:0]))
    assert len(scored) == 0
    assert "Scored Labels" in scored.names


def test_a_missing_feature_is_named(train, table_for):
    model = train("regression.linear_regression", table_for("spent"), "spent")
    rows = DataTable(table_for("spent").frame.drop(columns="city"))
    with pytest.raises(ModuleError, match="“city”") as caught:
        score_model(model, rows)
    assert (caught.value.code, caught.value.port) == ("column-not-found", "dataset")


def test_text_in_place_of_numbers_is_named(train, table_for):
    table = table_for("spent")
    model = train("regression.linear_regression", table, "spent")
    with pytest.raises(ModuleError, match="“old”") as caught:
        score_model(model, DataTable(table.frame.assign(age="old")))
    assert caught.value.column == "age"


@pytest.mark.filterwarnings("ignore:Duplicate column names:modules.contract.context.ModuleWarning")
def test_classes_that_differ_in_spaces_alone_keep_their_probabilities(train):
    classes = ["yes", "yes ", ""] * 20
    frame = pd.DataFrame({"x": np.arange(60.0) % 3, "label": pd.Series(classes, dtype="str")})
    model = train("classification.multiclass_logistic_regression", DataTable(frame), "label")
    scored = score_model(model, DataTable(frame), append_score_columns_to_output=False)
    assert scored.scoring is not None
    names = scored.scoring.probabilities
    assert scored.names == ["label", "Scored Labels", *names]
    assert scored.frame["Scored Labels"].tolist() == classes
    row = model.compile().row_function()({"x": 1.0})
    expected = scored.frame.drop(columns="label").iloc[1].to_dict()
    assert row.pop("Scored Labels") == expected.pop("Scored Labels")
    assert row == pytest.approx(expected)
