"""What every kind of code is written from: cards in order, with names and statements."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from designer.export.arranging import Block, arrange
from designer.export.cards import Card, cards_of, secrets_of
from designer.export.comments import notes_by_card, sentence
from designer.export.imports import Imports
from designer.export.main_program import Argument, arguments_of
from designer.export.names import Names, variables
from designer.export.source import WIDTH
from designer.export.statements import Statements
from designer.packaging.environment import CONTRACT
from designer.pipeline.file import SUFFIX
from designer.pipeline.model import Endpoint, Note, Pipeline
from designer.pipeline.problem import Problem
from designer.workspace import Workspace
from modules.contract import ModuleSpec, Port
from modules.contract.secrets import variable_of
from modules.programs import distribution, distributions
from modules.values import Report, TrainedModel


@dataclass(frozen=True)
class Draft:
    """A pipeline whose cards have an order, variables, and statements that call modules.

    Parameters
    ----------
    results : list of Endpoint
        The outputs of the cards at the ends, and trained models.
    notes : mapping
        The notes beside each card.
    skipped : list of Problem
        Warnings about the cards that aren't in it.
    entangled : list of str
        The groups that the tree doesn't have, because data leaves them and comes back.
    """

    pipeline: Pipeline
    file: Path
    cards: Mapping[str, Card]
    tree: Block
    names: Names
    imports: Imports
    arguments: list[Argument]
    results: list[Endpoint]
    variables: Mapping[Endpoint, str]
    statements: Statements
    notes: Mapping[str, list[Note]]
    skipped: list[Problem]
    entangled: list[str]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What was noticed, in the statements that were written so far too."""
        return (*self.skipped, *self.statements.warnings)

    @property
    def summary(self) -> str:
        """The first line of the description, or else the name of the file."""
        first = self.pipeline.description.strip().splitlines()[:1]
        return sentence(first[0] if first else self.file.name.removesuffix(SUFFIX))

    def requirements(self) -> set[str]:
        """Return the distributions that the modules of the cards need."""
        needed = {
            each for card in self.cards.values() for each in card.spec.requirements(card.parameters)
        }
        return {distribution(each) for each in distributions(needed)}

    def installations(self) -> list[str]:
        """Return the commands that install what code needs that calls modules."""
        needed = [*CONTRACT, *sorted(self.requirements() - {*CONTRACT})]
        return ["pip install --no-deps modeldesk", *installations(needed)]

    @property
    def origin(self) -> str:
        """Where code that calls modules is from, and what it needs."""
        return (
            f"Exported from “{self.file.name}” by ModelDesk. It needs the modules of ModelDesk "
            "and the libraries below; not its window, MLflow, or Azure ML."
        )

    def head(self, origin: str, installed: list[str]) -> str:
        """Return the text at the top of a script.

        Parameters
        ----------
        installed : list of str
            Commands that install what it needs.
        """
        parts = [
            sentence(self.pipeline.description) or self.summary,
            origin,
            "\n".join(f"    {line}" for line in installed),
            self.secrets(),
        ]
        return "\n\n".join(filter(None, parts))

    def secrets(self) -> str:
        """Return a sentence with the secrets to set; empty if there are none."""
        names = [variable_of(name) for name in secrets_of(self.cards)]
        return f"Set the secrets in the environment: {', '.join(names)}." if names else ""


def draft(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    *,
    file: Path,
    workspace: Workspace,
    datasets: Collection[str] | None,
    closed: Collection[str],
    argparse: bool = False,
    functions: bool = True,
) -> Draft:
    """Return the draft of a pipeline's code.

    Parameters
    ----------
    argparse : bool
        The code has a command line.
    functions : bool
        The code calls the functions of modules, which make reports too.

    Raises
    ------
    ExportError
        If the pipeline has errors, or nothing to run.
    """
    base = file.absolute().parent
    cards, warnings = cards_of(pipeline, specs, base=base, datasets=datasets, closed=closed)
    tree, entangled = arrange(cards)
    names = Names()
    imports = Imports(names)
    if argparse:
        imports.module("argparse")
    for card in tree.cards() if functions else ():
        imports.function(card.spec)
    arguments = arguments_of(pipeline, names)
    results = _results(tree.cards(), reports=functions)
    found = variables(tree, cards, results, names)
    by_parameter = {argument.parameter.name: argument.name for argument in arguments}
    return Draft(
        pipeline,
        file,
        cards,
        tree,
        names,
        imports,
        arguments,
        results,
        found,
        Statements(pipeline, base, workspace, names, imports, found, by_parameter),
        notes_by_card(pipeline.notes.values(), {name: card.node for name, card in cards.items()}),
        warnings,
        entangled,
    )


def _results(cards: Iterable[Card], *, reports: bool) -> list[Endpoint]:
    cards = list(cards)
    read = {source.node for card in cards for source in card.inputs.values()}
    return [
        Endpoint(card.id, port.name)
        for card in cards
        for port in card.spec.outputs
        if card.id not in read or any(issubclass(kind, TrainedModel) for kind in port.types)
        if reports or port.as_tables or not _is_report(port)
    ]


def _is_report(port: Port) -> bool:
    return all(issubclass(kind, Report) for kind in port.types)


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
