"""Options of commands with values for a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.run_report import ProblemsError
from designer.run_values import parameter_values

if TYPE_CHECKING:
    from designer.pipeline.model import Pipeline
    from designer.pipeline.problem import Problem

parameters_option = click.option(
    "--param",
    "given",
    metavar="NAME=VALUE|FILE",
    multiple=True,
    help="Value of a pipeline parameter, or a JSON file of values. Can be repeated.",
)
until_option = click.option(
    "--until",
    metavar="NODE",
    multiple=True,
    help="Node to run, or card of a shared module or group, with everything it depends on. Can be "
    "repeated.",
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
    values, problems = parameter_values(pipeline, texts_of(given))
    if problems:
        raise ProblemsError(problems)
    return values


def nodes_until(pipeline: Pipeline, names: tuple[str, ...]) -> tuple[list[str], list[Problem]]:
    """Return the nodes of ``--until``: of a card or group, those in it; and unknown names."""
    from designer.pipeline.grouping import members_of
    from designer.pipeline.identifiers import group_ids
    from designer.pipeline.problem import Problem, near

    nodes: dict[str, None] = {}
    problems = []
    for name in names:
        found = [each for each in (name, *members_of(pipeline, name)) if each in pipeline.nodes]
        nodes |= dict.fromkeys(found)
        if not found:
            hint = near(name, [*pipeline.nodes, *group_ids(pipeline)], "nodes")
            problems.append(
                Problem("error", f"There is no node “{name}”.", hint, code="node-unknown")
            )
    return list(nodes), problems


def texts_of(given: tuple[str, ...]) -> list[str]:
    """Return the ``NAME=VALUE`` texts that were given, and those of the JSON files among them.

    Raises
    ------
    InputError
        If a file can't be read or contains no values.
    """
    texts: list[str] = []
    for text in given:
        path = Path(text)
        if not path.is_file() and ("=" in text or not (path.suffix or len(path.parts) > 1)):
            texts.append(text)
            continue
        try:
            content = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            hint = "Use NAME=VALUE, or a JSON file."
            raise InputError(f"There is no file “{text}”.", hint) from None
        except OSError as error:
            raise InputError(f"“{text}” can't be read: {error.strerror}.") from None
        except ValueError as error:
            raise InputError(f"“{text}” isn't JSON: {error}.") from None
        if not isinstance(content, dict):
            raise InputError(f"“{text}” doesn't contain one JSON object.")
        for name, value in content.items():
            texts.append(f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    return texts
