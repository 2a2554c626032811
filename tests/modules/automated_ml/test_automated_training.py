"""Automated ML: what it tries, what it warns of, and that it gives the same again."""

from __future__ import annotations

import filecmp
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modules.automated_ml._preparation import columns_to_leave_out
from modules.automated_ml.automated_training import automated_training
from modules.contract import ColumnSelector, DataTable, ModuleError, Role
from modules.contract.context import (
    ModuleWarning,
    Stop,
    Trial,
    listening_to_trials,
    stopping,
    using_threads,
)
from modules.values import CompiledModel, storage

LINEAR = {"classification": "Logistic Regression", "regression": "Linear Regression"}
QUICK = {"trials": 1, "folds": 2, "allowed_learners": "Logistic Regression"}


def rows(count: int = 80, **columns) -> DataTable:
    """Return rows whose label depends on a."""
    random = np.random.default_rng(11)
    a = random.normal(size=count)
    frame = pd.DataFrame({"a": a, "b": random.normal(size=count)})
    frame["y"] = np.where(a + random.normal(size=count) * 0.5 > 0, "yes", "no")
    return DataTable(frame.assign(**columns), {"y": Role.LABEL})


def trained(table: DataTable, second: DataTable | None = None, /, **parameters):
    """Train and return the outputs and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ModuleWarning)
        found = automated_training(table, second, **{**QUICK, **parameters})
    texts = [str(each.message) for each in caught if issubclass(each.category, ModuleWarning)]
    return *found, texts


def compiled(model, folder: Path) -> Path:
    made = model.compile()
    assert made is not None
    made.save(folder)
    return folder


def same_files(one: Path, two: Path) -> bool:
    comparison = filecmp.dircmp(one, two)
    if comparison.left_only or comparison.right_only or comparison.funny_files:
        return False
    _, different, errors = filecmp.cmpfiles(one, two, comparison.common_files, shallow=False)
    inside = [same_files(one / name, two / name) for name in comparison.common_dirs]
    return not different and not errors and all(inside)


@pytest.mark.long
def test_one_and_two_workers_give_the_same_bytes(tmp_path):
    table = rows(60, city=[f"c{number % 35}" for number in range(60)])
    for workers in (1, 2):
        with using_threads(workers):
            outputs = automated_training(
                table,
                trials=5,
                folds=2,
                allowed_learners="LightGBM, Logistic Regression, Nearest Neighbors",
            )
        for name, value in zip(("model", "board", "scored"), outputs, strict=True):
            storage.save(value, tmp_path / str(workers) / name)
    assert same_files(tmp_path / "1", tmp_path / "2")


def test_the_best_model_scores_rows_as_they_are(tmp_path):
    table = rows(
        when=pd.Timestamp("2024-03-01") + pd.to_timedelta(range(80), "D"),
        text=["a few words here"] * 30 + [f"other words number {n}" for n in range(50)],
        city=[f"c{number % 40}" for number in range(80)],
    )
    model, _, scored, _ = trained(table)
    storage.save(model, tmp_path)
    again = storage.load(tmp_path)
    expected = model.score(table).frame
    pd.testing.assert_frame_equal(again.score(table).frame, expected)
    assert {column.name for column in model.features} == {"a", "b", "when", "text", "city"}
    score = CompiledModel.load(compiled(again, tmp_path / "compiled")).row_function()
    for row, whole in zip(table.frame.to_dict("records"), expected.to_dict("records"), strict=True):
        one = score({name: row[name] for name in ("a", "b", "when", "text", "city")})
        assert one["Scored Labels"] == whole["Scored Labels"]
        assert one["Scored Probabilities"] == pytest.approx(whole["Scored Probabilities"], abs=1e-9)
    assert (expected["Scored Labels"] == table.frame["y"]).mean() > 0.7
    assert len(scored) == len(table)
    assert scored.scoring.label == "y"
    assert set(scored.frame["Fold Number"]) == {0, 1}


@pytest.mark.proves("automated_training", by="scikit-learn")
def test_a_trial_equals_scikit_learn_on_the_same_folds():
    table = rows()
    model, board, scored, _ = trained(table, trials=1, allowed_learners="Logistic Regression")
    assert model.parameters["standardize"]
    features, label = table.frame[["a", "b"]], table.frame["y"]
    folds = scored.frame["Fold Number"]
    areas = []
    for fold in (0, 1):
        held = folds == fold
        other = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-9))
        expected = other.fit(features[~held], label[~held]).predict_proba(features[held])[:, 1]
        found = scored.frame.loc[held, "Scored Probabilities"]
        np.testing.assert_allclose(found, expected, atol=1e-5)
        areas.append(roc_auc_score(label[held], expected))
    assert board.trials[0]["score"] == pytest.approx(np.mean(areas))
    whole = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-9)).fit(features, label)
    np.testing.assert_allclose(
        model.score(table).frame["Scored Probabilities"],
        whole.predict_proba(features)[:, 1],
        atol=1e-5,
    )


@pytest.mark.long
def test_the_leaderboard_is_ranked_by_the_metric():
    _, board, _, _ = trained(
        rows(), trials=4, allowed_learners="Logistic Regression", classification_metric="Log loss"
    )
    scores = [trial["score"] for trial in board.trials]
    assert scores == sorted(scores)
    assert not board.higher_is_better
    assert board.trials[0]["metrics"].keys() >= {"AUC", "Accuracy"}
    assert list(board.sheet().headers[:6]) == [
        "Rank", "Trial", "Model", "Settings", "Log loss", "Spread",
    ]  # fmt: skip


def test_trials_are_reported_and_a_stop_keeps_the_best():
    seen: list[Trial] = []
    stop = Stop(lambda: bool(seen))
    with listening_to_trials(seen.append), stopping(stop):
        model, board, _, texts = trained(rows(), trials=100, ensemble="none")
    assert 1 <= len(seen) <= 8
    assert stop.heeded
    assert model.title == "Two-Class Logistic Regression"
    assert len(board.trials) >= len(seen)
    assert any("of 100 trials were run. It was stopped." in text for text in texts)


@pytest.mark.long
def test_a_stop_is_heeded_before_each_trial_and_not_only_each_round():
    asked = iter([False, False, False, True])
    with stopping(Stop(lambda: next(asked, True))):
        _, board, _, texts = trained(rows(), trials=100, ensemble="none")
    assert [trial["number"] for trial in board.trials if trial["number"]] == [1, 2]
    assert "2 of 100 trials were run. It was stopped." in texts


def test_a_stop_before_the_first_trial_is_an_error():
    with stopping(Stop(lambda: True)), pytest.raises(ModuleError, match="before its first trial"):
        trained(rows(), trials=100)


@pytest.mark.long
def test_nothing_is_tried_twice():
    _, board, _, texts = trained(
        rows(240), trials=12, allowed_learners="Nearest Neighbors", folds=2
    )
    tried = [trial["settings"] for trial in board.trials if trial["number"]]
    assert len(set(tried)) == len(tried)
    assert texts == []


@pytest.mark.long
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_units_of_columns_do_not_matter_to_linear_learners(task):
    random = np.random.default_rng(4)
    numbers = random.normal(size=(120, 5))
    total = numbers @ [3.0, 2.0, 1.0, 0.0, 0.0] + random.normal(size=120)
    label = total if task == "regression" else np.where(total > 0, "yes", "no")
    boards = []
    for unit in (1.0, 1e-4):
        frame = pd.DataFrame(numbers * unit).add_prefix("x").assign(y=label)
        table = DataTable(frame, {"y": Role.LABEL})
        _, board, _, _ = trained(
            table, trials=12, task=task, allowed_learners=LINEAR[task], ensemble="none"
        )
        boards.append(board)
    one, two = ({t["number"]: t["score"] for t in board.trials if t["number"]} for board in boards)
    assert len(one) == 12
    assert two == pytest.approx(one, abs=1e-6)


@pytest.mark.long
def test_a_weighted_average_is_at_least_as_good_as_each_trial():
    random = np.random.default_rng(6)
    table = rows(150, c=random.normal(size=150), city=random.choice(list("abcd"), 150))
    _, board, _, _ = trained(
        table,
        trials=5,
        allowed_learners="Logistic Regression, Nearest Neighbors, Decision Forest",
        classification_metric="Log loss",
    )
    (mixed,) = [trial for trial in board.trials if trial["combination"]]
    singles = [trial["score"] for trial in board.trials if trial["number"] and trial["score"]]
    assert len(singles) > 3
    assert mixed["score"] <= min(singles)


# Bad input


def test_one_class_is_an_error():
    with pytest.raises(ModuleError, match="only one class"):
        trained(rows(y="yes"))


def test_a_label_without_values_is_an_error():
    with pytest.raises(ModuleError, match="Every value of the label column “y” is missing"):
        trained(rows(y=pd.Series([None] * 80, dtype="str")))


@pytest.mark.parametrize(
    ("columns", "hint"),
    [
        ({}, "Use a dataset with other columns."),
        ({"a": 1, "b": "x"}, "Use a dataset with other columns than “a”, “b”."),
    ],
    ids=["no columns", "constant columns"],
)
def test_a_table_without_features_is_an_error_before_any_trial(columns, hint):
    table = rows().frame[["y"]].assign(**columns)
    with pytest.raises(ModuleError, match="no column to learn from besides the label") as error:
        trained(DataTable(table, {"y": Role.LABEL}))
    assert error.value.code == "no-features"
    assert error.value.hint == hint


def test_a_label_with_a_class_for_each_row_is_an_error():
    with pytest.raises(ModuleError, match="Every class of “y” has only 1 row") as error:
        trained(rows(y=[f"t{number}" for number in range(80)]))
    assert "another label column" in error.value.hint


def test_a_constant_number_is_an_error():
    with pytest.raises(ModuleError, match="same value in every row"):
        trained(rows(y=2.5), task="regression", allowed_learners="")


def test_twenty_rows_are_enough():
    model, _, _, _ = trained(rows(20))
    assert model.classes == ("no", "yes")


def test_scores_of_few_rows_are_doubted():
    doubt = "{} rows are evaluated, so scores on new rows may be far from those of the leaderboard."
    assert f"Only {doubt.format(49)}" in trained(rows(49))[-1]
    assert trained(rows(50))[-1] == []
    share = {"validation": "share of rows", "validation_share": 0.25}
    assert f"Only {doubt.format(20)}" in trained(rows(80), **share)[-1]


@pytest.mark.long
def test_what_is_no_better_than_a_constant_is_not_averaged():
    """LightGBM doesn't split 16 rows, so it predicts the same for all of them."""
    learners = "LightGBM, Logistic Regression"
    _, board, _, _ = trained(rows(20), trials=2, folds=5, allowed_learners=learners)
    found = [(trial["title"], trial["score"]) for trial in board.trials]
    assert found[0][0] == "Two-Class Logistic Regression"
    assert found[1:] == [("Two-Class LightGBM", 0.5)]


