"""Explain Model, Explain Prediction, Error Analysis and Fairness by Group."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence

from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning
from modules.learning.explanation.contributions import Explainer
from modules.scoring_evaluation.error_analysis import error_analysis
from modules.scoring_evaluation.explain_model import explain_model
from modules.scoring_evaluation.explain_prediction import explain_prediction
from modules.scoring_evaluation.fairness_by_group import fairness_by_group
from modules.scoring_evaluation.score_model import score_model
from modules.values import Report


def section(report: Report, heading: str):
    return next(each for each in report.sections if each.heading == heading)


def test_the_column_that_decides_is_the_most_important(train, people) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"noise": draw.normal(size=300), "signal": draw.normal(size=300)})
    frame["y"] = 3 * frame["signal"]
    model = train("regression.linear_regression", DataTable(frame), "y")
    report, table = explain_model(model, DataTable(frame), repeats=10)
    assert table.frame["Feature"].tolist() == ["signal", "noise"]
    # The error of a shuffled normal column is √2 its standard deviation.
    worse = table.frame["Importance"].iloc[0]
    assert worse == pytest.approx(3 * np.sqrt(2), rel=0.1)
    size = table.frame["Mean absolute contribution"].iloc[0]
    assert size == pytest.approx(
        (3 * (frame["signal"] - frame["signal"].mean())).abs().mean(), rel=0.02
    )
    chart = section(report, "Importance by shuffling").chart
    assert chart.categories == ("signal", "noise")
    assert chart.series[0].low[0] < chart.series[0].y[0] < chart.series[0].high[0]


@pytest.mark.proves("explain_model", by="scikit-learn")
def test_dependence_equals_scikit_learn(train) -> None:
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.integers(0, 9, (150, 3)).astype(float), columns=list("abc"))
    frame["y"] = frame["a"] ** 2 + frame["b"]
    model = train("regression.decision_forest_regression", DataTable(frame), "y")
    report, _ = explain_model(model, DataTable(frame))
    chart = section(report, "Dependence on a").chart
    average = next(each for each in chart.series if each.name == "Average")
    forest = model.final_estimator
    assert isinstance(forest, RandomForestRegressor)
    truth = partial_dependence(
        forest, frame[["a", "b", "c"]].to_numpy(), [0], kind="both", method="brute",
        custom_values={0: np.arange(9.0)},
    )  # fmt: skip
    assert average.x == tuple(range(9))
    assert average.y == pytest.approx(truth["average"][0])
    lines = [each.y for each in chart.series if not each.name]
    assert lines[3] == pytest.approx(truth["individual"][0, 3])


@pytest.mark.parametrize(
    ("path", "label", "metric"),
    [
        ("classification.two_class_boosted_decision_tree", "buys", "AUC"),
        ("classification.multiclass_logistic_regression", "level", "Log Loss"),
        ("classification.multiclass_decision_forest", "level", "Accuracy"),
        ("regression.lightgbm_regression", "spent", "Coefficient of Determination"),
    ],
)
def test_every_task_has_importances_contributions_and_dependence(
    path, label, metric, train, table_for
) -> None:
    model = train(path, table_for(label), label)
    report, table = explain_model(model, table_for(label), metric=metric, rows=120, repeats=2)
    assert (table.frame["Importance"] > -0.2).all()
    assert table.frame["Importance"].iloc[0] > 0
    headings = [each.heading for each in report.sections]
    assert headings[:3] == ["Model", "Importance by shuffling", "Contributions (Shapley values)"]
    assert len(headings) == 7
    assert metric in section(report, "Importance by shuffling").text
    city = section(report, "Dependence on city").chart
    assert set(city.categories) == {"Oslo", "Bergen", "Tromsø"}
    assert len(city.series) == (3 if label == "level" else 1)


def test_without_a_label_nothing_is_shuffled(train, table_for) -> None:
    model = train("regression.linear_regression", table_for("spent"), "spent")
    rows = table_for("spent").select(["age", "income", "city", "member"])
    with pytest.warns(ModuleWarning, match="no label"):
        report, table = explain_model(model, rows)
    assert table.frame["Importance"].isna().all()
    assert table.frame["Mean absolute contribution"].is_monotonic_decreasing
    assert "Importance by shuffling" not in [each.heading for each in report.sections]


def test_a_metric_of_another_task_is_a_clear_error(train, table_for) -> None:
    model = train("regression.linear_regression", table_for("spent"), "spent")
    with pytest.raises(ModuleError, match="regression model, which “AUC” doesn't apply to"):
        explain_model(model, table_for("spent"), metric="AUC")


def test_each_row_gets_its_contributions_and_reasons(train, table_for) -> None:
    model = train("classification.two_class_logistic_regression", table_for("buys"), "buys")
    scored = score_model(model, table_for("buys"))
    found = explain_prediction(model, scored, reasons=2)
    frame = found.frame
    names = [f"Contribution of {name}" for name in ("age", "income", "city", "member")]
    log_odds = frame["Base Value"] + frame[names].sum(axis=1)
    probability = frame["Scored Probabilities"]
    assert log_odds.to_numpy() == pytest.approx(np.log(probability / (1 - probability)), abs=1e-9)
    assert {found.roles[name] for name in (*names, "Base Value", "Main Reasons")} == {Role.SCORE}
    assert found.scoring == scored.scoring
    row = frame.iloc[0]
    largest = max(names, key=lambda name: abs(row[name])).removeprefix("Contribution of ")
    assert row["Main Reasons"].startswith(f"{largest} = ")
    assert len(row["Main Reasons"].split("; ")) == 2


@pytest.mark.proves("explain_prediction", by="by hand")
def test_contributions_to_a_line_worked_by_hand(train) -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3, 6], "b": ["x", "y", "x", "x"]})
    frame["y"] = 2 * frame["a"] + 5 * (frame["b"] == "x") + 1
    table = DataTable(frame)
    model = train("regression.linear_regression", table, "y", l2_weight=0.0)
    found = explain_prediction(model, score_model(model, table)).frame
    assert found["Base Value"].to_numpy() == pytest.approx(frame["y"].mean())
    assert found["Contribution of a"].to_numpy() == pytest.approx(2 * (frame["a"] - 3))
    # A row of “x” is compared with the three of four rows that are.
    assert found["Contribution of b"].to_numpy() == pytest.approx([1.25, -3.75, 1.25, 1.25])


def test_of_several_classes_the_predicted_one_is_explained(train, table_for) -> None:
    model = train("classification.multiclass_decision_forest", table_for("level"), "level")
    scored = score_model(model, table_for("level"))
    found = explain_prediction(model, scored, reasons=0).frame
    names = [f"Contribution of {name}" for name in ("age", "income", "city", "member")]
    sums = found["Base Value"] + found[names].sum(axis=1)
    best = found[[f"Scored Probabilities_{name}" for name in model.classes]].max(axis=1)
    assert sums.to_numpy() == pytest.approx(best, abs=1e-9)
    assert "Main Reasons" not in found


def test_explaining_again_replaces_the_contributions(train, table_for) -> None:
    model = train("regression.linear_regression", table_for("spent"), "spent")
    once = explain_prediction(model, table_for("spent"))
    with pytest.warns(ModuleWarning, match="was replaced"):
        again = explain_prediction(model, once)
    assert again.names == once.names


@pytest.fixture
def scored(train, people) -> DataTable:
    """Scores that are wrong for members from Oslo above 50, and right otherwise."""
    table = DataTable(people[["age", "income", "city", "member", "buys"]])
    model = train("classification.two_class_logistic_regression", table, "buys")
    found = score_model(model, table)
    frame = found.frame.copy()
    wrong = (frame["age"] > 50) & (frame["city"] == "Oslo")
    other = frame["buys"].map({"yes": "no", "no": "yes"})
    frame["Scored Labels"] = frame["buys"].where(~wrong, other)
    return found.with_frame(frame)


def test_the_cohort_with_the_errors_is_found_and_described(scored) -> None:
    report, cohorts, rows = error_analysis(scored)
    worst = cohorts.frame.iloc[0]
    wrong = scored.frame["buys"] != scored.frame["Scored Labels"]
    assert worst["Error rate"] == 1.0
    assert worst["Accuracy"] == 0.0
    assert "city is Oslo" in worst["Conditions"]
    assert "age above 50" in worst["Conditions"]
    assert worst["Rows"] == wrong.sum()
    assert cohorts.frame["Rows"].sum() == len(scored.frame)
    assert cohorts.frame["Share of errors"].sum() == pytest.approx(1)
    chosen = rows.frame[rows.frame["Cohort"] == worst["Cohort"]]
    assert (chosen["city"] == "Oslo").all()
    assert chosen["age"].min() > 50
    assert worst["Conditions"] in section(report, "Cohorts").text


@pytest.mark.proves("error_analysis", by="pandas")
def test_conditions_hold_for_exactly_the_rows_of_the_cohort(train, people) -> None:
    table = DataTable(people[["age", "income", "spent"]])
    model = train("regression.linear_regression", table, "spent")
    _, cohorts, rows = error_analysis(score_model(model, table), least=10)
    for cohort in cohorts.frame.itertuples():
        found = pd.Series(True, rows.frame.index)
        for condition in cohort.Conditions.split(" and "):
            name, _, rest = condition.partition(" ")
            column = rows.frame[name]
            holds = pd.Series(True, rows.frame.index)
            words = rest.removesuffix(" or missing").split()
            for word, limit in itertools.pairwise(words):
                if word == "above":
                    holds &= column > float(limit)
                if word == "to":
                    holds &= column <= float(limit)
            found &= holds | (column.isna() if rest.endswith("or missing") else False)
        assert (found == (rows.frame["Cohort"] == cohort.Cohort)).all(), cohort.Conditions


def test_a_model_without_errors_has_nothing_to_find(scored) -> None:
    right = scored.with_frame(scored.frame.assign(**{"Scored Labels": scored.frame["buys"]}))
    report, cohorts, _ = error_analysis(right)
    assert cohorts.frame["Error rate"].tolist() == [0.0]
    assert section(report, "Cohorts").text == "No row is wrong."


def test_a_scored_dataset_without_features_has_no_conditions(scored) -> None:
    with pytest.raises(ModuleError, match="no columns that conditions"):
        error_analysis(scored.select(["buys", "Scored Labels", "Scored Probabilities"]))


@pytest.mark.proves("fairness_by_group", by="counted by hand")
def test_rates_and_disparities_counted_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "sex": ["f"] * 5 + ["m"] * 5,
            "y": [1, 1, 0, 0, 0, 1, 1, 1, 0, 0],
            "Scored Labels": [1, 0, 1, 0, 0, 1, 1, 0, 0, 0],
            "Scored Probabilities": [0.9, 0.1, 0.8, 0.2, 0.3, 0.9, 0.7, 0.4, 0.1, 0.2],
        }
    )
    table = DataTable(frame, {"y": Role.LABEL})
    report, groups, found = fairness_by_group(
        table, sensitive_columns=ColumnSelector.names("sex"), least=1
    )
    women, men = groups.frame.to_dict("records")
    assert (women["Selection rate"], men["Selection rate"]) == (0.4, 0.4)
    assert women["True positive rate"] == 0.5
    assert men["True positive rate"] == pytest.approx(2 / 3)
    assert women["False positive rate"] == pytest.approx(1 / 3)
    assert men["False positive rate"] == 0
    rows = found.frame.set_index("Metric")
    assert rows.loc["Demographic parity"].tolist()[1:] == [0.0, 1.0]
    assert rows.loc["Equal opportunity"].tolist()[1:] == pytest.approx([1 / 6, 0.75])
    assert rows.loc["Equalized odds"].tolist()[1:] == pytest.approx([1 / 3, 0.0])
    assert "predicted “1”" in section(report, "Groups of sex").text


def test_numbers_are_binned_missing_is_a_group_and_small_groups_are_not_compared(scored) -> None:
    with pytest.warns(ModuleWarning, match="1 group has fewer than 30 rows"):
        _, groups, found = fairness_by_group(
            scored, sensitive_columns=ColumnSelector.names("age", "city"), bins=3, least=30
        )
    by_column = groups.frame.groupby("Column", sort=False)["Group"].apply(list)
    assert len(by_column["age"]) == 3
    assert by_column["city"] == ["Bergen", "Oslo", "Tromsø", "missing"]
    assert groups.frame.groupby("Column")["Rows"].sum().tolist() == [400, 400]
    assert found.frame["Column"].unique().tolist() == ["age", "city"]


def test_errors_of_a_regression_are_compared(train, people) -> None:
    table = DataTable(people[["age", "city", "spent"]])
    model = train("regression.linear_regression", table, "spent")
    scored = score_model(model, table)
    _, groups, _ = fairness_by_group(scored, sensitive_columns=ColumnSelector.names("city"))
    part = scored.frame[scored.frame["city"] == "Oslo"]
    error = (part["Scored Labels"] - part["spent"]).abs().mean()
    found = groups.frame.set_index("Group")["Mean absolute error"]
    assert found["Oslo"] == pytest.approx(error)


def test_too_many_groups_are_a_clear_error(scored) -> None:
    frame = scored.frame.assign(id=[f"row {number}" for number in range(len(scored.frame))])
    with pytest.raises(ModuleError, match="400 distinct values"):
        fairness_by_group(scored.with_frame(frame), sensitive_columns=ColumnSelector.names("id"))


def test_a_prepared_explainer_explains_more_rows_alike(train, table_for) -> None:
    model = train("regression.decision_forest_regression", table_for("spent"), "spent")
    explainer = Explainer(model)
    rows = DataTable(table_for("spent").frame.iloc[:3].reset_index(drop=True))
    first, again = explainer.explain(rows), explainer.explain(rows)
    assert (first.values == again.values).all()


def test_reasons_name_dates_without_midnight_and_cut_long_texts(train) -> None:
    draw = np.random.default_rng(5)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(60), "D")
    frame = pd.DataFrame({"day": days, "note": ["x" * 500, "y" * 500] * 30})
    frame["y"] = np.arange(60) + 10.0 * (frame["note"].str[0] == "x") + draw.normal(size=60)
    model = train("regression.linear_regression", DataTable(frame), "y")
    reasons = explain_prediction(model, DataTable(frame)).frame["Main Reasons"]
    assert "day = 2024-01-01 (" in reasons[0]
    later = frame.head(1).assign(day=pd.Timestamp("2024-02-03 04:05"))
    (one,) = explain_prediction(model, DataTable(later)).frame["Main Reasons"]
    assert "day = 2024-02-03 04:05:00 (" in one
    assert f"note = {'x' * 59}… (" in one
