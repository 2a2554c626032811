"""Calibration, single rows, cluster maps, and costs: against scikit-learn and by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.metrics import balanced_accuracy_score, matthews_corrcoef, silhouette_samples
from sklearn.preprocessing import StandardScaler

from modules.contract import DataTable, Role
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.values import EvaluationReport, diagnostic_charts, two_class_metrics
from modules.values.storage import load, save


def regression(frame: pd.DataFrame, roles: dict[str, str] | None = None) -> EvaluationReport:
    return evaluate_model(DataTable(frame, roles)).reports[0]


def test_calibration_is_that_of_scikit_learn():
    draw = np.random.default_rng(3)
    probability = draw.beta(2, 5, 5_000).round(2)
    actual = draw.random(5_000) < probability**1.3
    frame = pd.DataFrame(
        {
            "Labels": actual.astype(int),
            "Binary Class Scored Labels": (probability > 0.5).astype(int),
            "Binary Class Scored Probabilities": probability,
        }
    )
    found = evaluate_model(DataTable(frame)).reports[0].calibration
    share, mean = calibration_curve(actual, probability, n_bins=10)
    assert found["actual"].tolist() == pytest.approx(share.tolist())
    assert found["predicted"].tolist() == pytest.approx(mean.tolist())
    assert found["rows"].sum() == 5_000


@pytest.mark.parametrize("counts", [(3, 2, 1, 5), (0, 0, 4, 6), (4, 6, 0, 0), (2, 0, 0, 0)])
def test_metrics_of_every_threshold_are_those_of_scikit_learn(counts):
    hits, alarms, misses, rest = counts
    actual = [1] * hits + [0] * alarms + [1] * misses + [0] * rest
    predicted = [1] * (hits + alarms) + [0] * (misses + rest)
    found = two_class_metrics(*map(float, counts))
    with np.errstate(all="ignore"):
        assert found["Matthews correlation coefficient"] == pytest.approx(
            matthews_corrcoef([*actual], predicted) if len({*actual, *predicted}) > 1 else 0.0
        )
        classes = {*actual}
        if {*predicted} <= classes:
            expected = balanced_accuracy_score(actual, predicted)
            assert found["Balanced accuracy"] == pytest.approx(expected)


class TestRegressionRows:
    frame = pd.DataFrame(
        {
            "size": [1.0, 2.0, None, 4.0],
            "color": ["red", "blue", "red", None],
            "sold": pd.to_datetime(["1970-01-01", "2000-01-01", "2010-07-02", None]),
            "key": [1, 2, 3, 4],
            "Labels": [10.0, 20.0, 30.0, None],
            "Regression Scored Labels": [11.0, 18.0, 30.0, 1.0],
        }
    )

    def test_rows_with_label_and_score_and_every_feature(self):
        with pytest.warns(match="1 of 4 rows"):
            found = regression(self.frame, {"key": Role.NONE}).rows
        assert list(found.columns) == [
            "Labels",
            "Regression Scored Labels",
            "size",
            "color",
            "sold",
        ]
        assert found["Labels"].tolist() == [10, 20, 30]
        assert found["sold"].tolist() == pytest.approx([1970, 2000, 2010.5], abs=0.01)

    def test_a_column_named_self(self):
        with pytest.warns(match="1 of 4 rows"):
            found = regression(self.frame.rename(columns={"size": "self"})).rows
        assert found["self"].tolist()[:2] == [1, 2]

    def test_charts(self):
        with pytest.warns(match="1 of 4 rows"):
            reports = [regression(self.frame, {"key": Role.NONE}).summary()]
        chart = diagnostic_charts.predicted(reports)
        assert (chart.series[0].x, chart.series[0].y) == ((10, 20, 30), (11, 18, 30))
        assert chart.reference == ((10, 10), (30, 30))
        assert diagnostic_charts.features(reports) == ["size", "color", "sold"]
        by_size = diagnostic_charts.residuals(reports, "size").series[0]
        assert (by_size.x, by_size.y) == ((1, 2, None), (-1, 2, 0))
        boxes = diagnostic_charts.residuals(reports, "color")
        assert boxes.kind == "boxes"
        # Of red: -1 and 0, so the quartiles are between them.
        assert [(each.name, each.y) for each in boxes.series] == [
            ("red", (-1, -0.75, -0.5, -0.25, 0)),
            ("blue", (2, 2, 2, 2, 2)),
        ]

    def test_two_reports_in_one_chart(self):
        frame = self.frame.dropna(subset="Labels")
        other = frame.assign(**{"Regression Scored Labels": 0.0})
        both = evaluate_model(DataTable(frame), DataTable(other)).summary().reports
        assert len(diagnostic_charts.predicted(both).series) == 2
        names = [each.name for each in diagnostic_charts.residuals(both, "color").series]
        assert names[0] == "red (Scored dataset)"
        assert len(names) == 4

    def test_many_rows_are_thinned_and_stored(self, tmp_path):
        values = np.arange(10_000.0)
        frame = pd.DataFrame({"x": values, "Labels": values, "Regression Scored Labels": values})
        found = evaluate_model(DataTable(frame))
        rows = found.reports[0].rows
        assert len(rows) == 2_000
        assert rows["x"].iloc[[0, -1]].tolist() == [0, 9_999]
        save(found, tmp_path / "value")
        pd.testing.assert_frame_equal(load(tmp_path / "value").reports[0].rows, rows)

    def test_infinite_predictions_and_no_features(self):
        frame = pd.DataFrame({"Labels": [1.0, 2.0], "Regression Scored Labels": [math.inf, 2.0]})
        with pytest.warns(match="infinite"):
            reports = [regression(frame).summary()]
        assert diagnostic_charts.predicted(reports).series[0].y == (None, 2)
        assert diagnostic_charts.features(reports) == []


class TestClusterMap:
    def clustered(self, rows=300, seed=1):
        points, own = make_blobs(rows, n_features=3, centers=3, random_state=seed)
        frame = pd.DataFrame(points, columns=["a", "b", "c"]) * [1, 10, 100]
        frame["Assignments"] = own
        for number in range(3):
            frame[f"DistancesToClusterCenter no.{number}"] = 1.0
        return frame

    def test_silhouettes_and_components_are_those_of_scikit_learn(self):
        frame = self.clustered()
        found = evaluate_model(DataTable(frame)).reports[0]
        points = StandardScaler().fit_transform(frame[["a", "b", "c"]])
        expected = silhouette_samples(points, frame["Assignments"])
        assert found.rows["Silhouette"].tolist() == pytest.approx(expected.tolist())
        assert found.metrics["Silhouette"] == pytest.approx(expected.mean())
        components = PCA(2).fit_transform(points)
        for column in (0, 1):
            ours = found.rows.iloc[:, 1 + column].to_numpy()
            # The sign of a component is arbitrary.
            assert np.abs(ours).tolist() == pytest.approx(np.abs(components[:, column]).tolist())
        assert found.rows.columns[1].startswith("First principal component (")

    def test_charts(self):
        summary = evaluate_model(DataTable(self.clustered())).reports[0].summary()
        chart = diagnostic_charts.clusters(summary)
        assert [each.name for each in chart.series] == ["Cluster 0", "Cluster 1", "Cluster 2"]
        assert sum(len(each.x) for each in chart.series) == 300
        boxes = diagnostic_charts.silhouettes(summary)
        medians = [each.y[2] for each in boxes.series]
        own = summary.rows
        expected = np.median([row[3] for row in own.rows if row[0] == 0])
        assert medians[0] == pytest.approx(expected)

    def test_one_column_one_cluster_and_none(self):
        frame = self.clustered()
        one = evaluate_model(DataTable(frame.drop(columns=["b", "c"]))).reports[0]
        assert one.rows.iloc[:, 2].tolist() == [0.0] * 300
        with pytest.warns(match="undefined: Silhouette"):
            single = evaluate_model(DataTable(frame.assign(Assignments=0))).reports[0]
        assert math.isnan(single.metrics["Silhouette"])
        assert diagnostic_charts.silhouettes(single.summary()) is None
        none = evaluate_model(DataTable(frame.drop(columns=["a", "b", "c"]))).reports[0]
        assert (none.rows, "Silhouette" in none.metrics) == (None, False)


class TestCost:
    def report(self):
        thresholds = pd.DataFrame(
            {
                "threshold": [np.inf, 0.9, 0.6, 0.4, 0.1],
                "true_positives": [0, 1, 1, 2, 2],
                "false_positives": [0, 0, 1, 1, 2],
            }
        )
        return EvaluationReport(
            "M", "two-class", {}, thresholds=thresholds, positives=2, negatives=2, positive="y"
        ).summary()

    def test_by_hand(self):
        report = self.report()
        # Above 0.5: one hit, one alarm, one miss. Above 0.3: both hits, one alarm.
        assert report.cost(0.5, 10, 100) == 110
        assert report.cost(0.3, 10, 100) == 10
        assert report.cost(0.95, 10, 100) == 200

    def test_the_cheapest_is_the_one_nearest_the_middle(self):
        report = self.report()
        # A miss is dear: both hits, so below 0.4; an alarm is dear: none, so from 0.6 to below 0.9.
        assert report.cheapest_threshold(1, 100) == 0.39
        assert report.cheapest_threshold(100, 1) == 0.6

    def test_the_chart_has_every_threshold(self):
        chart = diagnostic_charts.cost([self.report()], 10, 100, 0.5)
        assert len(chart.series[0].x) == 101
        assert chart.series[0].y[50] == 110
        assert chart.reference[0] == (0.5, 0)
