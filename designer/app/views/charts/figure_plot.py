"""A figure on the screen: panels that are zoomed, read, and framed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QPointF,
    QRectF,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QFontInfo, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.app.library.content_texts import figure_in_language
from designer.app.shell import theme
from designer.app.views.charts.chart_values import describe
from designer.app.views.charts.figure_axes import frame_box
from designer.app.views.charts.figure_colors import legend_text
from designer.app.views.charts.figure_items import panel_items
from designer.app.views.charts.figure_notes import figure_note
from designer.app.views.charts.figure_panel import add_panel
from designer.app.views.charts.figure_reading import read_point
from designer.app.views.charts.figure_selection import framed_rows
from designer.app.views.charts.figure_values import figure_sheet
from designer.app.views.charts.linked_views import LinkedViews
from designer.app.views.charts.values_dialog import offer_values
from designer.app.widgets.text_scale import resized
from designer.texts import counted, tr
from modules.contract.sheet import Sheet
from modules.tables.figures.figure import Bars, Box, Cells, Figure, Panel

_QUIET = 200
"""Milliseconds after a change of the view until its rows are asked for."""

_STEP = 0.8

_GRID = 46
"""The opacity of lines behind marks, of 255."""


class FigurePlot(QWidget):
    """Draws a figure with pyqtgraph, one panel in each turn of the event loop.

    Keys: + and - zoom, the arrows move, 0 shows everything, T shows the values as a table.

    Attributes
    ----------
    reading : Signal
        What is under the pointer, as text; empty if nothing is.
    framed : Signal
        The conditions on rows (tuple of RowFilter) that the user framed.
    zoomed : Signal
        The visible part of the first panel: left, bottom, right, top; None for everything.
    """

    reading = Signal(str)
    framed = Signal(object)
    zoomed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        import pyqtgraph

        self._pg = pyqtgraph
        self.figure = Figure("", ())
        self._plots: list[Any] = []
        self._links: LinkedViews | None = None
        self._framing = True
        self._steps: Iterator[None] | None = None
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._step)
        self._area: Any = pyqtgraph.GraphicsLayoutWidget()
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setFrameShape(self._area.Shape.NoFrame)
        self._area.ci.layout.setContentsMargins(4, 4, 12, 4)
        self._area.ci.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setWordWrap(True)
        self._legend.setContentsMargins(12, 4, 12, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._legend)
        column.addWidget(self._area, 1)
        offer_values(self, self.values)
        self._area.scene().sigMouseMoved.connect(self._moved)
        self._area.viewport().installEventFilter(self)
        self._settle = QTimer(self, singleShot=True, interval=_QUIET)
        self._settle.timeout.connect(self._report_view)
        theme.notifier().changed.connect(self._draw)
        self.set_framing(True)

    @property
    def plots(self) -> list[Any]:
        """The panels drawn so far."""
        return list(self._plots)

    @property
    def drawing(self) -> bool:
        """Whether panels remain to be drawn."""
        return self._steps is not None

    def values(self) -> Sheet:
        """Return the marks as a table."""
        return figure_sheet(self.figure)

    def show_figure(self, figure: Figure, *, keep_view: bool = False) -> None:
        """Draw a figure.

        Parameters
        ----------
        keep_view : bool
            It is the same figure, of the part that is visible.
        """
        figure = figure_in_language(figure)
        kept = keep_view and len(figure.panels) == len(self.figure.panels)
        self.figure = figure
        self.setAccessibleName(figure.title or tr("Chart"))
        if not kept:
            self._clear()
        self._draw()

    def complete(self) -> None:
        """Draw the remaining panels at once, for an image for example."""
        if not self.drawing:
            return
        lay_out = partial(QCoreApplication.sendPostedEvents, None, QEvent.Type.LayoutRequest.value)
        while self.drawing:
            self._step()
            lay_out()
        # The axes find their sizes when they are painted, which moves the panels.
        for _ in range(2):
            self._area.grab()
            lay_out()

    @Slot(bool)
    def set_framing(self, on: bool) -> None:
        """Let a drag frame rows, or move the view."""
        self._framing = on
        for plot in self._plots:
            plot.getViewBox().framing = on
        cursor = Qt.CursorShape.CrossCursor if on else Qt.CursorShape.OpenHandCursor
        self._area.viewport().setCursor(cursor)

    def zoom(self, factor: float) -> None:
        """Zoom around the middle; a factor below 1 shows less."""
        if self._links is not None:
            self._links.scale(factor)
        else:
            for plot in self._plots:
                plot.getViewBox().scaleBy((factor, factor))
        self._settle.start()

    @Slot()
    def show_all(self) -> None:
        """Show everything."""
        if self._links is not None:
            self._links.show_all()
        else:
            for plot in self._plots:
                plot.getViewBox().autoRange()
        self._settle.stop()
        self.zoomed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom and move by keys."""
        moves = {
            Qt.Key.Key_Left: (-0.1, 0.0),
            Qt.Key.Key_Right: (0.1, 0.0),
            Qt.Key.Key_Up: (0.0, 0.1),
            Qt.Key.Key_Down: (0.0, -0.1),
        }
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / _STEP)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.show_all()
        elif key in moves and self._plots:
            box = self._plots[0].getViewBox()
            (left, right), (bottom, top) = box.viewRange()
            across, up = moves[key]
            box.translateBy((across * (right - left), up * (top - bottom)))
            self._settle.start()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Read nothing when the pointer leaves; show all at a double click."""
        if event.type() == QEvent.Type.Leave:
            self.reading.emit("")
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.show_all()
        elif event.type() == QEvent.Type.MouseButtonPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Draw again on a screen of another resolution."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw()
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Pause drawing while the chart can't be seen."""
        self._turn.stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the remaining panels."""
        super().showEvent(event)
        if self.drawing:
            self._turn.start()

    def _clear(self) -> None:
        self._settle.stop()
        self._area.clear()
        self._plots, self._links = [], None

    @Slot()
    def _draw(self) -> None:
        """Begin to draw the panels; a single one is there at once."""
        self._area.setBackground(theme.current().surface)
        self._legend.setText(legend_text(self.figure))
        self._legend.setVisible(bool(self.figure.groups))
        describe(self, tr("Drawing…"))
        self._steps = self._drawn_panels()
        self._turn.start()
        self._step()

    @Slot()
    def _step(self) -> None:
        if self._steps is not None and next(self._steps, self) is self:
            self._steps = None
            self._turn.stop()
            self._describe()

    def _drawn_panels(self) -> Iterator[None]:
        """Draw the panels, then show them, with pauses between."""
        panels = self.figure.panels
        # Nothing of them is visible yet: to paint would only prepare each of them again.
        self._area.setUpdatesEnabled(len(panels) == 1)
        for index, panel in enumerate(panels):
            if index:
                yield
            if index == len(self._plots):
                self._add(index, panel)
            else:
                self._fill(self._plots[index], panel)
            self._apply_theme(self._plots[index], panel)
        self._area.setUpdatesEnabled(True)
        # Axes find their sizes when they are painted, which moves every visible panel. After
        # the diagonal, each row and each column has its size.
        order = sorted(range(len(panels)), key=lambda index: len(set(self._cell(index))))
        hidden = [plot for plot in map(self._plots.__getitem__, order) if not plot.opacity()]
        for plot in hidden:
            if len(panels) > 1:
                yield
            plot.setOpacity(1)

    def _cell(self, index: int) -> tuple[int, int]:
        """Return the row and the column of a panel."""
        return divmod(index, self.figure.across)

    def _describe(self) -> None:
        parts = (
            counted("{n:,} panel", "{n:,} panels", len(self.figure.panels)),
            ", ".join(self.figure.groups),
            figure_note(self.figure),
        )
        describe(self, "; ".join(filter(None, parts)))

    def _add(self, index: int, panel: Panel) -> None:
        box = frame_box()(self._framed_by(panel))
        box.framing = self._framing
        plot = add_panel(self._area, self.figure, index, box)
        # Each panel moves those before it: they are painted once all are there.
        plot.setOpacity(0)
        box.setDefaultPadding(0.03)
        self._plots.append(plot)
        self._fill(plot, panel)
        self._range(box, panel)
        box.sigRangeChangedManually.connect(lambda *_: self._settle.start())

    def _fill(self, plot: Any, panel: Panel) -> None:
        plot.clear()
        for item in panel_items(self.figure, panel, self.devicePixelRatioF()):
            plot.add(item)

    def _range(self, box: Any, panel: Panel) -> None:
        marks = panel.marks
        if any(isinstance(mark, Cells) for mark in marks):
            # The first row of a matrix is at its top.
            box.invertY(True)
        if any(isinstance(mark, (Bars, Box)) for mark in marks) and panel.x_labels:
            box.setXRange(-0.6, len(panel.x_labels) - 0.4, padding=0)
        if all(isinstance(mark, Bars) and not (mark.height < 0).any() for mark in marks):
            box.setLimits(yMin=0)
        if not (self.figure.linked or self.figure.paired):
            box.enableAutoRange()
        elif len(self._plots) == len(self.figure.panels):
            boxes = [plot.getViewBox() for plot in self._plots]
            self._links = LinkedViews(self.figure, boxes)

    def _framed_by(self, panel: Panel) -> Any:
        def report(area: QRectF) -> None:
            filters = framed_rows(panel, area)
            if filters:
                self.framed.emit(filters)

        return report

    @Slot(object)
    def _moved(self, at: QPointF) -> None:
        for plot, panel in zip(self._plots, self.figure.panels, strict=False):
            box = plot.getViewBox()
            if box.sceneBoundingRect().contains(at):
                point = box.mapSceneToView(at)
                pixel = box.viewPixelSize()
                text = read_point(self.figure, panel, (point.x(), point.y()), pixel)
                self.reading.emit(text)
                return
        self.reading.emit("")

    @Slot()
    def _report_view(self) -> None:
        if self._plots:
            (left, right), (bottom, top) = self._plots[0].getViewBox().viewRange()
            self.zoomed.emit((left, bottom, right, top))

    def _apply_theme(self, plot: Any, panel: Panel) -> None:
        colors = theme.current()
        font = resized(self.font(), -1, 7.0)
        plot.set_title(panel.title, colors.text, QFontInfo(self.font()).pixelSize())
        if self.figure.paired:
            plot.getViewBox().setBorder(self._pg.mkPen(colors.outline))
        sides = {
            "bottom": (panel.x_title, panel.x_labels),
            "left": (panel.y_title, panel.y_labels),
        }
        for name, axis in plot.axes.items():
            text, labels = sides[name]
            axis.setGrid(False if labels or self.figure.paired else _GRID)
            axis.setPen(self._pg.mkPen(colors.outline))
            axis.setTextPen(self._pg.mkPen(colors.text_muted))
            axis.setStyle(tickFont=font, tickLength=-4)
            axis.setLabel(_short(text), color=colors.text_muted)


def _short(text: str) -> str:
    """Return the name of an axis as pyqtgraph takes it: HTML, of no more than it can show."""
    import html

    return html.escape(text if len(text) <= 48 else f"{text[:46]}…")
