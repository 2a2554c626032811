"""A pipeline as a script that doesn't need this project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from designer.catalog import distribution
from designer.export.arranging import arrange
from designer.export.cards import Card, ExportError, cards_of, secrets_of
from designer.export.code import Code
from designer.export.comments import docstring, notes_by_card, sentence
from designer.export.functions import Functions
from designer.export.imports import Imports
from designer.export.main_program import arguments_of, options_of
from designer.export.names import Names, variables
from designer.export.script import (
    Script,
    entangled_group,
    folder_constant,
    installations,
    results_of,
    summary_of,
)
from designer.export.standalone.output import write_result
from designer.export.standalone.steps import Steps
from designer.export.statements import Statements
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem
from designer.workspace import Workspace
from modules.contract import DataTable, ModuleSpec
from modules.contract.secrets import variable_of
from modules.values import Evaluation, TrainedModel, UntrainedModel


def standalone_script(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    *,
    file: Path,
    workspace: Workspace,
    folder: Path | None = None,
    datasets: Collection[str] | None = None,
    with_layout: bool = False,
) -> Script:
    """Export a pipeline as a script that needs pandas, NumPy, and scikit-learn alone.

    Parameters
    ----------
    file, workspace, folder, datasets, with_layout
        As in :func:`designer.export.script.python_script`.

    Raises
    ------
    ExportError
        If the pipeline has errors, nothing to run, or cards that can't be written so; it names
        all of them.
    """
    base = file.absolute().parent
    cards, warnings = cards_of(pipeline, specs, base=base, datasets=datasets)
    tree, entangled = arrange(cards)
    names = Names()
    imports = Imports(names)
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
    readers = Counter(source for card in cards.values() for source in card.inputs.values())
    steps = Steps(statements, names, imports, found, readers)
    written = Written(steps)
    problems: list[Problem] = []
    for card in tree.cards():
        try:
            written.write(card)
        except ExportError as error:
            problems += error.problems
    if problems:
        raise ExportError(problems)
    notes = notes_by_card(
        pipeline.notes.values(), {name: card.node for name, card in cards.items()}
    )
    functions = StandaloneFunctions(
        pipeline, cards, written, names, imports, found, arguments, results, notes, with_layout
    )
    functions.steps = steps
    body = functions.write(tree, summary_of(pipeline, file))
    end = _main_program(results, cards, options_of(arguments), steps)
    script = Code()
    script.add(docstring(_head(pipeline, file, cards)))
    script.add(["", *imports.lines()])
    if statements.uses_folder:
        script.add(["", *folder_constant(base, folder or base)])
    for owner, lines in statements.texts.values():
        script.add([""])
        script.add(lines, owner)
    for part in body:
        script.add(["", ""])
        script.join(part)
    for _, lines in steps.transplants.parts:
        script.add(["", "", *lines])
    script.add(["", "", *end])
    warnings += statements.warnings
    warnings += [entangled_group(group) for group in entangled]
    return Script(
        "\n".join(script.lines) + "\n",
        {owner: tuple(ranges) for owner, ranges in script.ranges.items()},
        {found[end]: end for end in results},
        tuple(warnings),
    )


_ALWAYS = ("numpy", "pandas", "scikit-learn")


class Written:
    """The statements of cards, written in the order of execution and read in any."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._lines: dict[str, list[str]] = {}

    def write(self, card: Card) -> None:
        """Write the statements of a card, after those that feed it."""
        self._lines[card.id] = self._steps.lines(card)

    def lines(self, card: Card) -> list[str]:
        """Return the lines of a card's statements."""
        return self._lines[card.id]


class StandaloneFunctions(Functions):
    """Functions whose values are frames and scikit-learn's objects."""

    steps: Steps

    def result_type(self) -> str:
        """Return the type of a result of ``main``."""
        return self._imports.name("typing", "Any")

    def named(self, end: Endpoint) -> list[tuple[str, str]]:
        """Return the variables of an output, each with its type."""
        port = self._cards[end.node].spec.output_by_name[end.port]
        anything = self._imports.name("typing", "Any")
        kind = anything
        if all(issubclass(each, DataTable) for each in port.types):
            kind = f"{self._imports.module('pandas', 'pd')}.DataFrame"
        elif all(issubclass(each, TrainedModel) for each in port.types):
            kind = self._imports.name("sklearn.pipeline", "Pipeline")
        elif all(issubclass(each, UntrainedModel) for each in port.types):
            kind = self._imports.name("sklearn.base", "BaseEstimator")
        optional = " | None" if port.optional and kind != anything else ""
        companions = [(name, anything) for name in self.steps.companions(end)]
        return [(self._variables[end], kind + optional), *companions]


def _main_program(
    results: Sequence[Endpoint], cards: Mapping[str, Card], options: list[str], steps: Steps
) -> list[str]:
    path = steps.imports.name("pathlib", "Path")
    argparse = steps.imports.module("argparse")
    write = steps.transplants.take(write_result)
    evaluated = any(
        issubclass(kind, Evaluation)
        for end in results
        for kind in cards[end.node].spec.output_by_name[end.port].types
    )
    shown = [
        '        if isinstance(value, dict) and "metrics" in value:',
        '            print(name, value["metrics"].T.to_string(), sep="\\n")',
    ]
    return [
        'if __name__ == "__main__":',
        f"    parser = {argparse}.ArgumentParser(description=main.__doc__)",
        *options,
        "    parser.add_argument(",
        f'        "--results", type={path}, metavar="FOLDER", help="Write the results to FOLDER."',
        "    )",
        "    arguments = vars(parser.parse_args())",
        '    folder = arguments.pop("results")',
        "    for name, value in main(**arguments).items():",
        *(shown if evaluated else []),
        "        if folder is not None and value is not None:",
        f"            {write}(value, folder / name)",
    ]


def _head(pipeline: Pipeline, file: Path, cards: Mapping[str, Card]) -> str:
    wanted = {distribution(each) for card in cards.values() for each in card.spec.requires}
    parts = [
        sentence(pipeline.description) or summary_of(pipeline, file),
        f"Exported from “{file.name}” by ModelDesk, which it doesn't need.",
        "\n".join(f"    {line}" for line in installations(sorted({*wanted, *_ALWAYS}))),
    ]
    secrets = [variable_of(name) for name in secrets_of(cards)]
    if secrets:
        parts.append(f"Set the secrets in the environment: {', '.join(secrets)}.")
    return "\n\n".join(parts)
