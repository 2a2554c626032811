"""The catalog, and the results of runs and checks, in the language of the window."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from designer.catalog import Catalog
from designer.composed_texts import in_language
from designer.engine.results import NodeResult
from designer.pipeline.problem import Problem
from designer.texts import language, tr
from modules.contract.context import Trial
from modules.contract.specification import ModuleSpec, Port


def translated(catalog: Catalog) -> Catalog:
    """Return a catalog whose modules have titles in the language that is used.

    Titles are only shown: ids, names, and fingerprints stay as they are. A module is found by its
    English title as well.
    """
    if language() == "en":
        return catalog
    return Catalog(map(_translated, catalog.values()), catalog.problems)


def choice_in_language(choice: object, choices: Iterable[object]) -> str:
    """Return a choice of a parameter as it is shown; names of functions stay together."""
    named = any(re.search("[a-z][A-Z]", str(each)) for each in choices)
    return str(choice) if named else in_language(str(choice))


def problem_in_language(problem: Problem) -> Problem:
    """Return a problem in the language of the window."""
    if language() == "en":
        return problem
    return replace(problem, message=in_language(problem.message), hint=in_language(problem.hint))


def result_in_language(result: NodeResult) -> NodeResult:
    """Return the result of a step with its error, reason, and warnings in that language."""
    if language() == "en":
        return result
    error = result.error and {
        name: in_language(value) if name in ("message", "hint") else value
        for name, value in result.error.items()
    }
    return replace(
        result,
        error=error,
        reason=in_language(result.reason),
        warnings=type(result.warnings)(map(in_language, result.warnings)),
    )


def trial_in_language(trial: Trial) -> Trial:
    """Return an attempt of a search in that language."""
    if language() == "en":
        return trial
    return replace(
        trial,
        title=in_language(trial.title),
        details=in_language(trial.details),
        metric=in_language(trial.metric),
        problem=in_language(trial.problem),
    )


def _translated(spec: ModuleSpec) -> ModuleSpec:
    summary = tr(spec.summary)
    # What follows the summary isn't translated.
    help = "\n\n".join([summary, *spec.help.split("\n\n")[1:]])
    return replace(
        spec,
        title=tr(spec.title),
        category=replace(spec.category, title=tr(spec.category.title)),
        inputs=tuple(map(_port, spec.inputs)),
        outputs=tuple(map(_port, spec.outputs)),
        parameters=tuple(
            replace(each, title=tr(each.title), help=tr(each.help)) for each in spec.parameters
        ),
        keywords=(*spec.keywords, spec.title),
        summary=summary,
        help=help,
    )


def _port(port: Port) -> Port:
    copy = replace(port, help=tr(port.help))
    # The title is made from the name and cached.
    copy.__dict__["title"] = tr(port.title)
    return copy
