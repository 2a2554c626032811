"""The preferences: sections on the left, a page of settings on the right, and a search."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.preferences.consents import Consents
from designer.app.preferences.locations import Locations
from designer.app.preferences.row import SettingRow
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.empty_label import empty_label
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.fields.line_buttons import let_clear
from designer.app.widgets.text_scale import text_scale
from designer.settings import StoredSettings, all_settings
from designer.texts import N_, tr

SECTIONS = {
    "General": N_("General"),
    "Appearance": N_("Appearance"),
    "Runs": N_("Runs"),
    "Folders": N_("Folders"),
    "Privacy": N_("Privacy"),
    "Advanced": N_("Advanced"),
}

SIZE = (820, 600)
LIST_WIDTH = 160
"""Pixels."""


class Preferences(QDialog):
    """Each change is written, and takes effect, at once.

    Parameters
    ----------
    locations, consents : Locations, Consents
        What the sections Folders and Privacy show below their settings.

    Signals
    -------
    changed : str
        The name of a setting that was changed.
    """

    changed = Signal(str)

    def __init__(
        self,
        stored: StoredSettings,
        locations: Locations,
        consents: Consents,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Preferences"))
        usual_size(self, *SIZE)
        self.locations = locations
        self.consents = consents
        self._waiting: list[str] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search settings"))
        self.search.setAccessibleName(tr("Search settings"))
        let_clear(self.search)
        self.search.textChanged.connect(self._show)
        self.sections = QListWidget()
        self.sections.setAccessibleName(tr("Sections"))
        self.sections.setFixedWidth(round(LIST_WIDTH * max(1.0, text_scale())))
        self.sections.addItems([tr(title) for title in SECTIONS.values()])
        self.rows: dict[str, SettingRow] = {}
        self._parts: list[tuple[str, str, QWidget]] = []
        self._headings: dict[str, QLabel] = {}
        self.page = QScrollArea()
        self.page.setWidgetResizable(True)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        # Its fields scroll it when they get the focus.
        self.page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page.setWidget(self._make_page(stored))
        self.empty = empty_label()
        self.empty.setText(tr("No setting matches."))
        self.empty.hide()
        self.restart = QLabel()
        self.restart.setProperty("role", "warning")
        self.restart.setTextFormat(Qt.TextFormat.PlainText)
        self.restart.setWordWrap(True)
        self.restart.hide()
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.sections)
        middle.addWidget(self.page, 1)
        middle.addWidget(self.empty, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(12)
        layout.addWidget(self.search)
        layout.addLayout(middle, 1)
        layout.addWidget(self.restart)
        layout.addWidget(dialog_buttons(self, QDialogButtonBox.StandardButton.Close))
        for button in self.findChildren(QPushButton):
            # Enter completes a field; it mustn't press a button as well.
            button.setAutoDefault(False)
            button.setDefault(False)
        for each in self.findChildren(QWidget):
            # Otherwise what isn't shown first has the sizes of an application without a theme.
            each.ensurePolished()
        self.sections.doItemsLayout()
        self.sections.currentRowChanged.connect(lambda row: self._show(self.search.text()))
        follow_selection(self.sections)
        self.sections.setCurrentRow(0)
        self.search.setFocus()

    def open_section(self, section: str) -> None:
        """Show one of :data:`SECTIONS`."""
        self.search.clear()
        self.sections.setCurrentRow(list(SECTIONS).index(section))

    def _make_page(self, stored: StoredSettings) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(14)
        for section, title in SECTIONS.items():
            heading = QLabel(tr(title))
            heading.setProperty("role", "title")
            self._headings[section] = heading
            layout.addWidget(heading)
            for name, setting in all_settings().items():
                if setting.about.section == section:
                    row = SettingRow(setting, stored, _fixed(name))
                    row.changed.connect(self._on_changed)
                    self.rows[name] = row
                    self._parts.append((section, row.words, row))
                    layout.addWidget(row)
            below: Locations | Consents | None = None
            if section == "Folders":
                below = self.locations
            elif section == "Privacy":
                below = self.consents
            if below is not None:
                self._parts.append((section, below.words, below))
                layout.addWidget(below)
        layout.addStretch()
        return page

    def _show(self, text: str) -> None:
        """Show the chosen section, or what a search finds in all of them."""
        words = text.casefold().split()
        chosen = list(SECTIONS)[max(self.sections.currentRow(), 0)]
        seen = set()
        for section, known, widget in self._parts:
            fits = all(word in known for word in words) if words else section == chosen
            widget.setVisible(fits)
            if fits:
                seen.add(section)
        for section, heading in self._headings.items():
            heading.setVisible(section in seen)
        self.page.setVisible(bool(seen))
        self.empty.setVisible(not seen)
        self.page.verticalScrollBar().setValue(0)

    def _on_changed(self, name: str) -> None:
        setting = all_settings()[name]
        if setting.about.effect == "start" and name not in self._waiting:
            self._waiting.append(name)
        titles = ", ".join(tr(all_settings()[each].about.title) for each in self._waiting)
        self.restart.setText(tr("Restart ModelDesk to apply: {settings}.").format(settings=titles))
        self.restart.setVisible(bool(self._waiting))
        self.changed.emit(name)


def _fixed(name: str) -> str:
    """Return why a setting can't be changed in the window."""
    if name == "workspace" and os.environ.get("MODELDESK_WORKSPACE"):
        return tr("The environment variable MODELDESK_WORKSPACE sets the workspace folder.")
    if name == "tracking_uri" and os.environ.get("MODELDESK_TRACKING_URI"):
        return tr("The environment variable MODELDESK_TRACKING_URI sets the tracking server.")
    return ""
