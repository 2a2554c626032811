"""What is missing on the way to the pipeline of the tour, one thing after the other.

The steps follow from the difference between two pipelines. So it doesn't matter how the user
does one of them, undo leads back, and the tour can be left and resumed at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.texts import tr
from modules.contract import ColumnSelector, ModuleSpec
from modules.contract.specification import Columns

Target = Literal["card", "field", "run"]


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Parameters
    ----------
    text : str
        One short sentence.
    target : str
        What it is beside: the ``card`` of a node, a ``field`` of its parameters, or ``run``.
    node, parameter : str
        Of the user's pipeline; empty for none.
    number, of : int
        Its position among all steps, from 1.
    """

    text: str
    target: Target
    node: str = ""
    parameter: str = ""
    number: int = 0
    of: int = 0


class Script:
    """The steps to a pipeline.

    Parameters
    ----------
    goal : Pipeline
        The pipeline to build, its nodes in the order of building. The first one is given.
    specs : mapping of str to ModuleSpec
        The catalog.
    """

    def __init__(self, goal: Pipeline, specs: Mapping[str, ModuleSpec]) -> None:
        self._goal = goal
        self._specs = specs
        self.first, *_, self.last = goal.nodes.values()
        # Running, and looking at the result.
        self._count = sum(1 for _ in self._missing({self.first.id: self.first}, Pipeline())) + 2

    def step(self, pipeline: Pipeline, *, completed: bool) -> Step | None:
        """Return the next step; None if the first node is gone.

        Parameters
        ----------
        completed : bool
            The pipeline has run as it is.
        """
        built = self.built(pipeline)
        if self.first.id not in built:
            return None
        missing = list(self._missing(built, pipeline))
        if missing:
            return self._numbered(missing[0], len(missing) + 2)
        if not completed:
            return self._numbered(Step(tr("Press Run."), "run"), 2)
        last = built[self.last.id]
        text = tr("Double-click {module} to see how good the model is.").format(
            module=self._title(self.last)
        )
        return self._numbered(Step(text, "card", last.id), 1)

    def built(self, pipeline: Pipeline) -> dict[str, Node]:
        """Return the user's nodes by those of the goal: the first with the same module."""
        found: dict[str, Node] = {}
        for name, wanted in self._goal.nodes.items():
            same = (n for n in pipeline.nodes.values() if n.module == wanted.module)
            node = next((n for n in same if n not in found.values()), None)
            if node is not None:
                found[name] = node
        return found

    def _missing(self, built: Mapping[str, Node], pipeline: Pipeline) -> Iterator[Step]:
        reached: list[str] = []
        for name, wanted in self._goal.nodes.items():
            node = built.get(name)
            if node is None:
                yield self._adding(wanted, reached, built)
            else:
                yield from self._linking(name, reached, built, pipeline)
            yield from self._setting(wanted, node, pipeline)
            reached.append(name)

    def _adding(self, wanted: Node, reached: list[str], built: Mapping[str, Node]) -> Step:
        neighbors = [
            other
            for link in self._goal.links
            for other, one in (
                (link.source.node, link.target.node),
                (link.target.node, link.source.node),
            )
            if one == wanted.id and other in reached
        ]
        anchor = max(neighbors, key=reached.index)
        text = tr("Click {module}, type “{title}”, and press Enter.").format(
            module=self._title(self._goal.nodes[anchor]), title=self._title(wanted)
        )
        beside = built.get(anchor)
        return Step(text, "card", beside.id if beside else "")

    def _linking(
        self, name: str, reached: list[str], built: Mapping[str, Node], pipeline: Pipeline
    ) -> Iterator[Step]:
        for link in self._goal.links:
            ends = (link.source.node, link.target.node)
            if name not in ends or not {*ends} <= {name, *reached} or not {*ends} <= built.keys():
                continue
            source, target = built[ends[0]], built[ends[1]]
            mine = Link(
                Endpoint(source.id, link.source.port), Endpoint(target.id, link.target.port)
            )
            if mine not in pipeline.links:
                port = self._specs[source.module].output_by_name[link.source.port].title
                text = tr("Drag from “{port}” of {module} to {target}.").format(
                    port=port, module=self._title(source), target=self._title(target)
                )
                yield Step(text, "card", target.id)

    def _setting(self, wanted: Node, node: Node | None, pipeline: Pipeline) -> Iterator[Step]:
        spec = self._specs[wanted.module]
        for name, value in wanted.parameters.items():
            parameter = spec.parameter_by_name[name]
            if parameter.kind == "path":
                # The first node comes with it.
                continue
            # As its field shows it.
            shown = f"{str(value)[:1].upper()}{str(value)[1:]}"
            if isinstance(parameter.marker, Columns):
                shown = ", ".join(ColumnSelector.from_json(value).named())
            given = node.parameters.get(name) if node is not None else None
            if node is None or not _is_same(value, given):
                text = tr("Set “{parameter}” to “{value}”.").format(
                    parameter=parameter.title, value=shown
                )
                yield Step(text, "field", node.id if node else "", name)

    def _numbered(self, step: Step, left: int) -> Step:
        return Step(
            step.text,
            step.target,
            step.node,
            step.parameter,
            number=self._count - left + 1,
            of=max(self._count, left),
        )

    def _title(self, node: Node) -> str:
        return self._specs[node.module].title


def _is_same(value: object, given: object) -> bool:
    """Return whether two values mean the same, selections of columns in any form too."""
    if value == given:
        return True
    try:
        return isinstance(value, list) and (
            ColumnSelector.from_json(value).named() == ColumnSelector.from_json(given).named()
        )
    except (TypeError, ValueError):
        return False
