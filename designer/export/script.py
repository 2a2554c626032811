"""A pipeline as a Python script: one statement for each card, one function for each group."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from designer.catalog import distribution
from designer.export.arranging import arrange
from designer.export.cards import Card, cards_of, secrets_of
from designer.export.code import Code
from designer.export.comments import docstring, notes_by_card, sentence
from designer.export.functions import Functions
from designer.export.imports import Imports
from designer.export.main_program import arguments_of, main_program
from designer.export.names import Names, variables
from designer.export.source import WIDTH, quoted
from designer.export.statements import FOLDER, Statements
from designer.packaging.environment import CONTRACT
from designer.pipeline.file import SUFFIX
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem
from designer.workspace import Workspace
from modules.contract import ModuleSpec
from modules.contract.secrets import variable_of
from modules.values import TrainedModel


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
    with_layout: bool = False,
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
    with_layout : bool
        Add trailing comments with the id and position of each card and group.

    Raises
    ------
    ExportError
        If the pipeline has errors, or nothing to run.
    """
    base = file.absolute().parent
    cards, warnings = cards_of(pipeline, specs, base=base, datasets=datasets)
    tree, entangled = arrange(cards)
    names = Names()
    imports = Imports(names)
    imports.module("argparse")
    for card in tree.cards():
        imports.function(card.spec)
    arguments = arguments_of(pipeline, names)
    results = results_of(tree.cards())
    found = variables(tree, cards, results, names)
    statements = Statements(
        pipeline,
        base,
        workspace,
        names,
        imports,
        found,
        {argument.parameter.name: argument.name for argument in arguments},
    )
    notes = notes_by_card(
        pipeline.notes.values(), {name: card.node for name, card in cards.items()}
    )
    functions = Functions(
        pipeline, cards, statements, names, imports, found, arguments, results, notes, with_layout
    )
    body = functions.write(tree, summary_of(pipeline, file))
    end = main_program(cards, results, arguments, imports)
    script = Code()
    script.add(docstring(_head(pipeline, file, cards)))
    script.add(["", *imports.lines()])
    if statements.uses_folder:
        script.add(["", *folder_constant(base, folder or base)])
    for owner, lines in statements.texts.values():
        script.add([""])
        script.add(lines, owner)
    for part in (*body, end):
        script.add(["", ""])
        script.join(part)
    warnings += statements.warnings
    warnings += [entangled_group(group) for group in entangled]
    return Script(
        "\n".join(script.lines) + "\n",
        {owner: tuple(ranges) for owner, ranges in script.ranges.items()},
        {found[end]: end for end in results},
        tuple(warnings),
    )


def results_of(cards: Iterable[Card]) -> list[Endpoint]:
    """Return the outputs of the cards at the ends, and trained models."""
    cards = list(cards)
    read = {source.node for card in cards for source in card.inputs.values()}
    return [
        Endpoint(card.id, port.name)
        for card in cards
        for port in card.spec.outputs
        if card.id not in read or any(issubclass(kind, TrainedModel) for kind in port.types)
    ]


def summary_of(pipeline: Pipeline, file: Path) -> str:
    """Return the first line of the description, or else the name of the file."""
    first = pipeline.description.strip().splitlines()[:1]
    return sentence(first[0] if first else file.name.removesuffix(SUFFIX))


def _head(pipeline: Pipeline, file: Path, cards: Mapping[str, Card]) -> str:
    wanted = {distribution(each) for card in cards.values() for each in card.spec.requires}
    needed = [*CONTRACT, *sorted(wanted - {*CONTRACT})]
    parts = [
        sentence(pipeline.description) or summary_of(pipeline, file),
        f"Exported from “{file.name}” by ModelDesk. It needs the modules of ModelDesk and the "
        "libraries below; not its window, MLflow, or Azure ML.",
        "\n".join(
            f"    {line}" for line in ("pip install --no-deps modeldesk", *installations(needed))
        ),
    ]
    secrets = [variable_of(name) for name in secrets_of(cards)]
    if secrets:
        parts.append(f"Set the secrets in the environment: {', '.join(secrets)}.")
    return "\n\n".join(parts)


def installations(requirements: Iterable[str]) -> list[str]:
    """Return the commands that install distributions, in as many short lines as it takes."""
    return textwrap.wrap(
        " ".join(map(_pinned, requirements)),
        WIDTH - 10,
        initial_indent="pip install ",
        subsequent_indent="pip install ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _pinned(name: str) -> str:
    try:
        return f"{name}=={metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return name


def folder_constant(base: Path, folder: Path) -> list[str]:
    """Return the constant with the folder where relative paths start."""
    here = "Path(__file__).resolve().parent"
    try:
        relative = Path(os.path.relpath(base, folder.absolute())).as_posix()
        shown = here if relative == "." else f"({here} / {quoted(relative)}).resolve()"
    except ValueError:  # another drive of Windows
        shown = f"Path({quoted(str(base))})"
    return [f"{FOLDER} = {shown}", '"""Where relative paths start."""']


def entangled_group(group: str) -> Problem:
    """Return the hint that a group isn't a function."""
    return Problem(
        "hint",
        f"The group “{group}” isn't a function: data leaves it and comes back.",
        "Move the cards between its cards into the group.",
        group,
    )
