"""Samples give, to the bit, what a plain script with pandas and scikit-learn gives.

The scripts use nothing of this project: they are what a careful person would write. Run again from
scratch, samples store the same bytes, whatever the workers did meanwhile.
"""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import OneClassSVM
from threadpoolctl import threadpool_limits

from designer import paths
from designer.engine import Engine
from designer.engine.results import RunResult
from designer.engine.store.entry import hashes, read_manifest
from designer.pipeline import file

# What has the same learners as another sample is run in one of the two ways. With many rows and two
# threads, scikit-learn spends its time waiting for the other one where other tests run beside.
one_way = partial(pytest.mark.parametrize, "run_sample", indirect=True)
one_thread = one_way(argvalues=[1], ids=["one thread"])
two_threads = one_way(argvalues=[2], ids=["two threads"])


# CI tries both ways with each of these; make test has both with the prices of automobiles.
both_ways = one_way(
    argvalues=[pytest.param(1, marks=pytest.mark.long), 2], ids=["one thread", "two threads"]
)


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def run_sample(request, run_on):
    """Run a sample on one core, and on two: the last bits of sums depend on the threads."""

    def run(name: str):
        ran = run_on(request.param, name)
        threads = {ran.threads(node) for node in ran.result.nodes}
        # With two, what has nothing beside it takes both.
        assert max(threads) == request.param
        return ran

    return run


class OneHot:
    """One column a category in sorted order; missing numbers become the mean."""

    def fit(self, frame: pd.DataFrame) -> OneHot:
        self.columns = {
            name: frame[name].mean()
            if pd.api.types.is_numeric_dtype(frame[name])
            else sorted(frame[name].dropna().unique())
            for name in frame
        }
        return self

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        blocks = []
        for name, known in self.columns.items():
            if isinstance(known, list):
                blocks += [(frame[name] == value).to_numpy(float) for value in known]
            else:
                blocks.append(frame[name].astype(float).fillna(known).to_numpy())
        return np.ascontiguousarray(np.column_stack(blocks))


class Codes:
    """The place of a category in sorted order; missing values stay missing."""

    def fit(self, frame: pd.DataFrame) -> Codes:
        self.columns = {
            name: None
            if pd.api.types.is_numeric_dtype(frame[name])
            else sorted(frame[name].dropna().unique())
            for name in frame
        }
        return self

    @property
    def categorical(self) -> list[bool]:
        return [known is not None for known in self.columns.values()]

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        blocks = []
        for name, known in self.columns.items():
            column = frame[name]
            if known is not None:
                column = column.map({value: place for place, value in enumerate(known)})
            blocks.append(column.astype(float).to_numpy())
        return np.column_stack(blocks)


BOOSTING = {
    "learning_rate": 0.2,
    "max_iter": 100,
    "max_leaf_nodes": 20,
    "min_samples_leaf": 10,
    "early_stopping": False,
    "random_state": 0,
}


def boosted(kind, train: pd.DataFrame, test: pd.DataFrame, label: str, **settings):
    """Return what a boosted tree predicts: numbers, or probabilities of the second class."""
    features = train.drop(columns=label)
    codes = Codes().fit(features)
    model = kind(categorical_features=codes.categorical, **(BOOSTING | settings))
    model.fit(codes.transform(features), train[label])
    matrix = codes.transform(test.drop(columns=label))
    if kind is HistGradientBoostingRegressor:
        return model.predict(matrix)
    return model.predict_proba(matrix)[:, 1]


def logistic(train: pd.DataFrame, test: pd.DataFrame, label: str) -> np.ndarray:
    features = train.drop(columns=label)
    encoder = OneHot().fit(features)
    model = LogisticRegression(C=1.0, tol=1e-7, solver="newton-cholesky", max_iter=1000)
    model.fit(encoder.transform(features), train[label])
    return model.predict_proba(encoder.transform(test.drop(columns=label)))[:, 1]


