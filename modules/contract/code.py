"""How a step is written as code that doesn't need this project: ``@module(code=...)``.

A template is a function beside its module. It receives a :class:`CodeStep` and writes the
statements that compute the step's outputs. In that code, a dataset is a pandas frame with the
default index, an untrained model a scikit-learn estimator, a trained model a fitted scikit-learn
pipeline, a transformation what it was fitted to, and an evaluation a dictionary of frames.
What a frame can't express, such as the role of a column, is known while the code is written: facts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn, Protocol

_FEATURE = "feature"
"""The role that a column has without another; :class:`modules.contract.Role` needs more imports."""


@dataclass(frozen=True)
class ScoreFacts:
    """How a dataset was scored; as :class:`modules.contract.Scoring`, before the run.

    Parameters
    ----------
    classes : str
        Source of the classes in the order of the model; empty if they aren't known.
    quantiles : bool
        There are columns of quantiles too.
    """

    task: str
    scored: str
    label: str | None = None
    learner: str = ""
    classes: str = ""
    quantiles: bool = False


@dataclass(frozen=True)
class TableFacts:
    """What is known of a dataset while code is written.

    Parameters
    ----------
    roles : mapping of str to str
        By column; columns that aren't features. The dataset may lack some of them.
    scores : ScoreFacts, optional
        Set by steps that score.
    score_prefixes : tuple of str
        Columns whose names start with one of these have the score role.
    are_metrics : bool
        The program prints it at its end.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    scores: ScoreFacts | None = None
    score_prefixes: tuple[str, ...] = ()
    are_metrics: bool = False

    @property
    def companions(self) -> tuple[str, ...]:
        """Variables that belong to the dataset."""
        return _variables(self.scores.classes if self.scores else "")

    def having_role(self, role: str) -> list[str]:
        """Return the columns with a role other than feature."""
        return [name for name, its in self.roles.items() if its == role]

    def with_roles(self, roles: Mapping[str, str]) -> TableFacts:
        """Return the facts with some roles changed."""
        changed = {**self.roles, **roles}
        kept = {name: role for name, role in changed.items() if role != _FEATURE}
        return replace(self, roles=kept)


@dataclass(frozen=True)
class FilesFacts:
    """An output is files: a dictionary of their contents by path."""