def test_fewer_rows_than_folds_are_an_error():
    with pytest.raises(ModuleError):
        trained(rows(3), folds=5)


@pytest.mark.long
def test_three_thousand_columns_work():
    random = np.random.default_rng(0)
    table = rows(60)
    wide = pd.DataFrame(
        random.normal(size=(60, 3000)), columns=[f"x{number}" for number in range(3000)]
    )
    model, _, _, _ = trained(DataTable(pd.concat([table.frame, wide], axis=1), table.roles))
    assert len(model.features) == 3002


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (range(1, 81), "identifies rows"),
        ([f"key-{number}" for number in range(80)], "identifies rows"),
        ([3] * 80, "the same value in every row"),
    ],
    ids=["number", "text", "constant"],
)
def test_a_useless_column_is_left_out_by_name(column, reason):
    model, board, _, texts = trained(rows(extra=column))
    assert "extra" not in {column.name for column in model.features}
    assert board.plan["left_out"] == ["extra"]
    assert any("“extra”" in text and reason in text for text in texts)


def test_a_column_that_is_the_label_is_told_by_name():
    table = rows()
    leak = table.frame["y"].map({"yes": 1, "no": 0})
    _, board, _, texts = trained(table.with_frame(table.frame.assign(result=leak)))
    assert board.plan["left_out"] == ["result"]
    assert "“result” is the label “y” in other values; Automated ML left it out." in texts
    assert board.trials[0]["score"] < 1
    numbers = DataTable(
        pd.DataFrame({"a": np.arange(40.0) ** 1.5, "b": np.arange(40) % 7}).assign(
            euros=lambda frame: frame["a"] * 2 + 1
        )
    )
    _, board, _, _ = trained(
        numbers,
        label_column=ColumnSelector.names("euros"),
        allowed_learners="Linear Regression",
    )
    assert board.plan["left_out"] == ["a"]


