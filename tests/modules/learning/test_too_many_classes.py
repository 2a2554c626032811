"""A label of more classes than a learner takes: which they are, and what may be the matter."""

from __future__ import annotations

import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError
from modules.data_transformation.clean_missing_data import clean_missing_data

LEARNER = "classification.two_class_logistic_regression"


def refused(train, labels: pd.Series) -> ModuleError:
    table = DataTable(pd.DataFrame({"age": range(len(labels)), "Churned?": labels}))
    with pytest.raises(ModuleError) as caught:
        train(LEARNER, table, "Churned?")
    assert caught.value.code == "more-than-two-classes"
    return caught.value


def test_a_value_that_stands_for_missing_ones_is_named(train):
    labels = pd.Series(["No"] * 70 + ["Yes"] * 29 + [None], dtype="str")
    # As the module does where nothing is set.
    cleaned, _ = clean_missing_data(DataTable(pd.DataFrame({"Churned?": labels})))
    error = refused(train, cleaned.frame["Churned?"])
    assert error.message == (
        "Column “Churned?” contains 3 classes: “No” in 70 rows, “Yes” in 29, “0” in 1; "
        "a two-class learner requires two."
    )
    # The values come before another learner.
    assert error.hint.index("values") < error.hint.index("multiclass")
    assert "missing" in error.hint


def test_of_many_classes_only_the_most_frequent_are_named(train):
    labels = pd.Series([f"c{i}" for i in range(9)] * 20 + ["usual"] * 50, dtype="str")
    message = refused(train, labels).message
    assert "contains 10 classes: “usual” in 50 rows, “c0” in 20, " in message
    assert message.count("“") == 5
    assert ", …; a two-class learner" in message