@dataclass(frozen=True)
class LearnerFacts:
    """What is known of an untrained model; as :class:`modules.learning.SklearnLearner`.

    Parameters
    ----------
    weights : tuple of str
        The parameters of a pipeline's ``fit`` for the weights of rows: those of the learner, and
        of a scaler before it.
    scales : bool
        It scales the features to the range from 0 to 1 first.
    assigns : bool
        Of clusters, a row's own isn't always the one with the nearest center.
    on_frames : bool
        It is trained on a frame, and encodes the columns itself.
    labels : bool
        It is trained on labels instead of their codes, and its ``scores`` returns the columns.
    folds : bool
        It divides the rows into folds, by the ``groups`` of its ``fit`` if there is a fold column.
    parameters : mapping
        The module's parameters whose values are known.
    search : mapping
        The values to try, by parameter; see :class:`modules.contract.ValuesToTry`.
    declared : tuple of Parameter
        The parameters of its module.
    given : mapping of str to str
        The source of the parameters that it was made with.
    maker : str
        The variable of a function that returns it with other parameters; empty if no step tries
        values.
    """

    title: str
    task: str
    encoding: str = "one-hot"
    takes_missing: bool = False
    categorical_parameter: str = ""
    weights: tuple[str, ...] = ()
    scales: bool = False
    assigns: bool = False
    on_frames: bool = False
    labels: bool = False
    folds: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    search: Mapping[str, Any] = field(default_factory=dict)
    declared: tuple[Any, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    maker: str = ""
    companions: tuple[str, ...] = ()


@dataclass
class Kept:
    """A variable that goes where a model goes, from the moment that a step reads it.

    Parameters
    ----------
    source : str
        The variable.
    is_read : bool
        Set by a step that reads it.
    """

    source: str
    is_read: bool = False


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a trained model.

    Parameters
    ----------
    classes : str
        Source of the classes in the order of the probabilities; empty without classes.
    threshold : bool
        It doesn't predict the likelier class, but what its ``predict`` returns.
    training : Kept, optional
        The dataset that it was trained on, with rows without a label.
    """

    learner: LearnerFacts
    label: str | None = None
    classes: str = ""
    threshold: bool = False
    training: Kept | None = None

    @property
    def companions(self) -> tuple[str, ...]:
        """Variables that belong to the model."""
        kept = self.training.source if self.training and self.training.is_read else ""
        return _variables(self.classes) + _variables(kept)


@dataclass(frozen=True)
class TransformationFacts:
    """How a fitted transformation is applied.

    Parameters
    ----------
    apply : callable
        Writes what it needs into a step, and returns the source of the transformed frame from
        the sources of the transformation and of a frame.
    """

    apply: Callable[[CodeStep, str, str], str]
    companions: tuple[str, ...] = ()


class CodeStep(Protocol):
    """A step while it is written as code."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """The variables of the linked input ports."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters of its module."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The variables of the output ports in their order; ``_`` for one that no step reads."""

    def value(self, parameter: str) -> Any:
        """Return the value of a parameter that decides what the code looks like.

        A pipeline parameter can't be its value; then the card isn't exported.
        """

    def source(self, parameter: str) -> str:
        """Return the source of a parameter's value: a literal, or a pipeline parameter."""

    def columns(self, parameter: str, port: str) -> str:
        """Return the source of the list of the selected columns of an input."""

    def features(self, port: str, *targets: str) -> str:
        """Return the source of the list of the features of an input.

        Parameters
        ----------
        *targets : str
            Columns that aren't features, whatever their role.
        """

    def path(self, parameter: str) -> Path | None:
        """Return the file or folder that a parameter names; None if it can vary or isn't here."""

    def path_source(self, parameter: str) -> str:
        """Return the source of the path that a parameter names."""

    def names(self, parameter: str) -> tuple[str, ...] | None:
        """Return the selected columns if the selection lists names, else None."""

    def facts(self, port: str) -> Any:
        """Return what is known of an input."""

    def know(self, port: str, facts: Any) -> None:
        """State what is known of an output. By default a dataset has the facts of the first."""

    def is_given(self, parameter: str) -> bool:
        """Return whether a parameter differs from its default, or can vary."""

    def is_bound(self, parameter: str) -> bool:
        """Return whether a parameter is bound to a pipeline parameter, so that it can vary."""

    def is_shared(self, port: str) -> bool:
        """Return whether other steps read the value of an input too."""

    def readers(self, port: str) -> tuple[bool, ...]:
        """Return for each step that reads an output whether it tunes a learner."""

    def module(self, name: str, short: str = "") -> str:
        """Import a module, ``("numpy", "np")``; return its name in the code."""

    def name(self, module: str, name: str) -> str:
        """Import something from a module; return its name in the code."""

    def helper(self, thing: Any) -> str:
        """Copy a function, class or constant of this project into the code; return its name.

        What it uses of this project comes along. It works on frames and arrays: a DataTable
        can't be copied. Warnings are left out, and a ModuleError becomes a ValueError.
        """

    def variable(self, wanted: str) -> str:
        """Return a free name for a variable."""

    def write(self, *statements: str) -> None:
        """Add statements; long calls are broken into lines."""

    def indented(self) -> AbstractContextManager[None]:
        """Return a context whose statements are inside of the loop that was written last."""

    def local(self) -> AbstractContextManager[None]:
        """Return a context whose variables are those of a function, and free again after it."""

    def refuse(self, reason: str) -> NoReturn:
        """Don't export the card, for a reason that follows a colon."""


Template = Callable[[CodeStep], None]


def column_of(step: CodeStep, parameter: str) -> str:
    """Return the column that a parameter names; refuse the card if only a run can know it."""
    names = step.names(parameter)
    if names is None or len(set(names)) != 1:
        title = parameter.removesuffix("_column").replace("_", " ")
        step.refuse(f"the {title} column isn't known before the run; choose it by name")
    return names[0]


def literal(value: Any) -> str:
    """Return the source of plain data: texts, numbers, lists, tuples, and dictionaries."""
    if isinstance(value, str):
        text = repr(value)
        if text[0] == "'" and '"' not in value:
            return '"' + text[1:-1] + '"'
        return text
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(literal, value))
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(key)}: {literal(each)}' for key, each in value.items())}}}"
    return repr(value)


def _variables(source: str) -> tuple[str, ...]:
    return (source,) if source.isidentifier() else ()
