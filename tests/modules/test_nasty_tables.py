"""Every module that takes a table, on tables that people really have and nobody wants.

Each gives a result, which is the same when it comes back from the store, or says in a sentence
what is wrong and in a hint what to do.
"""

from __future__ import annotations

import functools
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from diagonals import matrix
from module_examples import PALETTE, example_table, parameters_for, run, value_for
from same_values import assert_same

from designer.catalog import missing_distributions
from modules.contract import DataTable, ModuleError, ModuleSpec, Role
from modules.contract.context import ModuleWarning
from modules.runtime.failures import error_of
from modules.values import Evaluation, TrainedModel, UntrainedModel
from modules.values.storage import load, save

ROWS = 24

LONG = "a very long name " * 60


def _with(**columns: Any) -> Callable[[], DataTable]:
    """Return how to make the example table with some of its columns changed."""

    def make() -> DataTable:
        table = example_table(ROWS)
        return table.with_frame(
            table.frame.assign(**{name: pd.Series(values) for name, values in columns.items()})
        )

    return make


def _rows(count: int) -> Callable[[], DataTable]:
    def make() -> DataTable:
        table = example_table(ROWS)
        return table.with_frame(table.frame.iloc[:count])

    return make


def _renamed(*names: str) -> Callable[[], DataTable]:
    def make() -> DataTable:
        table = example_table(ROWS)
        new = dict(zip(table.names, names, strict=False))
        return table.with_frame(table.frame.rename(columns=new), renamed=new)

    return make


def _missing(name: str) -> Callable[[], DataTable]:
    """Return how to make a table with no value in one column."""

    def make() -> DataTable:
        table = example_table(ROWS)
        dtype = table.frame[name].dtype
        empty = pd.Series([None] * ROWS, dtype="float64" if dtype.kind in "iu" else dtype)
        return table.with_frame(table.frame.assign(**{name: empty}))

    return make


def _all_missing() -> DataTable:
    table = example_table(ROWS)
    frame = table.frame.astype({"age": "float64", "target": "float64"})
    empty = {
        name: pd.Series([None] * ROWS, dtype=dtype)
        for name, dtype in frame.dtypes.items()
        if dtype.kind != "b"
    }
    return table.with_frame(frame.assign(**empty))


def _wide() -> DataTable:
    table = example_table(ROWS)
    more = np.random.default_rng(1).normal(size=(ROWS, 1_991))
    columns = [f"x{number}" for number in range(more.shape[1])]
    return table.with_frame(pd.concat([table.frame, pd.DataFrame(more, columns=columns)], axis=1))


def _without_columns() -> DataTable:
    return DataTable(pd.DataFrame(index=range(3)))


def _dates_and_booleans_alone() -> DataTable:
    table = example_table(ROWS)
    return table.with_frame(table.frame[["joined", "active", "member", "label"]])


def _only_the_label() -> DataTable:
    table = example_table(ROWS)
    return table.with_frame(table.frame[["label"]])


def _twice_the_same_name() -> DataTable:
    table = example_table(ROWS)
    frame = pd.concat([table.frame, table.frame[["age", "city"]]], axis=1)
    frame = frame.set_axis([*frame.columns[:-1], ""], axis=1)
    return DataTable(frame, dict(table.roles))


