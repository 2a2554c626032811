"""The messages under the fields of a node's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from designer.app.panels.problems import without_title
from designer.app.widgets.numbers import list_hint, number_hint
from designer.composed_texts import in_language
from designer.pipeline.model import Node
from designer.pipeline.parameters import UNSET, bound_parameter
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec, Numbers, Parameter

Message = tuple[str, str]
"""A text and its severity: ``error``, ``warning`` or ``muted``."""


def messages(
    node: Node, spec: ModuleSpec | None, problems: Sequence[Problem]
) -> tuple[dict[str, Message], list[str]]:
    """Return messages by parameter, and the errors that are about none of them."""
    parameters = spec.parameter_by_name if spec else {}
    found: dict[str, Message] = {}
    rest = []
    for problem in problems:
        text = f"{without_title(problem, spec)} {problem.hint}".strip()
        if problem.parameter in parameters:
            text = _under_title(text, parameters[problem.parameter])
            severity = problem.severity if problem.severity != "hint" else "muted"
            found.setdefault(problem.parameter, (text, severity))
        elif problem.severity == "error":
            rest.append(text)
    # Current input takes precedence over earlier problems.
    for name, parameter in parameters.items():
        value = node.parameters.get(name, UNSET)
        refused = "" if value is UNSET or spec is None else _refusal(spec, parameter, value)
        if refused:
            found[name] = (refused, "error")
        elif isinstance(parameter.marker, Numbers) and (hint := list_hint(_text(value))):
            found.setdefault(name, (hint, "muted"))
    return found, rest


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _refusal(spec: ModuleSpec, parameter: Parameter, value: Any) -> str:
    """Return why a value isn't allowed; empty if it is."""
    if parameter.kind == "secret" or bound_parameter(value) is not None:
        return ""
    try:
        spec.read(parameter, value)
    except ValueError as error:
        numeric = parameter.kind in ("integer", "number") and isinstance(value, str)
        text = _under_title(in_language(str(error)), parameter)
        return f"{text} {number_hint(value) if numeric else ''}".strip()
    return ""


def _under_title(text: str, parameter: Parameter) -> str:
    """Return a sentence without the title that is above the field already."""
    for start in (f"{parameter.title}: ", tr("{title} is ").format(title=parameter.title)):
        text = text.removeprefix(start)
    return text[:1].upper() + text[1:]