def assert_two_class_metrics(report, actual, probability, classes) -> None:
    labels = np.where(probability > 0.5, classes[1], classes[0])
    is_second = np.asarray(actual == classes[1])
    assert report.metrics == pytest.approx(
        {
            "Accuracy": metrics.accuracy_score(actual, labels),
            "Precision": metrics.precision_score(actual, labels, pos_label=classes[1]),
            "Recall": metrics.recall_score(actual, labels, pos_label=classes[1]),
            "F1 score": metrics.f1_score(actual, labels, pos_label=classes[1]),
            "AUC": metrics.roc_auc_score(is_second, probability),
            "Average log loss": metrics.log_loss(is_second, probability),
            "Balanced accuracy": metrics.balanced_accuracy_score(actual, labels),
            "Matthews correlation coefficient": metrics.matthews_corrcoef(actual, labels),
            "Brier score": metrics.brier_score_loss(is_second, probability),
        },
        rel=1e-12,
    )
    counts = metrics.confusion_matrix(actual, labels, labels=list(classes))
    assert report.confusion.to_numpy().tolist() == counts.tolist()


def assert_regression_metrics(report, actual, predicted) -> None:
    found = report.metrics
    assert found["Mean absolute error"] == pytest.approx(
        metrics.mean_absolute_error(actual, predicted)
    )
    assert found["Root mean squared error"] == pytest.approx(
        metrics.root_mean_squared_error(actual, predicted)
    )
    assert found["Coefficient of determination"] == pytest.approx(
        metrics.r2_score(actual, predicted)
    )
    assert found["Relative squared error"] == pytest.approx(1 - metrics.r2_score(actual, predicted))


@pytest.fixture(scope="module")
def cars(data) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = pd.read_csv(data / "automobile_price.csv").drop(columns="normalized-losses").dropna()
    train, test = train_test_split(frame.reset_index(drop=True), train_size=0.7, random_state=0)
    return train, test


def linear_prices(cars) -> np.ndarray:
    train, test = cars
    features = train.drop(columns="price")
    encoder = OneHot().fit(features)
    model = Ridge(alpha=0.001).fit(encoder.transform(features), train["price"].to_numpy())
    return model.predict(encoder.transform(test))


def test_automobile_price(run_sample, cars):
    ran = run_sample("automobile_price")
    with threadpool_limits(ran.threads("train_model")):
        expected = linear_prices(cars)
    scored = ran.table("score_model")
    np.testing.assert_array_equal(scored["Scored Labels"], expected)
    np.testing.assert_array_equal(scored["price"], cars[1]["price"])
    (report,) = ran.reports()
    assert_regression_metrics(report, cars[1]["price"], expected)
    # The published run of the original has 58 rows to measure with and 0.868, by another seed.
    assert len(scored) == 58
    assert len(scored.columns) == 26
    assert 0.75 < report.metrics["Coefficient of determination"] < 0.97
    assert 1_000 < report.metrics["Mean absolute error"] < 2_500


@pytest.mark.long
@two_threads
def test_automobile_price_compare(run_sample, cars):
    ran = run_sample("automobile_price_compare")
    train, test = cars
    with threadpool_limits(ran.threads("train_linear")):
        linear = linear_prices(cars)
    trees = boosted(HistGradientBoostingRegressor, train, test, "price")
    np.testing.assert_array_equal(ran.table("score_linear")["Scored Labels"], linear)
    np.testing.assert_array_equal(ran.table("score_boosted")["Scored Labels"], trees)
    for report, expected in zip(ran.reports(), (linear, trees), strict=True):
        assert_regression_metrics(report, test["price"], expected)
        assert 0.75 < report.metrics["Coefficient of determination"] < 0.97


