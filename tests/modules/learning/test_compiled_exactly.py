"""The parts of compiled models one by one: single values, ties, limits, costs and refusals."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError
from modules.learning.categories import CODES_LIMIT, SPARSE_ABOVE
from modules.learning.compiled import trees as compiled_trees
from modules.learning.compiled.boosting import Boosting
from modules.learning.compiled.clusters import Clusters
from modules.learning.compiled.encoding import days_since_1970, row_encoder, weighted_sum
from modules.learning.compiled.estimator_form import EstimatorForm, from_margins, from_shares
from modules.learning.compiled.forest import Forest
from modules.learning.compiled.linear import Linear
from modules.learning.compiled.trees import MOST_NODES, TreeCollector, tree_microseconds, tree_sums
from modules.learning.features import FeatureEncoder
from modules.values.compiled_model import FILE, CompiledModel

LABEL, SHARE = "Scored Labels", "Scored Probabilities"


def number(name: str, fill: float | None = None) -> dict[str, Any]:
    return {"name": name, "kind": "number", "categories": None, "fill": fill}


def category(name: str, *known: Any) -> dict[str, Any]:
    return {"name": name, "kind": "categorical", "categories": list(known), "fill": None}


def moment(name: str, fill: float | None = None) -> dict[str, Any]:
    return {"name": name, "kind": "datetime", "categories": None, "fill": fill}


def model(task: str, *classes: Any, columns: int = 1, **arrays: Any) -> CompiledModel:
    facts = {
        "task": task,
        "encoding": "one-hot",
        "columns": [number(f"c{index}") for index in range(columns)],
        "classes": list(classes),
    }
    return CompiledModel(Linear(), facts, arrays)


# Values of a row.

NAN = float("nan")


@pytest.mark.parametrize(
    ("column", "value", "features"),
    [
        (number("x", 7.5), 3, [3.0]),
        (number("x", 7.5), 2.5, [2.5]),
        (number("x", 7.5), True, [1.0]),
        (number("x", 7.5), False, [0.0]),
        (number("x", 7.5), "4", [4.0]),
        (number("x", 7.5), None, [7.5]),
        (number("x", 7.5), NAN, [7.5]),
        (number("x", 7.5), np.float64(2), [2.0]),
        (category("x", "1", "2", "True"), "2", [0.0, 1.0, 0.0]),
        # What training saw as text is text.
        (category("x", "1", "2", "True"), 2, [0.0, 1.0, 0.0]),
        (category("x", "1", "2", "True"), True, [0.0, 0.0, 1.0]),
        (category("x", "1", "nan"), NAN, [0.0, 0.0]),
        (category("x", "1", "None"), None, [0.0, 0.0]),
        (category("x", "1"), "3", [0.0]),
        (category("x", 1, 2), 2, [0.0, 1.0]),
        (category("x", 1, 2), "2", [0.0, 0.0]),
        (category("x", 1, 2), 2.0, [0.0, 1.0]),
        (category("x", 1, 2), None, [0.0, 0.0]),
        (category("x"), "1", []),
        (moment("x", 3.0), "1970-01-02T12:00:00", [1.5]),
        (moment("x", 3.0), datetime(1970, 1, 3), [2.0]),
        (moment("x", 3.0), np.datetime64("1970-01-02T06:00:00.5"), [1.25 + 0.5 / 86_400]),
        (moment("x", 3.0), np.datetime64("NaT"), [3.0]),
        (moment("x", 3.0), pd.NaT, [3.0]),
        (moment("x", 3.0), pd.Timestamp("1970-01-02"), [1.0]),
        (moment("x", 3.0), None, [3.0]),
        (moment("x", 3.0), NAN, [3.0]),
    ],
)
def test_one_value_becomes_features_and_their_sum(
    column: dict[str, Any], value: Any, features: list[float]
) -> None:
    columns = [number("before"), column, number("after")]
    row = {"before": 10.0, "x": value, "after": 20.0}
    encode = row_encoder(columns, "one-hot")
    expected = [10.0, *features, 20.0]
    assert encode(row) == expected
    # A row leaves nothing behind for the next.
    assert encode({"before": 1, "after": 2})[-1] == 2
    assert encode(row) == expected
    weights = [2.0**index for index in range(len(expected))]
    total = weighted_sum(columns, weights, 0.5)
    assert total(row) == 0.5 + math.fsum(np.multiply(weights, expected))


def test_a_number_without_a_mean_stays_missing() -> None:
    (value,) = row_encoder([number("x")], "one-hot")({"x": None})
    assert math.isnan(value)
    (value,) = row_encoder([moment("x")], "one-hot")({})
    assert math.isnan(value)
    assert math.isnan(weighted_sum([number("x")], [2.0], 1.0)({"x": NAN}))


@pytest.mark.parametrize(
    ("value", "code"), [("b", 1.0), ("a", 0.0), ("c", None), (None, None), (NAN, None)]
)
def test_codes_are_the_index_of_the_category(value: Any, code: float | None) -> None:
    columns = [category("x", "a", "b"), number("y", 4.0)]
    first, second = row_encoder(columns, "codes")({"x": value, "y": 5})
    assert second == 5
    assert (math.isnan(first) and code is None) or first == code


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        (number("age"), "old", "a number"),
        (number("age"), [3], "a number"),
        (moment("age"), "soon", "a date"),
        (moment("age"), 3, "a date"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_name(
    column: dict[str, Any], value: Any, what: str
) -> None:
    for call in (row_encoder([column], "one-hot"), weighted_sum([column], [1.0], 0.0)):
        with pytest.raises(ModuleError) as caught:
            call({"age": value})
        error = caught.value
        assert error.code == "not-a-number"
        assert error.message == f"Column “age” must be {what}, not “{value}”."
        assert error.hint == f"Enter {what}, or null if it is missing."
        assert error.column == "age"


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (datetime(1970, 1, 1), 0.0),
        (datetime(1969, 12, 31), -1.0),
        (datetime(1970, 1, 1, 6), 0.25),
        (datetime(1970, 1, 1, 0, 0, 0, 250_000), 0.25 / 86_400),
        (datetime(1970, 1, 2, tzinfo=UTC), 1.0),
        (datetime(1970, 1, 2, 3, tzinfo=timezone(timedelta(hours=3))), 1.0),
    ],
)
def test_a_moment_is_a_number_of_days(at: datetime, days: float) -> None:
    assert days_since_1970(at) == days
    encoder = FeatureEncoder().fit(pd.DataFrame({"x": [at]}))
    assert encoder.transform(pd.DataFrame({"x": [at]}))[0, 0] == days


# From sums to scores.


def test_a_tie_is_decided_as_by_scikit_learn() -> None:
    two = from_shares(model("two-class", "no", "yes"))
    assert two([0.5, 0.5]) == {LABEL: "no", SHARE: 0.5}
    assert two([0.25, 0.75]) == {LABEL: "yes", SHARE: 0.75}
    several = from_shares(model("multiclass", "a", "b", "c"))
    assert several([0.2, 0.4, 0.4]) == {
        LABEL: "b",
        f"{SHARE}_a": 0.2,
        f"{SHARE}_b": 0.4,
        f"{SHARE}_c": 0.4,
    }
    assert from_margins(model("two-class", "no", "yes"), 1)([0.0]) == {LABEL: "no", SHARE: 0.5}


@pytest.mark.parametrize("margin", [-800.0, -1.5, 0.25, 30.0, 800.0])
def test_the_logistic_function_has_no_overflow(margin: float) -> None:
    found = from_margins(model("two-class", "no", "yes"), 1)([margin])
    wanted = 1 / (1 + math.exp(-margin)) if margin > -700 else 0.0
    assert found[SHARE] == pytest.approx(wanted, rel=1e-15, abs=1e-300)
    assert found[LABEL] == ("yes" if margin > 0 else "no")


def test_softmax_has_no_overflow() -> None:
    finish = from_margins(model("multiclass", "a", "b"), 2)
    found = finish([1000.0, 999.0])
    assert found[LABEL] == "a"
    assert found[f"{SHARE}_a"] == pytest.approx(1 / (1 + math.exp(-1)), rel=1e-15)
    assert found[f"{SHARE}_a"] + found[f"{SHARE}_b"] == pytest.approx(1)
    assert from_margins(model("regression"), 1)([2.5]) == {LABEL: 2.5}


# Trees.


def stump(features: int = 1, **options: Any) -> TreeCollector:
    trees = TreeCollector(features)
    trees.split(0, 2.0, 1, 2, values=[0.0], **options)
    trees.leaf([1.0])
    trees.leaf([10.0])
    return trees


@pytest.fixture(params=["objects", "arrays"])
def stored(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let trees be stored as Python objects, or as the arrays that they are written as."""
    if request.param == "arrays":
        monkeypatch.setattr(compiled_trees, "MOST_NODES", 0)
    return str(request.param)


