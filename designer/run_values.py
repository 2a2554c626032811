"""Values for a run, written as text: of pipeline parameters, and of single nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from designer.pipeline.problem import Problem, near, near_module

if TYPE_CHECKING:
    from designer.pipeline.model import Pipeline
    from modules.contract import ModuleSpec


def with_settings(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], settings: Sequence[str]
) -> tuple[Pipeline, list[Problem]]:
    """Set parameters of nodes from ``NODE.PARAM=VALUE`` texts.

    Returns
    -------
    Pipeline
        With every value that can be set.
    list of Problem
        All problems of the others.
    """
    from designer.pipeline.parameters import set_parameter

    problems = []
    for setting in settings:
        found = _setting(pipeline, specs, setting)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            pipeline = set_parameter(pipeline, *found)
    return pipeline, problems


def parameter_values(
    pipeline: Pipeline, values: Sequence[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values of pipeline parameters of ``NAME=VALUE`` texts.

    Returns
    -------
    dict
        Every value that fits.
    list of Problem
        All problems of the others.
    """
    from designer.pipeline._node_checks import fits
    from modules.runtime.step import parse_value

    parameters, problems = {}, []
    for setting in values:
        name, equals, text = setting.partition("=")
        if not equals:
            problems.append(_malformed(setting, "NAME=VALUE"))
            continue
        parameter = pipeline.parameters.get(name)
        if parameter is None:
            known = near(name, pipeline.parameters, "pipeline parameters")
            problems.append(
                Problem(
                    "error",
                    f"The pipeline has no parameter “{name}”.",
                    known,
                    parameter=name,
                    code="pipeline-parameter-unknown",
                )
            )
            continue
        value = parse_value(text, parameter.type)
        if fits(parameter, value):
            parameters[name] = value
            continue
        problems.append(
            Problem(
                "error",
                f"The pipeline parameter “{name}” is of type {parameter.type}; “{text}” isn't.",
                f"Use a value such as {name}={_EXAMPLES[parameter.type]}.",
                parameter=name,
                code="parameter-wrong",
            )
        )
    return parameters, problems


def _setting(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], setting: str
) -> tuple[str, str, Any] | Problem:
    """Return the node, parameter and stored value that a text means, or what is wrong with it."""
    from designer.pipeline.model import Endpoint
    from designer.pipeline.shared.groups import inner_parameter
    from modules.contract.parameter import is_search
    from modules.runtime.step import parse_value

    target, equals, text = setting.partition("=")
    node_id, dot, name = target.rpartition(".")
    node_id, name = inner_parameter(pipeline, Endpoint(node_id, name))
    if not equals or not dot:
        return _malformed(setting, "NODE.PARAM=VALUE")

    def problem(code: str, message: str, hint: str) -> Problem:
        return Problem("error", message, hint, node_id, parameter=name, code=code)

    node = pipeline.nodes.get(node_id)
    if node is None:
        return problem(
            "node-unknown",
            f"There is no node “{node_id}” to set.",
            near(node_id, pipeline.nodes, "nodes"),
        )
    spec = specs.get(node.module)
    if spec is None:
        return problem(
            "module-unknown",
            f"The module “{node.module}” of “{node_id}” isn't installed.",
            near_module(node.module, specs),
        )
    parameter = spec.parameter_by_name.get(name)
    if parameter is None:
        known = near(name, spec.parameter_by_name, "parameters")
        return problem("parameter-unknown", f"{spec.title} has no parameter “{name}”.", known)
    value = parse_value(text, parameter.kind)
    if parameter.optional and text == "null":
        value = None
    try:
        spec.read(parameter, value)
    except ValueError as error:
        hint = f"“designer modules {spec.id}” lists the parameters."
        unknown = None if is_search(value) else parameter.unknown_choice(value)
        choices = [*map(str, parameter.choices)]
        hint = near(unknown or text, choices, "choices") if choices else hint
        return problem("parameter-wrong", str(error), hint)
    return node_id, name, {"$secret": value} if parameter.kind == "secret" else value


def _malformed(setting: str, form: str) -> Problem:
    return Problem(
        "error", f"“{setting}” isn't of the form {form}.", f"Use {form}.", code="setting-malformed"
    )


_EXAMPLES = {"integer": "10", "number": "0.5", "boolean": "true", "text": "abc"}