def test_a_column_that_is_the_label_where_it_is_known_is_told_by_name():
    table = rows()
    result = table.frame["y"].map({"yes": 1.0, "no": 0.0}).mask(np.arange(80) % 9 == 0)
    _, board, _, texts = trained(table.with_frame(table.frame.assign(result=result)))
    assert board.plan["left_out"] == ["result"]
    assert "“result” is the label “y” in other values; Automated ML left it out." in texts


def test_a_column_that_is_rarely_known_may_agree_with_the_label():
    frame = rows().frame
    rare = frame["y"].map({"yes": 1.0, "no": 0.0}).where(np.arange(80) < 39)
    marks = frame["y"].map({"yes": "seen"})
    assert columns_to_leave_out(DataTable(frame.assign(rare=rare, marks=marks)), "y") == []


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_numbers_near_the_limits_of_computers_are_no_leak(unit):
    random = np.random.default_rng(5)
    table = DataTable(pd.DataFrame({"a": random.normal(size=80), "y": random.normal(size=80)}))
    table = table.with_frame(table.frame.assign(y=table.frame["y"] * unit, copy=table.frame["y"]))
    with warnings.catch_warnings():
        # numpy's, as a square overflows.
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.warns(Warning, match="“copy” is the label"):
            left_out = columns_to_leave_out(table, "y")
    assert left_out == ["copy"]


