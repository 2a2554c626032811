"""Program text with colors, line numbers, and marked lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
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

from designer.app.code.spans import Spans, read_spans
from designer.app.shell import theme
from designer.app.widgets.direction import as_code

INDENT = "    "


class CodeText(QPlainTextEdit):
    """Program text in a fixed font.

    Parameters
    ----------
    language : str
        ``python``, ``sql`` or ``r``.
    """

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.language = language
        self._margin = _Margin(self)
        self._marks: Sequence[tuple[int, int]] = ()
        self._mark_color = ""
        as_code(self)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.highlighter = Highlighter(self.document(), language)
        self.blockCountChanged.connect(self._update_margin_width)
        self.updateRequest.connect(self._scroll_margin)
        self.textChanged.connect(self._show_marks)
        theme.notifier().changed.connect(self._on_theme)
        self._fit_font()

    def mark_lines(self, ranges: Sequence[tuple[int, int]], color: str) -> None:
        """Mark lines instead of those before.

        Parameters
        ----------
        ranges : sequence of (int, int)
            First and last lines, counted from 1.
        color : str
            Its name in the theme.
        """
        self._marks, self._mark_color = ranges, color
        self._show_marks()

    def go_to_line(self, line: int) -> None:
        """Put the cursor into a line, counted from 1, in the middle of the view."""
        self.setTextCursor(QTextCursor(self.document().findBlockByNumber(line - 1)))
        self.centerCursor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the line numbers on the left."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._margin.setGeometry(QRect(area.left(), area.top(), self.margin_width(), area.height()))

    def changeEvent(self, event: QEvent) -> None:
        """Fit indents and line numbers to the new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_font()

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
            marked = any(first <= number <= last for first, last in self._marks)
            color = getattr(colors, self._mark_color) if marked else colors.text_muted
            painter.setPen(QColor(color))
            painter.drawText(
                0, round(top), width, round(height), Qt.AlignmentFlag.AlignRight, str(number)
            )
            top += height
            block = block.next()
        painter.end()

    def _fit_font(self) -> None:
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(INDENT))
        self._update_margin_width()

    def _update_margin_width(self) -> None:
        self.setViewportMargins(self.margin_width(), 0, 0, 0)

    def _scroll_margin(self, area: QRect, dy: int) -> None:
        if dy:
            self._margin.scroll(0, dy)
        else:
            self._margin.update(0, area.y(), self._margin.width(), area.height())

    def _show_marks(self) -> None:
        selections = []
        color = QColor(getattr(theme.current(), self._mark_color)) if self._marks else QColor()
        color.setAlpha(50)
        for first, last in self._marks:
            for line in range(first, last + 1):
                block = self.document().findBlockByNumber(line - 1)
                if not block.isValid():
                    break
                mark = QTextEdit.ExtraSelection()
                mark.format.setBackground(color)
                mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
                mark.cursor = QTextCursor(block)
                selections.append(mark)
        self.setExtraSelections(selections)
        self._margin.update()

    def _on_theme(self) -> None:
        self.highlighter.set_colors()
        self._show_marks()


class _Margin(QWidget):
    def __init__(self, editor: CodeText) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_margin(event)


class Highlighter(QSyntaxHighlighter):
    """Colors by Pygments, which reads the whole text once per change.

    A block's state is a digest of its colors.
    """

    def __init__(self, document: QTextDocument, language: str) -> None:
        super().__init__(document.parent())
        self._language = language
        self._read_already = False
        self._expecting = False
        self._lines: Spans = []
        self._formats: dict[str, QTextCharFormat] = {}
        # Before Qt's own listener, which colors at once. The document's revision
        # wouldn't do: setPlainText sets it back.
        document.contentsChange.connect(self._forget)
        document.contentsChanged.connect(self._color_the_rest)
        self.setDocument(document)
        self.set_colors()

    def expect(self, spans: Spans) -> None:
        """Use these spans for the next change of the text, instead of reading it."""
        self._lines, self._expecting = spans, True

    def _forget(self, *_: int) -> None:
        self._read_already, self._expecting = self._expecting, False

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
        number = self.currentBlock().blockNumber()
        spans = self._spans(number)
        for start, length, name in spans:
            self.setFormat(start, length, self._formats[name])
        self.setCurrentBlockState(_state(spans))

    def _spans(self, number: int) -> list[tuple[int, int, str]]:
        if not self._read_already:
            self._read_already = True
            self._lines = read_spans(self.document().toPlainText(), self._language)
        return self._lines[number] if number < len(self._lines) else []

    def _color_the_rest(self) -> None:
        """Color the lines that look different although neither they nor their neighbors changed.

        Qt stops at a line that looks as before, an empty one for example; a string that was
        opened above continues behind it.
        """
        block = self.document().firstBlock()
        while block.isValid():
            if block.userState() != _state(self._spans(block.blockNumber())):
                self.rehighlightBlock(block)
            block = block.next()


def _state(spans: list[tuple[int, int, str]]) -> int:
    return hash(tuple(spans)) & 0x7FFFFFFF
