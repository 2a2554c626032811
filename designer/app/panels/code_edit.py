"""An editor for program text: highlighting, line numbers, spaces for tabs, an error line."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from designer.app.shell import theme

INDENT = "    "


class CodeEdit(QPlainTextEdit):
    """A plain text editor for a script.

    Parameters
    ----------
    language : str
        ``python``, ``sql`` or ``r``.
    """

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.language = language
        self._error_line: int | None = None
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(INDENT))
        self._margin = _Margin(self)
        self._highlighter = _Highlighter(self.document(), language)
        self.blockCountChanged.connect(self._update_margin_width)
        self.updateRequest.connect(self._scroll_margin)
        self.textChanged.connect(self._mark_error_line)
        theme.notifier().changed.connect(self._on_theme)
        self._update_margin_width()

    @property
    def error_line(self) -> int | None:
        """The marked line, counted from 1."""
        return self._error_line

    def set_error_line(self, line: int | None) -> None:
        """Mark a line as wrong, counted from 1; None removes the mark."""
        self._error_line = line
        self._mark_error_line()

    def go_to_line(self, line: int) -> None:
        """Put the cursor into a line, counted from 1, in the middle of the view."""
        self.setTextCursor(QTextCursor(self.document().findBlockByNumber(line - 1)))
        self.centerCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Indent with spaces; a new line starts as deep as the one before."""
        if event.key() == Qt.Key.Key_Tab and not event.modifiers():
            self._indent()
        elif event.key() == Qt.Key.Key_Backtab:
            self._unindent()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            cursor = self.textCursor()
            line = cursor.block().text()[: cursor.positionInBlock()]
            deeper = INDENT if self.language == "python" and line.rstrip().endswith(":") else ""
            cursor.insertText("\n" + line[: len(line) - len(line.lstrip())] + deeper)
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: Any) -> None:
        """Paste text with spaces for tabs."""
        self.textCursor().insertText(source.text().expandtabs(4))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the line numbers on the left."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._margin.setGeometry(QRect(area.left(), area.top(), self.margin_width(), area.height()))

    def margin_width(self) -> int:
        """Return the width of the line numbers, in pixels."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("9") * digits + 16

    def paint_margin(self, event: QPaintEvent) -> None:
        """Paint the line numbers."""
        colors = theme.current()
        painter = QPainter(self._margin)
        painter.fillRect(event.rect(), QColor(colors.window))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        width = self._margin.width() - 8
        while block.isValid() and top <= event.rect().bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber() + 1
            wrong = number == self._error_line
            painter.setPen(QColor(colors.error if wrong else colors.text_muted))
            painter.drawText(
                0, round(top), width, round(height), Qt.AlignmentFlag.AlignRight, str(number)
            )
            top += height
            block = block.next()
        painter.end()

    def _indent(self) -> None:
        cursor = self.textCursor()
        if not cursor.hasSelection():
            cursor.insertText(" " * (len(INDENT) - cursor.positionInBlock() % len(INDENT)))
            return
        self._change_lines(lambda line: INDENT + line if line.strip() else line)

    def _unindent(self) -> None:
        self._change_lines(lambda line: line[min(len(line) - len(line.lstrip(" ")), 4) :])

    def _change_lines(self, change: Any) -> None:
        cursor = self.textCursor()
        document = self.document()
        first = document.findBlock(cursor.selectionStart()).blockNumber()
        last = document.findBlock(cursor.selectionEnd()).blockNumber()
        cursor.beginEditBlock()
        for number in range(first, last + 1):
            block = document.findBlockByNumber(number)
            edit = QTextCursor(block)
            edit.select(QTextCursor.SelectionType.LineUnderCursor)
            changed = change(block.text())
            if changed != block.text():
                edit.insertText(changed)
        cursor.endEditBlock()

    def _update_margin_width(self) -> None:
        self.setViewportMargins(self.margin_width(), 0, 0, 0)

    def _scroll_margin(self, area: QRect, dy: int) -> None:
        if dy:
            self._margin.scroll(0, dy)
        else:
            self._margin.update(0, area.y(), self._margin.width(), area.height())

    def _mark_error_line(self) -> None:
        selections = []
        block = self.document().findBlockByNumber((self._error_line or 0) - 1)
        if self._error_line and block.isValid():
            mark = QTextEdit.ExtraSelection()
            color = QColor(theme.current().error)
            color.setAlpha(50)
            mark.format.setBackground(color)
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            mark.cursor = QTextCursor(block)
            selections.append(mark)
        self.setExtraSelections(selections)
        self._margin.update()

    def _on_theme(self) -> None:
        self._highlighter.set_colors()
        self._mark_error_line()


class _Margin(QWidget):
    def __init__(self, editor: CodeEdit) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_margin(event)


class _Highlighter(QSyntaxHighlighter):
    """Colors by Pygments, which reads the whole text once per change.

    A block's state is a digest of its colors: when it changes, Qt continues with the
    next block, so an opened string reaches as far down as it must.
    """

    def __init__(self, document: QTextDocument, language: str) -> None:
        super().__init__(document.parent())
        self._language = language
        self._lexer: Any = None
        self._read_already = False
        self._lines: list[list[tuple[int, int, str]]] = []
        self._formats: dict[str, QTextCharFormat] = {}
        # Before Qt's own listener, which colors at once. The document's revision
        # wouldn't do: setPlainText sets it back.
        document.contentsChange.connect(self._forget)
        self.setDocument(document)
        self.set_colors()

    def _forget(self, *_: int) -> None:
        self._read_already = False

    def set_colors(self) -> None:
        """Apply the colors of the theme."""
        colors = theme.current()
        chosen = {
            "Keyword": colors.accent,
            "String": colors.success,
            "Number": colors.warning,
            "Comment": colors.text_muted,
            "Name.Function": colors.series[2],
            "Name.Class": colors.series[2],
            "Name.Builtin": colors.series[4],
            "Name.Decorator": colors.series[4],
            "Operator.Word": colors.accent,
        }
        self._formats = {}
        for name, color in chosen.items():
            style = QTextCharFormat()
            style.setForeground(QColor(color))
            if name == "Keyword":
                style.setFontWeight(QFont.Weight.DemiBold)
            self._formats[name] = style
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """See Qt."""
        if not self._read_already:
            self._read_already = True
            self._lines = self._read(self.document().toPlainText())
        number = self.currentBlock().blockNumber()
        spans = self._lines[number] if number < len(self._lines) else []
        for start, length, name in spans:
            self.setFormat(start, length, self._formats[name])
        self.setCurrentBlockState(hash(tuple(spans)) & 0x7FFFFFFF)

    def _read(self, text: str) -> list[list[tuple[int, int, str]]]:
        if self._lexer is None:
            from pygments.lexers import get_lexer_by_name

            names = {"python": "python", "sql": "sql", "r": "r"}
            self._lexer = get_lexer_by_name(names.get(self._language, "text"), stripnl=False)
        lines: list[list[tuple[int, int, str]]] = [[]]
        column = 0
        for token, value in self._lexer.get_tokens(text):
            name = self._name(token)
            for index, piece in enumerate(value.split("\n")):
                if index:
                    lines.append([])
                    column = 0
                if piece and name:
                    lines[-1].append((column, len(piece), name))
                # Qt counts UTF-16 units.
                column += len(piece.encode("utf-16-le")) // 2
        return lines

    def _name(self, token: Any) -> str | None:
        text = str(token).removeprefix("Token.").removeprefix("Literal.")
        return next((name for name in self._formats if text.startswith(name)), None)