def test_text_alone_is_learned_from():
    random = np.random.default_rng(2)
    good = random.random(80) < 0.5
    texts = [
        f"this was {'lovely' if one else 'terrible'} on day {number % 30}"
        for number, one in enumerate(good)
    ]
    table = DataTable(
        pd.DataFrame({"text": texts, "y": np.where(good, "up", "down")}), {"y": Role.LABEL}
    )
    model, board, _, _ = trained(table)
    assert board.trials[0]["score"] > 0.99
    new = DataTable(pd.DataFrame({"text": ["what a lovely day", "terrible, all of it"]}))
    assert model.score(new).frame["Scored Labels"].tolist() == ["up", "down"]


def test_dates_alone_are_learned_from():
    when = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(range(400), "D"))
    table = DataTable(
        pd.DataFrame({"when": when, "y": np.where(when.dt.day_of_week < 3, "a", "b")}),
        {"y": Role.LABEL},
    )
    _, board, _, _ = trained(table, allowed_learners="LightGBM")
    assert board.trials[0]["score"] > 0.99


def test_a_class_with_one_row():
    table = rows(60)
    two = table.frame["y"].where(table.frame.index != 0, "maybe")
    with pytest.warns(Warning, match="only 1 row"):
        automated_training(table.with_frame(table.frame.assign(y=two)), **QUICK)
    rare = pd.Series(["no"] * 59 + ["yes"])
    with pytest.raises(ModuleError, match="only 1 row"):
        trained(table.with_frame(table.frame.assign(y=rare)))


@pytest.mark.long
def test_a_class_with_one_row_beside_many_values():
    """What can't be encoded by a label with so few rows fails alone."""
    table = rows(120, zip=[f"z{number % 40}" for number in range(120)])
    two = table.frame["y"].where(table.frame.index != 0, "maybe")
    _, board, _, texts = trained(table.with_frame(table.frame.assign(y=two)), trials=2)
    assert board.trials[0]["score"] is not None
    reasons = {trial["title"]: trial["problem"] for trial in board.trials}
    encoded = "Multiclass Logistic Regression with target encoding"
    assert "a class with one row only" in reasons[encoded]
    assert any("1 of 2 trials failed" in text for text in texts)


