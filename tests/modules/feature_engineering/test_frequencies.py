"""Frequencies against pandas called directly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, Role
from modules.feature_engineering.frequency_encoding import frequency_encoding


def people() -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "city": pd.Series(random.choice(["Rome", "Oslo", "Lima"], 90), dtype="str"),
            "size": pd.Categorical(random.choice(["small", "large"], 90), ["small", "large", "x"]),
            "code": random.integers(0, 4, 90),
            "label": pd.Series(random.choice(["yes", "no"], 90), dtype="str"),
        }
    )
    frame.loc[::7, "city"] = None
    return frame


@pytest.mark.parametrize("measure", ["share", "count"])
@pytest.mark.proves("frequency_encoding", by="pandas")
def test_frequencies_are_those_of_pandas(measure: str) -> None:
    frame = people()
    found, _ = frequency_encoding(
        DataTable(frame, {"label": Role.LABEL}),
        columns=ColumnSelector.names("city", "size", "code"),
        measure=measure,
    )
    for name in ("city", "size", "code"):
        column = frame[name].astype(object)
        counts = column.value_counts(normalize=measure == "share", dropna=False)
        expected = column.map(counts).to_numpy("float64")
        assert found.frame[name].to_numpy() == pytest.approx(expected)
    assert found.frame["label"].equals(frame["label"])


def test_the_label_stays_and_unseen_values_are_0() -> None:
    table = DataTable(people(), {"label": Role.LABEL})
    found, fitted = frequency_encoding(table, overwrite=False)
    assert found.names == [*table.names, "city frequency", "size frequency"]
    new = table.frame.head(3).assign(
        city=pd.Series(["Paris", None, "Rome"], dtype="str"), size=pd.Categorical(["x", "y", "z"])
    )
    later = fitted.apply(DataTable(new)).frame
    rome = (table.frame["city"] == "Rome").mean()
    missing = table.frame["city"].isna().mean()
    assert later["city frequency"].tolist() == pytest.approx([0, missing, rome])
    assert later["size frequency"].tolist() == [0, 0, 0]


def test_numbers_are_refused(refused) -> None:
    table = DataTable(pd.DataFrame({"x": [0.5, 1.5]}))
    with refused("column-type", "categories are required", column="x"):
        frequency_encoding(table, columns=ColumnSelector.names("x"))
