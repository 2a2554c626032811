"""Untrained models: their settings, and what tuning tries."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.views.fact_list import TASKS, FactList, listed, readable_name, settings, titles
from designer.app.views.registry import Found, view
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract import ModuleSpec, Search, ValuesToTry
from modules.values import LearnerSummary


class LearnerView(QWidget):
    """An untrained model: its settings, and the values that tuning tries."""

    def __init__(
        self,
        learner: LearnerSummary,
        specs: Mapping[str, ModuleSpec] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        known = titles(learner.title, specs or {})
        sections = [
            (
                tr("Untrained model"),
                [
                    (tr("Learner"), in_language(learner.title)),
                    (tr("Task"), TASKS.get(learner.task, learner.task)),
                ],
            )
        ]
        if learner.parameters:
            sections.append((tr("Settings"), settings(learner.parameters, known)))
        if learner.search:
            tried = [
                (known.get(name) or readable_name(name), _shown(each))
                for name, each in learner.search.items()
            ]
            sections.append((tr("Values to try"), tried))
        self.facts = FactList(sections)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.facts)


def _shown(search: Search) -> str:
    return listed(search.values) if isinstance(search, ValuesToTry) else in_language(str(search))


@view("learner")
def show(found: Found) -> QWidget:
    """Show an untrained model."""
    return LearnerView(found.content, found.specs)
