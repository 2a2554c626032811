"""The sample pipelines, and the cards that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from designer.app.shell import theme
from designer.app.shell.thumbnail import paint_thumbnail
from designer.app.widgets.direction import isolated
from designer.app.widgets.text_scale import scaled
from designer.long_texts import paragraph_in_language
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec
from modules.contract.parameter import sentence

WIDTH, PICTURE = 250, 116
"""Pixels of a card, and of the height of its picture, beside text of the usual size."""

_LINES = 3
"""Of a description."""


@dataclass(frozen=True)
class Sample:
    """A sample pipeline.

    Parameters
    ----------
    title, summary : str
        Its file name and its description, in the language that is used.
    tasks : tuple of str
        What it is for, by the categories of its modules.
    keywords : tuple of str
        Titles of its modules, and other words that find them.
    """

    path: Path
    title: str
    summary: str
    pipeline: Pipeline
    tasks: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    @property
    def category_title(self) -> str:
        """The tasks as one text, for searching."""
        return " ".join(self.tasks)


WITHOUT_MODEL = tr("Data preparation")
"""The task of samples whose modules serve every task."""


def find_samples(folder: Path, specs: Mapping[str, ModuleSpec]) -> list[Sample]:
    """Read the sample pipelines of a folder; what can't be read is left out."""
    found = []
    for path in sorted(folder.glob(f"*{pipeline_file.SUFFIX}")):
        try:
            pipeline = pipeline_file.read(path)
        except pipeline_file.PipelineFileError:
            continue
        title = paragraph_in_language(sentence(path.name.removesuffix(pipeline_file.SUFFIX)))
        used = {node.module for node in pipeline.nodes.values()}
        known = [spec for id, spec in specs.items() if id in used]
        tasks = dict.fromkeys(tr(spec.category.task) for spec in known if spec.category.task)
        keywords = [word for spec in known for word in (spec.title, *spec.keywords)]
        found.append(
            Sample(
                path,
                title,
                paragraph_in_language(pipeline.description),
                pipeline,
                tuple(tasks) or (WITHOUT_MODEL,),
                tuple(keywords),
            )
        )
    return found


class SampleCard(QAbstractButton):
    """A sample to open: its picture, title, and description."""

    def __init__(self, sample: Sample, specs: Mapping[str, ModuleSpec]) -> None:
        super().__init__()
        self.sample = sample
        self._specs = specs
        self.setText(sample.title)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(tr("Sample: {title}").format(title=sample.title))
        self.setAccessibleDescription(sample.summary)
        self.setToolTip(sample.summary)

    def sizeHint(self) -> QSize:
        """Return a size with room for the title and the lines of the description."""
        line = self.fontMetrics().lineSpacing()
        return QSize(scaled(WIDTH), PICTURE + (1 + _LINES) * line + 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """See Qt."""
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lively = self.underMouse() or self.hasFocus()
        border = QColor(colors.accent if lively else colors.border)
        painter.setPen(QPen(border, 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(colors.surface))
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(frame, 8, 8)
        picture = QRectF(frame.left() + 8, frame.top() + 8, frame.width() - 16, PICTURE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.canvas))
        painter.drawRoundedRect(picture, 5, 5)
        paint_thumbnail(painter, picture.adjusted(8, 8, -8, -8), self.sample.pipeline, self._specs)
        text = frame.adjusted(12, PICTURE + 16, -12, -8).toRect()
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(colors.text))
        line = painter.fontMetrics().height()
        title = painter.fontMetrics().elidedText(
            self.sample.title, Qt.TextElideMode.ElideRight, text.width()
        )
        top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.drawText(text, top, isolated(title))
        painter.setFont(self.font())
        painter.setPen(QColor(colors.text_muted))
        body = text.adjusted(0, line + 3, 0, 0)
        metrics = painter.fontMetrics()
        lines = max(1, body.height() // metrics.lineSpacing())
        shown = _shortened(self.sample.summary, metrics, body.width(), lines)
        painter.drawText(body, top, isolated(shown))
        painter.end()


def _shortened(text: str, metrics: QFontMetrics, width: int, lines: int) -> str:
    """Return as much of a text as fits into some lines, whole words only."""
    kept: list[str] = []
    current = ""
    words = " ".join(text.split()).split(" ")
    for index, word in enumerate(words):
        longer = f"{current} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width:
            current = longer
            continue
        kept.append(current)
        current = word
        if len(kept) == lines:
            rest = kept[-1] + " " + " ".join(words[index:])
            kept[-1] = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)
            return "\n".join(kept)
    return "\n".join([*kept, current])
