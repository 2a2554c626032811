"""``@learner``: a module that outputs an untrained scikit-learn estimator."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

from modules.contract.markers import Tasks
from modules.contract.module_spec import Serving
from modules.contract.parameter import RangeToTry, ValuesToTry
from modules.contract.specification import module, specification
from modules.learning.code import learner_template
from modules.learning.compiled.estimator_form import EstimatorForm
from modules.learning.sklearn_learner import SklearnLearner
from modules.values.untrained_model import UntrainedModel


def learner(
    title: str,
    *,
    task: str,
    encoding: str = "one-hot",
    takes_missing: bool = False,
    categorical_parameter: str = "",
    compiled: EstimatorForm | None = None,
    trusted: tuple[str, ...] = (),
    requires: tuple[str, ...] = ("scikit-learn",),
    **options: Any,
) -> Callable[[Callable[..., Any]], Callable[..., SklearnLearner]]:
    """Make a function that returns an unfitted estimator a learner of the palette.

    The function's parameters are keyword-only. It returns an untrained model with the
    title, the parameters that apply, and the values to sweep.

    Parameters
    ----------
    title : str
        As shown in the palette and on the canvas.
    task : str
        The task of its models: ``regression``, ``two-class``, ``multiclass``,
        ``clustering``, or a custom name that the modules that train it accept.
    encoding, takes_missing, categorical_parameter
        As in :class:`SklearnLearner`.
    compiled : EstimatorForm, optional
        How its models are served with numpy only; the built-in forms are in
        ``modules/learning/compiled``.
    trusted : tuple of str
        Dotted names of types that its stored estimators contain beyond skops' own list. Review
        each: building it from a file must not run external code. Types shared by families
        are in ``modules/learning/trusted.py``.
    requires : tuple of str
        Distributions that it needs.
    **options
        ``keywords``, ``version``, ``migrate``, ... as for
        :func:`modules.contract.specification.module`.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., SklearnLearner]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def make(**given: Any) -> SklearnLearner:
            bound = signature.bind(**given)
            bound.apply_defaults()
            search = {
                name: value
                for name, value in bound.arguments.items()
                if isinstance(value, (ValuesToTry, RangeToTry))
            }
            settings = bound.arguments | {name: each.first for name, each in search.items()}
            spec = _specification(make)
            applying = [each for each in spec.parameters if spec.applies(each, settings)]
            # Others may apply with another value to try.
            kept = spec.parameters if search else applying
            return SklearnLearner(
                title=title,
                task=task,
                estimator=function(**settings),
                encoding=encoding,
                takes_missing=takes_missing,
                categorical_parameter=categorical_parameter,
                learner=function.__module__,
                parameters={each.name: settings[each.name] for each in kept},
                sweep={each.name: each.sweep for each in applying if each.sweep},
                search=search,
                form=compiled,
                trusted=frozenset(trusted),
            )

        template = learner_template(
            function,
            lambda: _specification(make).parameters,
            title=title,
            task=task,
            encoding=encoding,
            takes_missing=takes_missing,
            categorical_parameter=categorical_parameter,
        )
        output = Annotated[UntrainedModel, Tasks(task)]
        make.__doc__ = _with_returns(inspect.getdoc(function) or "")
        make.__annotations__ = {**function.__annotations__, "return": output}
        return module(
            title,
            outputs=("untrained_model",),
            when_serving=Serving.DROP,
            requires=requires,
            tunable=True,
            trusted=trusted,
            compiled=compiled,
            **{"code": template, **options},
        )(make)

    return decorate


def _with_returns(text: str) -> str:
    """Return a docstring with the returns section of every learner inserted before its notes."""
    before, notes, after = text.partition("Notes\n-----\n")
    return f"{before.rstrip()}\n\n{_RETURNS}\n\n{notes}{after}".rstrip()


_RETURNS = """\
Returns
-------
untrained_model : UntrainedModel
    The learner with these parameters, to be trained."""

_specification = functools.cache(specification)
