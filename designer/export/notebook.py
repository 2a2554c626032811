"""A pipeline as a notebook: a heading and a cell for each card, with its tables and charts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.export.arranging import Block
from designer.export.cards import Card
from designer.export.code import Code
from designer.export.comments import comment, sentence
from designer.export.draft import Draft, draft
from designer.export.script import FOLDER_MEANING, Script, folder_constant
from designer.export.source import Source, brackets, call, laid_out, quoted
from designer.pipeline.model import Endpoint, Group, Pipeline
from designer.pipeline.problem import Problem
from designer.workspace import Workspace
from modules.contract import ModuleSpec

PARAMETERS = "parameters"
"""The tag of the cell with the pipeline parameters, where Papermill looks for it."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook.

    Parameters
    ----------
    id : str
        Unique in the notebook, the same after every export.
    source : str
        Code, or Markdown.
    owner : str
        The card or group; empty for none.
    shown : tuple of Endpoint
        The outputs that the cell shows.
    """

    id: str
    source: str
    is_code: bool = True
    owner: str = ""
    shown: tuple[Endpoint, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notebook(Script):
    """A pipeline as a notebook; its text has the cells as editors read them from a script."""

    cells: tuple[Cell, ...] = ()


def notebook(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    *,
    file: Path,
    workspace: Workspace,
    folder: Path | None = None,
    datasets: Collection[str] | None = None,
    closed: Collection[str] = (),
    with_layout: bool = False,
    with_results: bool = False,
) -> Notebook:
    """Export a pipeline as a notebook whose cells call the modules as plain functions.

    Comments and notes are Markdown, groups are sections, and pipeline parameters have a cell.

    Parameters
    ----------
    file, workspace, folder, datasets, closed, with_layout
        As in :func:`designer.export.script.python_script`.
    with_results : bool
        Add a cell that writes the results as files.

    Raises
    ------
    ExportError
        If the pipeline has errors, or nothing to run.
    """
    made = draft(pipeline, specs, file=file, workspace=workspace, datasets=datasets, closed=closed)
    cells = list(_Cells(made, with_layout).of(made.tree, 2))
    start = [Cell("title", _title(made), is_code=False)]
    # The last cell may import too.
    end = [_saving(made)] if with_results else []
    setup = made.imports.lines()
    if made.statements.uses_folder:
        base = file.absolute().parent
        constant = folder_constant(base, folder or base, "Path.cwd()")
        setup += ["", f"# {FOLDER_MEANING}", constant]
    start.append(Cell("imports", "\n".join(setup)))
    if made.arguments:
        start.append(Cell("parameters", _parameters(made), tags=(PARAMETERS,)))
    cells = _distinct([*start, *cells, *end])
    code = Code()
    for cell in cells:
        _add_text(code, cell)
    return Notebook(
        "\n".join(code.lines) + "\n",
        {owner: tuple(ranges) for owner, ranges in code.ranges.items()},
        {made.variables[end]: end for end in made.results},
        (*made.warnings, *_without_value(made)),
        tuple(cells),
    )


def with_outputs(script: Script, results: Mapping[Endpoint, Path]) -> str:
    """Return a notebook as the text of its file, with the outputs of the cells that are stored.

    Parameters
    ----------
    results : mapping of Endpoint to Path
        The folders of stored outputs that belong to the pipeline as it is.
    """
    import nbformat

    assert isinstance(script, Notebook)
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        # Its functions for cells would check each cell, which takes a millisecond.
        "cells": [_content(cell, results) for cell in script.cells],
    }
    return str(nbformat.writes(nbformat.from_dict(content))) + "\n"


class _Cells:
    """Writes the cells of cards and groups."""

    def __init__(self, made: Draft, with_layout: bool) -> None:
        self._made = made
        self._with_layout = with_layout
        self._texts_written = 0

    def of(self, block: Block, level: int) -> Iterator[Cell]:
        """Yield the cells of a group, or of the pipeline."""
        for unit in block.units:
            if isinstance(unit, Block):
                yield self._heading_of_group(unit, level)
                yield from self.of(unit, level + 1)
            else:
                yield self._heading(unit, level)
                yield self._code(unit)

    def _heading_of_group(self, block: Block, level: int) -> Cell:
        group = self._made.pipeline.groups.get(block.id) or Group(block.id)
        name = block.id.rpartition("/")[2].replace("_", " ").capitalize()
        layout = f" <!-- {self._layout(f'{block.id}/', group.position)} -->"
        title = _heading(level, group.title or name) + layout * self._with_layout
        return Cell(f"{block.id}-text", _markdown(title, group.comment), False, block.id)

    def _heading(self, card: Card, level: int) -> Cell:
        notes = [note.text for note in self._made.notes.get(card.id, ())]
        text = _markdown(_heading(level, card.spec.title), *notes, card.node.comment)
        return Cell(f"{card.id}-text", text, False, card.id)

    def _code(self, card: Card) -> Cell:
        made = self._made
        first, *rest = (line.removeprefix("    ") for line in made.statements.lines(card))
        if self._with_layout:
            first += f"  # {self._layout(card.id, card.node.position)}"
        lines = [first, *rest]
        # Constants of this card only: a text is defined where it is used.
        texts = list(made.statements.texts.values())[self._texts_written :]
        self._texts_written += len(texts)
        before = [line for _, text in texts for line in [*text, ""]]
        shown = tuple(
            end
            for port in card.spec.outputs
            if made.variables[end := Endpoint(card.id, port.name)] != "_"
        )
        return Cell(
            card.id,
            "\n".join([*before, *lines, *_display([made.variables[end] for end in shown])]),
            owner=card.id,
            shown=shown,
        )

    @staticmethod
    def _layout(name: str, position: tuple[float, float]) -> str:
        return f"{name} @ {position[0]:g} {position[1]:g}"


def _display(names: list[str]) -> list[str]:
    """Return what shows variables at the end of a cell."""
    if len(names) < 2:
        return names
    return laid_out(call("display", map(Source, names)))


def _title(made: Draft) -> str:
    text = _markdown(
        _heading(1, made.summary.rstrip(".")),
        "\n".join(made.pipeline.description.strip().splitlines()[1:]),
        made.origin,
    )
    commands = "\n".join(["```", *made.installations(), "```"])
    return "\n\n".join(filter(None, [text, commands, made.secrets()]))


def _parameters(made: Draft) -> str:
    lines = []
    for argument in made.arguments:
        text = " ".join(argument.parameter.description.split())
        lines += comment(sentence(text))
        lines.append(f"{argument.name} = {argument.default}")
    return "\n".join(lines)


def _without_value(made: Draft) -> Iterator[Problem]:
    for argument in made.arguments:
        if argument.default is None:
            yield Problem(
                "warning",
                f"The pipeline parameter “{argument.parameter.name}” has no value.",
                "Enter one in the cell with the parameters before you run the notebook.",
                code="parameter-unset",
            )


def _saving(made: Draft) -> Cell:
    path = made.imports.name("pathlib", "Path")
    save = made.imports.name("modules.values.storage", "save")
    names = [made.variables[end] for end in made.results]
    listed = brackets("{", [(f"{quoted(each)}: ", Source(each)) for each in names], "}")
    lines = [
        *laid_out(listed, before="results = "),
        "for name, value in results.items():",
        "    if value is not None:",
        f'        {save}(value, {path}("results") / name)',
    ]
    return Cell("results", "\n".join(lines))


def _heading(level: int, text: str) -> str:
    """Return a heading; Markdown has six levels."""
    return f"{'#' * min(level, 6)} {' '.join(_printable(text).split())}"


def _markdown(heading: str, *texts: str) -> str:
    """Return a heading and texts, whose lines stay lines."""
    readable = ("\n".join(map(_printable, text.splitlines())).strip() for text in texts)
    paragraphs = [part for text in readable for part in re.split(r"\n\s*\n", text)]
    # Two spaces at its end break a line.
    return "\n\n".join(
        [heading, *("  \n".join(map(str.rstrip, part.splitlines())) for part in paragraphs if part)]
    )


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


def _distinct(cells: list[Cell]) -> list[Cell]:
    """Return cells with ids that the format permits, each once."""
    taken: set[str] = set()
    found = []
    for cell in cells:
        stem = re.sub(r"[^A-Za-z0-9_-]", "-", cell.id)[:50]
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name)
        found.append(Cell(name, cell.source, cell.is_code, cell.owner, cell.shown, cell.tags))
    return found


def _add_text(code: Code, cell: Cell) -> None:
    """Add a cell as text, in the format that Spyder, VS Code, and Jupytext read."""
    if code.lines:
        code.add([""])
    lines = cell.source.split("\n")
    if cell.is_code:
        lines = ["# %%", *lines]
    else:
        lines = ["# %% [markdown]", *(f"# {line}".rstrip() for line in lines)]
    code.add(lines, cell.owner or None)
    parts = cell.owner.split("/")
    for count in range(1, len(parts)):
        # A group lights up with everything in it.
        code.ranges.setdefault("/".join(parts[:count]), []).append(
            (len(code.lines) - len(lines) + 1, len(code.lines))
        )


def _content(cell: Cell, results: Mapping[Endpoint, Path]) -> dict[str, Any]:
    """Return a cell of the file; with outputs if all that it shows are stored."""
    content = {
        "id": cell.id,
        "cell_type": "code" if cell.is_code else "markdown",
        "metadata": {"tags": list(cell.tags)} if cell.tags else {},
        "source": cell.source,
    }
    if not cell.is_code:
        return content
    kind: dict[str, Any] = {"output_type": "display_data"}
    if len(cell.shown) == 1:
        kind = {"output_type": "execute_result", "execution_count": None}
    outputs = [kind | {"metadata": {}, "data": data} for data in _stored(cell, results)]
    return content | {"execution_count": None, "outputs": outputs}


def _stored(cell: Cell, results: Mapping[Endpoint, Path]) -> list[dict[str, str]]:
    """Return what a cell shows, as the values show themselves; nothing unless all are stored."""
    from modules.contract import ModuleError
    from modules.values.storage import load

    try:
        return [load(results[end])._repr_mimebundle_() for end in cell.shown]
    except (KeyError, ModuleError):
        return []
