"""What every learner gives: an untrained model that knows its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from modules.contract.specification import specification
from modules.values import UntrainedModel


def untrained(
    function: Callable[..., UntrainedModel],
    task: str,
    estimator: Any,
    settings: Mapping[str, Any],
    *,
    encoding: str = "one-hot",
    takes_missing: bool = False,
    categorical_parameter: str = "",
) -> UntrainedModel:
    """Return an untrained model that can be made again with other settings.

    Parameters
    ----------
    function : callable
        The module that makes it; title and values to sweep come from its specification.
    task, estimator, encoding, takes_missing, categorical_parameter
        As in :class:`UntrainedModel`.
    settings : mapping
        Every parameter of the module by name; those that don't apply are left out.
    """
    spec = specification(function)
    applying = [parameter for parameter in spec.parameters if spec.applies(parameter, settings)]
    return UntrainedModel(
        title=spec.title,
        task=task,
        estimator=estimator,
        encoding=encoding,
        takes_missing=takes_missing,
        categorical_parameter=categorical_parameter,
        learner=function.__module__,
        parameters={parameter.name: settings[parameter.name] for parameter in applying},
        sweep={parameter.name: parameter.sweep for parameter in applying if parameter.sweep},
    )
