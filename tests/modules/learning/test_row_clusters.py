"""DBSCAN, HDBSCAN, and hierarchical clustering against scikit-learn and SciPy called directly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering
from sklearn.datasets import load_iris, make_moons
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from modules.clustering.show_dendrogram import show_dendrogram
from modules.contract import ColumnSelector, DataTable
from modules.model_training.train_clustering_model import train_clustering_model
from modules.requests.tables import rows_of
from modules.scoring_evaluation.assign_data_to_clusters import assign_data_to_clusters
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.values import UntrainedModel
from modules.values.storage import load, save

Learner = Callable[..., UntrainedModel]
DENSE, TREE = "clustering.dbscan", "clustering.hierarchical_clustering"
HIERARCHY = "clustering.hdbscan"


@pytest.fixture(scope="module")
def iris() -> DataTable:
    return DataTable(load_iris(as_frame=True).frame.iloc[:, :4])


@pytest.fixture(scope="module")
def scaled(iris: DataTable) -> np.ndarray:
    return StandardScaler().fit_transform(iris.frame.to_numpy())


def moons(seed: int = 0) -> DataTable:
    points = make_moons(300, noise=0.06, random_state=seed)[0]
    return DataTable(pd.DataFrame(points, columns=["x", "y"]))


def assignments(learner: UntrainedModel, table: DataTable) -> np.ndarray:
    _, results = train_clustering_model(learner, table)
    return results.frame["Assignments"].to_numpy()


@pytest.mark.parametrize("metric", ["Euclidean", "Manhattan"])
@pytest.mark.proves("dbscan", by="scikit-learn")
def test_dbscan_equals_scikit_learn(
    metric: str, make_learner: Learner, iris: DataTable, scaled: np.ndarray
) -> None:
    found = assignments(make_learner(DENSE, radius=0.6, metric=metric), iris)
    other = DBSCAN(eps=0.6, min_samples=5, metric=metric.lower()).fit(scaled)
    assert len(set(other.labels_)) > 2
    inside = np.isin(np.arange(150), other.core_sample_indices_) | (other.labels_ == -1)
    assert found[inside].tolist() == other.labels_[inside].tolist()
    # A row at the border may be within reach of two clusters; here the nearer one gets it.
    assert ((found == -1) == (other.labels_ == -1)).all()


def test_clusters_of_any_shape_are_found_and_applied_to_new_rows(make_learner: Learner) -> None:
    new, truth = make_moons(200, noise=0.06, random_state=1)
    rows = DataTable(pd.DataFrame(new, columns=["x", "y"]))
    far = DataTable(pd.DataFrame({"x": [50.0], "y": [50.0]}))
    for path, options in ((DENSE, {"radius": 0.3}), (HIERARCHY, {"min_cluster_rows": 20})):
        model, _ = train_clustering_model(make_learner(path, **options), moons())
        found = assign_data_to_clusters(model, rows).frame["Assignments"].to_numpy()
        inside = found >= 0
        assert inside.mean() > 0.9
        assert adjusted_rand_score(truth[inside], found[inside]) == 1.0
        assert assign_data_to_clusters(model, far).frame["Assignments"].tolist() == [-1]
    cut = make_learner(TREE, linkage="single", cut="height", height=0.3)
    shape = make_moons(300, noise=0.06, random_state=0)[1]
    assert adjusted_rand_score(shape, assignments(cut, moons())) > 0.9


@pytest.mark.parametrize("selection", ["most stable", "smallest"])
@pytest.mark.proves("hdbscan", by="scikit-learn")
def test_hdbscan_equals_scikit_learn(
    selection: str, make_learner: Learner, iris: DataTable, scaled: np.ndarray
) -> None:
    method = "eom" if selection == "most stable" else "leaf"
    other = HDBSCAN(min_cluster_size=7, min_samples=4, cluster_selection_method=method, copy=True)
    learner = make_learner(HIERARCHY, min_cluster_rows=7, min_rows=4, selection=selection)
    assert assignments(learner, iris).tolist() == other.fit(scaled).labels_.tolist()
    assert -1 in other.labels_


@pytest.mark.parametrize("method", ["ward", "average", "complete", "single"])
@pytest.mark.proves("hierarchical_clustering", by="scikit-learn")
def test_the_tree_equals_scikit_learn(
    method: str, make_learner: Learner, iris: DataTable, scaled: np.ndarray
) -> None:
    found = assignments(make_learner(TREE, linkage=method, clusters=4), iris)
    other = AgglomerativeClustering(4, linkage=method).fit(scaled)
    assert adjusted_rand_score(other.labels_, found) == 1.0
    sizes = np.bincount(found)
    assert sizes.tolist() == sorted(sizes, reverse=True)
    height = linkage(scaled, method)[-4, 2] * (1 + 1e-9)
    cut = make_learner(TREE, linkage=method, cut="height", height=float(height))
    assert assignments(cut, iris).tolist() == found.tolist()


def test_distances_are_to_the_means(make_learner: Learner, iris: DataTable) -> None:
    model, results = train_clustering_model(make_learner(TREE, clusters=3, normalize=False), iris)
    matrix, own = iris.frame.to_numpy(), results.frame["Assignments"].to_numpy()
    for cluster in range(3):
        center = matrix[own == cluster].mean(axis=0)
        expected = np.linalg.norm(matrix - center, axis=1)
        name = f"DistancesToClusterCenter no.{cluster}"
        assert results.frame[name].to_numpy() == pytest.approx(expected)
    sheet = model.sheets()["Cluster centers"]
    assert sheet.rows[0] == ("Training rows", *np.bincount(own))


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (DENSE, {"radius": 0.9}),
        (DENSE, {"radius": 0.001}),
        (HIERARCHY, {"min_rows": 1}),
        (TREE, {"linkage": "average", "metric": "Manhattan", "clusters": 4}),
    ],
)
@pytest.mark.filterwarnings("ignore:There are no clusters")
def test_the_compiled_form_equals_the_model(
    path: str,
    options: dict[str, object],
    make_learner: Learner,
    table_for: Callable[[str], DataTable],
    tmp_path: Path,
) -> None:
    table = table_for("spent")
    save(make_learner(path, **options).fit(table.slice(0, 200)), tmp_path / "model")
    model = load(tmp_path / "model")
    row = model.compile().row_function()
    for given, scores in zip(rows_of(table), rows_of(model.score(table)), strict=True):
        assert row(given) == pytest.approx(scores, abs=1e-9)


def test_noise_is_left_out_of_the_evaluation(make_learner: Learner, iris: DataTable) -> None:
    model, results = train_clustering_model(make_learner(DENSE, radius=0.6), iris)
    noise = int((results.frame["Assignments"] == -1).sum())
    assert f"{noise} training rows aren't in any cluster." in model.sheets()["Cluster centers"].note
    with pytest.warns(match=f"{noise} of 150 rows don't belong to a cluster"):
        report = evaluate_model(results).reports[0]
    assert report.metrics["Number of points"] == 150 - noise


def test_only_noise_is_said(make_learner: Learner, iris: DataTable, refused) -> None:
    with pytest.warns(match="every row is noise"):
        _, results = train_clustering_model(make_learner(DENSE, radius=1e-6), iris)
    assert results.names[-1] == "Assignments"
    with refused("no-clusters", port="scored_dataset"):
        evaluate_model(results)


def test_weights_count_rows_several_times(make_learner: Learner) -> None:
    from modules.contract import Role

    frame = pd.DataFrame({"x": [0.0, 0.1, 5.0, 9.0], "w": [2.0, 2.0, 4.0, 1.0]})
    table = DataTable(frame, {"w": Role.WEIGHT})
    learner = make_learner(DENSE, radius=0.5, min_rows=4, normalize=False)
    assert assignments(learner, table).tolist() == [0, 0, 1, -1]


def test_too_few_rows_are_refused(make_learner: Learner, iris: DataTable, refused) -> None:
    few = iris.slice(0, 3)
    with refused("too-few-rows", "at least 5", port="dataset"):
        train_clustering_model(make_learner(TREE, clusters=5), few)
    with refused("too-few-rows", "requires 5", port="dataset"):
        train_clustering_model(make_learner(HIERARCHY), few)


@pytest.mark.proves("show_dendrogram", by="SciPy")
def test_the_dendrogram_is_scipys(
    make_learner: Learner, iris: DataTable, scaled: np.ndarray, refused
) -> None:
    named = DataTable(iris.frame.assign(name=[f"flower {number}" for number in range(150)]))
    features = ColumnSelector.names(*iris.names)
    model, _ = train_clustering_model(
        make_learner(TREE, linkage="average"), named, column_set=features
    )
    report = show_dendrogram(model, named, name_column=ColumnSelector.names("name"))
    links = linkage(scaled, "average")
    tree, merges, clusters = report.sections
    assert np.array(tree.chart.links) == pytest.approx(links)
    assert tree.chart.categories[7] == "flower 7"
    assert merges.chart.series[0].y[:2] == pytest.approx(links[[-1, -2], 2])
    assert sum(row[1] for row in clusters.sheet.rows) == 150
    distances = pdist(scaled)
    assert f"correlation: {cophenet(links, distances)[0]:.3f}" in tree.text
    assert show_dendrogram(model).sections[0].chart.categories == ()
    with refused("rows-differ", "20 rows", port="dataset"):
        show_dendrogram(model, named.slice(0, 20))
    other, _ = train_clustering_model(make_learner("clustering.k_means_clustering"), iris)
    with refused("wrong-model", "K-Means", port="trained_model"):
        show_dendrogram(other)
