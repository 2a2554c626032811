"""The guide in a window: the pages of the documentation, which are on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QTextCursor, QTextDocument, QTextTable
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.line_buttons import let_clear
from designer.long_texts import headings, page_in_language
from designer.texts import tr

FIRST_PAGE = "guide.md"
CONTENTS = "README.md"


class Guide(QDialog):
    """Shows the pages of a folder, and goes from one to the other.

    Parameters
    ----------
    folder : Path
        The pages, in Markdown.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder.resolve()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Guide"))
        usual_size(self, 860, 720)
        self.page = _Page()
        self.page.setAccessibleName(tr("Page of the guide"))
        # A link may lead out of the folder, or into the middle of a page.
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(self._follow)
        self.page.sourceChanged.connect(lambda _: self._space())
        self.page.document().setDocumentMargin(20)
        self.back = _button(tr("Back"), "undo")
        self.back.setShortcut(QKeySequence.StandardKey.Back)
        self.back.clicked.connect(self.page.backward)
        self.contents = _button(tr("Contents"), "list")
        self.contents.clicked.connect(lambda: self.show_page(CONTENTS))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search this page"))
        self.search.setAccessibleName(tr("Search this page"))
        let_clear(self.search)
        self.search.textChanged.connect(lambda _: self._find(from_start=True))
        self.search.returnPressed.connect(lambda: self._find(from_start=False))
        self.message = QLabel()
        self.message.setProperty("role", "muted")
        self.message.setWordWrap(True)
        self.message.hide()
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addWidget(self.contents)
        row.addStretch(1)
        row.addWidget(self.search, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.page, 1)
        layout.addWidget(self.message)
        self.page.backwardAvailable.connect(self.back.setEnabled)
        self.back.setEnabled(False)
        self.show_page(FIRST_PAGE)
        self.page.setFocus()
        theme.notifier().changed.connect(self._recolor)

    def has(self, name: str) -> bool:
        """Return whether a page is part of the guide."""
        file = (self._folder / name).resolve()
        return file.is_relative_to(self._folder) and file.is_file()

    def show_page(self, name: str, heading: str = "") -> None:
        """Show a page, from a heading on.

        Parameters
        ----------
        name : str
            The file, relative to the folder.
        heading : str
            As in a link: lowercase, with hyphens; empty for the beginning.
        """
        file = (self._folder / name).resolve()
        if not self.has(name):
            self._say(tr("“{name}” isn't part of the guide.").format(name=name))
            return
        self._say("")
        url = QUrl.fromLocalFile(str(file))
        if url != self.page.source():
            self.page.setSource(url, QTextDocument.ResourceType.MarkdownResource)
        self._go_to(heading)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
            return
        page = self.page.source().resolved(url)
        file = Path(page.toLocalFile())
        inside = file.is_relative_to(self._folder)
        name = file.relative_to(self._folder).as_posix() if inside else url.path()
        self.show_page(name, page.fragment())

    def _recolor(self) -> None:
        """Show the page in the colors of another theme, where it was."""
        bar = self.page.verticalScrollBar()
        value = bar.value()
        self.page.reload()
        self._space()
        bar.setValue(value)

    def _space(self) -> None:
        """Put room around headings, paragraphs, items, and tables, which Markdown has none of."""
        line = self.fontMetrics().height()
        for frame in self.page.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                table = frame.format()
                table.setTopMargin(line / 2)
                table.setBottomMargin(line)
                frame.setFormat(table)
        block = self.page.document().begin()
        while block.isValid():
            cursor, form = QTextCursor(block), block.blockFormat()
            if form.headingLevel():
                form.setTopMargin(line if block.blockNumber() else 0)
                form.setBottomMargin(line / 3)
            elif not form.nonBreakableLines() and cursor.currentTable() is None:
                form.setBottomMargin(line / 5 if block.textList() else line / 2)
            cursor.setBlockFormat(form)
            block = block.next()

    def _go_to(self, heading: str) -> None:
        # Links have the English heading, so the one at its position is shown.
        names = iter(headings(Path(self.page.source().toLocalFile()).read_text(encoding="utf-8")))
        block = self.page.document().begin()
        while heading and block.isValid():
            if block.blockFormat().headingLevel() and heading in next(names, ()):
                self.page.setTextCursor(QTextCursor(block))
                layout = self.page.document().documentLayout()
                top = layout.blockBoundingRect(block).top()
                self.page.verticalScrollBar().setValue(round(top))
                return
            block = block.next()
        self.page.verticalScrollBar().setValue(0)

    def _find(self, *, from_start: bool) -> None:
        """Go to the next match of the text, from the end on to the first."""
        text = self.search.text()
        if from_start or not text:
            self.page.moveCursor(QTextCursor.MoveOperation.Start)
        found = not text or self.page.find(text)
        if not found and not from_start:
            self.page.moveCursor(QTextCursor.MoveOperation.Start)
            found = self.page.find(text)
        self._say("" if found else tr("No matches for “{text}” on this page.").format(text=text))

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))


class _Page(QTextBrowser):
    """Shows a page in the language of the window."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Return the text of a page; what Qt finds for anything else."""
        found = super().loadResource(kind, name)
        if kind == QTextDocument.ResourceType.MarkdownResource.value and found is not None:
            return page_in_language(bytes(found.data()).decode("utf-8"))
        return found


def _button(text: str, icon: str) -> QPushButton:
    button = QPushButton(theme.icon(icon), text)
    button.setAutoDefault(False)
    return button
