"""Feature selection against scipy and scikit-learn called directly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.feature_selection import f_classif, f_regression
from sklearn.inspection import permutation_importance
from sklearn.metrics import mutual_info_score

from modules.classification.multiclass_decision_forest import multiclass_decision_forest
from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.context import ModuleWarning
from modules.feature_selection.filter_based_feature_selection import filter_based_feature_selection
from modules.feature_selection.permutation_feature_importance import permutation_feature_importance
from modules.regression.linear_regression import linear_regression


def people(rows: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(5)
    age = random.integers(18, 80, rows)
    town = random.choice(["Bergen", "Oslo", "Tromsø"], rows)
    income = age * 2.0 + (town == "Oslo") * 30 + random.normal(0, 10, rows)
    return pd.DataFrame(
        {
            "age": age.astype(float),
            "noise": random.normal(size=rows),
            "town": town,
            "constant": 1.0,
            "income": income,
            "rich": np.where(income > np.median(income), "yes", "no"),
        }
    )


def scores(method: str, label: str, frame: pd.DataFrame | None = None) -> dict[str, float]:
    frame = people() if frame is None else frame
    _, features, _ = filter_based_feature_selection(
        DataTable(frame), target_column=ColumnSelector.names(label), method=method
    )
    assert features.frame["Score"].is_monotonic_decreasing
    return dict(zip(features.frame["Feature"], features.frame["Score"], strict=True))


@pytest.mark.parametrize(
    ("method", "function"),
    [
        ("PearsonCorrelation", stats.pearsonr),
        ("SpearmanCorrelation", stats.spearmanr),
        ("KendallCorrelation", stats.kendalltau),
    ],
)
def test_correlations_of_numbers_equal_scipy(method: str, function: object) -> None:
    frame = people()
    found = scores(method, "income")
    for name in ("age", "noise"):
        expected = abs(function(frame[name], frame["income"]).statistic)
        assert found[name] == pytest.approx(expected, rel=1e-12)
    assert found["constant"] == 0


@pytest.mark.parametrize("method", ["PearsonCorrelation", "SpearmanCorrelation"])
def test_the_largest_numbers_correlate_without_a_warning(method: str) -> None:
    small = np.array([-1.7, 1.7, 0.5, -0.3])
    frame = pd.DataFrame({"large": small * 1e308, "income": [1.0, 4.0, 2.0, 3.0]})
    function = {"PearsonCorrelation": stats.pearsonr, "SpearmanCorrelation": stats.spearmanr}
    expected = abs(function[method](small, frame["income"]).statistic)
    assert scores(method, "income", frame)["large"] == pytest.approx(expected, rel=1e-12)


def test_classes_and_text_correlate_by_their_means() -> None:
    """Of a column and the mean per class the square is the correlation ratio, worked by hand."""
    frame = people()
    of_class = frame.groupby("rich")["age"].transform("mean")
    assert scores("PearsonCorrelation", "rich")["age"] == pytest.approx(
        (of_class.var(ddof=0) / frame["age"].var(ddof=0)) ** 0.5
    )
    of_town = frame.groupby("town")["income"].transform("mean")
    assert scores("PearsonCorrelation", "income")["town"] == pytest.approx(
        stats.pearsonr(of_town, frame["income"]).statistic
    )


@pytest.mark.proves("filter_based_feature_selection", by="SciPy, scikit-learn")
def test_chi_squared_and_information_equal_scipy_and_scikit_learn() -> None:
    frame = people()
    table = pd.crosstab(frame["town"], frame["rich"])
    expected = stats.chi2_contingency(table, correction=False).statistic
    assert scores("ChiSquared", "rich")["town"] == pytest.approx(expected)
    expected = mutual_info_score(frame["town"], frame["rich"])
    assert scores("MutualInformation", "rich")["town"] == pytest.approx(expected)
    # Of many numbers, ten bins of 20 rows.
    bins = frame["noise"].rank(method="first").sub(1) // 20
    table = pd.crosstab(bins, frame["rich"])
    expected = stats.chi2_contingency(table, correction=False).statistic
    assert scores("ChiSquared", "rich")["noise"] == pytest.approx(expected)


def test_f_scores_equal_scikit_learn() -> None:
    frame = people()
    matrix = frame[["age", "noise"]]
    found = scores("FScore", "rich")
    expected = f_classif(matrix, frame["rich"])[0]
    assert [found["age"], found["noise"]] == pytest.approx(expected.tolist())
    found = scores("FScore", "income")
    expected = f_regression(matrix, frame["income"])[0]
    assert [found["age"], found["noise"]] == pytest.approx(expected.tolist())


def test_the_best_are_kept_in_their_order_and_of_new_data_too() -> None:
    frame = people()
    table = DataTable(frame, {"income": Role.NONE})
    kept, _, selection = filter_based_feature_selection(
        table, target_column=ColumnSelector.names("rich"), number_of_features=2
    )
    assert kept.names == ["age", "town", "rich"]
    assert selection.apply(DataTable(frame.drop(columns="rich"))).names == ["age", "town"]
    kept, _, _ = filter_based_feature_selection(
        table, target_column=ColumnSelector.names("rich"), feature_columns_only=False
    )
    assert kept.names == ["income", "rich"]
    with pytest.warns(ModuleWarning, match="only has 4 columns"):
        filter_based_feature_selection(
            table, target_column=ColumnSelector.names("rich"), number_of_features=9
        )


def test_missing_values_are_ignored_for_their_column_alone() -> None:
    frame = people()
    holes = frame.assign(age=frame["age"].where(frame.index % 3 > 0))
    found = scores("PearsonCorrelation", "income", holes)
    known = holes.dropna()
    expected = stats.pearsonr(known["age"], known["income"]).statistic
    assert found["age"] == pytest.approx(expected)
    assert found["noise"] == scores("PearsonCorrelation", "income")["noise"]


NUMBERS = ["age", "noise", "constant"]


@pytest.mark.parametrize(
    ("metric", "scoring", "sign"),
    [
        ("Mean Absolute Error", "neg_mean_absolute_error", 1),
        ("Root Mean Squared Error", "neg_root_mean_squared_error", 1),
        ("Coefficient of Determination", "r2", 1),
    ],
)
@pytest.mark.proves("permutation_feature_importance", by="scikit-learn")
def test_importances_of_numbers_equal_scikit_learn(metric: str, scoring: str, sign: int) -> None:
    frame = people()[[*NUMBERS, "income"]]
    model = linear_regression().fit(DataTable(frame), "income")
    found = permutation_feature_importance(
        model, DataTable(frame), metric=metric, seed=3, repeats=4
    ).frame.set_index("Feature")
    expected = permutation_importance(
        model.pipeline, frame[NUMBERS], frame["income"], scoring=scoring, n_repeats=4,
        random_state=3,
    )  # fmt: skip
    assert found.loc[NUMBERS, "Importance"].tolist() == pytest.approx(
        (sign * expected.importances_mean).tolist(), abs=1e-9
    )
    assert found.loc[NUMBERS, "Standard deviation"].tolist() == pytest.approx(
        expected.importances_std.tolist(), abs=1e-9
    )


def test_importances_of_classes_equal_scikit_learn() -> None:
    frame = people()[[*NUMBERS, "rich"]]
    model = two_class_logistic_regression().fit(DataTable(frame), "rich")
    codes = (frame["rich"] == "yes").astype(int)
    for metric in ("accuracy", "precision", "recall"):
        found = permutation_feature_importance(
            model, DataTable(frame), metric=metric.capitalize(), repeats=3
        ).frame.set_index("Feature")
        expected = permutation_importance(
            model.pipeline, frame[NUMBERS], codes, scoring=metric, n_repeats=3, random_state=0
        )
        assert found.loc[NUMBERS, "Importance"].tolist() == pytest.approx(
            expected.importances_mean.tolist(), abs=1e-9
        )


def test_several_classes_and_rows_without_a_label() -> None:
    frame = people()[["age", "noise", "income", "town"]]
    model = multiclass_decision_forest().fit(DataTable(frame), "town")
    holes = frame.assign(town=frame["town"].where(frame.index % 5 > 0))
    with pytest.warns(ModuleWarning, match="40 of 200 rows"):
        found = permutation_feature_importance(model, DataTable(holes), metric="Recall")
    assert set(found.frame["Feature"]) == {"age", "noise", "income"}


def test_a_metric_of_the_other_task_is_refused(refused) -> None:
    frame = people()[[*NUMBERS, "income"]]
    model = linear_regression().fit(DataTable(frame), "income")
    with refused("wrong-metric", "regression model", parameter="metric"):
        permutation_feature_importance(model, DataTable(frame))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", ["PearsonCorrelation", "SpearmanCorrelation", "FScore"])
@pytest.mark.parametrize("label", ["income", "rich"])
def test_the_largest_numbers_score_as_if_in_other_units(method: str, label: str) -> None:
    frame = people()
    age = frame["age"] - frame["age"].mean()
    # Their range, and their sum, are more than a float can contain.
    frame["huge"] = age / age.abs().max() * 1.7e308
    found = scores(method, label, frame)
    assert found["huge"] == pytest.approx(found["age"], rel=1e-9)


@pytest.mark.parametrize("label", ["income", "rich"])
def test_rows_with_infinite_values_are_left_out(label: str) -> None:
    frame = people()
    expected = scores("PearsonCorrelation", label, frame[5:].reset_index(drop=True))["age"]
    frame.loc[:4, "age"] = np.inf
    assert scores("PearsonCorrelation", label, frame)["age"] == pytest.approx(expected)