@pytest.mark.parametrize(
    ("value", "below", "missing_left"),
    [
        (2.0, True, False),
        (math.nextafter(2.0, 3), False, False),
        (NAN, False, False),
        (2.0, True, True),
        (math.nextafter(2.0, 3), False, True),
        (NAN, True, True),
        (-math.inf, True, True),
        (math.inf, False, True),
    ],
)
def test_a_threshold_is_met_exactly(
    stored: str, value: float, below: bool, missing_left: bool
) -> None:
    trees = stump(missing_left=missing_left)
    trees.end_of_tree()
    assert tree_sums(trees.arrays(), 1)([value], [0.5]) == [1.5 if below else 10.5]


def test_a_split_that_only_asks_whether_a_value_is_missing(stored: str) -> None:
    trees = TreeCollector(1)
    trees.split(0, math.inf, 1, 2, missing_left=True, values=[0.0])
    trees.leaf([1.0])
    trees.leaf([10.0])
    trees.end_of_tree()
    add_up = tree_sums(trees.arrays(), 1)
    for value in (NAN, 3.0, math.inf, -math.inf):
        assert add_up([value], [0.0]) == [1.0]


@pytest.mark.parametrize("missing_left", [False, True])
def test_a_category_is_found_in_any_word_of_the_set(stored: str, missing_left: bool) -> None:
    chosen, known = {0, 31, 32, 63, 255}, {*range(64), 200, 255}
    trees = TreeCollector(1)
    trees.membership(0, chosen, known, 1, 2, missing_left, [0.0])
    trees.leaf([1.0])
    trees.leaf([10.0])
    trees.end_of_tree()
    add_up = tree_sums(trees.arrays(), 1)
    for code in (*sorted(known), NAN):
        left = code in chosen or (code != code and missing_left)
        assert add_up([float(code)], [0.0]) == [1.0 if left else 10.0]


