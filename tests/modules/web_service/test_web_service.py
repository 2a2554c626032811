"""The modules of an inference pipeline: where rows come in and go out, and kept values."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.contract import DataTable, ModuleError, Role
from modules.data_input_output.saved_dataset import saved_dataset
from modules.data_transformation.normalize_data import normalize_data
from modules.data_transformation.saved_transformation import saved_transformation
from modules.model_training.saved_model import saved_model
from modules.values.storage import save
from modules.web_service.add_missing_columns import add_missing_columns
from modules.web_service.web_service_input import web_service_input
from modules.web_service.web_service_output import web_service_output

TABLE = DataTable(pd.DataFrame({"x": [1.5, 2.5, None], "y": ["a", "b", "a"]}), {"y": Role.LABEL})


@pytest.mark.proves("web_service_input", by="by hand")
def test_an_input_has_its_columns_and_no_rows() -> None:
    columns = [
        {"name": "x", "kind": "number", "missing": True},
        {"name": "day", "kind": "datetime"},
        {"name": "y", "kind": "string", "role": "label"},
    ]
    table = web_service_input(columns=columns)
    assert len(table) == 0
    assert [tuple(column) for column in table.columns] == [
        ("x", "number", "feature"),
        ("day", "datetime", "feature"),
        ("y", "string", "label"),
    ]
    assert web_service_input().names == []


@pytest.mark.proves("web_service_output", by="by hand")
def test_an_output_takes_a_table_and_gives_nothing() -> None:
    assert web_service_output(TABLE) is None


@pytest.mark.proves("add_missing_columns", by="by hand")
def test_absent_columns_are_added_in_their_place() -> None:
    columns = [
        {"name": "z", "kind": "integer", "value": 7},
        {"name": "x", "kind": "number", "value": 0.5},
        {"name": "when", "kind": "datetime", "value": "2024-02-03T04:05:06"},
    ]
    result = add_missing_columns(TABLE, columns=columns, order=["z", "x"])
    assert result.names == ["z", "x", "y", "when"]
    assert result.frame["z"].tolist() == [7, 7, 7]
    assert result.frame["x"].tolist() == [1.5, 2.5, 0.5]
    assert result.frame["when"].tolist() == [pd.Timestamp("2024-02-03 04:05:06")] * 3
    assert result.roles == {"y": Role.LABEL}
    assert add_missing_columns(TABLE).names == TABLE.names


@pytest.mark.proves(
    "saved_dataset", "saved_transformation", "saved_model", by="pandas, scikit-learn"
)
def test_kept_values_come_back(tmp_path: Path) -> None:
    save(TABLE, tmp_path / "table")
    scaled, scaling = normalize_data(TABLE)
    save(scaling, tmp_path / "scaling")
    back = saved_dataset(path=str(tmp_path / "table"))
    pd.testing.assert_frame_equal(back.frame, TABLE.frame)
    assert back.roles == TABLE.roles
    again = saved_transformation(path=str(tmp_path / "scaling")).apply(TABLE)
    pd.testing.assert_frame_equal(again.frame, scaled.frame)
    rows = TABLE.frame.assign(x=[1.5, 2.5, 3.5])
    model = two_class_logistic_regression().fit(DataTable(rows), "y")
    save(model, tmp_path / "model")
    scored = saved_model(path=str(tmp_path / "model")).score(TABLE).frame
    other = LogisticRegression(tol=1e-7, solver="newton-cholesky").fit(rows[["x"]], rows["y"])
    means = TABLE.frame[["x"]].fillna(2.5)
    assert scored["Scored Probabilities"].to_numpy() == pytest.approx(
        other.predict_proba(means)[:, 1], abs=1e-9
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nowhere", "folder-not-found"),
        ("", "folder-not-found"),
        ("table", "wrong-value"),
        ("empty", "value-missing"),
    ],
)
def test_a_folder_that_holds_no_model(tmp_path: Path, name: str, code: str) -> None:
    save(TABLE, tmp_path / "table")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModuleError) as caught:
        saved_model(path=str(tmp_path / name) if name else "")
    assert caught.value.code == code
