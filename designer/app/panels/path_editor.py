"""The editor of a path: a file or folder, with a dialog to find it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLineEdit, QToolButton

from designer.app import theme
from designer.app.dialogs.file_dialog import ask_path
from designer.app.panels.editor import NOT_SET, Context, Editor
from designer.app.path_parameters import stored_path
from modules.contract import Parameter, PathOf


class PathEditor(Editor):
    """A file or folder, with a dialog to find it."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.line = QLineEdit()
        self.line.setPlaceholderText(NOT_SET if parameter.optional else "No file chosen")
        self.line.textEdited.connect(self._on_edited)
        self.browse = QToolButton()
        self.browse.setText("Browse…")
        self.browse.setIcon(theme.icon("folder"))
        self.browse.setToolTip("Browse…")
        self.browse.setAccessibleName(f"Browse for {parameter.title}")
        self.browse.clicked.connect(self._browse)
        self._contain(self.line, self.browse)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = "" if value is None else str(value)
        if self.line.text() != text:
            self.line.setText(text)

    def _on_edited(self, text: str) -> None:
        self.edited.emit(None if not text and self.parameter.optional else text)

    def _browse(self) -> None:
        marker = self.parameter.marker
        assert isinstance(marker, PathOf)
        base = self.context.base
        text = self.line.text().strip()
        current = base / text if text else base
        # The folder of a pipeline that has no file yet says nothing.
        usual = base if base != Path.home() else None
        chosen = ask_path(
            self.window(),
            start=current if text and current.exists() else usual,
            suffixes=marker.suffixes,
            folder=marker.folder,
            write=marker.mode == "write",
        )
        if chosen is not None:
            stored = stored_path(chosen, base)
            self.line.setText(stored)
            self.edited.emit(stored)
