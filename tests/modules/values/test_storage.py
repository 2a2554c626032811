from __future__ import annotations

import datetime as dt
import json
import math
import os
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from modules.classification.two_class_boosted_decision_tree import two_class_boosted_decision_tree
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.contract import DataTable, ModuleError, Role, Scoring
from modules.learning import SklearnLearner
from modules.regression.boosted_decision_tree_regression import (
    boosted_decision_tree_regression,
)
from modules.regression.decision_forest_regression import decision_forest_regression
from modules.values import Evaluation, EvaluationReport, Files, Transformation, storage
from modules.values.estimators import read_estimator, write_estimator

LEARNERS = {
    "logistic": two_class_logistic_regression(),
    "forest": two_class_decision_forest(trees=5),
    "forest regression": decision_forest_regression(trees=5),
    "boosted": two_class_boosted_decision_tree(trees=5),
    "boosted regression": boosted_decision_tree_regression(trees=5),
}


def sample() -> DataTable:
    generator = np.random.default_rng(1)
    frame = pd.DataFrame({"x": generator.normal(size=200), "c": list("abcd") * 50})
    return DataTable(frame.assign(y=(frame["x"] > 0).astype(int)))


columns = st.one_of(
    st.lists(st.integers(-(2**62), 2**62), min_size=3, max_size=3),
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.lists(st.booleans() | st.none(), min_size=3, max_size=3),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), min_size=3, max_size=3),
    st.lists(
        st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)) | st.none(),
        min_size=3,
        max_size=3,
    ),
    st.lists(st.sampled_from(["u", "v", None]), min_size=3, max_size=3).map(pd.Categorical),
    st.lists(st.sampled_from([3, 1, None]), min_size=3, max_size=3).map(pd.Categorical),
)


@given(st.dictionaries(st.text("abc ü%", min_size=1, max_size=4), columns, min_size=1, max_size=4))
@settings(max_examples=60)
@pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")
def test_tables_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("value")
    table = DataTable(pd.DataFrame(content))
    storage.save(table, folder)
    again = storage.load(folder)
    assert isinstance(again, DataTable)
    pd.testing.assert_frame_equal(again.frame, table.frame)
    assert again.columns == table.columns


def test_roles_and_scoring_come_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": ["a", "b"], "Scored Labels": ["a", "a"], "p": [0.1, 0.2]})
    scoring = Scoring("two-class", "Scored Labels", "y", ("a", "b"), ("p",), "b", "Forest")
    table = DataTable(frame, {"y": Role.LABEL, "p": Role.SCORE}, scoring, {"AUC": 0.75})
    summary = storage.save(table, tmp_path / "t")
    metrics = {"": {"AUC": 0.75}}
    kind = "modules.contract.data_table:DataTable"
    assert summary == {
        "type": "DataTable",
        "kind": kind,
        "rows": 2,
        "columns": 3,
        "metrics": metrics,
    }
    again = storage.load(tmp_path / "t")
    assert (again.roles, again.scoring) == (table.roles, table.scoring)
    assert again.metrics == {"AUC": 0.75}
    assert not again.with_frame(again.frame).metrics


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", dt.timezone(dt.timedelta(hours=-3))])
def test_moments_of_a_time_zone_are_stored_as_arrow_has_them_and_without_a_warning(
    tmp_path: Path, zone: Any, unit: Any
) -> None:
    # Berlin has one hour twice that night.
    moments = pd.date_range("2025-10-25 23:30", periods=4, freq="30min", tz="UTC", unit=unit)
    frame = pd.DataFrame({"x": range(5), "at": [*moments.tz_convert(zone), pd.NaT], "y": 0.5})
    frame["at"] = frame["at"].dt.as_unit(unit)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        storage.save(DataTable(frame), tmp_path / "t")
        again = storage.load(tmp_path / "t")
    assert isinstance(again, DataTable)
    pd.testing.assert_frame_equal(again.frame, frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = pa.Table.from_pandas(frame, preserve_index=False)
    stored = pa.ipc.open_file(str(tmp_path / "t" / "data.arrow")).read_all()
    assert stored.equals(expected)


def test_zero_rows_and_zero_columns_come_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series([1], dtype="int64"), "b": pd.Series(["x"], dtype="str")})
    frame = frame.assign(c=pd.Categorical(["u"])).head(0)
    storage.save(DataTable(frame), tmp_path / "rows")
    pd.testing.assert_frame_equal(storage.load(tmp_path / "rows").frame, frame)
    storage.save(DataTable(pd.DataFrame()), tmp_path / "columns")
    assert storage.load(tmp_path / "columns").names == []


