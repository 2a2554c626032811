"""Which learners suit the label that a pipeline predicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from designer.app.canvas import Preference
from designer.app.document.chosen_column import chosen_column, input_of, label_parameter
from designer.app.document.document import Document
from designer.app.document.known_columns import KnownColumns
from designer.catalog import Catalog
from designer.texts import tr
from modules.contract.columns import Column

TWO, SEVERAL, NUMBER = "two-class", "multiclass", "regression"


class LabelTasks:
    """Ranks learners by the kind of the label, before the first run."""

    def __init__(self, document: Document, catalog: Catalog, known: KnownColumns) -> None:
        self._document = document
        self._catalog = catalog
        self._known = known

    def preference(self, node: str | None) -> Preference:
        """Return what suits the label that a node, or what follows it, is trained for.

        Parameters
        ----------
        node : str or None
            None for any node; then nothing is preferred if labels of two kinds are predicted.
        """
        found = {each.tasks: each for name in self._trainers(node) if (each := self._at(name))}
        if node is not None or len(found) == 1:
            return next(iter(found.values()), Preference())
        return Preference()

    def _trainers(self, node: str | None) -> Iterator[str]:
        """Yield a node and what follows it, the nearest first; all for None."""
        pipeline = self._document.pipeline
        yield from pipeline.nodes if node is None else pipeline.following(node)

    def _at(self, name: str) -> Preference | None:
        pipeline = self._document.pipeline
        node = pipeline.nodes[name]
        parameter = label_parameter(self._catalog.get(node.module))
        label = chosen_column(
            pipeline, node, parameter, lambda port: self._known.at_input(name, port)
        )
        if parameter is None or label is None:
            return None
        values = self._known.values_at_input(name, input_of(parameter), label.name)
        tasks = suited_tasks(label, values)
        if not tasks:
            return None
        return Preference(
            tasks, tr("First: learners for the label “{name}”.").format(name=label.name)
        )


def suited_tasks(label: Column, values: Sequence[str] | None) -> tuple[str, ...]:
    """Return the tasks that a label is for, the likeliest first.

    Parameters
    ----------
    values : sequence of str or None
        Its values in a sample; None if there are many, or if they are unknown.
    """
    if values is not None and len(values) == 2:
        return (TWO, SEVERAL)
    if label.kind == "number":
        return (NUMBER,)
    if label.kind == "integer":
        # Integers with few values are as often codes of classes as they are counts.
        return (NUMBER, SEVERAL) if values else (NUMBER,)
    if label.kind == "datetime":
        return ()
    return (SEVERAL,) if values and len(values) > 2 else (TWO, SEVERAL)
