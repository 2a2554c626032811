"""One setting on a page: title, field, what it is for, and a button for its default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from designer.app.background.errors import explained
from designer.app.preferences.editors import editor_of
from designer.app.shell import theme
from designer.app.widgets.text_scale import scaled
from designer.records import DamagedRecordError
from designer.settings import Setting, SettingError, StoredSettings
from designer.texts import tr

TITLE_WIDTH = 170
"""Pixels of the titles, at least: so that the fields of a page are below each other."""

TITLE_GAP = 12
"""Pixels between a title and its field."""


class SettingRow(QWidget):
    """Writes the setting as soon as it is edited.

    Parameters
    ----------
    fixed : str
        Why the setting can't be changed here; empty if it can.

    Signals
    -------
    changed : str
        The name of the setting, after it was written.
    """

    changed = Signal(str)

    def __init__(self, setting: Setting, stored: StoredSettings, fixed: str = "") -> None:
        super().__init__()
        self.setting = setting
        self._stored = stored
        about = setting.about
        title = QLabel(tr(about.title))
        title.setFixedWidth(scaled(TITLE_WIDTH))
        title.setWordWrap(True)
        title.setContentsMargins(0, 4, 0, 4)
        self.editor = editor_of(setting)
        self.reset = QToolButton()
        self.reset.setIcon(theme.icon("undo"))
        self.reset.setToolTip(tr("Reset to default"))
        self.reset.setAccessibleName(
            tr("Reset “{setting}” to its default").format(setting=tr(about.title))
        )
        self.reset.clicked.connect(self._reset)
        policy = self.reset.sizePolicy()
        # Fields don't move when it appears.
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        note = "" if about.effect == "now" else " " + tr("Takes effect at the next start.")
        self.help = _label(fixed or tr(about.help) + note, "muted")
        self.error = _label("", "error")
        self.error.hide()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(TITLE_GAP)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        layout.addWidget(title, 0, 0, top)
        layout.addWidget(self.editor.field, 0, 1)
        layout.addWidget(self.reset, 0, 2, top)
        layout.addWidget(self.error, 1, 1)
        layout.addWidget(self.help, 2, 1)
        self.editor.field.setEnabled(not fixed)
        self._fixed = bool(fixed)
        self.refresh()
        self.editor.edited.connect(self._set)

    @property
    def words(self) -> str:
        """What a search finds the setting by, in lowercase."""
        about = self.setting.about
        choices = " ".join(map(tr, (about.choices or {}).values()))
        texts = (about.title, about.help, tr(about.title), tr(about.help), choices)
        return " ".join((self.setting.name, *texts)).casefold()

    def refresh(self) -> None:
        """Show what is stored."""
        try:
            value = self._stored.value(self.setting.name)
            self.reset.setVisible(
                not self._fixed and not self._stored.is_default(self.setting.name)
            )
        except DamagedRecordError as error:
            self._show_error(explained(error))
            value = self.setting.default
            self.reset.hide()
        self.editor.show_value(value)

    def _set(self, value: Any) -> None:
        try:
            if value == self._stored.value(self.setting.name):
                self._show_error("")
                return
        except DamagedRecordError:
            # Writing names it.
            pass
        self._write(lambda: self._stored.set(self.setting.name, value))

    def _reset(self) -> None:
        self._write(lambda: self._stored.reset(self.setting.name))
        self.editor.field.setFocus()

    def _write(self, write: Callable[[], object]) -> None:
        try:
            write()
        except (SettingError, DamagedRecordError) as error:
            self._show_error(explained(error))
            return
        except OSError as error:
            self._show_error(
                tr("The setting can't be saved: {reason}.").format(reason=error.strerror or error)
            )
            return
        self._show_error("")
        self.refresh()
        self.changed.emit(self.setting.name)

    def _show_error(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label
