"""t-SNE against scikit-learn called directly, and against the groups in the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from modules.contract import ColumnSelector, DataTable, Role
from modules.feature_engineering.t_sne import t_sne


@pytest.fixture(scope="module")
def digits() -> DataTable:
    data = load_digits(as_frame=True).frame
    rows = data[data["target"].isin([0, 1, 4])].iloc[:150]
    return DataTable(rows, {"target": Role.LABEL})


@pytest.mark.proves("t_sne", by="scikit-learn")
def test_it_equals_scikit_learn_and_separates_groups(digits: DataTable) -> None:
    found = t_sne(digits, iterations=400, perplexity=20, seed=5).frame
    matrix = digits.frame.drop(columns="target").to_numpy("float64")
    scaled = StandardScaler().fit_transform(matrix)
    other = TSNE(perplexity=20, max_iter=400, init="pca", random_state=5, n_jobs=1)
    places = found[["t-SNE 1", "t-SNE 2"]].to_numpy()
    assert places == pytest.approx(other.fit_transform(scaled), abs=1e-3)
    nearest = KNeighborsClassifier(5).fit(places, found["target"])
    assert nearest.score(places, found["target"]) > 0.97


def test_columns_can_be_replaced(digits: DataTable) -> None:
    table = digits.slice(0, 30)
    found = t_sne(
        table,
        columns=ColumnSelector.names("pixel_2_2", "pixel_3_3", "pixel_4_4"),
        dimensions=3,
        perplexity=5,
        metric="cosine",
        iterations=250,
        overwrite=True,
    )
    assert "pixel_2_2" not in found.names
    assert found.names[-3:] == ["t-SNE 1", "t-SNE 2", "t-SNE 3"]
    assert found.having_role(Role.LABEL) == ["target"]
    assert found.having_role(Role.NONE) == found.names[-3:]


def test_small_and_constant_tables_work() -> None:
    rng = np.random.default_rng(0)
    few = DataTable(pd.DataFrame(rng.normal(size=(10, 1)), columns=["x"]))
    with pytest.warns(match="reduced to 3, since there are 10 rows"):
        found = t_sne(few, iterations=250)
    assert np.isfinite(found.frame.to_numpy()).all()
    with pytest.warns(match="too few distinct rows"):
        found = t_sne(DataTable(pd.DataFrame({"x": [1.0] * 9})))
    assert found.frame["t-SNE 1"].tolist() == [0.0] * 9