def test_tables_open_with_ordinary_tools(tmp_path: Path) -> None:
    storage.save(sample(), tmp_path / "t")
    arrow = pa.ipc.open_file(str(tmp_path / "t" / "data.arrow")).read_all()
    assert arrow.column_names == ["x", "c", "y"]
    assert arrow.num_rows == 200


def test_numbers_are_shared_with_the_file(tmp_path: Path) -> None:
    storage.save(sample(), tmp_path / "t")
    values = storage.load(tmp_path / "t").frame["x"].to_numpy()
    assert not values.flags.owndata
    assert not values.flags.writeable


@pytest.mark.parametrize("name", list(LEARNERS))
def test_models_come_back_and_equal_fits_give_equal_bytes(name: str, tmp_path: Path) -> None:
    untrained, table = LEARNERS[name], sample()
    first, second = (untrained.fit(table, "y") for _ in range(2))
    storage.save(first, tmp_path / "1")
    storage.save(second, tmp_path / "2")
    for path in (tmp_path / "1").iterdir():
        assert path.read_bytes() == (tmp_path / "2" / path.name).read_bytes(), path.name
    again = storage.load(tmp_path / "1")
    pd.testing.assert_frame_equal(again.score(table).frame, first.score(table).frame)
    assert (again.features, again.classes, again.label) == (
        first.features,
        first.classes,
        first.label,
    )


@pytest.mark.parametrize("name", list(LEARNERS))
def test_learners_come_back_and_train_the_same(name: str, tmp_path: Path) -> None:
    untrained, table = LEARNERS[name], sample()
    storage.save(untrained, tmp_path / "u")
    again = storage.load(tmp_path / "u")
    assert again.sweep == untrained.sweep
    pd.testing.assert_frame_equal(
        again.fit(table, "y").score(table).frame, untrained.fit(table, "y").score(table).frame
    )


class Stranger:
    """A type that no module declares."""


