"""Values that a command is given for a run: of pipeline parameters, and of single nodes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError

if TYPE_CHECKING:
    from designer.pipeline.model import Pipeline
    from modules.contract import ModuleSpec

parameters_option = click.option(
    "--parameters",
    "given",
    metavar="FILE|NAME=VALUE",
    multiple=True,
    help="Values of pipeline parameters, as a JSON file or one by one; may be repeated.",
)
dataset_option = click.option(
    "--dataset",
    "registered",
    metavar="NAME=azureml:NAME:VERSION",
    multiple=True,
    help="Read a registered dataset in Azure ML instead of uploading it; may be repeated.",
)


def given_values(pipeline: Pipeline, given: tuple[str, ...]) -> dict[str, Any]:
    """Return values of pipeline parameters from JSON files and ``NAME=VALUE`` texts.

    Raises
    ------
    InputError
        If a file can't be read or holds no values, or as :func:`parameter_values` does.
    """
    values: dict[str, Any] = {}
    for text in given:
        if "=" in text and not Path(text).is_file():
            values |= parameter_values(pipeline, (text,))
            continue
        try:
            content = json.loads(Path(text).read_text("utf-8"))
        except FileNotFoundError:
            hint = "Give NAME=VALUE, or a JSON file."
            raise InputError(f"There is no file “{text}”.", hint) from None
        except OSError as error:
            raise InputError(f"“{text}” can't be read: {error.strerror}.") from None
        except ValueError as error:
            raise InputError(f"“{text}” is not JSON: {error}.") from None
        if not isinstance(content, dict):
            raise InputError(f"“{text}” doesn't hold one JSON object.")
        values |= content
    return values


def with_settings(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], settings: tuple[str, ...]
) -> Pipeline:
    """Return a pipeline with parameters of nodes set from ``NODE.PARAM=VALUE`` texts.

    Raises
    ------
    InputError
        If one is not of this form, or names what there is not.
    """
    from designer.pipeline.parameters import set_parameter
    from designer.pipeline.problem import near
    from modules.step import parse_value

    for setting in settings:
        place, equals, text = setting.partition("=")
        node_id, dot, name = place.rpartition(".")
        if not equals or not dot:
            raise InputError(f"--set takes NODE.PARAM=VALUE, not “{setting}”.")
        node = pipeline.nodes.get(node_id)
        if node is None:
            raise InputError(
                f"There is no node “{node_id}” to set.", near(node_id, pipeline.nodes, "nodes")
            )
        spec = specs.get(node.module)
        if spec is None:
            raise InputError(f"The module “{node.module}” of “{node_id}” is not installed.")
        parameter = spec.parameter_by_name.get(name)
        if parameter is None:
            known = near(name, spec.parameter_by_name, "parameters")
            raise InputError(f"“{node_id}” has no parameter “{name}”.", known)
        value = parse_value(text, parameter.kind)
        if parameter.optional and text == "null":
            value = None
        try:
            parameter.read(value)
        except ValueError as error:
            raise InputError(f"“{node_id}”: {error}") from None
        stored = {"$secret": value} if parameter.kind == "secret" else value
        pipeline = set_parameter(pipeline, node_id, name, stored)
    return pipeline


def parameter_values(pipeline: Pipeline, values: tuple[str, ...]) -> dict[str, Any]:
    """Return values of pipeline parameters from ``NAME=VALUE`` texts.

    Raises
    ------
    InputError
        If one is not of this form, names no parameter or has a value of another type.
    """
    from designer.pipeline.problem import near
    from modules.step import parse_value

    allowed: dict[str, tuple[type, ...]] = {
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "text": (str,),
    }
    parameters = {}
    for setting in values:
        name, equals, text = setting.partition("=")
        if not equals:
            raise InputError(f"--param takes NAME=VALUE, not “{setting}”.")
        parameter = pipeline.parameters.get(name)
        if parameter is None:
            known = near(name, pipeline.parameters, "pipeline parameters")
            raise InputError(f"The pipeline has no parameter “{name}”.", known)
        value = parse_value(text, parameter.type)
        kinds = allowed.get(parameter.type, (object,))
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InputError(
                f"The pipeline parameter “{name}” is of type {parameter.type}; “{text}” is not."
            )
        parameters[name] = value
    return parameters
