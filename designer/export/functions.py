"""The functions of a script: one for each group, and ``main``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from designer.export.arranging import Block
from designer.export.cards import Card
from designer.export.code import Code
from designer.export.comments import comment, docstring, sentence
from designer.export.imports import Imports, is_own
from designer.export.main_program import Argument
from designer.export.names import Names
from designer.export.source import WIDTH, Source, brackets, call, laid_out, quoted
from designer.pipeline.model import Endpoint, Group, Note, Pipeline
from designer.pipeline.parameters import bound_parameter
from modules.contract import Value


class Writer(Protocol):
    """What writes the statements of cards."""

    def lines(self, card: Card) -> list[str]:
        """Return the lines of a card's statements, in a function."""


class Functions:
    """Writes the functions of groups, and ``main``.

    Parameters
    ----------
    statements : Writer
        Writes the statements of a card.
    variables : mapping
        The name of each output in the script.
    results : sequence of Endpoint
        What ``main`` returns.
    notes : mapping
        The notes beside each card.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        cards: Mapping[str, Card],
        statements: Writer,
        names: Names,
        imports: Imports,
        variables: Mapping[Endpoint, str],
        arguments: Sequence[Argument],
        results: Sequence[Endpoint],
        notes: Mapping[str, list[Note]],
        with_layout: bool,
    ) -> None:
        self._pipeline = pipeline
        self._cards = cards
        self._statements = statements
        self._names = names
        self._imports = imports
        self._variables = variables
        self._arguments = {each.parameter.name: each for each in arguments}
        self._results = results
        self._notes = notes
        self._with_layout = with_layout
        self._readers: dict[Endpoint, list[str]] = {}
        for card in cards.values():
            for source in card.inputs.values():
                self._readers.setdefault(source, []).append(card.id)
        self._functions: dict[str, str] = {}
        self._inputs: dict[str, list[Endpoint]] = {}
        self._outputs: dict[str, list[Endpoint]] = {}
        self._bound: dict[str, list[str]] = {}

    def write(self, tree: Block, summary: str) -> list[Code]:
        """Return the code of every function, each after those that it calls."""
        return [*(self._group(block) for block in tree.blocks()), self._main(tree, summary)]

    def _main(self, tree: Block, summary: str) -> Code:
        code = Code()
        ordered = sorted(self._arguments.values(), key=lambda each: each.default is not None)
        code.add(
            laid_out(
                brackets(
                    "main(",
                    [("", Source(each.declared)) for each in ordered],
                    ")",
                    exploded=False,
                ),
                before="def ",
                after=f" -> dict[str, {self.result_type()}]:",
            )
        )
        code.add(docstring(summary.replace("%(prog)", "% (prog)"), 4))
        code.join(self._body(tree))
        returned = [self._variables[end] for end in self._results]
        listed = brackets("{", [(f"{quoted(each)}: ", Source(each)) for each in returned], "}")
        code.add(laid_out(listed, before="return ", indent=4))
        return code

    def _group(self, block: Block) -> Code:
        group = self._pipeline.groups.get(block.id) or Group(block.id)
        name = self._names.claim(block.id.rpartition("/")[2])
        self._functions[block.id] = name
        self._remember(block)
        inputs, outputs = self._inputs[block.id], self._outputs[block.id]
        declared = [f"{each}: {kind}" for each, kind in self._named(inputs).items()]
        declared += [
            f"{self._arguments[each].name}: {self._arguments[each].type}"
            for each in self._bound[block.id]
        ]
        types = list(self._named(outputs).values())
        returned = ", ".join(types)
        if len(types) != 1:
            returned = f"tuple[{returned}]" if types else "None"
        lines = laid_out(
            brackets(f"{name}(", [("", Source(each)) for each in declared], ")", exploded=False),
            before="def ",
            after=f" -> {returned}:",
        )
        code = Code()
        position = group.position
        code.add(self._marked(lines, f"{block.id}/", position))
        text = "\n\n".join(filter(None, (sentence(group.title), sentence(group.comment))))
        code.add(docstring(text or sentence(name.replace("_", " ").capitalize()), 4))
        code.join(self._body(block))
        if outputs:
            code.add([f"    return {', '.join(self._names_of(outputs))}"])
        code.ranges.setdefault(block.id, []).append((1, len(code.lines)))
        return code

    def _body(self, block: Block) -> Code:
        code = Code()
        before: set[str] | None = None
        for unit in block.units:
            ids = {card.id for card in unit.cards()} if isinstance(unit, Block) else {unit.id}
            notes = self._notes.get(unit.id, []) if isinstance(unit, Card) else []
            sources = (
                self._inputs[unit.id] if isinstance(unit, Block) else list(unit.inputs.values())
            )
            follows = before is not None and any(source.node in before for source in sources)
            lines = [] if isinstance(unit, Block) else self._statements.lines(unit)
            defines = any(line.startswith("    def ") for line in lines[:1])
            if before is not None and (notes or not follows or defines):
                code.add([""])
            if isinstance(unit, Block):
                code.add(self._call(unit), unit.id)
            else:
                texts = [*(note.text for note in notes), unit.node.comment]
                shown = _joined(comment(text, 4) for text in texts)
                lines = self._marked(lines, unit.id, unit.node.position)
                code.add([*shown, *lines], unit.id)
            before = ids
        return code

    def _call(self, block: Block) -> list[str]:
        names = self._names_of(self._inputs[block.id])
        names += [self._arguments[each].name for each in self._bound[block.id]]
        outputs = ", ".join(self._names_of(self._outputs[block.id]))
        target = f"{outputs} = " if outputs else ""
        called = f"{self._functions[block.id]}()"
        if not names and len(target) + len(called) + 4 > WIDTH:
            return [f"    {target}(", f"        {called}", "    )"]
        return laid_out(
            call(self._functions[block.id], map(Source, names)), before=target, indent=4
        )

    def _remember(self, block: Block) -> None:
        """Find what a group receives from outside, and what is needed of it there."""
        inside = {card.id: card for card in block.cards()}
        inputs: dict[Endpoint, None] = {}
        bound: dict[str, None] = {}
        outputs = []
        for card in inside.values():
            for source in card.inputs.values():
                if source.node not in inside:
                    inputs[source] = None
            for value in card.parameters.values():
                name = bound_parameter(value)
                if name is not None:
                    bound[name] = None
            for port in card.spec.outputs:
                end = Endpoint(card.id, port.name)
                readers = self._readers.get(end, ())
                if end in self._results or any(name not in inside for name in readers):
                    outputs.append(end)
        self._inputs[block.id] = list(inputs)
        self._outputs[block.id] = outputs
        self._bound[block.id] = list(bound)

    def _names_of(self, ends: Iterable[Endpoint]) -> list[str]:
        return list(self._named(ends))

    def _named(self, ends: Iterable[Endpoint]) -> dict[str, str]:
        """Return the variables of outputs with their types; each once."""
        return dict(each for end in ends for each in self.named(end))

    def result_type(self) -> str:
        """Return the type of a result of ``main``."""
        return f"{self._imports.kind(Value)} | None"

    def named(self, end: Endpoint) -> list[tuple[str, str]]:
        """Return the variables of an output, each with its type."""
        port = self._cards[end.node].spec.output_by_name[end.port]
        kinds = [kind if issubclass(kind, Value) else Value for kind in port.types]
        kinds = [Value if is_own(kind.__module__) else kind for kind in kinds]
        names = [*dict.fromkeys(map(self._imports.kind, kinds)), *["None"] * port.optional]
        return [(self._variables[end], " | ".join(names))]

    def _marked(self, lines: list[str], name: str, position: tuple[float, float]) -> list[str]:
        """Return lines with id and position at the end of the first, if they are wanted."""
        if not self._with_layout:
            return lines
        first, *rest = lines
        return [f"{first}  # {name} @ {position[0]:g} {position[1]:g}", *rest]


def _joined(comments: Iterable[list[str]]) -> list[str]:
    """Return comments with an empty comment line between two."""
    lines: list[str] = []
    for each in filter(None, comments):
        lines += ["    #", *each] if lines else each
    return lines
