"""Names in a script: each once, no keyword, and after what it names."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping

from designer.export.arranging import Block
from designer.export.cards import Card
from designer.pipeline.model import Endpoint
from modules.contract import DataTable, ModuleSpec, Port
from modules.values import Evaluation, TrainedModel, UntrainedModel

_LANGUAGE = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})

_OWN = frozenset(
    {"main", "FOLDER", "folder", "parser", "arguments", "results", "name", "value", "help"}
    | {"argparse", "display", "np", "pd", "random", "save", "load_function", "Path"}
)
"""Names that every script, or many, use for something else."""


class Names:
    """The names of a script: each is given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def take(self, name: str) -> str:
        """Return this name of something that is imported, or one like it if it is taken."""
        if name in self._taken or name in _LANGUAGE:
            return self.claim(name)
        self._taken.add(name)
        return name

    def claim(self, wanted: str) -> str:
        """Return a free name like the wanted one, which then is taken."""
        base = re.sub(r"\W", "_", wanted)
        if not base.isidentifier():
            base = f"_{base}"
        name = f"{base}_" if base in _LANGUAGE else base
        stem = base.rstrip("0123456789").rstrip("_") or base
        while name in self._taken or name in _OWN:
            self._counts[stem] = self._counts.get(stem, 1) + 1
            name = f"{stem}_{self._counts[stem]}"
        self._taken.add(name)
        return name

    def release(self, names: Iterable[str]) -> None:
        """Let other names be like these, which end with their function."""
        self._taken.difference_update(names)


def variables(
    tree: Block, cards: Mapping[str, Card], results: Iterable[Endpoint], names: Names
) -> dict[Endpoint, str]:
    """Return the variables of outputs, in the order of the statements; ``_`` for unused ones."""
    readers: dict[Endpoint, list[str]] = {}
    for card in cards.values():
        for source in card.inputs.values():
            readers.setdefault(source, []).append(card.id)
    used = {*readers, *results}
    uses = _uses(list(tree.cards()), readers)
    found = {}
    for card in tree.cards():
        parts = _parts(card, readers, uses)
        for number, port in enumerate(card.spec.outputs):
            end = Endpoint(card.id, port.name)
            wanted = parts.get(port.name) or _named(card, port, number)
            found[end] = names.claim(wanted) if end in used else "_"
    return found


def _uses(ordered: list[Card], readers: Mapping[Endpoint, list[str]]) -> dict[str, set[str]]:
    """Return by card whether the tables that it receives are for training, testing, or both."""
    uses: dict[str, set[str]] = {}
    for card in reversed(ordered):
        if _has_input(card.spec, UntrainedModel):
            uses[card.id] = {"train"}
        elif _has_input(card.spec, TrainedModel):
            uses[card.id] = {"test"}
        else:
            uses[card.id] = {
                use
                for port in card.spec.outputs
                if _carries(port, DataTable)
                for reader in readers.get(Endpoint(card.id, port.name), ())
                for use in uses[reader]
            }
    return uses


def _parts(
    card: Card, readers: Mapping[Endpoint, list[str]], uses: Mapping[str, set[str]]
) -> dict[str, str]:
    """Return ``train`` and ``test`` for the two tables of a card that divides one for that."""
    tables = [port.name for port in card.spec.outputs if _carries(port, DataTable)]
    if len(tables) != 2:
        return {}
    used = {
        port: {use for name in readers.get(Endpoint(card.id, port), ()) for use in uses[name]}
        for port in tables
    }
    train = [port for port in tables if "train" in used[port]]
    test = [port for port in tables if used[port] == {"test"}]
    return {train[0]: "train", test[0]: "test"} if len(train) == len(test) == 1 else {}


def _named(card: Card, port: Port, number: int) -> str:
    """Return the wanted name of an output: after its card, or its kind if that has none."""
    noun = _noun(card.spec, port)
    own = _own_words(card)
    if not own:
        return noun
    verb = card.spec.id.partition("_")[0]
    if card.spec.inputs and own.startswith(f"{verb}_"):
        return f"{noun}_{own.removeprefix(f'{verb}_')}"
    return noun if number else own


def _own_words(card: Card) -> str:
    """Return the name of a card if the user chose it; empty for its module's, with a number."""
    name = card.node.name
    return "" if re.fullmatch(rf"{re.escape(card.spec.id)}(_?\d+)?", name) else name


def _noun(spec: ModuleSpec, port: Port) -> str:
    for kind, noun in _NOUNS.items():
        if _carries(port, kind):
            return noun
    words = [word for word in port.name.split("_") if word.rstrip("0123456789") not in _EMPTY]
    if words or not _carries(port, DataTable):
        return "_".join(words) or port.name
    return _participle(spec.id.partition("_")[0]) if spec.inputs else "data"


def _participle(verb: str) -> str:
    if verb.endswith(("e", "split")):
        return verb if verb == "split" else f"{verb}d"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb):
        return f"{verb}{verb[-1]}ed"
    return f"{verb[:-1]}ied" if re.search(r"[^aeiou]y$", verb) else f"{verb}ed"


def _has_input(spec: ModuleSpec, kind: type) -> bool:
    return any(_carries(port, kind) for port in spec.inputs)


def _carries(port: Port, kind: type) -> bool:
    return any(issubclass(each, kind) for each in port.types)


_NOUNS: dict[type, str] = {
    Evaluation: "evaluation",
    TrainedModel: "model",
    UntrainedModel: "learner",
}

_EMPTY = ("", "dataset", "data", "table", "result", "results", "output")
"""Words of a port's name that aren't about what it contains."""
