"""Names and values under headings, and the labels of a learner's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QStyle, QVBoxLayout, QWidget

from designer.app.views import formatting
from designer.app.widgets.accessible import set_role
from designer.app.widgets.focus_ring import FocusRing
from designer.app.widgets.text_scale import scaled
from designer.composed_texts import in_language
from designer.texts import filled, tr
from modules.contract import ModuleSpec

TASKS = {
    "regression": tr("Regression"),
    "two-class": tr("Two-class classification"),
    "multiclass": tr("Multiclass classification"),
    "clustering": tr("Clustering"),
    "anomaly": tr("Anomaly detection"),
}
"""Tasks as they are shown."""


class FactList(QScrollArea):
    """Names and values under headings."""

    def __init__(
        self,
        sections: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Facts"))
        set_role(self, QAccessible.Role.Document)
        FocusRing(self)
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
        self._inner = inner

    def minimumSizeHint(self) -> QSize:
        """Return a width in which no word is cut, within bounds."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        width = self._inner.minimumSizeHint().width() + bar
        return QSize(min(max(width, scaled(260)), scaled(440)), super().minimumSizeHint().height())

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


def settings(parameters: Mapping[str, Any], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the parameters of a learner as names and values."""
    return [
        (titles.get(name) or readable_name(name), shown_value(value))
        for name, value in parameters.items()
    ]


def titles(title: str, specs: Mapping[str, ModuleSpec]) -> dict[str, str]:
    """Return the titles of a learner's parameters, if its module is known."""
    for spec in specs.values():
        # Models keep the English title, and the window's catalog has the translated one.
        if spec.title in (title, tr(title)):
            return {parameter.name: parameter.title for parameter in spec.parameters}
    return {}


def readable_name(name: str) -> str:
    """Return a name from the code as a label."""
    label = name.replace("_", " ")
    return label[:1].upper() + label[1:]


def shown_value(value: Any) -> str:
    """Return a value of a parameter as text."""
    if value is None:
        return formatting.MISSING
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, (list, tuple)):
        return listed(value)
    return in_language(value) if isinstance(value, str) else formatting.cell(value)


def listed(values: Sequence[Any], most: int = 20) -> str:
    """Return the first values, and how many more there are."""
    text = ", ".join(shown_value(value) for value in values[:most])
    more = len(values) - most
    return filled(tr("{text} and {more:,} more"), text=text, more=more) if more > 0 else text
