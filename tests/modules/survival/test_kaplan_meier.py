"""Kaplan-Meier against published figures, formulas by hand, and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from modules.contract import ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.survival_analysis.kaplan_meier import kaplan_meier

FREIREICH = {
    "6-MP": ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]),
    "placebo": ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], []),
}
"""Weeks of remission, relapsed and censored (Freireich et al. 1963, Blood 21)."""


@pytest.fixture(scope="module")
def leukemia() -> DataTable:
    rows = [
        (group, week, happened)
        for group, parts in FREIREICH.items()
        for weeks, happened in zip(parts, (True, False), strict=True)
        for week in weeks
    ]
    return DataTable(pd.DataFrame(rows, columns=["group", "weeks", "relapse"]))


def estimated(table: DataTable, **options: object) -> tuple[pd.DataFrame, pd.DataFrame, object]:
    curves, groups, report = kaplan_meier(
        table,
        duration_column=ColumnSelector.names("weeks"),
        event_column=ColumnSelector.names("relapse"),
        **options,
    )
    return curves.frame, groups.frame, report


GROUPS = {"group_column": ColumnSelector.names("group")}


@pytest.mark.proves("kaplan_meier", by="a published figure")
def test_the_published_curve_is_found(leukemia: DataTable) -> None:
    curves, groups, report = estimated(leukemia, **GROUPS)
    treated = curves[(curves["Group"] == "6-MP") & (curves["Events"] > 0)]
    # Kalbfleisch and Prentice (2002), table 1.1; Kleinbaum and Klein (2012), p. 59.
    published = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert treated["Time"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert treated["Survival"].round(3).tolist() == published
    assert treated["At risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    medians = groups.set_index("Group")["Median time"]
    assert medians.to_dict() == {"6-MP": 23, "placebo": 8}
    # Published log-rank statistic: 16.79 on 1 degree of freedom.
    values = dict(report.sections[1].sheet.rows)
    assert values["Chi-squared"] == pytest.approx(16.79, abs=0.005)
    assert values["p-value"] < 0.0001
    assert "differ" in report.sections[1].text


def test_intervals_are_greenwoods_on_the_log_log_scale(leukemia: DataTable) -> None:
    curves, groups, _ = estimated(leukemia, **GROUPS)
    first = curves[curves["Group"] == "6-MP"].iloc[0]
    # R: survfit(Surv(weeks, relapse) ~ group, conf.type = "log-log"): 0.857 (0.620, 0.952).
    assert first["Survival"] == pytest.approx(18 / 21)
    assert (round(first["Lower"], 3), round(first["Upper"], 3)) == (0.620, 0.952)
    placebo = groups.set_index("Group").loc["placebo"]
    assert (placebo["Median, lower"], placebo["Median, upper"]) == (4, 11)
    narrow, _, _ = estimated(leukemia, confidence=0.5, **GROUPS)
    assert narrow["Lower"].iloc[0] > first["Lower"]


def test_random_data_equals_statsmodels() -> None:
    rng = np.random.default_rng(5)
    weeks = rng.integers(0, 30, 300).astype(float)
    happened = rng.random(300) < 0.6
    group = rng.choice(["a", "b", "c"], 300)
    table = DataTable(pd.DataFrame({"weeks": weeks, "relapse": happened, "group": group}))
    curves, _, report = estimated(table)
    other = SurvfuncRight(weeks, happened)
    events = curves[curves["Events"] > 0]
    assert events["Survival"].to_numpy() == pytest.approx(other.surv_prob)
    assert events["At risk"].to_numpy() == pytest.approx(other.n_risk)
    assert len(report.sections) == 1
    _, _, report = estimated(table, **GROUPS)
    statistic, p = survdiff(weeks, happened, group)
    values = dict(report.sections[1].sheet.rows)
    assert values["Chi-squared"] == pytest.approx(statistic)
    assert values["p-value"] == pytest.approx(p)


def test_the_restricted_mean_is_the_area_below_the_curve() -> None:
    table = DataTable(pd.DataFrame({"weeks": [1.0, 2, 3, 4], "relapse": [1, 0, 1, 1]}))
    curves, groups, _ = estimated(table)
    assert curves["Survival"].tolist() == [0.75, 0.75, 0.375, 0.0]
    assert groups["Restricted mean"].tolist() == [1 + 0.75 * 2 + 0.375]
    assert groups["Median time"].tolist() == [3]


def test_an_event_is_any_value(leukemia: DataTable) -> None:
    frame = leukemia.frame
    for happened, value in (("lost", "lost"), (2, "2"), (3.0, "3")):
        other = 0 if isinstance(happened, (int, float)) else "kept"
        column = [happened if each else other for each in frame["relapse"]]
        table = DataTable(frame.assign(relapse=column))
        curves, _, _ = estimated(table, event_value=value)
        assert curves["Events"].sum() == 30


def test_missing_values_are_left_out_or_a_group(leukemia: DataTable) -> None:
    frame = leukemia.frame.assign(group=leukemia.frame["group"].where(leukemia.frame.index % 4 > 0))
    frame["weeks"] = frame["weeks"].astype(float).where(frame.index != 1)
    with pytest.warns(ModuleWarning) as caught:
        _, groups, _ = estimated(DataTable(frame), **GROUPS)
    first, second = (str(each.message) for each in caught if each.category is ModuleWarning)
    assert first.startswith("1 of 42 rows")
    assert "they are a group" in second
    assert groups["Group"].tolist() == ["(missing)", "6-MP", "placebo"]
    assert groups["Rows"].sum() == 41


def test_nobody_with_the_event_has_no_median() -> None:
    table = DataTable(pd.DataFrame({"weeks": [1.0, 2.0], "relapse": [False, False]}))
    _, groups, report = estimated(table)
    assert groups["Median time"].isna().all()
    assert "more than half" in report.sections[0].text


def test_mistakes_are_explained(leukemia: DataTable, refused) -> None:
    frame = leukemia.frame
    with refused("bad-duration", "-1", column="weeks"):
        estimated(DataTable(frame.assign(weeks=-1)))
    with refused("bad-event", "relapse", parameter="event_value"):
        estimated(DataTable(frame.assign(relapse="yes")))
    with refused("event-not-found", "maybe", parameter="event_value"):
        estimated(DataTable(frame.assign(relapse="yes")), event_value="maybe")
    with refused("column-type", "weeks", parameter="duration_column"):
        estimated(DataTable(frame.assign(weeks="a")))
    with refused("too-many-groups", "42", parameter="group_column"):
        estimated(DataTable(frame.assign(group=range(42))), **GROUPS)
    with refused("no-durations", "weeks", port="dataset"):
        estimated(DataTable(frame.assign(weeks=np.nan)))
