"""What Automated ML proposes after its portfolio."""

from __future__ import annotations

import math
from itertools import product

from modules.automated_ml._learners import Setting, candidates
from modules.automated_ml._proposals import Proposals
from modules.automated_ml._trial import Proposal


def test_each_of_few_settings_is_proposed_once():
    """However good the known ones are; a setting of the portfolio may have failed."""
    (spec,) = candidates("forecasting", "Exponential Smoothing", "")
    arm = spec.function.__module__
    proposals = Proposals({arm: spec}, 0)
    tried = []
    given = [{}, {"trend": "damped", "seasonality": "additive"}]
    for number in range(1, 100):
        parameters = given[number - 1] if number <= len(given) else None
        if parameters is None:
            asked = list(proposals.ask(1, [arm]))
            if not asked:
                break
            ((_, parameters),) = asked
            tried.append(tuple(parameters.values()))
        gain = math.nan if parameters.get("logarithm") else -1.0 / number
        proposals.tell(Proposal(number, Setting(arm, parameters), "", ""), gain)
    settings = set(product(*spec.automated.space.values())) - {("damped", "additive", False)}
    assert len(tried) == len(set(tried))
    assert set(tried) == settings
