"""Dialogs that only inform: about, shortcuts, help for a module."""

from __future__ import annotations

import platform
from html import escape

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer import __version__
from designer.app.dialogs.buttons import dialog_buttons
from designer.app.panels.help_text import module_html
from designer.app.shell import theme
from designer.app.shell.commands import Commands
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.empty_label import empty_label
from designer.app.widgets.fields.line_buttons import let_clear
from designer.texts import tr
from modules.contract import ModuleSpec

OTHER_KEYS = (
    (tr("Search for a module and add it"), tr("Start typing")),
    (tr("Move the selection"), tr("Arrow keys, Shift for more")),
    (tr("Go from module to module"), tr("Tab or Ctrl+Arrow keys")),
    (tr("Edit the selected module or note"), tr("Enter")),
    (tr("Visualize the result of a completed module"), "Double-click"),
    (tr("Show the whole pipeline"), tr("Home")),
    (tr("Move the view"), tr("Space or the middle button, and drag")),
    (tr("Zoom"), "Ctrl+Wheel"),
    (tr("Cancel a gesture, or clear the selection"), tr("Esc")),
    (tr("Open the menu of a parameter"), tr("Menu or Shift+F10")),
)
"""Keys that canvas and fields handle themselves, for the list of shortcuts."""


class Shortcuts(QDialog):
    """A list of all shortcuts, to search."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        usual_size(self, 560, 600)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search shortcuts"))
        self.search.setAccessibleName(tr("Search shortcuts"))
        let_clear(self.search)
        self.list = QTreeWidget()
        keep_directions(self.list)
        self.list.setAccessibleName(tr("Shortcuts"))
        self.list.setHeaderLabels([tr("Command"), tr("Keys")])
        self.list.setRootIsDecorated(False)
        fit_columns(self.list.header())
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        rows = [
            (commands.title(command), command.shortcut_text(every=True))
            for command in commands.all()
            if command.keys
        ]
        for title, keys in (*rows, *OTHER_KEYS):
            self.list.addTopLevelItem(QTreeWidgetItem([title, keys]))
        self.search.textChanged.connect(self._filter)
        self.empty = empty_label()
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addLayout(self._stack)
        layout.addWidget(_close_button(self))

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        found = False
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            assert item is not None
            whole = f"{item.text(0)} {item.text(1)}".lower()
            fits = all(word in whole for word in words)
            item.setHidden(not fits)
            found = found or fits
        self.empty.setText(tr("No shortcut matches “{text}”.").format(text=text.strip()))
        self._stack.setCurrentWidget(self.list if found else self.empty)


class About(QDialog):
    """Version and license."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About ModelDesk"))
        usual_size(self, 428)
        text = QLabel(
            f"<h2>ModelDesk {escape(__version__)}</h2>"
            f"<p>{tr('A visual designer for machine learning on your own computer.')}</p>"
            f"<p>Python {platform.python_version()}, Qt for Python {pyside_version}</p>"
            f"<p>{tr('Licensed under the Apache License, version 2.0.')}<br>"
            f"{tr('Draws with NodeGraphQt (MIT) and Qt (LGPL version 3).')}</p>"
        )
        text.setTextFormat(Qt.TextFormat.RichText)
        text.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 12, 24, 18)
        layout.addWidget(text)
        layout.addWidget(_close_button(self))


class ModuleHelp(QDialog):
    """The whole help of a module.

    Signals
    -------
    example_requested : str
        The id of the module of which an example is to be added.
    """

    example_requested = Signal(str)

    def __init__(
        self,
        spec: ModuleSpec,
        hint: str | None,
        parent: QWidget | None = None,
        *,
        with_example: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Help: {title}").format(title=spec.title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        usual_size(self, 560, 680)
        self.text = QTextBrowser()
        self.text.setAccessibleName(self.windowTitle())
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.text.document().setDocumentMargin(16)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 10)
        layout.addWidget(self.text)
        layout.addWidget(_close_button(self))
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(lambda _: self.example_requested.emit(spec.id))
        self._spec, self._hint, self._with_example = spec, hint, with_example
        self._show()
        theme.notifier().changed.connect(self._show)

    def _show(self) -> None:
        self.text.setHtml(module_html(self._spec, self._hint, with_example=self._with_example))


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = dialog_buttons(dialog, QDialogButtonBox.StandardButton.Close)
    buttons.setContentsMargins(10, 0, 10, 0)
    return buttons
