"""The steps of a document: each leads from one state of the pipeline to another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace

from PySide6.QtGui import QUndoCommand, QUndoStack

from designer.app.document.path_parameters import relative_nodes
from designer.pipeline.model import Pipeline
from modules.contract import ModuleSpec


class Moving:
    """Moves states of the pipeline to another folder; each part with relative paths once.

    Parameters
    ----------
    specs : mapping of str to ModuleSpec
        The catalog; defines which parameters contain paths.
    rebased : callable
        Returns such a part as it is in the new folder.
    """

    def __init__(
        self, specs: Mapping[str, ModuleSpec], rebased: Callable[[Pipeline], Pipeline]
    ) -> None:
        self._specs = specs
        self._rebased = rebased
        # With the part itself: an id is free again once its object is gone.
        self._parts: dict[tuple[int, ...], tuple[Pipeline, Pipeline]] = {}

    def moved(self, pipeline: Pipeline) -> Pipeline:
        """Return a state of the pipeline as it is in the new folder."""
        nodes = relative_nodes(pipeline, self._specs)
        if not nodes:
            return pipeline
        key = (id(pipeline.parameters), *map(id, nodes.values()))
        if key not in self._parts:
            part = replace(pipeline, nodes=nodes)
            self._parts[key] = part, self._rebased(part)
        before, after = self._parts[key]
        if after is before:
            return pipeline
        nodes = {**pipeline.nodes, **after.nodes}
        return replace(pipeline, nodes=nodes, parameters=after.parameters)


class Step(QUndoCommand):
    """A step to undo and redo.

    Parameters
    ----------
    swap : callable
        Makes a state the current one.
    text : str
        The undo title.
    before, after : Pipeline
        The states.
    key : tuple of int and hashable, or None
        Successive steps with an equal key become one.
    """

    def __init__(
        self,
        swap: Callable[[Pipeline], object],
        text: str,
        before: Pipeline,
        after: Pipeline,
        key: tuple[int, Hashable] | None,
    ) -> None:
        super().__init__(text)
        self._swap = swap
        self._before = before
        self._after = after
        self.key = key

    def undo(self) -> None:
        """Go back."""
        self._swap(self._before)

    def redo(self) -> None:
        """Go forth."""
        self._swap(self._after)

    def parameters(self) -> set[tuple[str, str]]:
        """Return the parameters that it changes in nodes, as (node, parameter)."""
        old = self._before.nodes
        return {
            (name, key)
            for name, node in self._after.nodes.items()
            if name in old and old[name] is not node
            for key in {**old[name].parameters, **node.parameters}
            if old[name].parameters.get(key) != node.parameters.get(key)
        }

    def change(self, changed: Callable[[Pipeline], Pipeline]) -> None:
        """Lead to other states: as they are in another folder, or with other modules."""
        self._before, self._after = changed(self._before), changed(self._after)

    def id(self) -> int:
        """Return -1 for a step that no other becomes a part of."""
        return -1 if self.key is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Become one step with the next one."""
        if not isinstance(other, Step) or other.key != self.key:
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True


def change_states(
    stack: QUndoStack, pipeline: Pipeline, changed: Callable[[Pipeline], Pipeline]
) -> Pipeline:
    """Change every state to undo and redo, each once, and return the current one."""
    known = {id(pipeline): (pipeline, changed(pipeline))}

    def once(state: Pipeline) -> Pipeline:
        if id(state) not in known:
            known[id(state)] = state, changed(state)
        return known[id(state)][1]

    for index in range(stack.count()):
        step = stack.command(index)
        assert isinstance(step, Step)
        step.change(once)
    return once(pipeline)
