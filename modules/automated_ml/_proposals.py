"""What to try next: the tree-structured Parzen estimator of Optuna, for each learner.

Bergstra et al. 2011, Algorithms for Hyper-Parameter Optimization.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, cast

from modules.automated_ml._trial import Proposal
from modules.contract import ModuleSpec
from modules.contract.registry.automated import Candidate
from modules.learning.tuning.bayesian import distribution

_WORST = -1e30
"""The value of a trial that failed; Optuna takes no infinite ones."""

_ATTEMPTS = 50
"""How often, for each setting to propose, one is drawn until it is new."""


class Proposals:
    """Proposes settings of learners from the outcomes so far.

    Parameters
    ----------
    specs : mapping of str to ModuleSpec
        The learners; for one that goes through other modules, settings are searched separately.
    """

    def __init__(self, specs: Mapping[str, ModuleSpec], seed: int) -> None:
        import optuna

        self._seed = seed
        self._specs = specs
        self._studies: dict[str, Any] = {}
        self._samplers: dict[str, Any] = {}
        self._random = optuna.samplers.RandomSampler(seed % 2**32)
        # By learner and settings: None for those that Optuna didn't propose.
        self._known: dict[str, Any] = {}

    def ask(self, count: int, learners: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield new settings of the best learners in turn; the best gets every other one."""
        import optuna

        order = [learners[0], *learners[1:2], learners[0], *learners[2:3]] if learners else []
        attempts = found = 0
        exhausted: set[str] = set()
        while order and found < count and attempts < _ATTEMPTS * count:
            learner = order[attempts % len(order)]
            attempts += 1
            study = self._study(learner)
            with _quiet():
                if learner in exhausted:
                    study.sampler = self._random
                trial = study.ask(self._distributions(learner))
                study.sampler = self._samplers[learner]
                parameters = {name: _plain(value) for name, value in trial.params.items()}
                key = _key(learner, parameters)
                if key in self._known or not parameters:
                    # Of few settings, those near the best are soon known: any other is worth more.
                    exhausted.add(learner)
                    study.tell(trial, state=optuna.trial.TrialState.FAIL)
                    continue
            self._known[key] = trial
            found += 1
            yield learner, parameters

    def tell(self, proposal: Proposal, gain: float) -> None:
        """Take in the outcome of a proposal, or of a setting of the portfolio."""
        import optuna

        value = gain if math.isfinite(gain) else _WORST
        arm = proposal.setting.arm
        spec, distributions = self._specs[arm], self._distributions(arm)
        values = {
            name: proposal.setting.parameters.get(name, spec.parameter_by_name[name].default)
            for name in distributions
        }
        study, key = self._study(arm), _key(arm, values)
        with _quiet():
            if self._known.get(key) is not None:
                study.tell(self._known[key], value)
                return
            self._known[key] = None
            # A setting of the portfolio may be outside of the ranges.
            with contextlib.suppress(ValueError):
                trial = optuna.trial.create_trial(
                    params=values, distributions=distributions, value=value
                )
                study.add_trial(trial)

    def _study(self, learner: str) -> Any:
        import optuna

        if learner not in self._studies:
            with _quiet():
                sampler = optuna.samplers.TPESampler(
                    seed=self._seed % 2**32,
                    n_startup_trials=3,
                    multivariate=True,
                    constant_liar=True,
                )
                self._samplers[learner] = sampler
                self._studies[learner] = optuna.create_study(sampler=sampler, direction="maximize")
        return self._studies[learner]

    def _distributions(self, learner: str) -> dict[str, Any]:
        space = cast(Candidate, self._specs[learner].automated).space
        return {name: distribution(options) for name, options in space.items()}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave out Optuna's notes on experimental options and on what it does."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _key(learner: str, parameters: dict[str, Any]) -> str:
    return repr((learner, sorted(parameters.items())))


def _plain(value: Any) -> Any:
    """Return a number with four digits: settings are for people too."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
