"""A pipeline as a script that doesn't need this project."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from designer.export.cards import Card, ExportError
from designer.export.code import Code
from designer.export.draft import Draft, draft, installations
from designer.export.functions import Functions
from designer.export.main_program import Writing, options_of, program
from designer.export.script import Script, assembled
from designer.export.standalone.output import write_result
from designer.export.standalone.steps import Steps
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem
from designer.workspace import Workspace
from modules.contract import DataTable, ModuleSpec
from modules.contract.code import LearnerFacts, ModelFacts, literal
from modules.values import Evaluation

# Of a table that the script prints.
_MOST_ROWS = 50


def standalone_script(
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
    """Export a pipeline as a script that needs pandas, NumPy, and scikit-learn alone.

    Parameters
    ----------
    file, workspace, folder, datasets, closed, with_layout, with_results
        As in :func:`designer.export.script.python_script`.

    Raises
    ------
    ExportError
        If the pipeline has errors, nothing to run, or cards that can't be written so; it names
        all of them.
    """
    made = draft(
        pipeline,
        specs,
        file=file,
        workspace=workspace,
        datasets=datasets,
        closed=closed,
        functions=False,
    )
    steps = Steps(made, closed)
    written = Written(steps, made.tree.cards())
    functions = StandaloneFunctions(
        pipeline,
        made.cards,
        written,
        made.names,
        made.imports,
        made.variables,
        made.arguments,
        made.results,
        made.notes,
        with_layout,
    )
    functions.steps = steps
    parts = functions.write(made.tree, made.summary)
    end = Code()
    end.add(_main_program(made, steps, with_results))
    for lines in steps.transplants.parts:
        part = Code()
        part.add(lines)
        parts.append(part)
        # As in the modules that they are copied from.
        made.imports.postponed |= any(line.startswith("class ") for line in lines)
    origin = (
        f"Exported from “{file.name}” by ModelDesk, which it doesn't need. Tables and predictions "
        "equal those of a run to the last bit, metrics within 1e-9."
    )
    needed = installations(sorted({*made.requirements(), *_ALWAYS}))
    return assembled(made, made.head(origin, needed), [*parts, end], folder)


_BY_PIPELINES = ("regression", "two-class", "multiclass", "clustering", "anomaly")
"""Tasks whose models are pipelines of scikit-learn, unless they encode columns themselves."""

_ALWAYS = ("numpy", "pandas", "scikit-learn")


def _is_pipeline(facts: ModelFacts) -> bool:
    learner = facts.learner
    return learner.task in _BY_PIPELINES and not (learner.on_frames or facts.threshold)


class Written:
    """The statements of cards, written in the order of execution and read in any.

    Raises
    ------
    ExportError
        With all cards that can't be written.
    """

    def __init__(self, steps: Steps, cards: Iterable[Card]) -> None:
        self._lines: dict[str, list[str]] = {}
        problems: list[Problem] = []
        failed: set[str] = set()
        for card in cards:
            fed_by_failed = failed & {source.node for source in card.inputs.values()}
            if fed_by_failed and callable(card.spec.code):
                # What its template would need isn't known.
                failed.add(card.id)
                continue
            try:
                self._lines[card.id] = steps.lines(card)
            except ExportError as error:
                problems += error.problems
                failed.add(card.id)
        if problems:
            raise ExportError(problems)

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
        kind, facts = anything, self.steps.facts.get(end)
        if all(issubclass(each, DataTable) for each in port.types):
            kind = f"{self._imports.module('pandas', 'pd')}.DataFrame"
        elif isinstance(facts, ModelFacts) and _is_pipeline(facts):
            kind = self._imports.name("sklearn.pipeline", "Pipeline")
        elif (
            isinstance(facts, LearnerFacts)
            and facts.task in _BY_PIPELINES
            and facts.maker != self._variables[end]
        ):
            kind = self._imports.name("sklearn.base", "BaseEstimator")
        optional = " | None" if port.optional and kind != anything else ""
        companions = [(name, anything) for name in self.steps.companions(end)]
        return [(self._variables[end], kind + optional), *companions]


def _main_program(made: Draft, steps: Steps, with_results: bool) -> list[str]:
    argparse = steps.imports.module("argparse")
    writing = None
    if with_results:
        writing = Writing(
            steps.imports.name("pathlib", "Path"),
            steps.transplants.take(write_result),
            "Write the results to FOLDER.",
        )
    evaluated = any(
        issubclass(kind, Evaluation)
        for end in made.results
        for kind in made.cards[end.node].spec.output_by_name[end.port].types
    )
    shown = []
    if evaluated:
        shown += [
            '        if isinstance(value, dict) and "metrics" in value:',
            '            print(name, value["metrics"].T.to_string(), sep="\\n")',
        ]
    if tables := [made.variables[end] for end in made.results if steps.are_metrics(end)]:
        shown += [
            f"        if name in {literal(tables)}:",
            f'            print(name, value.to_string(max_rows={_MOST_ROWS}), sep="\\n")',
        ]
    return program(options_of(made.arguments), shown, argparse, writing)
