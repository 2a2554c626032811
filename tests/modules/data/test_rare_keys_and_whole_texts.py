"""Folds with keys that are rare, and whole numbers as text."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold

from modules.contract import ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.data_transformation.edit_metadata import edit_metadata
from modules.data_transformation.partition_and_sample import partition_and_sample

KEY = {"stratified": True, "stratification_column": ColumnSelector.names("key")}


def test_a_rare_key_is_told_and_put_where_scikit_learn_puts_it() -> None:
    keys = ["a"] * 8 + ["b"] * 2
    with pytest.warns(ModuleWarning, match="fewer than 4 rows"):
        result = partition_and_sample(
            DataTable(pd.DataFrame({"key": keys})), mode="assign to folds", number_of_folds=4, **KEY
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        splitter = StratifiedKFold(4, shuffle=True, random_state=0)
        for number, (_, part) in enumerate(splitter.split(keys, keys), start=1):
            assert np.flatnonzero(result.frame["Fold"] == number).tolist() == part.tolist()


def test_keys_that_are_all_too_rare_are_refused(refused: Any) -> None:
    data = DataTable(pd.DataFrame({"key": ["a", "b", "a", "b"]}))
    with refused("strata-too-small", parameter="stratification_column"):
        partition_and_sample(data, mode="assign to folds", number_of_folds=3, **KEY)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, None, 20240131.0], ["1", None, "20240131"]),
        ([1.0, None, 2.5], ["1.0", None, "2.5"]),
        ([-0.5, np.inf], ["-0.5", "inf"]),
        ([1e300, None], ["1e+300", None]),
    ],
)
def test_whole_numbers_become_text_without_a_fraction(values: Any, expected: list[Any]) -> None:
    data = DataTable(pd.DataFrame({"x": pd.Series(values, dtype="float64")}))
    result = edit_metadata(data, columns=ColumnSelector.names("x"), data_type="string")
    found = [None if pd.isna(text) else text for text in result.frame["x"]]
    assert found == expected
    assert result.columns[0].kind == "string"