def test_infinite_values_are_named():
    table = rows()
    infinite = table.frame["b"].where(table.frame.index != 5, np.inf)
    with pytest.raises(ModuleError, match="Column “b” contains infinite values"):
        trained(table.with_frame(table.frame.assign(b=infinite)))


@pytest.mark.long
def test_a_trial_without_enough_memory_is_a_row_with_the_reason(monkeypatch):
    from modules.automated_ml import _pool

    make = _pool.Pool.__init__

    def with_little(pool, problem, workers):
        make(pool, problem, workers, 60_000_000)

    monkeypatch.setattr(_pool.Pool, "__init__", with_little)
    random = np.random.default_rng(1)
    wide = pd.DataFrame(random.normal(size=(2_000, 400))).add_prefix("x")
    wide["y"] = np.where(wide["x0"] > 0, "yes", "no")
    with pytest.raises(ModuleError, match="All 2 trials failed"):
        trained(DataTable(wide, {"y": Role.LABEL}), trials=2)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"allowed_learners": "LightGBM, Magic"}, "“Magic” isn't a learner"),
        ({"blocked_learners": "logistic regression"}, "Every learner is blocked"),
        ({"positive_class": "perhaps"}, "doesn't contain the class “perhaps”"),
    ],
)
def test_wrong_choices_are_named(parameters, message):
    with pytest.raises(ModuleError, match=message):
        trained(rows(), **parameters)


@pytest.mark.long
def test_blocked_learners_are_not_tried():
    _, board, _, _ = trained(
        rows(),
        trials=3,
        allowed_learners="",
        blocked_learners="LightGBM, Boosted Decision Tree,"
        "Decision Forest, Extra Trees, Neural Network",
    )
    titles = {trial["title"] for trial in board.trials if trial["number"]}
    assert titles <= {"Two-Class Logistic Regression", "Two-Class Nearest Neighbors"}


@pytest.mark.long
def test_the_time_limit_stops_between_trials_but_not_before_the_first():
    _, board, _, texts = trained(rows(), trials=9_000, minutes=1e-9)
    assert [trial["number"] for trial in board.trials] == [1]
    assert "1 of 9000 trials were run. The time was up." in texts


def test_a_validation_dataset_must_have_the_columns():
    other = rows(30)
    with pytest.raises(ModuleError, match="Column “b” doesn't exist"):
        trained(rows(), other.with_frame(other.frame.drop(columns="b")))


def test_classes_of_a_validation_dataset_must_be_known():
    other = rows(30)
    with pytest.raises(ModuleError, match="contains “maybe”, which no row") as error:
        trained(rows(), other.with_frame(other.frame.assign(y=["maybe"] * 30)))
    assert error.value.port == "validation_dataset"
    table = rows(y=np.arange(80) * 1.5)
    parameters = {"task": "regression", "allowed_learners": "Linear Regression"}
    with pytest.raises(ModuleError, match="needs a numeric label"):
        trained(table, other, **parameters)


def test_the_column_of_the_time_may_number_the_rows():
    """Otherwise such a column is an identifier, and left out."""
    when = {"validation": "latest rows", "time_column": ColumnSelector.names("when")}
    _, board, scored, _ = trained(rows(when=range(80, 0, -1)), **when)
    assert board.plan["left_out"] == []
    assert sorted(scored.frame["when"]) == list(range(65, 81))


@pytest.mark.parametrize("share", [0.2, 0.02])
def test_rare_classes_may_be_in_one_part_of_the_rows(share):
    """A class with one row can't be in both, nor three classes among two rows."""
    table = rows(100)
    rare = table.frame["y"].where(table.frame.index != 0, "maybe")
    given = {"validation": "share of rows", "validation_share": share}
    given["classification_metric"] = "Accuracy"
    _, board, scored, texts = trained(table.with_frame(table.frame.assign(y=rare)), **given)
    assert board.trials[0]["score"] is not None
    assert len(scored) == round(100 * share)
    assert any("divided without regard to them" in text for text in texts)


def test_a_share_without_rows_is_an_error():
    given = {"validation": "share of rows", "validation_share": 0.999}
    with pytest.raises(ModuleError, match="leaves no rows with a label to train on"):
        trained(rows(), **given)
