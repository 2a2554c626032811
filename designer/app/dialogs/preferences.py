"""Preferences: theme, store, workspace, cores, autosave."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.shell import theme
from designer.app.shell.settings import Settings
from designer.app.widgets.form import Form


class Preferences(QDialog):
    """Shows the settings; :meth:`apply` writes what was changed."""

    def __init__(self, settings: Settings, workspace: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(520)
        self._settings = settings
        self.theme = QComboBox()
        for name, title in theme.MODES.items():
            self.theme.addItem(title, name)
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        self.store_limit = QSpinBox()
        self.store_limit.setRange(1, 10_000)
        self.store_limit.setSuffix(" GB")
        self.store_limit.setValue(settings.store_limit_gb)
        self.cores = QSpinBox()
        self.cores.setRange(0, 1024)
        self.cores.setSpecialValueText(f"All ({os.cpu_count()})")
        self.cores.setValue(settings.cores or 0)
        self.memory_limit = QSpinBox()
        self.memory_limit.setRange(0, 100_000)
        self.memory_limit.setSuffix(" GB")
        self.memory_limit.setSpecialValueText("80 % of the memory")
        self.memory_limit.setValue(settings.memory_limit_gb or 0)
        self.autosave = QSpinBox()
        self.autosave.setRange(1, 600)
        self.autosave.setSuffix(" s after a change")
        self.autosave.setValue(settings.autosave_seconds)
        for box in (self.store_limit, self.cores, self.memory_limit, self.autosave):
            box.lineEdit().setTextMargins(6, 0, 0, 0)
        self.workspace = QLineEdit(str(settings.workspace or workspace))
        self.workspace.setAccessibleName("Workspace folder")
        browse = QPushButton("Browse…")
        browse.clicked.connect(self._browse)
        fixed = bool(os.environ.get("MODELDESK_WORKSPACE"))
        self.workspace.setEnabled(not fixed)
        browse.setEnabled(not fixed)
        folder = QHBoxLayout()
        folder.addWidget(self.workspace)
        folder.addWidget(browse)
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow("Theme", self.theme)
        form.addRow("Result storage limit", self.store_limit)
        form.addRow("Parallel steps", self.cores)
        form.addRow("Memory limit per step", self.memory_limit)
        form.addRow("Autosave", self.autosave)
        form.addRow("Workspace folder", folder)
        note = QLabel(
            "The environment variable MODELDESK_WORKSPACE sets the workspace folder."
            if fixed
            else "Changes of parallel steps, the memory limit, and the workspace folder take "
            "effect at the next start."
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        buttons = dialog_buttons(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(buttons)
        self._first_workspace = self.workspace.text()

    def apply(self) -> None:
        """Write the settings."""
        self._settings.theme = self.theme.currentData()
        self._settings.store_limit_gb = self.store_limit.value()
        self._settings.cores = self.cores.value() or None
        self._settings.memory_limit_gb = self.memory_limit.value() or None
        self._settings.autosave_seconds = self.autosave.value()
        text = self.workspace.text().strip()
        if text != self._first_workspace:
            self._settings.workspace = Path(text) if text else None
        self._settings.save()

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Workspace folder", self.workspace.text())
        if chosen:
            self.workspace.setText(chosen)
