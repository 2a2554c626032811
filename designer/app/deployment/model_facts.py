"""The details of a version of a registered model."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget


def facts_page(version: dict[str, Any]) -> QWidget:
    """Return a form with the details and the metrics."""
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(0, 8, 8, 8)
    form.setHorizontalSpacing(20)
    form.setVerticalSpacing(6)
    for title, text in _facts(version):
        form.addRow(_label(title, "muted"), _label(text))
    metrics = version.get("metrics") or {}
    if metrics:
        form.addRow(_label("Metrics", "heading"))
        for name, value in metrics.items():
            shown = "undefined" if value is None else f"{value:.6g}"
            form.addRow(_label(name, "muted"), _label(shown))
    return page


def learner(version: dict[str, Any]) -> str:
    """Return the learner that it was trained with."""
    return str(version.get("learner") or version.get("kind") or "")


def moment(version: dict[str, Any]) -> str:
    """Return when it was registered."""
    created = version.get("created")
    if not isinstance(created, (int, float)):
        return ""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(created))


def _facts(version: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = [
        ("Aliases", ", ".join(version.get("aliases") or ())),
        ("Registered", moment(version)),
        ("Kind", str(version.get("kind", ""))),
        ("Task", str(version.get("task", ""))),
        ("Learner", str(version.get("learner", ""))),
        ("Label", str(version.get("label", ""))),
        ("Run", str(version.get("run", ""))),
        ("Node", str(version.get("node", ""))),
        ("Pipeline", str(version.get("pipeline", ""))),
        ("MLflow URI", str(version.get("uri", ""))),
        ("Folder", str(version.get("folder") or version.get("source", ""))),
        ("Description", str(version.get("description", ""))),
    ]
    data = version.get("data") or {}
    pairs += [(f"Data of {name}", str(value)) for name, value in data.items()]
    return [(title, text) for title, text in pairs if text]


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
