"""Split Data, and Partition and Sample, against scikit-learn and pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from modules.contract import ColumnSelector, DataTable, Role
from modules.data_transformation.partition_and_sample import partition_and_sample
from modules.data_transformation.split_data import split_data

RNG = np.random.default_rng(5)
FRAME = pd.DataFrame(
    {
        "id": range(193),
        "label": pd.Series(RNG.choice(["a", "b", "c"], 193, p=[0.6, 0.3, 0.1]), dtype="str"),
        "year": RNG.integers(2000, 2021, 193),
        "price": np.where(np.arange(193) % 10 == 0, np.nan, RNG.normal(100, 9, 193).round(1)),
        "city": pd.Series(RNG.choice(["San Jose", "Oslo", "Santa Fe"], 193), dtype="str"),
        "new": RNG.random(193) < 0.5,
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(193), "D"),
    }
)
TABLE = DataTable(FRAME, {"label": Role.LABEL})
LABEL = ColumnSelector.names("label")


def ids(table: DataTable) -> list[int]:
    return table.frame["id"].tolist()


@pytest.mark.parametrize("fraction", [0.7, 0.5, 0.29, 0.01])
@pytest.mark.parametrize("seed", [0, 1234])
@pytest.mark.proves("split_data", by="scikit-learn")
def test_random_split_is_that_of_scikit_learn(fraction: float, seed: int) -> None:
    first, second = split_data(TABLE, fraction=fraction, seed=seed)
    train, test = train_test_split(FRAME, train_size=fraction, random_state=seed)
    pd.testing.assert_frame_equal(first.frame, train.reset_index(drop=True))
    pd.testing.assert_frame_equal(second.frame, test.reset_index(drop=True))
    assert first.roles == {"label": Role.LABEL}


def test_the_tutorial_has_58_test_rows() -> None:
    assert len(split_data(TABLE, fraction=0.7)[1]) == 58


def test_stratified_split_is_that_of_scikit_learn() -> None:
    first, second = split_data(
        TABLE, fraction=0.7, seed=3, stratified=True, stratification_column=LABEL
    )
    train, test = train_test_split(FRAME, train_size=0.7, random_state=3, stratify=FRAME["label"])
    assert ids(first) == train["id"].tolist()
    assert ids(second) == test["id"].tolist()


@pytest.mark.parametrize(("fraction", "sizes"), [(0.0, (0, 193)), (1.0, (193, 0))])
@pytest.mark.parametrize("randomized", [True, False])
def test_nothing_and_everything(fraction: float, sizes: tuple[int, int], randomized: bool) -> None:
    parts = split_data(TABLE, fraction=fraction, randomized=randomized)
    assert tuple(map(len, parts)) == sizes
    assert sorted(ids(parts[0]) + ids(parts[1])) == list(range(193))


def test_split_in_order() -> None:
    first, second = split_data(TABLE, fraction=0.25, randomized=False)
    assert ids(first) == list(range(48))
    assert ids(second) == list(range(48, 193))


def test_stratified_split_in_order_takes_the_first_of_each() -> None:
    first, _ = split_data(
        TABLE, fraction=0.5, randomized=False, stratified=True, stratification_column=LABEL
    )
    assert len(first) == 96
    assert ids(first) == sorted(ids(first))
    for value, group in FRAME.groupby("label"):
        taken = first.frame.loc[first.frame["label"] == value, "id"].tolist()
        assert taken == group["id"].tolist()[: len(taken)]
        assert abs(len(taken) - len(group) / 2) <= 1


def test_strata_that_can_not_be(refused: Any) -> None:
    with refused("no-columns-selected", parameter="stratification_column"):
        split_data(TABLE, stratified=True)
    with refused("too-many-values", "id", parameter="stratification_column", column="id"):
        split_data(TABLE, stratified=True, stratification_column=ColumnSelector.names("id"))
    rare = DataTable(pd.DataFrame({"id": range(9), "label": ["a"] * 8 + ["b"]}))
    with refused("strata-too-small", parameter="stratification_column"):
        split_data(rare, stratified=True, stratification_column=LABEL)


@pytest.mark.parametrize(
    ("expression", "pattern"),
    [
        ('"city" ^San', "^San"),
        ('\\"city" San$|Oslo', "San$|Oslo"),
        ("(\\4) o$", "o$"),
        ('"city" [a-z]+ F', "[a-z]+ F"),
    ],
)
def test_regular_expressions(expression: str, pattern: str) -> None:
    first, second = split_data(TABLE, mode="regular expression", regular_expression=expression)
    hits = FRAME["city"].str.contains(pattern, regex=True)
    assert ids(first) == FRAME["id"][hits].tolist()
    assert ids(second) == FRAME["id"][~hits].tolist()


@pytest.mark.parametrize(
    ("expression", "code", "words"),
    [
        ("", "bad-expression", ""),
        ('"city"', "bad-expression", ""),
        ('"city" (', "bad-expression", "("),
        ('"town" x', "column-not-found", "town"),
        ("(\\99) x", "column-index-out-of-range", "99"),
        ('"year" 20', "column-type", "year"),
    ],
)
def test_regular_expressions_that_are_none(
    expression: str, code: str, words: str, refused: Any
) -> None:
    with refused(code, words, parameter="regular_expression"):
        split_data(TABLE, mode="regular expression", regular_expression=expression)


@pytest.mark.parametrize(
    ("expression", "query"),
    [
        ('"year" > 2010', "year > 2010"),
        ('\\"year" > 2010 & < 2020', "year > 2010 and year < 2020"),
        ("(\\2)<=2005 | >=2015&!=2017", "year <= 2005 or (year >= 2015 and year != 2017)"),
        ('"price" > 100.5', "price > 100.5"),
        ('"price" != 100', "price != 100 and price == price"),
        ('"city" == Oslo', "city == 'Oslo'"),
        ('"city" == "San Jose"', "city == 'San Jose'"),
        ("\"city\" != 'Santa Fe'", "city != 'Santa Fe'"),
        ('"new" == true', "new"),
        ('"day" < 2024-02-01', "day < '2024-02-01'"),
        (
            '"year" > 2010 && "price" <= 99 || "new" == false',
            "(year > 2010 and price <= 99) or ~new",
        ),
    ],
)
def test_comparisons(expression: str, query: str) -> None:
    first, second = split_data(TABLE, mode="relative expression", relational_expression=expression)
    expected = FRAME.query(query, engine="python")["id"].tolist()
    assert ids(first) == expected
    assert ids(second) == sorted(set(range(193)) - set(expected))


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("", "bad-expression"),
        ("> 3", "bad-expression"),
        ('"year" 3', "bad-expression"),
        ('"year" > 3 &', "bad-expression"),
        ('"year" > 3 ) < 4', "bad-expression"),
        ('"year" > soon', "bad-expression"),
        ('"new" == maybe', "bad-expression"),
        ('"day" > tomorrow ever', "bad-expression"),
        ('"city" > Oslo', "text-not-ordered"),
        ('"town" == 1', "column-not-found"),
        ('"year" > __import__("os").getpid()', "bad-expression"),
    ],
)
def test_comparisons_that_are_none(expression: str, code: str, refused: Any) -> None:
    with refused(code, parameter="relational_expression"):
        split_data(TABLE, mode="relative expression", relational_expression=expression)


@given(st.text(max_size=40))
def test_no_expression_is_a_surprise(text: str) -> None:
    from modules.contract import ModuleError

    for mode, name in (
        ("regular expression", "regular_expression"),
        ("relative expression", "relational_expression"),
    ):
        try:
            split_data(TABLE, mode=mode, **{name: f'"city" {text}'})  # type: ignore[arg-type]
        except ModuleError as error:
            assert error.parameter == name  # noqa: PT017


def test_head() -> None:
    assert ids(partition_and_sample(TABLE, mode="head", number_of_rows=7)) == list(range(7))
    assert len(partition_and_sample(TABLE, mode="head", number_of_rows=10_000)) == 193


def test_sample_is_that_of_pandas() -> None:
    result = partition_and_sample(TABLE, rate=0.2, seed=9)
    assert ids(result) == FRAME.sample(frac=0.2, random_state=9)["id"].tolist()


def test_stratified_sample_is_that_of_scikit_learn() -> None:
    result = partition_and_sample(
        TABLE, rate=0.2, seed=9, stratified=True, stratification_column=LABEL
    )
    expected, _ = train_test_split(FRAME, train_size=0.2, random_state=9, stratify=FRAME["label"])
    assert ids(result) == expected["id"].tolist()


def folds_of(splits: Any) -> list[int]:
    folds = np.zeros(193, dtype=int)
    for number, (_, part) in enumerate(splits, start=1):
        folds[part] = number
    return folds.tolist()


@pytest.mark.proves("partition_and_sample", by="scikit-learn")
def test_folds_are_those_of_scikit_learn() -> None:
    result = partition_and_sample(TABLE, mode="assign to folds", seed=4)
    expected = folds_of(KFold(5, shuffle=True, random_state=4).split(FRAME))
    assert result.frame["Fold"].tolist() == expected
    assert result.roles == {"label": Role.LABEL, "Fold": Role.FOLD}
    result = partition_and_sample(
        TABLE, mode="assign to folds", seed=4, stratified=True, stratification_column=LABEL
    )
    splits = StratifiedKFold(5, shuffle=True, random_state=4).split(FRAME, FRAME["label"])
    assert result.frame["Fold"].tolist() == folds_of(splits)


def test_folds_in_turn() -> None:
    result = partition_and_sample(
        TABLE, mode="assign to folds", randomized=False, number_of_folds=3
    )
    assert result.frame["Fold"].tolist()[:7] == [1, 2, 3, 1, 2, 3, 1]


@pytest.mark.parametrize("stratified", [False, True])
def test_folds_of_given_sizes(stratified: bool) -> None:
    result = partition_and_sample(
        TABLE,
        mode="assign to folds",
        partitioner="partition with customized proportions",
        proportions="0.5, 0.3",
        stratified=stratified,
        stratification_column=LABEL if stratified else ColumnSelector(),
    )
    sizes = result.frame["Fold"].value_counts().sort_index()
    assert sizes.index.tolist() == [1, 2, 3]
    np.testing.assert_allclose(sizes / 193, [0.5, 0.3, 0.2], atol=0.02)
    if stratified:
        shares = pd.crosstab(result.frame["label"], result.frame["Fold"], normalize="index")
        np.testing.assert_allclose(shares.to_numpy(), [[0.5, 0.3, 0.2]] * 3, atol=0.05)


def test_replacement_repeats_rows() -> None:
    result = partition_and_sample(TABLE, mode="assign to folds", with_replacement=True, seed=1)
    assert len(result) == 193
    assert 0.5 < result.frame["id"].nunique() / 193 < 0.75


def test_folds_are_picked_and_their_complement() -> None:
    folds = partition_and_sample(TABLE, mode="assign to folds", seed=2)
    picked = partition_and_sample(folds, mode="pick fold", fold=2)
    others = partition_and_sample(folds, mode="pick fold", fold=2, complement=True)
    assert ids(picked) == folds.frame["id"][folds.frame["Fold"] == 2].tolist()
    assert sorted(ids(picked) + ids(others)) == list(range(193))
    assert "Fold" not in picked.names


def test_folds_again_replace_the_folds_before() -> None:
    once = partition_and_sample(TABLE, mode="assign to folds")
    twice = partition_and_sample(once, mode="assign to folds", number_of_folds=2)
    assert twice.names == once.names
    assert twice.frame["Fold"].max() == 2
    own = DataTable(FRAME.assign(Fold="mine"))
    kept = partition_and_sample(own, mode="assign to folds")
    assert kept.having_role(Role.FOLD) == ["Fold (2)"]


@pytest.mark.parametrize(
    ("parameters", "code", "parameter"),
    [
        ({"mode": "pick fold"}, "no-folds", "mode"),
        ({"mode": "assign to folds", "number_of_folds": 500}, "too-many-folds", "number_of_folds"),
        (
            {"mode": "assign to folds", "stratified": True},
            "no-columns-selected",
            "stratification_column",
        ),
    ],
)
def test_partitions_that_can_not_be(
    parameters: dict[str, Any], code: str, parameter: str, refused: Any
) -> None:
    with refused(code, parameter=parameter):
        partition_and_sample(TABLE, **parameters)


@pytest.mark.parametrize("proportions", ["", "a", "0.5, 0.6", "-0.1, 0.5", "0, 1"])
def test_proportions_that_are_none(proportions: str, refused: Any) -> None:
    with refused("bad-proportions", parameter="proportions"):
        partition_and_sample(
            TABLE,
            mode="assign to folds",
            partitioner="partition with customized proportions",
            proportions=proportions,
        )


def test_a_fold_that_is_not_there(refused: Any) -> None:
    folds = partition_and_sample(TABLE, mode="assign to folds")
    with refused("fold-not-found", "9", parameter="fold"):
        partition_and_sample(folds, mode="pick fold", fold=9)