TABLES: dict[str, Callable[[], DataTable]] = {
    "no rows": _rows(0),
    "no columns": _without_columns,
    "one row": _rows(1),
    "two rows": _rows(2),
    "fewer rows than folds": _rows(7),
    "repeated and empty names": _twice_the_same_name,
    "nothing but the label": _only_the_label,
    "all missing": _all_missing,
    **{
        f"missing values alone in {name}": _missing(name)
        for name in ("age", "city", "size", "member", "joined")
    },
    "dates and booleans alone": _dates_and_booleans_alone,
    "2,000 columns": _wide,
    "one class": _with(label=["yes"] * ROWS),
    "one class of 1,000 characters": _with(label=["y" * 1_000] * ROWS),
    "a class for each row": _with(label=[f"class {number}" for number in range(ROWS)]),
    "a class in one row": _with(label=["yes", *["no"] * (ROWS - 1)]),
    "no label in any row": _with(label=pd.Series([None] * ROWS, dtype="str")),
    "a label in one row": _with(label=pd.Series(["yes", *[None] * (ROWS - 1)], dtype="str")),
    "a numeric label": _with(label=[0.5, 1.5] * (ROWS // 2)),
    "gaps in the label": _with(
        label=["yes", None, "no"] * (ROWS // 3),
        target=[1.5, None, -2.0, 7.0] * (ROWS // 4),
        city=["Rome", "Oslo", None, "Lima"] * (ROWS // 4),
    ),
    "the same number to predict": _with(target=[5.0] * ROWS),
    "an infinite label": _with(
        label=[np.inf, -np.inf] * (ROWS // 2), target=[1.5, np.inf, -np.inf] * (ROWS // 3)
    ),
    "a date as the label": _with(label=pd.date_range("2024", periods=ROWS)),
    "a boolean label with missing values": _with(
        label=pd.Series([True, False, None] * (ROWS // 3), dtype="boolean")
    ),
    "infinite values": _with(price=[np.inf, -np.inf, *[1.5] * (ROWS - 2)]),
    "infinite and missing values alone": _with(price=[np.inf, None, -np.inf] * (ROWS // 3)),
    "the largest numbers": _with(price=[-1.7e308, 1.7e308, *[0.5] * (ROWS - 2)]),
    "integers beyond 2**53": _with(age=[2**60 + number for number in range(ROWS)]),
    "whole numbers beyond 2**64": _with(age=[10**30 + number for number in range(ROWS)]),
    "several types in a column": _with(age=[1, "a", 2.5, None] * (ROWS // 4)),
    "text where numbers belong": _with(
        age=["old"] * ROWS, price=["cheap", "12 €"] * (ROWS // 2), target=["high"] * ROWS
    ),
    "categories that training never saw": _with(
        city=["Atlantis"] * ROWS, size=pd.Categorical(["huge"] * ROWS)
    ),
    "constant columns": _with(age=[7] * ROWS, city=["Rome"] * ROWS, active=[True] * ROWS),
    "empty texts": _with(city=["", " ", "\n"] * (ROWS // 3), label=["", " "] * (ROWS // 2)),
    "cells of 1,000 characters": _with(
        city=[f"{number % 3}" * 1_000 for number in range(ROWS)],
        label=["n" * 1_000, "y" * 1_000] * (ROWS // 2),
    ),
    "other scripts and another time zone": _with(
        city=["東京", "\U0001f600", "مدينة"] * (ROWS // 3),
        label=["東京", "\U0001f600"] * (ROWS // 2),
        joined=pd.date_range("2024", periods=ROWS, tz="Asia/Tokyo"),
    ),
    "dates far away": _with(
        joined=np.array(["0001-01-01", "9999-12-31"] * (ROWS // 2), "datetime64[us]")
    ),
    "names with quotes, newlines and 1,000 characters": _renamed(
        'a "b"', "line\nbreak", LONG, "it's", "größe 年齢", "a,b;c", "[x]", "null", "\U0001f600"
    ),
    "names of results": _renamed(
        "Scored Labels", "Scored Probabilities", "Fold Number", "Assignments", "Fold",
        "Labels", "1", "DistancesToClusterCenter no.0", "self",
    ),
}  # fmt: skip

# Tables on which every choice of every parameter is tried.
ALL_WAYS = (
    "no rows",
    "one row",
    "all missing",
    "infinite values",
    "several types in a column",
    "dates far away",
)

MOST_CHOICES = 4

# The second test has these, with several learners.
LEARNING = ("train_model", "score_model", "cross_validate_model")

# They train many models for each choice, so in make test they meet tables with one choice alone.
SEARCHES = ("automated_forecasting", "automated_training", "sequential_feature_selection")

WITH_TABLES = {
    id: spec
    for id, spec in PALETTE.items()
    if any(issubclass(DataTable, port.types[0]) for port in spec.inputs) and id not in LEARNING
}

LEARNERS = ("linear_regression", "multiclass_logistic_regression", "two_class_decision_forest")


@pytest.fixture(scope="module")
def tables() -> Mapping[str, DataTable]:
    """Return every table, made once: no module changes what it gets."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModuleWarning)
        return {name: make() for name, make in TABLES.items()}


# Each module meets one of the tables with every choice of its parameters, and several others.
@pytest.mark.parametrize(
    ("spec", "what"),
    matrix({id: spec for id, spec in WITH_TABLES.items() if id not in SEARCHES}, ALL_WAYS, 8)
    + [
        pytest.param(WITH_TABLES[id], what, id=f"{what}-{id}", marks=pytest.mark.long)
        for id in SEARCHES
        for what in ALL_WAYS
    ]
    + matrix(
        WITH_TABLES,
        [name for name in TABLES if name not in ALL_WAYS],
        24,
        # SciPy searches for each column's power: many seconds.
        slow=[("transform_distribution", "2,000 columns")],
    ),
)
def test_a_result_or_a_sentence(
    spec: ModuleSpec, what: str, tables: Mapping[str, DataTable], tmp_path: Path
) -> None:
    table = tables[what]
    inputs = [
        table
        if port.types[0] is DataTable
        else value_for(spec, port, tmp_path, example_table(ROWS))
        for port in spec.inputs
    ]
    first, *others = _ways(spec, tmp_path, _names(table), every=what in ALL_WAYS)
    gives_or_tells(spec, inputs, first, table, tmp_path)
    for parameters in others:
        gives_or_tells(spec, inputs, parameters, table)


# test_nasty_models.py trains every other learner on such tables.
@pytest.mark.parametrize(
    ("learner", "what"), matrix({name: name for name in LEARNERS}, list(TABLES), 5)
)
def test_training_scoring_and_evaluating(
    learner: str, what: str, tables: Mapping[str, DataTable], tmp_path: Path
) -> None:
    """A table to train on, and to score with a model that was trained on a good one."""
    untrained, model = _trained(learner)
    bad = tables[what]
    label = _names(bad).get(_label(learner), _label(learner))
    for trained in (model, gives_or_tells(
        PALETTE["train_model"], [untrained, bad], {"label_column": [label]}, bad, tmp_path / "model"
    )):  # fmt: skip
        if trained is None:
            continue
        place = tmp_path / ("good" if trained is model else "bad")
        scored = gives_or_tells(PALETTE["score_model"], [trained, bad], {}, bad, place / "scored")
        if scored is not None:
            assert len(scored) == len(bad)
            evaluate = PALETTE["evaluate_model"]
            gives_or_tells(evaluate, [scored, None], {}, scored, place / "evaluated")
    parameters = {"label_column": [label], "folds": 2}
    cross_validate = PALETTE["cross_validate_model"]
    gives_or_tells(cross_validate, [untrained, bad], parameters, bad, tmp_path / "folds")


@functools.cache
def _trained(learner: str) -> tuple[UntrainedModel, TrainedModel]:
    """Return a learner, and what it makes of a good table."""
    untrained = run(PALETTE[learner], [], {"trees": 2} if "forest" in learner else {})[0]
    parameters = {"label_column": [_label(learner)]}
    return untrained, run(PALETTE["train_model"], [untrained, example_table()], parameters)[0]


def _label(learner: str) -> str:
    return "target" if learner == "linear_regression" else "label"


def _names(table: DataTable) -> dict[str, str]:
    """Return the names of columns by those of the example."""
    return dict(zip(example_table(1).names, table.names, strict=False))


def _ways(
    spec: ModuleSpec, folder: Path, new: Mapping[str, str], *, every: bool
) -> Iterator[dict[str, Any]]:
    """Return parameters, with columns under their names here, for every choice if asked for.

    Of long lists, as of functions, some choices stand for all.
    """
    base = parameters_for(spec, folder)
    found = [base]
    for parameter in spec.parameters:
        if every and parameter.kind == "choice" and spec.effects == "none":
            choices = [
                each
                for each in parameter.choices
                if not missing_distributions(parameter.requires.get(each, ()))
            ]
            step = max(len(choices) // MOST_CHOICES, 1)
            if spec.applies(parameter, base):
                found += [base | {parameter.name: each} for each in choices[::step]]
    for parameters in found:
        yield {
            key: [_renamed(each, new) for each in value] if isinstance(value, list) else value
            for key, value in parameters.items()
        }


def _renamed(value: Any, new: Mapping[str, str]) -> Any:
    """Return the name of a column here, also where a parameter describes columns."""
    if isinstance(value, dict):
        return {k: new.get(v, v) if k in ("name", "column") else v for k, v in value.items()}
    return new.get(value, value)


def gives_or_tells(
    spec: ModuleSpec,
    inputs: list[Any],
    parameters: dict[str, Any],
    table: DataTable,
    store: Path | None = None,
) -> Any:
    """Run a module and return its first output, or None if it says what is wrong.

    With a folder for them, what it gives is the same after it was stored.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        # In a process of pytest-xdist, whoever prints __main__ is warned, as it has no spec.
        warnings.filterwarnings("ignore", "BuiltinImporter.module_repr", DeprecationWarning)
        # Python hides it as well: a library imported here first that misses an optional one.
        warnings.simplefilter("ignore", ImportWarning)
        try:
            outputs = run(spec, inputs, parameters)
        except ModuleError as error:
            _check_sentence(error_of(error), table)
            return None
    # A file or a thread that another test has left may warn meanwhile.
    strange = [
        each
        for each in told
        if not issubclass(each.category, (ModuleWarning, ResourceWarning))
        and "azureml" not in each.filename
    ]
    assert not strange, str(strange[0])
    for each in told:
        assert len(str(each.message)) <= 400, each.message
        assert "\n" not in str(each.message)
    for value in outputs:
        if isinstance(value, Evaluation) and any(
            math.isnan(number) for report in value.reports for number in report.metrics.values()
        ):
            assert any("undefined" in str(each.message) for each in told)
    # Thousands of columns are stored like twenty, only slowly.
    if store is not None and len(table.names) < 100:
        _check_stored(outputs, table, store)
    return outputs[0] if outputs else None


def _check_stored(outputs: Sequence[Any], table: DataTable, store: Path) -> None:
    for number, value in enumerate(outputs):
        if value is not None:
            save(value, store / f"kept {number}")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert_same(load(store / f"kept {number}"), value, table)


def _check_sentence(error: Mapping[str, Any], table: DataTable) -> None:
    message, hint = error["message"], error.get("hint", "")
    assert re.fullmatch(r"[A-Z0-9“].*\.|.*\?", message), message
    assert len(message) <= 300, message
    assert hint, message
    assert len(hint) <= 620, hint
    assert "\n" not in message + hint
    column = error.get("column")
    if column is not None:
        assert " ".join(column.split())[:40] in message


def test_the_known_rows_of_a_missing_label_are_scored_without_it() -> None:
    model = run(
        PALETTE["train_model"],
        [run(PALETTE["two_class_logistic_regression"], [], {})[0], example_table()],
        {},
    )[0]
    table = example_table()
    bare = DataTable(table.frame.drop(columns="label"))
    (scored,) = run(PALETTE["score_model"], [model, bare], {})
    (full,) = run(PALETTE["score_model"], [model, table], {})
    assert scored.frame["Scored Labels"].tolist() == full.frame["Scored Labels"].tolist()
    with pytest.raises(ModuleError, match="doesn't have a label") as caught:
        run(PALETTE["evaluate_model"], [scored, None], {})
    assert caught.value.hint


def test_categories_that_training_never_saw_are_no_error() -> None:
    table = example_table()
    for learner in ("two_class_logistic_regression", "two_class_decision_forest"):
        model = run(
            PALETTE["train_model"], [run(PALETTE[learner], [], {})[0], table], {}
        )[0]  # fmt: skip
        new = table.with_frame(table.frame.assign(city="Atlantis", size=pd.Categorical(["?"] * 60)))
        (scored,) = run(PALETTE["score_model"], [model, new], {})
        assert scored.frame["Scored Probabilities"].between(0, 1).all()


def test_metrics_without_a_value_are_told() -> None:
    constant = DataTable(
        pd.DataFrame({"Labels": [2.0, 2.0], "Regression Scored Labels": [1.0, 2.0]}),
        {"Labels": Role.LABEL},
    )
    with pytest.warns(ModuleWarning, match="same label, so these metrics are undefined: Relative"):
        run(PALETTE["evaluate_model"], [constant, None], {})
