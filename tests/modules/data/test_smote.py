"""SMOTE against what imbalanced-learn 0.14.2 gives with the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, Role
from modules.data_transformation.smote import smote

POINTS = [
    [1.79, 0.44], [0.1, -1.86], [-0.28, -0.35], [-0.08, -0.63], [-0.04, -0.48], [-1.31, 0.88],
    [0.88, 1.71], [0.05, -0.4], [-0.55, -1.55], [0.98, -1.1], [-1.19, -0.21], [1.49, 0.24],
    [-1.02, -0.71], [0.63, -0.16],
]  # fmt: skip
LABELS = [1] * 5 + [0] * 9


def table(**more: object) -> DataTable:
    a, b = zip(*POINTS, strict=True)
    frame = pd.DataFrame({"a": a, "b": b, **more, "y": LABELS})
    return DataTable(frame, {"y": Role.LABEL})


@pytest.mark.proves("smote", by="imbalanced-learn 0.14.2")
def test_numbers_equal_those_of_imbalanced_learn() -> None:
    made = smote(table(), neighbors=2, seed=7).frame
    # SMOTE(sampling_strategy={1: 10, 0: 9}, random_state=7, k_neighbors=2)
    expected = [
        [-0.10636835732057412, -0.44405047311802237],
        [-0.2747174828791846, -0.3528613634404416],
        [-0.05846016518358266, -0.549225619438435],
        [0.02984313508760869, -1.1684537601492857],
        [0.08991284132963338, -1.760569435963529],
    ]
    assert made[["a", "b"]].to_numpy()[14:].tolist() == expected
    assert made["y"].tolist() == LABELS + [1] * 5
    pd.testing.assert_frame_equal(made.iloc[:14], table().frame)


def test_categories_equal_those_of_imbalanced_learn() -> None:
    made = smote(table(c=list("xxyzyxxyyzzxyz")), neighbors=3, seed=7).frame
    # SMOTENC(["c"], sampling_strategy={1: 10, 0: 9}, random_state=7, k_neighbors=3)
    assert made["c"].tolist()[14:] == ["y", "y", "x", "y", "y"]
    expected = [-0.001285, -0.040880, -0.150761, 0.009798, 0.087031]
    assert made["a"].tolist()[14:] == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize(("percentage", "expected"), [(0, 178), (100, 356), (200, 534), (300, 712)])
def test_the_numbers_of_rows_that_the_original_documents(percentage: int, expected: int) -> None:
    """The blood donation data of its documentation has 570 and 178 rows of the classes."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=748), "class": [0] * 570 + [1] * 178})
    made = smote(
        DataTable(frame),
        label_column=ColumnSelector.names("class"),
        smote_percentage=percentage,
        neighbors=5,
    )
    assert made.frame["class"].value_counts().to_dict() == {0: 570, 1: expected}


def test_types_are_kept_and_values_lie_between() -> None:
    days = pd.date_range("2024-01-01", periods=14)
    given = table(count=range(14), day=days, member=[True, False] * 7)
    made = smote(given, neighbors=2).frame
    assert made.dtypes.to_dict() == given.frame.dtypes.to_dict()
    assert made["count"][14:].between(0, 4).all()
    assert made["day"][14:].between(days[0], days[4]).all()


def test_what_it_cannot_do_is_told(refused) -> None:
    with refused("missing-values", "“a”", column="a"):
        smote(table().with_frame(table().frame.assign(a=[None, *range(13)])))
    with refused("not-two-classes", "“y” contains 14 classes", column="y"):
        smote(table().with_frame(table().frame.assign(y=range(14))))
    with refused("too-few-rows", "too few rows, 5", parameter="neighbors"):
        smote(table(), neighbors=5)
    with refused("no-features"):
        smote(DataTable(pd.DataFrame({"t": list("abcd"), "y": [0, 0, 1, 1]}), {"y": Role.LABEL}))
