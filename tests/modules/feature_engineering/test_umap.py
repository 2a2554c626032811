"""UMAP against umap-learn called directly."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.neighbors import KNeighborsClassifier

from modules.contract import DataTable, Role
from modules.contract.context import ModuleWarning
from modules.feature_engineering.umap import memberships, umap

# Not imported here: Numba compiles it, also where make test only collects tests.
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(find_spec("umap") is None, reason="umap-learn isn't installed"),
]

NAMES = ["UMAP 1", "UMAP 2"]


@pytest.fixture(scope="module")
def iris() -> tuple[DataTable, DataTable]:
    """Return rows to fit, and others."""
    frame = load_iris(as_frame=True).frame.sample(frac=1, random_state=0, ignore_index=True)
    roles = {"target": Role.LABEL}
    return DataTable(frame.iloc[:120], roles), DataTable(frame.iloc[120:], roles)


@pytest.fixture(scope="module")
def mapped(iris: tuple[DataTable, DataTable]):
    return umap(iris[0], iterations=200, seed=3)


def standardized(table: DataTable, by: DataTable) -> np.ndarray:
    rows = table.frame.iloc[:, :4].to_numpy()
    known = by.frame.iloc[:, :4].to_numpy()
    return (rows - known.mean(axis=0)) / known.std(axis=0)


@pytest.mark.long
@pytest.mark.proves("umap", by="umap-learn")
def test_the_map_is_that_of_umap_learn(iris) -> None:
    from umap import UMAP

    mapped = umap(iris[0], iterations=200, seed=3)
    rows, places = np.unique(standardized(iris[0], iris[0]), axis=0, return_inverse=True)
    other = UMAP(n_epochs=200, random_state=3, n_jobs=1).fit_transform(rows)
    assert mapped[0].frame[NAMES].to_numpy() == pytest.approx(other[places], abs=1e-5)
    assert mapped[0].names[:5] == iris[0].names


def test_new_rows_are_placed_where_umap_learn_starts(iris, mapped) -> None:
    from umap.umap_ import smooth_knn_dist

    fitted = mapped[1]
    new = standardized(iris[1], iris[0])
    apart = np.linalg.norm(new[:, None] - fitted.rows.T[None], axis=2)
    order = np.argsort(apart, axis=1)[:, :15]
    near = np.take_along_axis(apart, order, axis=1)
    widths, floor = smooth_knn_dist(near.astype("float32"), 15.0, local_connectivity=0.0)
    assert (floor == 0).all()
    expected = np.exp(-near / widths[:, None])
    away = near[:, 0] > 0
    assert memberships(near)[away] == pytest.approx(expected[away], abs=1e-3)
    shares = expected / expected.sum(axis=1, keepdims=True)
    places = (fitted.positions[order] * shares[:, :, None]).sum(axis=1)
    found = fitted.apply(iris[1]).frame[NAMES].to_numpy()
    assert found[away] == pytest.approx(places[away], abs=0.01)


def test_new_rows_land_among_their_species(iris, mapped) -> None:
    near = KNeighborsClassifier(5).fit(mapped[0].frame[NAMES], iris[0].frame["target"])
    right = near.predict(mapped[1].apply(iris[1]).frame[NAMES]) == iris[1].frame["target"]
    assert right.mean() >= 0.85


def test_rows_of_training_keep_their_place(iris, mapped) -> None:
    again = mapped[1].apply(iris[0].slice(5, 4)).frame[NAMES]
    first = mapped[0].frame[NAMES].iloc[5:9].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, first)


def test_a_row_alone_gets_the_same_place(iris, mapped) -> None:
    together = mapped[1].apply(iris[1]).frame[NAMES].to_numpy()
    convert = mapped[1].compile()
    rows = iris[1].frame.to_dict("records")
    assert [[convert(row)[name] for name in NAMES] for row in rows] == together.tolist()


def test_missing_values_are_means_and_few_rows_are_told() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": [1.0, 2.0, 1.5]})
    with pytest.warns(ModuleWarning, match="too few distinct rows"):
        found, _ = umap(DataTable(frame), overwrite=True)
    assert found.names == NAMES
    assert (found.frame == 0).all(axis=None)
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 3)), columns=list("abc"))
    with pytest.warns(ModuleWarning, match="reduced to 8"):
        found, _ = umap(DataTable(rows), iterations=20)
    assert np.isfinite(found.frame[NAMES]).all(axis=None)


@pytest.mark.parametrize("metric", ["Euclidean", "Manhattan"])
def test_huge_values_are_mapped(metric: str, refused) -> None:
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)) * 1e60, columns=["a", "b"])
    found, fitted = umap(DataTable(rows), normalize=False, metric=metric, iterations=20)
    assert np.isfinite(found.frame[NAMES]).all(axis=None)
    assert fitted.metric == metric
    with refused("values-too-far-apart", "a", column="a"):
        umap(DataTable(rows.assign(a=[1e308, -1e308] * 10)))