def test_types_that_are_not_declared_are_neither_written_nor_read(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    with pytest.raises(ModuleError, match="can't be stored safely"):
        write_estimator({"a": Stranger()}, path)
    assert not path.exists()
    from modules.values.skops_import import import_skops

    import_skops().dump({"a": Stranger()}, path)
    with pytest.raises(ModuleError, match="its module doesn't declare"):
        read_estimator(path)


def test_damaged_models_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    path.write_bytes(b"no zip")
    with pytest.raises(ModuleError, match="can't be read"):
        read_estimator(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", "{}")
    with pytest.raises(ModuleError, match="can't be read"):
        read_estimator(path)


@dataclass(frozen=True, eq=False)
class Doubling(Transformation):
    names: list[str]
    factor: float
    matrix: np.ndarray

    def apply(self, table: DataTable) -> DataTable:
        return table


def test_transformations_are_readable_json_of_known_classes(tmp_path: Path) -> None:
    storage.save(Doubling(["a"], 0.1 + 0.2, np.eye(2)), tmp_path / "d")
    plain = json.loads((tmp_path / "d" / "transformation.json").read_text())
    assert plain == {"names": ["a"], "factor": 0.1 + 0.2}
    with pytest.raises(ModuleError, match="isn't defined by any module of this installation"):
        storage.load(tmp_path / "d")
    marker = storage.describe(tmp_path / "d")
    for kind in (
        "modules.values.storage:save",
        "modules.values.storage:Value",
        "modules.values:Transformation",
        "os.path:join",
        "modules.nowhere:Thing",
        "..modules.values:Files",
        "",
    ):
        (tmp_path / "d" / "value.json").write_text(json.dumps(marker | {"kind": kind}))
        with pytest.raises(ModuleError, match="isn't defined by any module of this installation"):
            storage.load(tmp_path / "d")


def test_evaluations_come_back(tmp_path: Path) -> None:
    report = EvaluationReport(
        "Forest",
        "two-class",
        {"AUC": 0.5, "Precision": math.nan},
        thresholds=pd.DataFrame(
            {"threshold": [0.9, 0.1], "true_positives": [1, 2], "false_positives": [0, 3]}
        ),
        positives=2,
        negatives=3,
        positive=1,
        classes=(0, 1),
        confusion=pd.DataFrame([[3, 0], [1, 1]], index=[0, 1], columns=[0, 1]),
    )
    summary = storage.save(Evaluation((report,)), tmp_path / "e")
    assert summary["metrics"]["Forest"]["AUC"] == 0.5
    again = storage.load(tmp_path / "e").reports[0]
    assert again.confusion.loc[1, 0] == 1
    assert math.isnan(again.metrics["Precision"])
    pd.testing.assert_frame_equal(again.thresholds, report.thresholds)
    assert again.at_threshold(0.5) == report.at_threshold(0.5)
    assert again.at_threshold(0.5)["Precision"] == 1.0
    assert again.at_threshold(0.05)["Recall"] == 1.0
    assert again.at_threshold(0.95)["True positives"] == 0


def test_metrics_stand_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    reports = tuple(
        EvaluationReport(name, "two-class", {"Precision": 0.5, "AUC": 0.75, "Accuracy": 0.25})
        for name in ("Second by name", "First by name")
    )
    expected = ["Precision", "AUC", "Accuracy"]
    for folder in (tmp_path / "e", tmp_path / "again"):
        storage.save(Evaluation(reports), folder)
    summary = storage.describe(tmp_path / "e")
    assert list(summary["metrics"]) == ["Second by name", "First by name"]
    assert [list(found) for found in summary["metrics"].values()] == [expected] * 2
    loaded = storage.load(tmp_path / "e")
    assert isinstance(loaded, Evaluation)
    assert [list(report.metrics) for report in loaded.reports] == [expected] * 2
    for path in (tmp_path / "e").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    table = DataTable(pd.DataFrame({"x": [1]}), metrics={"b": 1.0, "a": 2.0})
    storage.save(table, tmp_path / "t")
    again = storage.load(tmp_path / "t")
    assert isinstance(again, DataTable)
    assert (
        list(again.metrics) == list(storage.describe(tmp_path / "t")["metrics"][""]) == ["b", "a"]
    )


def test_nothing_but_metrics_shows_the_order_in_which_it_was_made(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1], "y": [2]})
    for number, names in enumerate(("xy", "yx")):
        roles = {name: Role.LABEL if name == "x" else Role.WEIGHT for name in names}
        storage.save(DataTable(frame, roles), tmp_path / f"t{number}")
        parameters = dict.fromkeys(names, 1)
        learner = SklearnLearner(
            "L", "two-class", estimator=LogisticRegression(), parameters=parameters
        )
        storage.save(learner, tmp_path / f"u{number}")
    for kind in "tu":
        for path in (tmp_path / f"{kind}0").iterdir():
            assert path.read_bytes() == (tmp_path / f"{kind}1" / path.name).read_bytes(), path.name


def test_files_come_back(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "sub" / "a.txt").write_text("hello")
    assert storage.save(Files(tmp_path / "in"), tmp_path / "f")["files"] == 1
    assert (storage.load(tmp_path / "f").folder / "sub" / "a.txt").read_text() == "hello"


def test_damage_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ModuleError, match="doesn't contain a stored value"):
        storage.load(tmp_path)
    storage.save(sample(), tmp_path / "t")
    (tmp_path / "t" / "data.arrow").write_bytes(b"rubbish")
    with pytest.raises(ModuleError, match="can't be read"):
        storage.load(tmp_path / "t")
    with pytest.raises(ModuleError, match="isn't a port type"):
        storage.save(object(), tmp_path / "o")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[" * 100_000, "it nests too deeply"),
        ("[1]", "it doesn't contain a JSON object"),
        ("{", "Expecting property name"),
        (None, "it is a pipe, not a file"),
        ({"learner": [{}]}, "'list' object"),
        ({"features": 3}, "'int' object"),
    ],
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_a_file_that_is_not_as_it_was_written_is_explained(
    content: Any, reason: str, tmp_path: Path
) -> None:
    storage.save(LEARNERS["logistic"].fit(sample(), "y"), tmp_path)
    path = tmp_path / "model.json"
    if isinstance(content, dict):
        content = json.dumps(json.loads(path.read_text("utf-8")) | content)
    path.unlink()
    if content is None:
        os.mkfifo(path)
    else:
        path.write_text(content, "utf-8")
    with pytest.raises(ModuleError) as caught:
        storage.load(tmp_path)
    assert caught.value.code == "value-damaged"
    assert caught.value.message.startswith(f"The stored trained model can't be read: {reason}")
    assert caught.value.message.endswith(".")
