"""What a search found, for a reader."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from modules.contract.chart import Chart, Series
from modules.contract.module_spec import ModuleSpec
from modules.contract.parameter import RangeToTry, Search
from modules.contract.sheet import Sheet
from modules.learning.tuning.trials import Aim, Trial
from modules.values.report import Report, Section


def report_of(
    title: str,
    spec: ModuleSpec,
    space: Mapping[str, Search],
    trials: Sequence[Trial],
    best: Trial,
    aim: Aim,
) -> Report:
    """Return the best setting, a picture of all, and the course of the search.

    Parameters
    ----------
    title : str
        Of the learner.
    spec : ModuleSpec
        The module that made it.
    trials : sequence of Trial
        In the order in which they were tried.
    """
    names = {name: spec.parameter_by_name[name].title for name in sorted(space)}
    evaluated = [trial for trial in trials if math.isfinite(aim.cost(trial))]
    spread = best.deviation(aim.metric)
    reached = f"{aim.metric} {best.mean(aim.metric):.6g}"
    if math.isfinite(spread):
        reached += f" (standard deviation over {len(best.metrics)} folds: {spread:.2g})"
    tried = "1 setting was" if len(trials) == 1 else f"{len(trials):,} settings were"
    rows = tuple(
        (names[name], _shown(best.setting[name]), _tried(space[name]))
        for name in names
        if name in best.setting
    )
    sections = [
        Section(
            "Best setting",
            f"{tried} tried. The best one reached {reached}.",
            sheet=Sheet(("Parameter", "Best value", "Tried"), rows),
        )
    ]
    if len(evaluated) > 1:
        sections.append(
            Section(
                "All settings",
                "Each line is a setting; its color is the metric. Where good lines meet on an "
                "axis, the parameter matters.",
                chart=_parallel(names, space, evaluated, aim),
            )
        )
        sections.append(
            Section(
                "Course of the search",
                "If the best value still improved near the end, more runs may find a better one.",
                chart=_course(evaluated, aim),
            )
        )
    return Report(f"Tuning of {title}", tuple(sections))


def _parallel(
    names: Mapping[str, str], space: Mapping[str, Search], trials: Sequence[Trial], aim: Aim
) -> Chart:
    axes = [
        Series(
            title,
            y=[_axis_value(trial.setting.get(name)) for trial in trials],
            log=isinstance(search := space[name], RangeToTry) and search.log,
        )
        for name, title in names.items()
    ]
    axes.append(Series(aim.metric, y=[trial.mean(aim.metric) for trial in trials]))
    return Chart("parallel", "Settings", series=axes)


def _course(trials: Sequence[Trial], aim: Aim) -> Chart:
    # What was trained on fewer rows, or stopped, isn't comparable.
    full = [trial for trial in trials if trial.share >= 1 and not trial.stopped]
    costs = [aim.cost(trial) for trial in full]
    sign = 1 if aim.lower_is_better else -1
    numbers = range(1, len(full) + 1)
    best = [sign * min(costs[:number]) for number in numbers]
    return Chart(
        "lines",
        f"{aim.metric} by run",
        "Setting",
        aim.metric,
        series=[
            Series("Best so far", x=numbers, y=best),
            Series("Setting", x=numbers, y=[sign * cost for cost in costs]),
        ],
    )


def _axis_value(value: Any) -> Any:
    """Return a number or a text; a switch is a text."""
    return value if value is None or _is_number(value) else _shown(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _tried(search: Search) -> str:
    if isinstance(search, RangeToTry):
        scale = ", logarithmic" if search.log else ""
        return f"{_shown(search.low)} to {_shown(search.high)}{scale}"
    return ", ".join(map(_shown, search.values))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
