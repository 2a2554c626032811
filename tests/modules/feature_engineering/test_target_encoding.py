"""Target Encoding against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from modules.contract import DataTable, Role
from modules.feature_engineering.target_encoding import target_encoding

RNG = np.random.default_rng(5)
TOWN = RNG.choice(["Rome", "Oslo", "Lima", "Bern"], 120)
ROWS = pd.DataFrame(
    {
        "town": pd.Series(TOWN, dtype="str"),
        "price": RNG.normal(size=120) + (TOWN == "Oslo"),
        "sold": np.where(RNG.random(120) + 0.4 * (TOWN == "Rome") > 0.6, "yes", "no"),
        "grade": RNG.choice(["a", "b", "c"], 120),
    }
)


def encoded(label: str, **more: object):
    columns = ROWS[["town", label]]
    return target_encoding(DataTable(columns, {label: Role.LABEL}), **more)


@pytest.mark.parametrize("smoothing", [None, 0.0, 10.0])
@pytest.mark.parametrize("label", ["price", "sold"])
@pytest.mark.proves("target_encoding", by="scikit-learn")
def test_means_equal_those_of_scikit_learn(label: str, smoothing: float | None) -> None:
    result, fitted = encoded(label, smoothing=smoothing, seed=3)
    smooth = "auto" if smoothing is None else smoothing
    splitter = StratifiedKFold if label == "sold" else KFold
    encoder = TargetEncoder(smooth=smooth, cv=splitter(5, shuffle=True, random_state=3))
    towns = ROWS[["town"]].to_numpy(object)
    expected = encoder.fit_transform(towns, ROWS[label].to_numpy())
    assert result.frame["town"].to_numpy() == pytest.approx(expected[:, 0])
    applied = fitted.apply(DataTable(ROWS)).frame["town"].to_numpy()
    assert applied == pytest.approx(encoder.transform(towns)[:, 0])


def test_without_smoothing_it_is_the_mean_of_each_value() -> None:
    _, fitted = encoded("price", smoothing=0.0)
    new = DataTable(pd.DataFrame({"town": ["Oslo", "Paris", None]}))
    means = ROWS.groupby("town")["price"].mean()
    overall = ROWS["price"].mean()
    found = fitted.apply(new).frame["town"].tolist()
    assert found == pytest.approx([means["Oslo"], overall, overall])
    row_function = fitted.compile()
    assert row_function({"town": "Paris"})["town"] == pytest.approx(overall)


def test_several_classes_have_a_column_each() -> None:
    result, _ = encoded("grade")
    assert list(result.frame) == ["grade", "town a", "town b", "town c"]
    result, _ = encoded("grade", overwrite=False)
    assert list(result.frame) == ["town", "grade", "town a", "town b", "town c"]


def test_no_row_is_encoded_by_its_own_label() -> None:
    lonely = ROWS.assign(town=[f"town {i}" for i in range(120)])
    table = DataTable(lonely[["town", "price"]], {"price": Role.LABEL})
    result, _ = target_encoding(table)
    correlation = np.corrcoef(result.frame["town"], lonely["price"])[0, 1]
    assert correlation < 0


def test_what_can_not_be_encoded(refused) -> None:
    table = DataTable(ROWS, {"sold": Role.LABEL})
    from modules.contract import ColumnSelector

    with refused("label-selected", "“sold”", column="sold"):
        target_encoding(table, columns=ColumnSelector.names("sold"))
    with refused("column-type", "“price”", column="price"):
        target_encoding(table, columns=ColumnSelector.names("price"))
    with refused("label-unfit", "“town”", column="town"):
        target_encoding(
            DataTable(ROWS.assign(town="x")),
            columns=ColumnSelector.names("grade"),
            label_column=ColumnSelector.names("town"),
        )
