"""Automated ML's weighted average: its weights, and when it comes first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from modules.automated_ml._combining import combination, combining, useful, weighted
from modules.automated_ml._learners import Setting
from modules.automated_ml._outcome import Outcome
from modules.automated_ml._problem import Problem, Target
from modules.automated_ml._results import Entry
from modules.automated_ml._search import Trial
from modules.automated_ml._training import _ranked
from modules.automated_ml._trial import Proposal
from modules.contract import DataTable, Role

ERROR = "Normalized root mean squared error"


def problem(rows: int) -> Problem:
    frame = pd.DataFrame({"y": np.linspace(0.0, 1.0, rows)})
    target = Target("regression", "y", [], "", 1.0, ERROR)
    return Problem(target, DataTable(frame, {"y": Role.LABEL}), np.arange(rows) % 2)


def trial(given: Problem, number: int, family: str, error: float) -> Trial:
    """Return a trial whose predictions are all too large by the same error."""
    scores = given.target.actual(given.evaluated) + error
    outcome = Outcome([abs(error)] * 2, [], scores)
    return Trial(Proposal(number, Setting(family, {}), family, family), outcome)


@pytest.mark.parametrize(
    ("number", "most", "expected"),
    [
        # Selection wants the best alone. Two trials at least have the equal weights, one a family.
        (4, 10, {1: 75, 3: 25}),
        # A quarter of 12 is three: two of family a, and one of b.
        (12, 10, {1: 67, 2: 17, 3: 17}),
        # A quarter of 24 would be six, but there is room for four.
        (24, 4, {1: 62, 2: 12, 3: 12, 4: 12}),
    ],
)
def test_half_of_the_weights_are_equal_ones_of_the_best_quarter(number, most, expected):
    given = problem(100)
    families = ["a", "a", "b", "b", *["a"] * 20]
    trials = [trial(given, at, families[at - 1], at / 100) for at in range(1, number + 1)]
    found = {each.proposal.number: weight for each, weight in weighted(given, trials, most)}
    assert found == expected


def test_trials_of_one_family_alone_have_equal_weights():
    given = problem(100)
    trials = [trial(given, at, "a", at / 100) for at in range(1, 13)]
    found = {each.proposal.number: weight for each, weight in weighted(given, trials, 10)}
    assert found == {1: 75, 2: 25}


def test_errors_that_cancel_out_are_weighted_against_each_other():
    """Three times 0.1 and once -0.3 are 0: selection finds it, and half of the weights are so."""
    given = problem(1_000)
    trials = [trial(given, 1, "a", 0.1), trial(given, 2, "b", -0.3)]
    found = {each.proposal.number: weight for each, weight in weighted(given, trials, 5)}
    assert found == pytest.approx({1: (75 + 50) / 2, 2: (25 + 50) / 2}, abs=1)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        # Of 11 numbers from 0 to 1, the mean is wrong by 0.316 on average.
        ([0.1, 0.31, 0.32, 0.4], [1, 2]),
        ([0.1, 0.4], [1]),
        # Together, those that are all worse may be better.
        ([0.4, 0.5], [1, 2]),
    ],
)
def test_what_is_no_better_than_a_constant_is_left_out_if_anything_is(errors, expected):
    frame = pd.DataFrame({"y": np.linspace(0.0, 1.0, 11)})
    target = Target("regression", "y", [], "", 1.0, ERROR)
    given = Problem(target, DataTable(frame, {"y": Role.LABEL}), np.zeros(11, int))
    trials = [trial(given, at, f"learner {at}", error) for at, error in enumerate(errors, 1)]
    failed = Trial(replace(trials[0].proposal, number=9), Outcome(problem="It failed."))
    assert [each.proposal.number for each in useful(given, [*trials, failed])] == expected


@pytest.mark.parametrize(
    ("single", "average", "first"),
    [
        ([0.30, 0.40], [0.20, 0.30], "average"),
        # Better by 0.02 on average, with a standard error of 0.03.
        ([0.25, 0.31], [0.30, 0.30], "average"),
        ([0.28, 0.29], [0.30, 0.30], "single"),
        ([0.30, 0.30], [], "single"),
    ],
    ids=["better", "alike", "clearly worse", "failed"],
)
def test_an_average_comes_first_unless_a_trial_is_clearly_better(single, average, first):
    spec = combination("weights", "regression")
    given = problem(10)
    trials = [trial(given, 1, "a", 0.1), trial(given, 2, "b", 0.2)]
    mixed = combining(spec, trials, [50, 50], 0, "average")
    entries = [
        Entry(Proposal(1, Setting("a", {}), "single", "a"), "", Outcome(single)),
        Entry(mixed, "", Outcome(average)),
    ]
    assert _ranked(entries, given)[0].proposal.title == first