@pytest.mark.long
@both_ways
def test_income(run_sample, data):
    ran = run_sample("income")
    people = pd.read_csv(data / "adult_income.csv")
    text = people.select_dtypes(exclude="number").columns
    people[text] = people[text].fillna("Unknown")
    people = people.drop(columns="fnlwgt")
    people["capital-net"] = people["capital-gain"] - people["capital-loss"]
    people["works-overtime"] = people["hours-per-week"] > 40
    train, test = train_test_split(
        people, train_size=0.7, random_state=0, stratify=people["income"]
    )
    with threadpool_limits(ran.threads("train_logistic")):
        line = logistic(train, test, "income")
    trees = boosted(HistGradientBoostingClassifier, train, test, "income")
    scored = [ran.table("score_logistic"), ran.table("score_boosted")]
    for table, report, expected in zip(scored, ran.reports(), (line, trees), strict=True):
        np.testing.assert_array_equal(table["Scored Probabilities"], expected)
        assert_two_class_metrics(report, test["income"], expected, ("<=50K", ">50K"))
        # The original publishes 0.894 for five features.
        assert 0.89 < report.metrics["AUC"] < 0.94
    # No row is in both parts, so the measure is honest.
    assert len(train) + len(test) == len(people)
    assert len(scored[0]) == len(test)


@two_threads
def test_credit_risk(run_sample, data):
    ran = run_sample("credit_risk")
    borrowers = pd.read_csv(data / "german_credit.csv")
    train, test = train_test_split(
        borrowers, train_size=0.7, random_state=0, stratify=borrowers["credit_risk"]
    )
    weighted = pd.concat([train] + 4 * [train[train["credit_risk"] == 2]])
    scored = ran.table("score_weighted")
    test = pd.concat([test] + 4 * [test[test["credit_risk"] == 2]])
    settings = {"max_leaf_nodes": 8, "max_iter": 50}
    kind = HistGradientBoostingClassifier
    for name, rows, report in zip(
        ("weighted", "unweighted"), (weighted, train), ran.reports(), strict=True
    ):
        scored = ran.table(f"score_{name}")
        features = [column for column in scored if not column.startswith("Scored ")]
        # SQL may give the rows in another order: the script scores them in that order.
        probability = boosted(kind, rows, scored[features], "credit_risk", **settings)
        np.testing.assert_array_equal(scored["Scored Probabilities"], probability)
        assert_two_class_metrics(report, scored["credit_risk"], probability, (1, 2))
        same = ["credit_risk", "credit_amount", "duration_in_month", "age_in_years"]
        pd.testing.assert_frame_equal(
            scored[same].sort_values(same, ignore_index=True),
            test[same].sort_values(same, ignore_index=True),
        )
    assert len(scored) == 660
    accuracy = [report.metrics["Accuracy"] for report in ran.reports()]
    # Published: 0.706 weighted, 0.591 unweighted.
    assert accuracy[0] > accuracy[1] + 0.05
    costs = ran.table("compare_costs", "result_dataset").set_index("training")
    for name, training in (("weighted", "knows the cost"), ("unweighted", "does not")):
        table = ran.table(f"score_{name}").drop_duplicates()
        actual, said = table["credit_risk"], table["Scored Labels"]
        turned_away, accepted = (
            ((actual == 1) & (said == 2)).sum(),
            ((actual == 2) & (said == 1)).sum(),
        )
        assert costs.loc[training].tolist() == [turned_away, accepted, turned_away + 5 * accepted]
    assert costs.loc["lend to everybody", "cost"] == 90 * 5
    assert costs.loc["lend to nobody", "cost"] == 210
    assert costs["cost"].is_monotonic_increasing
    assert costs.index[0] == "knows the cost"


