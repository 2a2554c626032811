"""The details of a version of a registered model."""

from __future__ import annotations

import html
import time
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from designer.app.views import formatting
from designer.texts import tr


def facts_page(version: dict[str, Any]) -> QWidget:
    """Return a form with the details and the metrics."""
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(0, 8, 8, 8)
    form.setHorizontalSpacing(20)
    form.setVerticalSpacing(6)
    for title, text in _facts(version):
        form.addRow(_label(title, "muted"), _label(text))
    if version.get("folder"):
        form.addRow(_label(tr("Folder"), "muted"), _folder_link(str(version["folder"])))
    for name, digest in (version.get("data") or {}).items():
        shown = _label(formatting.content(str(digest)))
        shown.setToolTip(tr("Hash of what was read: {digest}").format(digest=digest))
        form.addRow(_label(tr("Data of {name}").format(name=name), "muted"), shown)
    metrics = version.get("metrics") or {}
    if metrics:
        form.addRow(_label(tr("Metrics"), "heading"))
        for name, value in metrics.items():
            text = "undefined" if value is None else formatting.number(value)
            form.addRow(_label(name, "muted"), _label(text))
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
        (tr("Aliases"), ", ".join(version.get("aliases") or ())),
        (tr("Registered"), moment(version)),
        (tr("Kind"), str(version.get("kind", ""))),
        (tr("Task"), str(version.get("task", ""))),
        (tr("Learner"), str(version.get("learner", ""))),
        (tr("Label"), str(version.get("label", ""))),
        (tr("Run"), str(version.get("run", ""))),
        (tr("Node"), str(version.get("node", ""))),
        (tr("Pipeline"), str(version.get("pipeline", ""))),
        (tr("MLflow URI"), str(version.get("uri", ""))),
        (tr("Source"), "" if version.get("folder") else str(version.get("source", ""))),
        (tr("Description"), str(version.get("description", ""))),
    ]
    return [(title, text) for title, text in pairs if text]


def _folder_link(folder: str) -> QLabel:
    """Return a link that opens a folder; its path, made of hashes, isn't for reading."""
    address = QUrl.fromLocalFile(folder).toString(QUrl.ComponentFormattingOption.FullyEncoded)
    link = QLabel(f'<a href="{html.escape(address)}">Open folder</a>')
    link.setOpenExternalLinks(True)
    link.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    link.setToolTip(formatting.plain_tooltip(folder))
    return link


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
