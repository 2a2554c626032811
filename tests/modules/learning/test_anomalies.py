"""Anomaly detection against scikit-learn called directly, and formulas worked by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

from modules.anomaly_detection.train_anomaly_detection_model import train_anomaly_detection_model
from modules.contract import DataTable, Role
from modules.model_training.train_model import train_model
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values import UntrainedModel

Learner = Callable[..., UntrainedModel]
DETECTORS = (
    "pca_based_anomaly_detection",
    "isolation_forest",
    "local_outlier_factor",
    "one_class_support_vector_machine",
)


def table(anomalies: int = 20) -> DataTable:
    """Rows near a line, and some far from it."""
    random = np.random.default_rng(8)
    along = random.normal(size=400)
    normal = np.column_stack([along, 2 * along, -along]) + random.normal(0, 0.1, (400, 3))
    odd = random.normal(0, 3, (anomalies, 3))
    frame = pd.DataFrame(np.vstack([normal, odd]), columns=["a", "b", "c"])
    label = [0] * 400 + [1] * anomalies
    return DataTable(frame.assign(fraud=label), {"fraud": Role.LABEL})


@pytest.mark.parametrize("name", DETECTORS)
def test_anomalies_score_higher_and_are_evaluated(name: str, make_learner: Learner) -> None:
    more = {"components": 1} if name.startswith("pca") else {}
    learner = make_learner(f"anomaly_detection.{name}", **more)
    normal = table(0)
    model = train_anomaly_detection_model(learner, normal)
    assert [column.name for column in model.features] == ["a", "b", "c"]
    scored = score_model(model, table())
    assert scored.frame["Scored Probabilities"].between(0, 1).all()
    (report,) = evaluate_model(scored).reports
    assert report.metrics["AUC"] > 0.93
    assert report.metrics["Recall"] > 0.6


@pytest.mark.proves("pca_based_anomaly_detection", by="formula by hand")
def test_pca_scores_are_the_share_that_the_projection_loses(make_learner: Learner) -> None:
    given = table()
    matrix = given.frame[["a", "b", "c"]].to_numpy()
    learner = make_learner(
        "anomaly_detection.pca_based_anomaly_detection", components=2, mean_normalization=True
    )
    found = train_anomaly_detection_model(learner, given).score(given).frame
    pca = PCA(2).fit(matrix)
    lost = matrix - pca.inverse_transform(pca.transform(matrix))
    expected = np.linalg.norm(lost, axis=1) / np.linalg.norm(matrix - matrix.mean(axis=0), axis=1)
    assert found["Scored Probabilities"].to_numpy() == pytest.approx(expected, abs=1e-9)
    assert found["Scored Labels"].tolist() == (expected >= 0.5).astype(int).tolist()


def test_pca_without_means_worked_by_hand(make_learner: Learner) -> None:
    """All training rows lie on the first axis, so a row loses its part along the second."""
    normal = DataTable(pd.DataFrame({"x": [1.0, -2.0, 3.0], "y": [0.0, 0.0, 0.0]}))
    learner = make_learner("anomaly_detection.pca_based_anomaly_detection", components=1)
    model = train_anomaly_detection_model(learner, normal)
    new = DataTable(pd.DataFrame({"x": [3.0, 0.0, 5.0, 0.0], "y": [4.0, 7.0, 0.0, 0.0]}))
    assert model.score(new).frame["Scored Probabilities"].tolist() == pytest.approx(
        [0.8, 1.0, 0.0, 0.0]
    )


@pytest.mark.parametrize(
    ("name", "detector"),
    [
        ("isolation_forest", IsolationForest(n_estimators=100, max_samples=256, random_state=0)),
        ("local_outlier_factor", LocalOutlierFactor(20, novelty=True)),
        ("one_class_support_vector_machine", OneClassSVM(nu=0.1, gamma="auto")),
    ],
)
@pytest.mark.proves(
    "isolation_forest",
    "local_outlier_factor",
    "one_class_support_vector_machine",
    "train_anomaly_detection_model",
    by="scikit-learn",
)
def test_detectors_order_rows_as_scikit_learns(
    name: str, detector: object, make_learner: Learner
) -> None:
    given = table()
    matrix = given.frame[["a", "b", "c"]].to_numpy()
    if name != "isolation_forest":
        matrix = StandardScaler().fit_transform(matrix)
    learner = make_learner(f"anomaly_detection.{name}", contamination=0.1)
    found = train_anomaly_detection_model(learner, given).score(given).frame
    expected = -detector.fit(matrix).score_samples(matrix)
    order = np.argsort(expected)
    assert found["Scored Probabilities"].to_numpy()[order] == pytest.approx(
        np.sort(found["Scored Probabilities"]), abs=1e-9
    )
    if name != "local_outlier_factor":
        # A tenth of the training rows is above the threshold.
        assert found["Scored Labels"].sum() == pytest.approx(42, abs=1)


def test_the_wrong_trainer_and_learner_are_refused(make_learner: Learner, refused) -> None:
    detector = make_learner("anomaly_detection.isolation_forest")
    with refused("wrong-learner", "doesn't predict a label"):
        train_model(detector, table())
    forest = make_learner("classification.two_class_decision_forest")
    with refused("wrong-learner", "isn't a learner of anomaly detection"):
        train_anomaly_detection_model(forest, table())
