"""The steps of a pipeline while their templates write them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from designer.export.cards import Card, ExportError
from designer.export.draft import Draft
from designer.export.standalone.layout import wrapped
from designer.export.standalone.selections import names_of, selected
from designer.export.standalone.transplant import Transplants
from designer.pipeline.model import Endpoint
from designer.pipeline.parameters import bound_parameter, named_secret
from designer.pipeline.problem import Problem
from modules.contract import ColumnSelector, DataTable, Role
from modules.contract.code import TableFacts, literal
from modules.contract.columns import ColumnRule
from modules.values import UntrainedModel


class Steps:
    """Writes the steps of a script one after the other.

    Parameters
    ----------
    closed : collection of str
        Nodes whose files mustn't be looked at.
    """

    def __init__(self, made: Draft, closed: Collection[str]) -> None:
        self.statements = made.statements
        self.names = made.names
        self.imports = made.imports
        self.variables = made.variables
        self.readers: dict[Endpoint, list[bool]] = {}
        for card in reversed(list(made.tree.cards())):
            # A card that makes a learner of another one tunes it if its own is tuned.
            ends = [Endpoint(card.id, port.name) for port in card.spec.outputs]
            tuned = any(any(self.readers.get(end, ())) for end in ends)
            for port, source in card.inputs.items():
                tunes = card.spec.input_by_name[port].tries_values
                if _passes_on(card):
                    tunes = tunes and tuned
                self.readers.setdefault(source, []).append(tunes)
        self.closed = closed
        self.transplants = Transplants(made.names, made.imports)
        self.facts: dict[Endpoint, Any] = {}

    def lines(self, card: Card) -> list[str]:
        """Return the statements of a card, in a function.

        Raises
        ------
        ExportError
            If its module has no template, or the template can't write it.
        """
        step = Step(self, card)
        template = card.spec.code
        if template is None:
            step.refuse(f"the module {card.spec.title} has no template for code without ModelDesk")
        if isinstance(template, str):
            step.refuse(template)
        template(step)
        for port in card.spec.outputs:
            end = Endpoint(card.id, port.name)
            if end not in self.facts and any(issubclass(each, DataTable) for each in port.types):
                self.facts[end] = step.table_facts()
        return step.lines

    def companions(self, end: Endpoint) -> tuple[str, ...]:
        """Return the variables that belong to an output and go where it goes."""
        return getattr(self.facts.get(end), "companions", ())

    def are_metrics(self, end: Endpoint) -> bool:
        """Return whether an output is a table of metrics."""
        facts = self.facts.get(end)
        return isinstance(facts, TableFacts) and facts.are_metrics


def _passes_on(card: Card) -> bool:
    """Return whether a card makes a learner of another, which has the same values to try."""
    kinds = [kind for port in card.spec.outputs for kind in port.types]
    return any(issubclass(kind, UntrainedModel) for kind in kinds)


class Step:
    """A card while its template writes it; see :class:`modules.contract.code.CodeStep`."""

    def __init__(self, steps: Steps, card: Card) -> None:
        self._steps = steps
        self._card = card
        self.lines: list[str] = []
        self._sources: dict[str, str] = {}
        self._indent = 4
        self._local: list[str] = []

    @property
    def inputs(self) -> Mapping[str, str]:
        """The variables of the linked input ports."""
        return {port: self._steps.variables[end] for port, end in self._card.inputs.items()}

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters of its module."""
        return tuple(self._card.spec.parameter_by_name)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The variables of the output ports; ``_`` for one that no step reads."""
        ports = self._card.spec.outputs
        return tuple(self._steps.variables[Endpoint(self._card.id, port.name)] for port in ports)

    def value(self, parameter: str) -> Any:
        """Return the value of a parameter that decides what the code looks like."""
        declared = self._card.spec.parameter_by_name[parameter]
        if parameter not in self._card.parameters:
            default = declared.default
            return None if default is None else declared.read(default)
        value = self._card.parameters[parameter]
        name = bound_parameter(value)
        if name is not None:
            self.refuse(
                f"the pipeline parameter “{name}” decides which statements it needs; "
                f"enter a value for {declared.title}"
            )
        return named_secret(value) or self._card.spec.read(declared, value)

    def is_given(self, parameter: str) -> bool:
        """Return whether a parameter differs from its default, or can vary."""
        return parameter in self._card.parameters

    def is_bound(self, parameter: str) -> bool:
        """Return whether a parameter is bound to a pipeline parameter."""
        value = self._card.parameters.get(parameter)
        return value is not None and bound_parameter(value) is not None

    def source(self, parameter: str) -> str:
        """Return the source of a parameter's value: a literal, or a pipeline parameter."""
        if parameter not in self._sources:
            if parameter in self._card.parameters:
                source = self._steps.statements.parameter(self._card, parameter).text
            else:
                source = self._default_source(parameter)
            self._sources[parameter] = source
        return self._sources[parameter]

    def _default_source(self, parameter: str) -> str:
        value = self.value(parameter)
        if isinstance(value, str) and "\n" in value:
            declared = self._card.spec.parameter_by_name[parameter]
            return self._steps.statements.long_text(self._card, declared, value).text
        return literal(value)

    def columns(self, parameter: str, port: str) -> str:
        """Return the source of the list of the selected columns of an input."""
        if self.is_bound(parameter):
            name = bound_parameter(self._card.parameters[parameter])
            return f"[{self._steps.statements.arguments[str(name)]}]"
        facts = self.facts(port)
        return selected(self.value(parameter), self.inputs[port], facts, self)

    def features(self, port: str, *targets: str) -> str:
        """Return the source of the list of the features of an input."""
        facts = self.facts(port).with_roles(dict.fromkeys(targets, Role.LABEL))
        selector = ColumnSelector(rules=(ColumnRule("roles", (Role.FEATURE,)),))
        return selected(selector, self.inputs[port], facts, self)

    def path(self, parameter: str) -> Path | None:
        """Return the file or folder that a parameter names; None if it can vary or isn't here."""
        if self.is_bound(parameter) or self._card.id in self._steps.closed:
            return None
        value = str(self.value(parameter))
        if not value or "://" in value:
            return None
        path = self._steps.statements.resolved(value)
        return path if path.exists() else None

    def path_source(self, parameter: str) -> str:
        """Return the source of the path that a parameter names."""
        source = self.source(parameter)
        if source.startswith("str(") and source.endswith(")"):
            return source[4:-1]
        return f"{self.name('pathlib', 'Path')}({source})"

    def names(self, parameter: str) -> tuple[str, ...] | None:
        """Return the selected columns if the selection lists names, else None."""
        return names_of(self.value(parameter))

    def facts(self, port: str) -> Any:
        """Return what is known of an input."""
        end = self._card.inputs.get(port)
        if end is None:
            return None
        return self._steps.facts.get(end, TableFacts())

    def table_facts(self) -> TableFacts:
        """Return the roles of all tables, and how the first was scored."""
        found = [each for port in self.inputs if isinstance(each := self.facts(port), TableFacts)]
        roles: dict[str, str] = {}
        for each in reversed(found):
            roles |= each.roles
        prefixes = tuple({prefix for each in found for prefix in each.score_prefixes})
        return TableFacts(roles, found[0].scores if found else None, tuple(sorted(prefixes)))

    def know(self, port: str, facts: Any) -> None:
        """State what is known of an output."""
        self._steps.facts[Endpoint(self._card.id, port)] = facts

    def is_shared(self, port: str) -> bool:
        """Return whether other steps read the value of an input too."""
        return len(self._steps.readers[self._card.inputs[port]]) > 1

    def readers(self, port: str) -> tuple[bool, ...]:
        """Return for each step that reads an output whether it tunes a learner."""
        return tuple(self._steps.readers.get(Endpoint(self._card.id, port), ()))

    def module(self, name: str, short: str = "") -> str:
        """Import a module; return its name in the code."""
        return self._steps.imports.module(name, short)

    def name(self, module: str, name: str) -> str:
        """Import something from a module; return its name in the code."""
        return self._steps.imports.name(module, name)

    def helper(self, thing: Any) -> str:
        """Copy a function, class or constant of this project into the code; return its name."""
        return self._steps.transplants.take(thing)

    def variable(self, wanted: str) -> str:
        """Return a free name for a variable."""
        name = self._steps.names.claim(wanted)
        self._local.append(name)
        return name

    def write(self, *statements: str) -> None:
        """Add statements; long calls are broken into lines."""
        for statement in statements:
            self.lines += wrapped(statement, self._indent)

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Return a context whose statements are inside of the loop that was written last."""
        self._indent += 4
        yield
        self._indent -= 4

    @contextmanager
    def local(self) -> Iterator[None]:
        """Return a context whose variables are those of a function."""
        outer, self._local = self._local, []
        yield
        self._steps.names.release(self._local)
        self._local = outer

    def refuse(self, reason: str) -> NoReturn:
        """Don't export the card, for a reason."""
        raise ExportError(
            [
                Problem(
                    "error",
                    f"“{self._card.id}” can't be exported to scikit-learn alone: {reason}.",
                    "Export it to Python with ModelDesk's modules, or change the card.",
                    self._card.id,
                    code="not-exportable",
                )
            ]
        )