def test_each_tree_adds_to_its_output(stored: str) -> None:
    trees = stump(missing_left=False)
    trees.end_of_tree(0)
    # Numbers of nodes are counted from the beginning of the tree.
    trees.split(0, 5.0, 1, 2, missing_left=False, values=[0.0])
    trees.leaf([100.0])
    trees.leaf([1000.0])
    trees.end_of_tree(1)
    add_up = tree_sums(trees.arrays(), 1)
    assert add_up([3.0], [0.5, 0.25]) == [10.5, 100.25]
    assert add_up([6.0], [0.5, 0.25]) == [10.5, 1000.25]
    both = TreeCollector(1)
    for _ in range(2):
        both.split(0, 2.0, 1, 2, missing_left=False, values=[0.0, 0.0])
        both.leaf([1.0, 2.0])
        both.leaf([3.0, 4.0])
        both.end_of_tree()
    assert tree_sums(both.arrays(), 1)([9.0], [0.0, 0.5]) == [6.0, 8.5]


def test_when_trees_stay_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_NODES == 1_000_000
    trees = stump(missing_left=False)
    trees.end_of_tree()
    used: list[str] = []
    for name in ("_by_arrays", "_by_objects"):
        monkeypatch.setattr(compiled_trees, name, lambda arrays, name=name: used.append(name))
    for limit in (2, 3, 4):
        monkeypatch.setattr(compiled_trees, "MOST_NODES", limit)
        tree_sums(trees.arrays(), 1)
    assert used == ["_by_arrays", "_by_objects", "_by_objects"]


# Costs, which decide when many rows are scored as a table.


def test_the_estimated_time_of_a_row() -> None:
    assert EstimatorForm().microseconds(model("regression", columns=5)) == pytest.approx(1.5)
    assert Linear().microseconds(model("regression", columns=5)) == pytest.approx(1.5)
    assert Clusters().microseconds(model("clustering", columns=5)) == pytest.approx(16.5)
    trees = TreeCollector(1)
    for _ in range(2):
        for _ in range(8):
            trees.leaf([0.0])
        trees.end_of_tree()
    arrays = trees.arrays()
    assert tree_microseconds(arrays) == pytest.approx(0.09 * 3 * 2 + 2)
    for form in (Forest(), Boosting()):
        found = form.microseconds(model("regression", columns=5, **arrays))
        assert found == pytest.approx(1.5 + 0.54 + 2)
    small = TreeCollector(1)
    small.leaf([0.0])
    small.end_of_tree()
    assert tree_microseconds(small.arrays()) == pytest.approx(0.09 + 2)
    # A model without a tree, such as boosting that ended at once.
    none = {"roots": np.zeros(0), "feature": np.zeros(0)}
    assert tree_microseconds(none) == 2


