"""Principal components against scikit-learn called directly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.context import ModuleWarning
from modules.feature_engineering.principal_component_analysis import principal_component_analysis


@pytest.fixture(scope="module")
def table() -> DataTable:
    frame = load_diabetes(as_frame=True).frame
    frame.iloc[:, :10] *= 10.0 ** np.arange(-4, 6)
    return DataTable(frame, {"target": Role.LABEL})


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.proves("principal_component_analysis", by="scikit-learn")
def test_components_are_those_of_scikit_learn(table: DataTable, normalize: bool) -> None:
    found, fitted = principal_component_analysis(
        table, choose_by="number of components", components=4, normalize=normalize
    )
    matrix = table.frame.iloc[:, :10].to_numpy()
    matrix = StandardScaler().fit_transform(matrix) if normalize else matrix
    other = PCA(4).fit(matrix)
    expected = other.transform(matrix)
    names = [f"Principal component {number}" for number in range(1, 5)]
    assert found.names == ["target", *names]
    values = found.frame[names].to_numpy()
    signs = np.sign((values * expected).sum(axis=0))
    scale = np.abs(expected).max()
    assert values == pytest.approx(expected * signs, abs=1e-9 * scale)
    described = fitted.describe()
    assert described["Variance"].tolist() == pytest.approx(other.explained_variance_, rel=1e-6)
    assert described["Cumulative share"].iloc[-1] == pytest.approx(
        other.explained_variance_ratio_.sum()
    )
    assert (fitted.weights.max(axis=0) == np.abs(fitted.weights).max(axis=0)).all()


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95, 1.0])
def test_as_few_components_as_explain_the_share(table: DataTable, share: float) -> None:
    _, fitted = principal_component_analysis(table, share=share)
    cumulative = fitted.describe()["Cumulative share"].to_numpy()
    assert cumulative[-1] >= share - 1e-12
    assert (cumulative[:-1] < share).all()


def test_the_label_is_left_out_and_missing_values_are_means() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3, np.nan], "b": [2.0, 4, 6, 4], "y": [1, 2, 3, 4]})
    found, fitted = principal_component_analysis(
        DataTable(frame, {"y": Role.LABEL}), overwrite=False
    )
    assert fitted.columns == ["a", "b"]
    # The missing value is the mean 2, and the row is the mean of both columns.
    assert found.frame["Principal component 1"].tolist() == pytest.approx(
        [-np.sqrt(4), 0, np.sqrt(4), 0]
    )
    assert list(fitted.summary().sheets) == ["Explained variance", "Weights"]


def test_too_many_components_and_constant_columns_are_told(table: DataTable) -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 4], "b": [1.0, 2, 4], "c": [5.0, 5, 5]})
    with pytest.warns(ModuleWarning, match="only 1 components that vary, fewer than 3"):
        found, _ = principal_component_analysis(
            DataTable(frame), choose_by="number of components", components=3
        )
    assert found.names == ["Principal component 1"]
    constant, _ = principal_component_analysis(DataTable(frame), columns=ColumnSelector.names("c"))
    assert constant.frame["Principal component 1"].tolist() == [0, 0, 0]


def test_infinite_values_are_refused(refused) -> None:
    table = DataTable(pd.DataFrame({"a": [1.0, np.inf], "b": [1.0, 2.0]}))
    with refused("infinite-value", "infinite", column="a"):
        principal_component_analysis(table)
