"""Clustering against scikit-learn, from training to the assignment of new rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.preprocessing import MinMaxScaler

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.model_training.train_clustering_model import train_clustering_model
from modules.scoring_evaluation.assign_data_to_clusters import assign_data_to_clusters
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values.storage import load, save

DISTANCES = [f"DistancesToClusterCenter no.{place}" for place in range(3)]


@pytest.fixture(scope="module")
def iris() -> DataTable:
    frame = load_iris(as_frame=True).frame.rename(columns={"target": "species"})
    return DataTable(frame, {"species": Role.LABEL})


@pytest.fixture
def kmeans(make_learner):
    return make_learner("clustering.k_means_clustering", centroids=3, seed=2)


@pytest.mark.proves("k_means_clustering", "train_clustering_model", by="scikit-learn")
def test_equals_scikit_learn(make_learner, iris):
    learner = make_learner("clustering.k_means_clustering", centroids=3, seed=2)
    model, results = train_clustering_model(learner, iris)
    matrix = MinMaxScaler().fit_transform(iris.frame.iloc[:, :4].to_numpy())
    reference = KMeans(3, n_init=1, max_iter=100, random_state=2).fit(matrix)
    np.testing.assert_array_equal(results.frame["Assignments"], reference.predict(matrix))
    np.testing.assert_array_equal(results.frame[DISTANCES], reference.transform(matrix))
    assert [column.name for column in model.features] == iris.names[:4]
    assert results.names == [*iris.names, "Assignments", *DISTANCES]
    assert results.having_role(Role.LABEL) == ["species"]


def test_unnormalized_from_random_starts(make_learner, iris):
    learner = make_learner(
        "clustering.k_means_clustering", centroids=3, normalize=False, initialization="random"
    )
    model, results = train_clustering_model(learner, iris, append=False)
    matrix = iris.frame.iloc[:, :4].to_numpy()
    reference = KMeans(3, init="random", n_init=10, max_iter=100, random_state=0).fit(matrix)
    np.testing.assert_array_equal(results.frame[DISTANCES], reference.transform(matrix))
    assert results.names == ["Assignments", *DISTANCES]
    assert model.parameters["initialization"] == "random"


@pytest.mark.proves("assign_data_to_clusters", by="by hand")
def test_new_rows_get_the_nearest_cluster(kmeans, iris, tmp_path):
    model, results = train_clustering_model(
        kmeans, iris, column_set=ColumnSelector.names("petal length (cm)", "petal width (cm)")
    )
    save(model, tmp_path / "model")
    rows = iris.with_frame(iris.frame.iloc[::-1])
    assigned = assign_data_to_clusters(load(tmp_path / "model"), rows)
    np.testing.assert_array_equal(
        assigned.frame["Assignments"], results.frame["Assignments"].to_numpy()[::-1]
    )
    alone = assign_data_to_clusters(model, rows, append=False)
    assert alone.names == ["Assignments", *DISTANCES]
    assert (alone.frame["Assignments"] == alone.frame[DISTANCES].to_numpy().argmin(axis=1)).all()


def test_the_evaluation_counts_every_point(kmeans, iris):
    _, results = train_clustering_model(kmeans, iris)
    report = evaluate_model(results).reports[0]
    nearest = results.frame[DISTANCES].min(axis=1)
    assert report.metrics["Number of points"] == 150
    assert report.metrics["Average distance to cluster center"] == pytest.approx(nearest.mean())
    assert report.metrics["Maximal distance to cluster center"] == nearest.max()
    sizes = results.frame["Assignments"].value_counts().sort_index()
    assert report.table["Number of points"].tolist() == [150, *sizes]


def test_text_and_missing_values_can_be_clustered(make_learner, table_for):
    learner = make_learner("clustering.k_means_clustering")
    _, results = train_clustering_model(learner, table_for("spent"))
    assert results.frame["Assignments"].isin([0, 1]).all()


def test_training_twice_replaces_the_assignments(kmeans, iris):
    _, first = train_clustering_model(kmeans, iris)
    _, second = train_clustering_model(kmeans, first)
    assert second.names == first.names


def test_mistakes_say_what_to_use(kmeans, make_learner, train, iris, table_for):
    with pytest.raises(ModuleError, match="isn't a clustering learner"):
        train_clustering_model(make_learner("regression.linear_regression"), iris)
    model, _ = train_clustering_model(kmeans, iris)
    with pytest.raises(ModuleError, match="doesn't predict a label"):
        score_model(model, iris)
    regression = train("regression.linear_regression", table_for("spent"), "spent")
    with pytest.raises(ModuleError, match="isn't a clustering model"):
        assign_data_to_clusters(regression, table_for("spent"))
    with pytest.raises(ModuleError) as caught:
        train_clustering_model(kmeans, iris.with_frame(iris.frame.head(2)))
    assert caught.value.code == "too-few-rows"
    assert "2 rows, but 3 clusters" in caught.value.message
    with pytest.raises(ModuleError) as caught:
        train_clustering_model(kmeans, DataTable(pd.DataFrame({"a": [1]}), {"a": Role.LABEL}))
    assert caught.value.code == "no-columns-selected"