@both_ways
def test_iris_clustering(run_sample, data):
    ran = run_sample("iris_clustering")
    flowers = pd.read_csv(data / "iris.csv")
    train, test = train_test_split(flowers, train_size=0.7, random_state=0)
    scaler = MinMaxScaler().fit(train.drop(columns="species").to_numpy())
    known, new = (
        scaler.transform(part.drop(columns="species").to_numpy()) for part in (train, test)
    )
    with threadpool_limits(ran.threads("train_clustering")):
        model = KMeans(3, n_init=1, max_iter=100, random_state=0).fit(known)
        distances = {
            ("train_clustering", "results_dataset"): model.transform(known),
            ("assign_data", "results_dataset"): model.transform(new),
        }
    for (output, expected), report in zip(distances.items(), ran.reports(), strict=True):
        table = ran.table(*output)
        names = [f"DistancesToClusterCenter no.{place}" for place in range(3)]
        np.testing.assert_array_equal(table[names], expected)
        np.testing.assert_array_equal(table["Assignments"], expected.argmin(axis=1))
        assert report.metrics["Average distance to cluster center"] == pytest.approx(
            expected.min(axis=1).mean()
        )
    counted = ran.table("count_species", "result_dataset")
    expected = pd.crosstab(test["species"].to_numpy(), model.predict(new))
    for row in counted.itertuples():
        assert row.flowers == expected.loc[row.species, row.cluster]
    assert counted["flowers"].sum() == len(test)


@pytest.mark.long
@one_thread
def test_flight_delay(run_sample, data):
    ran = run_sample("flight_delay")
    flights = pd.read_parquet(data / "flights.parquet")
    weather = pd.read_parquet(data / "flights_weather.parquet")
    keys = ["origin", "year", "month", "day", "hour"]
    joined = flights.merge(weather, on=keys, suffixes=("", " right"))
    joined = joined[joined["arr_delay"].notna()]
    columns = ["month", "hour", "carrier", "origin", "dest", "distance"]
    columns += ["temp", "humid", "wind_speed", "precip", "pressure", "visib"]
    chosen = joined[columns].assign(arrival=np.where(joined["arr_delay"] >= 15, "late", "in time"))
    train, test = chosen[chosen["month"] < 10], chosen[chosen["month"] >= 10]
    with threadpool_limits(ran.threads("train_model")):
        expected = logistic(train, test, "arrival")
    scored = ran.table("score_model")
    pd.testing.assert_frame_equal(
        scored[columns], test[columns].reset_index(drop=True), check_dtype=False
    )
    np.testing.assert_array_equal(scored["Scored Probabilities"], expected)
    (report,) = ran.reports()
    assert_two_class_metrics(report, test["arrival"], expected, ("in time", "late"))
    # Published for the original's flights: 0.631.
    assert 0.58 < report.metrics["AUC"] < 0.70


@pytest.mark.long
@two_threads
def test_tumor_anomalies(run_sample, data):
    ran = run_sample("tumor_anomalies")
    tumors = pd.read_csv(data / "breast_tumors.csv")
    train, test = train_test_split(
        tumors, train_size=0.5, random_state=0, stratify=tumors["malignant"]
    )
    actual = test["malignant"].to_numpy()
    benign = train[train["malignant"] == 0].drop(columns="malignant")
    scaler = StandardScaler().fit(benign)
    known, new = scaler.transform(benign), scaler.transform(test.drop(columns="malignant"))
    detectors = {
        "forest": IsolationForest(n_estimators=100, max_samples=len(known), random_state=0),
        "boundary": OneClassSVM(nu=0.1, gamma="auto"),
    }
    for (name, detector), report in zip(detectors.items(), ran.reports(), strict=True):
        with threadpool_limits(ran.threads(f"train_{name}")):
            own = -detector.fit(known).score_samples(new)
            level = np.quantile(-detector.score_samples(known), 0.95)
        scored = ran.table(f"score_{name}")
        assert spearmanr(scored["Scored Probabilities"], own).statistic == pytest.approx(1)
        np.testing.assert_array_equal(scored["Scored Labels"], own >= level)
        assert report.metrics["AUC"] == pytest.approx(metrics.roc_auc_score(actual, own))
        assert report.metrics["AUC"] > 0.93
        counts = metrics.confusion_matrix(actual, own >= level)
        assert report.confusion.to_numpy().tolist() == counts.tolist()


