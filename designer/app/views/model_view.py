"""Models and transformations: what they are made of, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting, pictures
from designer.app.views.sheet_view import SheetView
from designer.engine.inspection import (
    LearnerSummary,
    ModelSummary,
    Sheet,
    TransformationSummary,
)
from modules.contract import ModuleSpec

TASKS = {
    "regression": "Regression",
    "two-class": "Two-class classification",
    "multiclass": "Multiclass classification",
    "clustering": "Clustering",
    "anomaly": "Anomaly detection",
}
"""Tasks as they are shown."""

_KINDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "string": "text",
    "datetime": "date and time",
    "categorical": "category",
}


class ModelView(QSplitter):
    """A trained model: its settings on the left, what it learnt on the right."""

    def __init__(
        self,
        model: ModelSummary,
        specs: Mapping[str, ModuleSpec] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(model.title)
        facts: list[tuple[str, str]] = [
            ("Learner", model.title),
            ("Task", TASKS.get(model.task, model.task)),
        ]
        if model.label is not None:
            facts.append(("Predicts", model.label))
        if model.classes:
            facts.append((f"{len(model.classes)} classes", _listed(model.classes)))
        if model.task == "two-class" and model.positive is not None:
            facts.append(("Positive class", model.positive))
        facts.append(("Features", f"{len(model.features):,}"))
        sections = [("Model", facts)]
        if model.parameters:
            sections.append(("Settings", _settings(model.parameters, _titles(model, specs or {}))))
        if model.versions:
            sections.append(("Trained with", [(n, v) for n, v in model.versions.items()]))
        self.facts = FactList(sections)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for title, sheet in model.sheets.items():
            barred = title != "Cluster centers" and len(sheet.headers) in (2, 3)
            self.tabs.addTab(SheetPage(sheet, title, bar=1 if barred else None), title)
        features = Sheet(
            ("Column", "Type"),
            tuple((column.name, _KINDS.get(column.kind, column.kind)) for column in model.features),
        )
        self.tabs.addTab(SheetPage(features, "Features"), "Features")
        self.addWidget(self.facts)
        self.addWidget(self.tabs)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self.setSizes([340, 860])


class LearnerView(QWidget):
    """An untrained model: its settings, and the values that a sweep tries."""

    def __init__(
        self,
        learner: LearnerSummary,
        specs: Mapping[str, ModuleSpec] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        titles = _titles(learner, specs or {})
        sections = [
            (
                "Untrained model",
                [("Learner", learner.title), ("Task", TASKS.get(learner.task, learner.task))],
            )
        ]
        if learner.parameters:
            sections.append(("Settings", _settings(learner.parameters, titles)))
        if learner.sweep:
            tried = [
                (titles.get(name) or _words(name), _listed(values))
                for name, values in learner.sweep.items()
            ]
            sections.append(("A sweep tries", tried))
        self.facts = FactList(sections)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.facts)


class TransformationView(QWidget):
    """A transformation: what it does to each column."""

    def __init__(self, found: TransformationSummary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = SheetPage(found.sheet, found.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)


class SheetPage(QWidget):
    """A sheet with its note above it and a button that copies it."""

    def __init__(
        self, sheet: Sheet, title: str, *, bar: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.sheet = SheetView(sheet, title, bar=bar)
        note = QLabel(sheet.note or formatting.plural(len(sheet.rows), "row"))
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        copy = QToolButton()
        copy.setIcon(theme.icon("copy"))
        copy.setIconSize(pictures.button_size())
        copy.setToolTip("Copy the table")
        copy.setAccessibleName("Copy the table")
        copy.clicked.connect(self.sheet.copy)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 12, 6)
        head.addWidget(note, 1)
        head.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.sheet, 1)


class FactList(QScrollArea):
    """Names and values under headings."""

    def __init__(
        self,
        sections: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sections = sections
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        metrics = self.fontMetrics()
        names = [name for _, facts in sections for name, _ in facts]
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        for heading, facts in sections:
            title = QLabel(heading)
            title.setProperty("role", "heading")
            column.addWidget(title)
            form = QFormLayout()
            form.setHorizontalSpacing(18)
            form.setVerticalSpacing(6)
            form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
            for name, value in facts:
                shown = _fact(name, muted=True)
                shown.setMinimumWidth(widest + 4)
                form.addRow(shown, _fact(value))
            column.addLayout(form)
            column.addSpacing(8)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setWidget(inner)
        self.setMinimumWidth(260)

    def shown(self) -> dict[str, str]:
        """Return all values by their names."""
        return {name: value for _, facts in self._sections for name, value in facts}


def _fact(text: str, *, muted: bool = False) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(not muted)
    if muted:
        label.setProperty("role", "muted")
    else:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _settings(parameters: Mapping[str, Any], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(titles.get(name) or _words(name), _said(value)) for name, value in parameters.items()]


def _titles(
    model: ModelSummary | LearnerSummary, specs: Mapping[str, ModuleSpec]
) -> dict[str, str]:
    """Return the titles of a learner's parameters, if its module is known."""
    for spec in specs.values():
        if spec.title == model.title:
            return {parameter.name: parameter.title for parameter in spec.parameters}
    return {}


def _words(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _said(value: Any) -> str:
    if value is None:
        return formatting.MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return _listed(value)
    return formatting.cell(value)


def _listed(values: Sequence[Any], most: int = 20) -> str:
    text = ", ".join(_said(value) for value in values[:most])
    more = len(values) - most
    return f"{text} and {more:,} more" if more > 0 else text
