"""Gaussian mixtures as clusters, against scikit-learn called directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from modules.contract import DataTable
from modules.model_training.train_clustering_model import train_clustering_model

SHAPES = {"any": "full", "the same": "tied", "along the axes": "diag", "spheres": "spherical"}
MODULE = "clustering.gaussian_mixture_clustering"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.proves("gaussian_mixture_clustering", by="scikit-learn")
def test_the_nearest_cluster_is_the_likeliest(shape: str, make_learner: Any) -> None:
    """Assignments and probabilities are those of scikit-learn in standardized features."""
    frame = load_iris(as_frame=True).data * [1e-4, 1, 1e5, 10]
    matrix = StandardScaler().fit_transform(frame)
    other = GaussianMixture(
        3, covariance_type=SHAPES[shape], n_init=5, max_iter=200, random_state=4
    ).fit(matrix)
    learner = make_learner(MODULE, clusters=3, shape=shape, seed=4)
    _, results = train_clustering_model(learner, DataTable(frame), append=False)
    assert results.frame["Assignments"].tolist() == other.predict(matrix).tolist()
    squares = results.frame.drop(columns="Assignments").to_numpy() ** 2
    powers = np.exp(-0.5 * (squares - squares.min(axis=1, keepdims=True)))
    shares = powers / powers.sum(axis=1, keepdims=True)
    assert shares == pytest.approx(other.predict_proba(matrix), abs=1e-9)


def test_oblong_clusters_are_separated(make_learner: Any) -> None:
    """Two crossing bands, which no centers separate."""
    random = np.random.default_rng(0)
    wide = random.normal(size=(300, 2)) * [10, 0.3]
    high = random.normal(size=(300, 2)) * [0.3, 10] + [0, 25]
    table = DataTable(pd.DataFrame(np.vstack([wide, high]), columns=["x", "y"]))
    _, results = train_clustering_model(make_learner(MODULE), table, append=False)
    found = results.frame["Assignments"].to_numpy()
    agreement = (found == np.repeat([0, 1], 300)).mean()
    assert max(agreement, 1 - agreement) > 0.98


def test_fewer_rows_than_clusters_are_refused(make_learner: Any, refused: Any) -> None:
    table = DataTable(pd.DataFrame({"x": [1.0, 2.0]}))
    with refused("too-few-rows", "2 rows", "3 clusters"):
        train_clustering_model(make_learner(MODULE, clusters=3), table)
