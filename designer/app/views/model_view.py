"""Trained models: their facts and tables."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from designer.app.views.fact_list import TASKS, FactList, listed, settings, titles
from designer.app.views.registry import Found, view
from designer.app.views.sheet_page import SheetPage
from designer.app.views.tree_page import TreePage
from designer.app.views.what_if_page import WhatIfPage
from designer.composed_texts import in_language
from designer.texts import formatted, tr
from modules.contract import ModuleSpec
from modules.contract.sheet import Sheet
from modules.values import ModelSummary

_KINDS = {
    "integer": tr("Integer"),
    "number": tr("Number"),
    "boolean": tr("Boolean"),
    "string": tr("String"),
    "datetime": tr("Datetime"),
    "categorical": tr("Categorical"),
}

# As keys they aren't collected for translation where they are made.
_TABLES = {
    "Cluster centers": tr("Cluster centers"),
    "Feature importances": tr("Feature importances"),
}


class ModelView(QSplitter):
    """A trained model: its settings on the left, what it learned on the right."""

    def __init__(
        self,
        model: ModelSummary,
        specs: Mapping[str, ModuleSpec] | None = None,
        what_if: WhatIfPage | None = None,
        trees: TreePage | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(in_language(model.title))
        facts: list[tuple[str, str]] = [
            (tr("Learner"), in_language(model.title)),
            (tr("Task"), TASKS.get(model.task, model.task)),
        ]
        if model.label is not None:
            facts.append((tr("Predicts"), model.label))
        if model.classes:
            facts.append(
                (tr("{number} classes").format(number=len(model.classes)), listed(model.classes))
            )
        if model.task == "two-class" and model.positive is not None:
            facts.append((tr("Positive class"), model.positive))
        if model.features:
            facts.append((tr("Features"), formatted(len(model.features))))
        sections = [(tr("Model"), facts)]
        if model.parameters:
            sections.append(
                (tr("Settings"), settings(model.parameters, titles(model.title, specs or {})))
            )
        if model.versions:
            sections.append((tr("Trained with"), [(n, v) for n, v in model.versions.items()]))
        self.facts = FactList(sections)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for title, sheet in model.sheets.items():
            barred = title != "Cluster centers" and len(sheet.headers) in (2, 3)
            shown = _TABLES.get(title) or in_language(title)
            self.tabs.addTab(SheetPage(sheet, shown, bar=1 if barred else None, files=True), shown)
        # A model of images has none.
        if model.features:
            kinds = tuple((each.name, _KINDS.get(each.kind, each.kind)) for each in model.features)
            features = Sheet((tr("Column"), tr("Type")), kinds)
            self.tabs.addTab(SheetPage(features, tr("Features")), tr("Features"))
        if trees is not None:
            self.tabs.addTab(trees, tr("Trees") if model.trees > 1 else tr("Tree"))
        if what_if is not None:
            self.tabs.addTab(what_if, tr("What if"))
        self.addWidget(self.facts)
        self.addWidget(self.tabs)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self.setSizes([340, 860])


@view("model")
def show(found: Found) -> QWidget:
    """Show a trained model."""
    model = found.content
    page = trees = None
    if model.task in ("two-class", "multiclass", "regression"):
        page = WhatIfPage(found.folder, found.title, found.engine)
        if model.trees:
            trees = TreePage(found.folder, model.trees, found.title, found.engine)
            page.predicted.connect(trees.show_row)
    return ModelView(model, found.specs, page, trees)