def test_limits_of_the_encoding() -> None:
    assert (SPARSE_ABOVE, CODES_LIMIT) == (1_000, 255)
    words = [f"w{index:04}" for index in range(1_001)]
    for count, sparse in ((1_000, False), (1_001, True)):
        frame = pd.DataFrame({"x": pd.Series(words[:count], dtype="str")})
        assert FeatureEncoder().fit(frame).sparse_ is sparse
    assert not FeatureEncoder("codes").fit(frame).sparse_
    (known,) = FeatureEncoder("codes").fit(frame).categories_
    assert len(known) == 255
    # The most frequent are known.
    often = pd.DataFrame({"x": pd.Series([*words, *words[900:]], dtype="str")})
    (known,) = FeatureEncoder("codes").fit(often).categories_
    assert set(words[900:]) <= set(known)


# Files.


def compiled() -> CompiledModel:
    arrays = {"weights": np.array([[2.0]]), "offsets": np.array([1.0])}
    facts = {"task": "regression", "encoding": "one-hot", "columns": [number("x")], "classes": []}
    return CompiledModel(Linear(), facts, arrays)


def test_a_whole_model_of_another_format_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    compiled().save(folder)
    file = folder / FILE
    plain = json.loads(file.read_text("utf-8"))
    assert plain["format"] == 1
    assert CompiledModel.load(folder).row_function()({"x": 3}) == {LABEL: 7.0}
    for other in (0, 2, "1", None):
        file.write_text(json.dumps(plain | {"format": other}), "utf-8")
        with pytest.raises(ModuleError) as caught:
            CompiledModel.load(folder)
        assert caught.value.code == "model-damaged"
        assert caught.value.message == (
            "The compiled model in “model” can't be read: it has another version."
        )
        assert caught.value.hint == "Create the scoring package again."


def test_no_pickle_is_read_and_no_number_is_lost(tmp_path: Path) -> None:
    made = compiled()
    made.save(tmp_path)
    loaded = CompiledModel.load(tmp_path)
    assert loaded.facts == made.facts
    assert {name: array.tolist() for name, array in loaded.arrays.items()} == {
        "weights": [[2.0]],
        "offsets": [1.0],
    }
    assert loaded.microseconds == pytest.approx(0.3)
    with pytest.raises(ValueError, match="allow_pickle"):
        CompiledModel(Linear(), {}, {"w": np.array([{}], dtype=object)}).save(tmp_path / "p")
    with pytest.raises(ValueError, match="JSON"):
        CompiledModel(Linear(), {"fill": NAN}, {}).save(tmp_path / "n")


def test_a_column_that_changed_its_kind_is_refused_by_name() -> None:
    frame = pd.DataFrame({"n": [1.0, 2.0], "d": pd.to_datetime(["2020-01-01", "2020-01-02"])})
    encoder = FeatureEncoder().fit(frame)
    text = pd.Series(["1", "many"], dtype="str")
    for changes, code, message, column in (
        (
            {"n": text},
            "not-a-number",
            "Column “n” contained numbers in training; here it contains “many”.",
            "n",
        ),
        (
            {"n": frame["d"]},
            "column-type-changed",
            "Column “n” contained numbers in training; here it contains dates and times.",
            "n",
        ),
        (
            {"d": frame["n"]},
            "column-type-changed",
            "Column “d” contained dates and times in training; here it contains numbers.",
            "d",
        ),
    ):
        with pytest.raises(ModuleError) as caught:
            encoder.transform(DataTable(frame.assign(**changes)).frame)
        error = caught.value
        assert (error.code, error.column) == (code, column)
        assert error.message == message
        assert error.hint == "Use the same columns as in training."
    assert encoder.transform(frame.assign(n=pd.Series(["1", "3"], dtype="str")))[1, 0] == 3
