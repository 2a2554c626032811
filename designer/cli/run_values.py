"""Values passed to a command for a run: of pipeline parameters, and of single nodes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.run_report import ProblemsError
from designer.pipeline.problem import Problem, near, near_module

if TYPE_CHECKING:
    from designer.pipeline.model import Pipeline
    from modules.contract import ModuleSpec

parameters_option = click.option(
    "--param",
    "given",
    metavar="NAME=VALUE|FILE",
    multiple=True,
    help="Value of a pipeline parameter, or a JSON file of values. Can be repeated.",
)
dataset_option = click.option(
    "--dataset",
    "registered",
    metavar="NAME=azureml:NAME:VERSION",
    multiple=True,
    help="Registered dataset to read in Azure ML instead of uploading it. Can be repeated.",
)


def given_values(pipeline: Pipeline, given: tuple[str, ...]) -> dict[str, Any]:
    """Return values of pipeline parameters from JSON files and ``NAME=VALUE`` texts.

    Raises
    ------
    InputError
        If a file can't be read or contains no values.
    ProblemsError
        If a text names no parameter or has a value that doesn't fit.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for text in given:
        if "=" in text and not Path(text).is_file():
            fitting, wrong = parameter_values(pipeline, (text,))
            values |= fitting
            problems += wrong
            continue
        try:
            content = json.loads(Path(text).read_text("utf-8"))
        except FileNotFoundError:
            hint = "Use NAME=VALUE, or a JSON file."
            raise InputError(f"There is no file “{text}”.", hint) from None
        except OSError as error:
            raise InputError(f"“{text}” can't be read: {error.strerror}.") from None
        except ValueError as error:
            raise InputError(f"“{text}” isn't JSON: {error}.") from None
        if not isinstance(content, dict):
            raise InputError(f"“{text}” doesn't contain one JSON object.")
        values |= content
    if problems:
        raise ProblemsError(problems)
    return values


def with_settings(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], settings: tuple[str, ...]
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
    pipeline: Pipeline, values: tuple[str, ...]
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
                Problem("error", f"The pipeline has no parameter “{name}”.", known, parameter=name)
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
            )
        )
    return parameters, problems


def _setting(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], setting: str
) -> tuple[str, str, Any] | Problem:
    """Return the node, parameter and stored value that a text means, or what is wrong with it."""
    from modules.contract.parameter import is_search
    from modules.runtime.step import parse_value

    target, equals, text = setting.partition("=")
    node_id, dot, name = target.rpartition(".")
    if not equals or not dot:
        return _malformed(setting, "NODE.PARAM=VALUE")

    def problem(message: str, hint: str) -> Problem:
        return Problem("error", message, hint, node_id, parameter=name)

    node = pipeline.nodes.get(node_id)
    if node is None:
        return problem(
            f"There is no node “{node_id}” to set.", near(node_id, pipeline.nodes, "nodes")
        )
    spec = specs.get(node.module)
    if spec is None:
        return problem(
            f"The module “{node.module}” of “{node_id}” isn't installed.",
            near_module(node.module, specs),
        )
    parameter = spec.parameter_by_name.get(name)
    if parameter is None:
        known = near(name, spec.parameter_by_name, "parameters")
        return problem(f"{spec.title} has no parameter “{name}”.", known)
    value = parse_value(text, parameter.kind)
    if parameter.optional and text == "null":
        value = None
    try:
        spec.read(parameter, value)
    except ValueError as error:
        hint = f"“designer modules {spec.id}” lists the parameters."
        unknown = None if is_search(value) else parameter.unknown_choice(value)
        choices = [*map(str, parameter.choices)]
        return problem(str(error), near(unknown or text, choices, "choices") if choices else hint)
    return node_id, name, {"$secret": value} if parameter.kind == "secret" else value


def _malformed(setting: str, form: str) -> Problem:
    return Problem("error", f"“{setting}” isn't of the form {form}.", f"Use {form}.")


_EXAMPLES = {"integer": "10", "number": "0.5", "boolean": "true", "text": "abc"}
