"""What a module declares about its part in Automated ML.

A learner that declares a :class:`Candidate` is tried, a module that declares a
:class:`Preparation` prepares tables, and one that declares a :class:`Division` holds rows out:
those of plug-ins and of the user's own folder as well as the built-in ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modules.contract.parameter import RangeToTry


@dataclass(frozen=True)
class Candidate:
    """Declares that Automated ML tries a learner.

    Parameters
    ----------
    family : str
        The name by which the learner is allowed or blocked, the same for all tasks.
    portfolio : sequence of (float, mapping)
        Settings that are good on many tables, each with its turn: lower ones are tried first.
        Parameters that aren't named have their default.
    space : mapping of str to RangeToTry or tuple
        The values to search by parameter: a range, or a tuple of choices.
    """

    family: str
    portfolio: Sequence[tuple[float, Mapping[str, Any]]]
    space: Mapping[str, RangeToTry | tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Preparation:
    """Declares that Automated ML prepares tables with a module.

    The module's first output is the prepared table. What it learns from the table is its
    transformation output; a module without one must declare ``reads="rows"``.

    Parameters
    ----------
    turn : float
        Modules with lower ones prepare the table first.
    plan : callable
        Accepts the table and the label column. Returns the plain JSON parameters of each call
        that the table needs; an empty list if it needs none. It may read the features only.
    """

    turn: float
    plan: Callable[[Any, str], list[dict[str, Any]]]


@dataclass(frozen=True)
class InFolds:
    """Declares that Automated ML also tries learners with a module that prepares their rows.

    For a preparation that uses the label: it must be fitted to the rows that the learner is
    trained on, and not before they are divided. The module's input and output are untrained models.

    Parameters
    ----------
    title : str
        What it adds to a learner, for display.
    plan : callable
        Accepts the table, the label column, and a seed. Returns the module's plain JSON
        parameters, or None if the table doesn't need it.
    """

    title: str
    plan: Callable[[Any, str, int], dict[str, Any] | None]


@dataclass(frozen=True)
class Weighting:
    """Declares that a module adds a column of weights that balances the classes of a label.

    Parameters
    ----------
    plan : callable
        Accepts the label column; returns the module's plain JSON parameters.
    """

    plan: Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Division:
    """Declares that Automated ML divides rows, to train and to evaluate, with a module.

    Parameters
    ----------
    kind : str
        ``share`` of the rows at random, or the latest by ``time``.
    plan : callable
        Accepts ``share`` of the rows to evaluate on, ``seed``, ``label`` (empty for a number),
        and ``time``, a column. Returns the module's plain JSON parameters.
    """

    kind: str
    plan: Callable[[float, int, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Combination:
    """Declares that Automated ML combines the best learners with a module.

    Its inputs are untrained models, the first of which are required; its output is one. It
    combines those of the tasks of its output.

    Parameters
    ----------
    kind : str
        ``weights`` for a weighted average of predictions, ``stack`` for a learner on top of them.
    plan : callable
        Accepts the weights, integers, and a seed; returns the module's plain JSON parameters.
    members : int
        How many of the inputs, the first ones, are for the learners.
    """

    kind: str
    plan: Callable[[list[int], int], dict[str, Any]]
    members: int = 5


@dataclass(frozen=True)
class ForecastTraining:
    """Declares that Automated ML trains the best forecaster with a module.

    Its inputs are an untrained model and a table, its first output is the trained model.

    Parameters
    ----------
    plan : callable
        Accepts the plain JSON parameters of Automated Forecasting that describe the series;
        returns those of the module.
    """

    plan: Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class BackTest:
    """Declares that Automated ML evaluates forecasters with a module.

    Its inputs are an untrained model and a table. Its outputs are a row for each forecast, and a
    table of metrics with a row for each fold and one for their means.

    Parameters
    ----------
    plan : callable
        As for :class:`ForecastTraining`; the horizon and the number of folds are given too.
    rows : callable
        Accepts the table and the module's arguments as keywords. Returns the rows that any
        forecaster is evaluated on, as the module does, without its scores.
    folds : callable
        Accepts an untrained model, the table, and the module's arguments as keywords. Yields the
        scored rows and the metrics of one fold after the other, as the module does: a trial can
        end before the last.
    """

    plan: Callable[[Mapping[str, Any]], dict[str, Any]]
    rows: Callable[..., Any]
    folds: Callable[..., Iterator[tuple[Any, Mapping[str, float]]]]


Automated = (
    Candidate
    | Preparation
    | InFolds
    | Weighting
    | Division
    | Combination
    | ForecastTraining
    | BackTest
)
"""What a module may declare."""
