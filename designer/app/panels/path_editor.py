"""The editor of a path: a file or folder, with a dialog to find it, or a registered dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton

from designer.app.datasets.datasets import RegisteredDataset, dataset_name, dataset_reference
from designer.app.dialogs.file_dialog import ask_path
from designer.app.document.path_parameters import stored_path
from designer.app.panels.editor import NOT_SET, Context, Editor
from designer.app.shell import theme
from designer.app.widgets.fields.line_buttons import add_icon
from designer.app.widgets.fields.typed_text import on_typed, show_text
from designer.dataset_record import LATEST, split_reference
from designer.paths import absolute_path
from designer.texts import tr
from modules.contract import Parameter, PathOf


class PathEditor(Editor):
    """A file or folder with a dialog to find it, or a registered dataset from a list."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.line = PathLine()
        self.line.setPlaceholderText(NOT_SET if parameter.optional else tr("No file chosen"))
        on_typed(self.line, self._on_edited)
        self.browse = _button(
            "folder", tr("Browse…"), tr("Browse for {title}").format(title=parameter.title)
        )
        self.browse.clicked.connect(self._browse)
        self.registered = _button("dataset", tr("Registered datasets"), tr("Registered datasets"))
        self.registered.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.registered.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._menu = QMenu(self.registered)
        self._menu.aboutToShow.connect(self._fill)
        self.registered.setMenu(self._menu)
        self._contain(self.line, self.browse, self.registered)
        self.refresh()

    def set_value(self, value: Any) -> None:
        """See base."""
        self.line.set_path("" if value is None else str(value))

    def refresh(self) -> None:
        """Set which datasets are registered now."""
        self.registered.setVisible(bool(self._fitting()))

    def _on_edited(self, text: str) -> None:
        self.edited.emit(None if not text and self.parameter.optional else text)

    def _marker(self) -> PathOf:
        marker = self.parameter.marker
        assert isinstance(marker, PathOf)
        return marker

    def _fitting(self) -> list[RegisteredDataset]:
        """Return the datasets that this parameter could read."""
        marker = self._marker()
        if marker.mode != "read":
            return []
        return [
            each
            for each in self.context.datasets()
            if each.file.is_dir() == marker.folder
            and (not marker.suffixes or each.file.name.lower().endswith(tuple(marker.suffixes)))
        ]

    def _fill(self) -> None:
        self._menu.clear()
        chosen = dataset_name(self.line.path)
        for each in self._fitting():
            action = self._menu.addAction(each.name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(each.name == chosen)
            action.triggered.connect(lambda _=False, each=each: self._take(each.reference))
        current = next((each for each in self._fitting() if each.name == chosen), None)
        if current is not None:
            self._menu.addSeparator()
            follows = split_reference(dataset_reference(self.line.path))[1] == LATEST
            text, path = tr("Follow the latest version"), current.reference
            if follows:
                text, path = (
                    tr("Pin version {version}").format(version=current.version),
                    f"{path}@{current.version}",
                )
            self._menu.addAction(text).triggered.connect(lambda: self._take(path))

    def _browse(self) -> None:
        marker = self._marker()
        base = self.context.base
        text = "" if dataset_name(self.line.path) else self.line.path.strip()
        current = absolute_path(text, base) if text and self.context.may_look() else base
        # The folder of an unsaved pipeline has no meaning.
        usual = base if base != Path.home() else None
        chosen = ask_path(
            self.window(),
            start=current if text and current.exists() else usual,
            suffixes=marker.suffixes,
            folder=marker.folder,
            write=marker.mode == "write",
        )
        if chosen is not None:
            self._take(stored_path(chosen, base))

    def _take(self, path: str) -> None:
        self.line.set_path(path)
        self.edited.emit(path)
        self.finished.emit()


class PathLine(QLineEdit):
    """Shows a registered dataset by its name; while it is edited, as the file has it."""

    def __init__(self) -> None:
        super().__init__()
        self.path = ""
        self._icon = add_icon(self, theme.icon("dataset", "text_muted"))
        self._icon.setVisible(False)
        on_typed(self, self._on_edited)

    def set_path(self, path: str) -> None:
        """Show a path."""
        self.path = path
        self._show(edited=self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the path be edited as it is."""
        self._show(edited=True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the name again, unless a menu of the field has opened."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._show(edited=False)

    def _on_edited(self, text: str) -> None:
        self.path = text

    def _show(self, *, edited: bool) -> None:
        name, version = split_reference(dataset_reference(self.path))
        name = "" if edited else name
        text = (
            tr("{name}, version {version}").format(name=name, version=version)
            if name and version != LATEST
            else name or self.path
        )
        follows = "" if version != LATEST else tr(", latest version")
        self._icon.setVisible(bool(name))
        self.setToolTip(
            tr("Registered dataset “{name}”{follows}").format(name=name, follows=follows)
            if name
            else ""
        )
        if self.text() != text:
            show_text(self, text)


def _button(icon: str, text: str, spoken: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setIcon(theme.icon(icon))
    button.setToolTip(text)
    button.setAccessibleName(spoken)
    return button
