"""The weights of the average: which trials, and how much of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.automated_ml import _combining as combining
from modules.automated_ml._learners import Setting
from modules.automated_ml._outcome import Outcome
from modules.automated_ml._problem import Problem, Target
from modules.automated_ml._search import Trial
from modules.automated_ml._trial import Proposal
from modules.contract import DataTable

PARTS = 5


def problem(rows: int) -> tuple[Problem, list[Trial]]:
    """Return a regression and three trials: the third is good on one part only, by luck."""
    random = np.random.default_rng(1)
    y = random.normal(size=rows)
    fold = np.arange(rows) % PARTS
    target = Target("regression", "y", [], "", 1.0, "R2 score")
    made = Problem(target, DataTable(pd.DataFrame({"y": y})), fold)
    lucky = y + random.normal(size=rows) * np.where(fold == 0, 0.01, 2.0)
    scores = [y + random.normal(size=rows) * size for size in (0.5, 0.7)]
    trials = []
    for number, each in enumerate([*scores, lucky], start=1):
        values = [target.metric.compute(y[part], each[part]) for part in made.rows]
        proposal = Proposal(number, Setting("", {}), f"{number}", f"family {number}")
        trials.append(Trial(proposal, Outcome(values, scores=each)))
    return made, trials


def test_shares_are_the_mean_of_selections_that_leave_out_a_part_each():
    made, trials = problem(200)
    parts = made.rows
    expected = np.zeros(len(trials))
    for left_out in range(PARTS):
        chosen = [part for number, part in enumerate(parts) if number != left_out]
        counts = combining._added(made, trials, 5, chosen)
        expected += [counts[index] / counts.total() / PARTS for index in range(len(trials))]
    found = combining._selected(made, trials, 5)
    assert sum(found.values()) == pytest.approx(1)
    assert [found.get(index, 0.0) for index in range(len(trials))] == pytest.approx(expected)


def test_what_only_one_part_speaks_for_weighs_less_than_in_one_selection():
    made, trials = problem(200)
    once = combining._added(made, trials, 5, made.rows)
    weights = {trial.proposal.number: each for trial, each in combining.weighted(made, trials, 5)}
    total = sum(weights.values())
    # The noise of two trials is independent, so the best average is that by their precision.
    ideal = 0.7**2 / (0.5**2 + 0.7**2)
    assert weights[1] / (weights[1] + weights[2]) == pytest.approx(ideal, abs=0.12)
    assert weights.get(3, 0) / total <= once[2] / once.total() + 1e-9


def test_of_two_parts_or_very_many_rows_there_is_one_selection(monkeypatch):
    made, trials = problem(200)
    once = combining._added(made, trials, 5, made.rows)
    shares = {index: count / once.total() for index, count in once.items()}
    monkeypatch.setattr(combining, "REPEATED_ROWS", 199)
    assert combining._selected(made, trials, 5) == pytest.approx(shares)
