"""The options that describe how a script is run, for the commands that take them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from designer.cli.errors import InputError

if TYPE_CHECKING:
    from designer.scripts.configuration import ScriptConfiguration

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--arguments",
        metavar="TEXT",
        help="Arguments of the script, quoted as in a shell. ${{inputs.NAME}} and "
        "${{outputs.NAME}} are replaced by paths. Or put them behind --.",
    ),
    click.option(
        "--environment",
        metavar="current|FILE",
        help="Environment: ModelDesk's own, or a requirements.txt or conda file, which is "
        "installed once. Default: current.",
    ),
    click.option(
        "--compute",
        metavar="TARGET",
        help="Compute target: local, dask:ADDRESS, azureml-v1:NAME, or azureml-v2:NAME. "
        "Default: local.",
    ),
    click.option(
        "--experiment", metavar="NAME", help="Experiment of the run. Default: the script's name."
    ),
    click.option(
        "--input",
        "inputs",
        metavar="NAME=PATH",
        multiple=True,
        help="File, folder, or dataset:NAME@VERSION that the script reads. Can be repeated.",
    ),
    click.option(
        "--output",
        "outputs",
        metavar="NAME[=FOLDER]",
        multiple=True,
        help="Folder that the script writes, relative to its own. Without one, each run gets a new "
        "folder, which ${{outputs.NAME}} in an argument names. Can be repeated.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Time limit. Default: none.",
    ),
)


def script_options(function: F) -> F:
    """Add the options, and the arguments behind ``--``, to a command."""
    function = click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGUMENTS]")(
        function
    )
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def configuration_of(
    file: Path,
    *,
    words: Sequence[str],
    arguments: str | None,
    environment: str | None,
    compute: str | None,
    experiment: str | None,
    inputs: Sequence[str],
    outputs: Sequence[str],
    timeout: float | None,
) -> ScriptConfiguration:
    """Return the configuration in a file, or of a script, with what the options change.

    Raises
    ------
    ScriptError
        If the file can't be read.
    InputError
        If an option is wrong.
    """
    from designer.scripts.configuration import CURRENT, ScriptConfiguration
    from designer.scripts.configuration_file import (
        SUFFIXES,
        read_configuration,
        split_arguments,
    )

    if words and arguments is not None:
        raise InputError("Arguments are given twice.", "Use --arguments or --, not both.")
    if file.suffix in SUFFIXES:
        found = read_configuration(file)
    else:
        found = ScriptConfiguration(file.absolute())
    changes: dict[str, Any] = {}
    if words or arguments is not None:
        changes["arguments"] = tuple(words) or split_arguments(arguments or "")
    if environment is not None:
        own = environment == CURRENT
        changes["environment"] = environment if own else str(Path(environment).absolute())
    for name, value in (("compute", compute), ("experiment", experiment), ("timeout", timeout)):
        if value is not None:
            changes[name] = value
    if inputs:
        changes["inputs"] = {**found.inputs, **_inputs(inputs)}
    if outputs:
        pairs = (each.partition("=") for each in outputs)
        changes["outputs"] = {**found.outputs, **{name: folder for name, _, folder in pairs}}
    return dataclasses.replace(found, **changes)


def _inputs(texts: Sequence[str]) -> dict[str, str]:
    from designer.scripts.configuration import AT_AZURE
    from designer.workspace import DATASET_PREFIX

    found = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise InputError(f"“{text}” isn't an input.", "Use --input NAME=PATH.")
        named = path.startswith((DATASET_PREFIX, *AT_AZURE))
        found[name] = path if named else str(Path(path).expanduser().absolute())
    return found
