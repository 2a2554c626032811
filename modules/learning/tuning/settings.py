"""Settings of a learner to try."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modules.contract import ModuleError, ModuleSpec
from modules.contract.specification import Parameter
from modules.values import UntrainedModel

ENTIRE_GRID, RANDOM_SWEEP, RANDOM_GRID = "entire grid", "random sweep", "random grid"

MOST_SETTINGS = 10_000
"""More aren't tried in one step."""

Setting = dict[str, Any]
"""A value for each parameter that is tuned."""


def values_to_try(learner: UntrainedModel, text: str) -> dict[str, tuple[Any, ...]]:
    """Return the values to try by parameter: the learner's own, changed by a text.

    Parameters
    ----------
    text : str
        A line ``parameter: value, value`` for each parameter whose values differ from the
        learner's own. Semicolons separate values that contain commas.

    Raises
    ------
    ModuleError
        If a line names no parameter of the learner, or a value that isn't allowed, and if there
        is nothing to try.
    """
    found = dict(learner.sweep)
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, rest = map(str.strip, line.partition(":"))
        spec = learner.specification
        parameter = spec.parameter_by_name.get(name)
        if not colon or parameter is None:
            names = ", ".join(spec.parameter_by_name)
            raise _wrong(
                f"“{line}” doesn't name a parameter of {spec.title}.",
                f"Enter a line “parameter: value, value”. The parameters are: {names}.",
            )
        if not spec.applies(parameter, learner.parameters):
            raise _wrong(
                f"“{name}” has no effect with the other parameters of {spec.title}.",
                f"Remove the line, or change {_controlling(spec, parameter)} of the learner.",
            )
        found[name] = tuple(_read(parameter, each) for each in _items(rest))
        if not found[name]:
            raise _wrong(f"“{name}” has no values to try.", "Enter at least one value.")
    if not found:
        raise _wrong(
            f"{learner.title} has no values to try.",
            "Enter some as “parameter: value, value”.",
        )
    return found


def settings_to_try(
    values: Mapping[str, Sequence[Any]], mode: str, runs: int, seed: int
) -> list[Setting]:
    """Return the settings of a search, each of them once.

    Parameters
    ----------
    values : mapping of str to sequence
        From :func:`values_to_try`.
    mode : str
        ``entire grid``: all combinations in the order of scikit-learn's ``ParameterGrid``.
        ``random sweep``: ``runs`` times a random value for each parameter; a combination drawn
        again isn't tried again. ``random grid``: ``runs`` different combinations, those of
        scikit-learn's ``ParameterSampler``.

    Raises
    ------
    ModuleError
        If an entire grid has more than 10,000 combinations.
    """
    import numpy as np
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    grid = ParameterGrid({name: list(options) for name, options in values.items()})
    if mode == RANDOM_GRID:
        return list(ParameterSampler(grid.param_grid, min(runs, len(grid)), random_state=seed))
    if mode == RANDOM_SWEEP:
        random = np.random.default_rng(seed)
        drawn = [
            {name: values[name][int(random.integers(len(values[name])))] for name in sorted(values)}
            for _ in range(runs)
        ]
        return [each for index, each in enumerate(drawn) if each not in drawn[:index]]
    if len(grid) > MOST_SETTINGS:
        raise ModuleError(
            "too-many-settings",
            f"The grid has {len(grid):,} combinations of parameters; the limit is "
            f"{MOST_SETTINGS:,}.",
            "Choose the random grid or the random sweep, or enter fewer values to try.",
            parameter="mode",
        )
    return list(grid)


def _items(text: str) -> list[str]:
    separator = ";" if ";" in text else ","
    return [each.strip() for each in text.split(separator) if each.strip()]


def _read(parameter: Parameter, text: str) -> Any:
    """Return a value that is written in a text."""
    convert: dict[str, Callable[[str], Any]] = {"integer": int, "number": float}
    value: Any = text
    if parameter.kind == "boolean":
        value = {"true": True, "false": False}.get(text.lower(), text)
    elif parameter.kind in convert:
        try:
            value = convert[parameter.kind](text)
        except ValueError:
            value = text
    try:
        return parameter.read(value)
    except ValueError as error:
        raise _wrong(str(error), "Change the values to try.") from None


def _controlling(spec: ModuleSpec, parameter: Parameter) -> str:
    return " and ".join(spec.parameter_by_name[name].title for name in parameter.when)


def _wrong(message: str, hint: str) -> ModuleError:
    return ModuleError("wrong-values", message, hint, parameter="values")