@pytest.mark.long
@two_threads
def test_flight_summary(run_sample, data):
    ran = run_sample("flight_summary")
    flights = pd.read_parquet(data / "flights.parquet")
    weather = pd.read_parquet(data / "flights_weather.parquet")
    joined = flights.merge(weather, on=["origin", "year", "month", "day", "hour"])
    left = joined[joined["dep_delay"].notna()]

    airlines = ran.table("sort_airlines", "results_dataset").set_index("airline")
    delays = left.groupby("carrier")["dep_delay"]
    codes = {"United": "UA", "JetBlue": "B6", "SkyWest": "OO", "Hawaiian": "HA"}
    for airline, code in codes.items():
        found = airlines.loc[airline]
        assert found["Count"] == delays.size()[code]
        assert found["mean(dep_delay)"] == pytest.approx(delays.mean()[code], rel=1e-12)
        assert found["median(dep_delay)"] == delays.median()[code]
    assert len(airlines) == 16
    assert airlines["mean(dep_delay)"].is_monotonic_decreasing
    assert airlines["Count"].sum() == len(left)

    months = ran.table("by_month", "results_dataset").set_index("origin")
    expected = left.pivot_table(index="origin", columns="month", values="dep_delay")
    np.testing.assert_allclose(months.to_numpy(), expected.to_numpy(), rtol=1e-12)
    days = ran.table("worst_days", "results_dataset")
    worst = left.groupby(["month", "day"])["dep_delay"].mean().sort_values(ascending=False)
    assert list(zip(days["month"], days["day"], strict=True))[:5] == worst.index[:5].tolist()


@pytest.mark.long
@two_threads
def test_handwritten_digits(run_sample, data):
    ran = run_sample("handwritten_digits")
    images = pd.read_csv(data / "digits.csv")
    train, test = train_test_split(images, train_size=0.7, random_state=0, stratify=images["digit"])
    pixels, new = (part.drop(columns="digit").to_numpy("float64") for part in (train, test))
    network = MLPClassifier(
        (50,),
        activation="tanh",
        solver="sgd",
        alpha=0,
        batch_size=32,
        learning_rate_init=0.1,
        max_iter=50,
        n_iter_no_change=50,
        tol=0,
        momentum=0,
        nesterovs_momentum=False,
        random_state=0,
    )
    models = {
        "network": make_pipeline(StandardScaler(), network),
        "logistic": LogisticRegression(C=1.0, tol=1e-7, solver="newton-cholesky", max_iter=1000),
    }
    for (name, model), report in zip(models.items(), ran.reports(), strict=True):
        with threadpool_limits(ran.threads(f"train_{name}")), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            expected = model.fit(pixels, train["digit"]).predict_proba(new)
        scored = ran.table(f"score_{name}")
        columns = [f"Scored Probabilities_{digit}" for digit in range(10)]
        np.testing.assert_allclose(scored[columns], expected, rtol=1e-9, atol=1e-12)
        said = expected.argmax(axis=1)
        np.testing.assert_array_equal(scored["Scored Labels"], said)
        accuracy = metrics.accuracy_score(test["digit"], said)
        assert report.metrics["Overall accuracy"] == pytest.approx(accuracy)
        assert accuracy > 0.95


SAMPLES = sorted(
    path.name.removesuffix(file.SUFFIX) for path in paths.samples().glob(f"*{file.SUFFIX}")
)


AGAIN = ("credit_risk", "iris_clustering")
"""Samples that make test runs again; CI runs all again."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=() if each in AGAIN else pytest.mark.long) for each in SAMPLES],
)
def test_two_runs_from_scratch_store_the_same(name: str, run_on, another_engine: Engine) -> None:
    first = run_on(2, name).result
    pipeline = file.read(paths.samples() / f"{name}{file.SUFFIX}")
    second = another_engine.run(pipeline, base=paths.samples(), reuse=False)
    assert {each.status for each in second.nodes.values()} == {"completed"}
    stored = contents(first)
    # Every step gave something, and nothing of it differs.
    assert set(stored) == set(first.nodes)
    assert contents(second) == stored


def contents(result: RunResult) -> dict[str, list[dict[str, str]]]:
    """Return the hash of every file of every output, by node."""
    return {
        node: [hashes(read_manifest(Path(output.path).parent)) for output in each.outputs.values()]
        for node, each in result.nodes.items()
    }
