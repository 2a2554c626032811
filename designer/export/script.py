"""A pipeline as a Python script: one statement for each card, one function for each group."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from designer.export.code import Code
from designer.export.comments import docstring
from designer.export.draft import Draft, draft
from designer.export.functions import Functions
from designer.export.main_program import main_program
from designer.export.source import quoted
from designer.export.statements import FOLDER
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem
from designer.workspace import Workspace
from modules.contract import ModuleSpec

FOLDER_MEANING = "Where relative paths start."


@dataclass(frozen=True)
class Script:
    """A pipeline as Python.

    Parameters
    ----------
    lines : mapping of str to tuple of (int, int)
        The first and last line, from 1, of each part of a card or group: its statement or
        function, and the constants with its texts.
    results : mapping of str to Endpoint
        The outputs that ``main()`` returns, by their names in the script: those of the cards
        at the ends of the pipeline, and trained models.
    warnings : tuple of Problem
        What isn't exported, and what keeps the script from running on another computer.
    """

    text: str
    lines: Mapping[str, tuple[tuple[int, int], ...]]
    results: Mapping[str, Endpoint]
    warnings: tuple[Problem, ...] = ()


def python_script(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    *,
    file: Path,
    workspace: Workspace,
    folder: Path | None = None,
    datasets: Collection[str] | None = None,
    closed: Collection[str] = (),
    with_layout: bool = False,
    with_results: bool = True,
) -> Script:
    """Export a pipeline as a script that calls the modules as plain functions.

    Parameters
    ----------
    file : Path
        The file of the pipeline; relative paths start in its folder.
    folder : Path, optional
        Where the script will be. Default: beside the pipeline.
    datasets : collection of str, optional
        Names of the registered datasets. Without it they aren't checked.
    closed : collection of str
        Nodes whose files mustn't be looked at.
    with_layout : bool
        Add trailing comments with the id and position of each card and group.
    with_results : bool
        Add an option to the script's command line that writes the results as files.

    Raises
    ------
    ExportError
        If the pipeline has errors, or nothing to run.
    """
    made = draft(
        pipeline,
        specs,
        file=file,
        workspace=workspace,
        datasets=datasets,
        closed=closed,
        argparse=True,
    )
    functions = Functions(
        pipeline,
        made.cards,
        made.statements,
        made.names,
        made.imports,
        made.variables,
        made.arguments,
        made.results,
        made.notes,
        with_layout,
    )
    body = functions.write(made.tree, made.summary)
    end = main_program(made.cards, made.results, made.arguments, made.imports, with_results)
    return assembled(made, made.head(made.origin, made.installations()), [*body, end], folder)


def assembled(made: Draft, head: str, parts: Iterable[Code], folder: Path | None) -> Script:
    """Return a script from its parts; the imports are complete by now.

    Parameters
    ----------
    folder : Path or None
        Where it will be. None: beside the pipeline.
    """
    script = Code()
    script.add(docstring(head))
    script.add(["", *made.imports.lines()])
    if made.statements.uses_folder:
        base = made.file.absolute().parent
        constant = folder_constant(base, folder or base, "Path(__file__).resolve().parent")
        script.add(["", constant, f'"""{FOLDER_MEANING}"""'])
    for owner, lines in made.statements.texts.values():
        script.add([""])
        script.add(lines, owner)
    for part in parts:
        script.add(["", ""])
        script.join(part)
    return Script(
        "\n".join(script.lines) + "\n",
        {owner: tuple(ranges) for owner, ranges in script.ranges.items()},
        {made.variables[end]: end for end in made.results},
        (*made.warnings, *map(_entangled_group, made.entangled)),
    )


def folder_constant(base: Path, folder: Path, here: str) -> str:
    """Return the line that defines the constant with the folder where relative paths start.

    Parameters
    ----------
    here : str
        Source of the folder of the code.
    """
    try:
        relative = Path(os.path.relpath(base, folder.absolute())).as_posix()
        shown = here if relative == "." else f"({here} / {quoted(relative)}).resolve()"
    except ValueError:  # another drive of Windows
        shown = f"Path({quoted(str(base))})"
    return f"{FOLDER} = {shown}"


def _entangled_group(group: str) -> Problem:
    return Problem(
        "hint",
        f"The group “{group}” isn't a function: data leaves it and comes back.",
        "Move the cards between its cards into the group.",
        group,
        code="group-not-a-function",
    )
