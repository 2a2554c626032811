"""The page of a table on which the user makes a chart of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import image_export
from designer.app.views.background import Caller, Task, Tasks
from designer.app.views.charts.chart_form import KINDS, ChartForm
from designer.app.views.charts.figure_notes import figure_note
from designer.app.views.charts.figure_plot import FigurePlot
from designer.app.views.registry import KeptChart
from designer.app.widgets.text_scale import scaled
from designer.engine.tables.table_views import table_figure
from designer.texts import tr
from modules.contract.columns import Column
from modules.tables.figures.building import is_complete
from modules.tables.figures.figure import Figure
from modules.tables.figures.settings import ChartSettings, usual_settings

_HINT = tr("Drag a frame around marks to show their rows; turn the wheel to zoom.")


class TableChartPage(QWidget):
    """A form on the left, and the chart of its settings, which a worker computes.

    Parameters
    ----------
    folder : Path
        Where the table is stored.
    title : str
        Proposed as the name of an image.
    kept : KeptChart, optional
        Where the settings are kept.

    Attributes
    ----------
    rows_framed : Signal
        The conditions on rows (tuple of RowFilter) that the user framed.
    form : ChartForm
    plot : FigurePlot
    """

    rows_framed = Signal(object)

    def __init__(
        self,
        columns: Sequence[Column],
        folder: Path,
        title: str,
        engine: Caller | None,
        kept: KeptChart | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Chart"))
        self._columns = columns
        self._folder = folder
        self._title = title
        self._kept = kept
        self._tasks = Tasks(self, engine)
        self._request: Task | None = None
        self._dense = False
        self._zoomed = False
        self._note = ""
        self.form = ChartForm(columns)
        self.plot = FigurePlot()
        self.message = QLabel()
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setProperty("role", "muted")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.message)
        self._pages.addWidget(self.plot)
        self.readout = QLabel()
        self.readout.setProperty("role", "muted")
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setWordWrap(True)
        self.readout.setMinimumHeight(2 * self.readout.fontMetrics().height() + 4)
        self.readout.setContentsMargins(12, 0, 12, 6)
        self._arrange()
        self.form.changed.connect(self._changed)
        self.plot.reading.connect(self._read)
        self.plot.framed.connect(self.rows_framed)
        self.plot.zoomed.connect(self._on_zoomed)
        self.setFocusProxy(self.form)
        if kept is not None:
            kept.changed.connect(self._take_kept)
        self.form.show_settings(self._kept_settings() or usual_settings(columns))
        self._draw()

    @property
    def drawing(self) -> bool:
        """Whether a chart is being computed or drawn."""
        return self._request is not None or self.plot.drawing

    def _arrange(self) -> None:
        frame = QButtonGroup(self)
        self._frame = self._tool("frame-rows", tr("Select rows"), tr("Drag a frame around marks"))
        self._move = self._tool("drag", tr("Move"), tr("Drag the visible part"))
        for button in (self._frame, self._move):
            button.setCheckable(True)
            frame.addButton(button)
        self._frame.setChecked(True)
        self._frame.toggled.connect(self.plot.set_framing)
        acts = (
            ("zoom-in", tr("Zoom in (+)"), lambda: self.plot.zoom(0.8)),
            ("zoom-out", tr("Zoom out (-)"), lambda: self.plot.zoom(1.25)),
            ("fit", tr("Show all (0)"), self.plot.show_all),
            ("copy", tr("Copy chart"), self.copy),
            ("save", tr("Save chart as PNG or SVG…"), self._save),
        )
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 12, 6)
        bar.addWidget(self._frame)
        bar.addWidget(self._move)
        bar.addStretch(1)
        self._acts = []
        for icon, text, act in acts:
            button = self._tool(icon, text)
            button.clicked.connect(act)
            bar.addWidget(button)
            self._acts.append(button)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(bar)
        right.addWidget(self._pages, 1)
        right.addWidget(self.readout)
        page = QWidget()
        page.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.addWidget(self.form)
        parts.addWidget(page)
        parts.setChildrenCollapsible(False)
        parts.setStretchFactor(1, 1)
        parts.setSizes([scaled(230), scaled(900)])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(parts)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.plot)
        copy.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.activated.connect(self.copy)

    def _tool(self, icon: str, text: str, tip: str = "") -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon))
        button.setToolTip(tip or text.rstrip("…"))
        button.setAccessibleName(text.partition(" (")[0].rstrip("…"))
        button.setAutoRaise(True)
        if tip:
            button.setText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _kept_settings(self) -> ChartSettings | None:
        return None if self._kept is None else ChartSettings.from_json(self._kept.settings())

    def _take_kept(self) -> None:
        """Show what an undo, for example, has brought back."""
        found = self._kept_settings() or usual_settings(self._columns)
        if found.used() != self.form.settings().used():
            self.form.show_settings(found)
            self._draw()

    def _changed(self) -> None:
        if self._kept is not None:
            settings = self.form.settings()
            self._kept.keep(settings.to_json(), KINDS[settings.kind])
        self._draw()

    def _draw(self) -> None:
        """Ask for the whole chart."""
        settings = self.form.settings()
        if not is_complete(settings):
            self._drop()
            self._show_message(tr("Choose the columns of the chart."))
            return
        if self._pages.currentWidget() is self.message:
            self._show_message(tr("Drawing…"))
        self._ask(settings, None)

    def _on_zoomed(self, window: Any) -> None:
        """Ask for the visible part, where there are too many rows to show each."""
        if self._dense and (window is not None or self._zoomed):
            self._ask(self.form.settings(), window)

    def _ask(self, settings: ChartSettings, window: Any) -> None:
        self._drop()
        self._request = self._tasks.run(
            table_figure,
            self._folder,
            settings,
            window,
            done=lambda figure: self._show(figure, window),
            failed=self._fail,
        )

    def _drop(self) -> None:
        if self._request is not None:
            self._request.drop()
            self._request = None

    def _show(self, figure: Figure, window: Any) -> None:
        self._request = None
        self._zoomed = window is not None
        if not any(panel.marks for panel in figure.panels) and window is None:
            self._show_message(tr("There is nothing to draw: the columns have no values."))
            return
        if window is None:
            self._dense = figure.has_more and self.form.settings().kind in ("scatter", "line")
        self.plot.show_figure(figure, keep_view=window is not None)
        more = tr("Zoom in to see each row.") if self._dense and figure.has_more else ""
        self._note = f"{figure_note(figure)} {more}".strip()
        self._enable(True)
        self._pages.setCurrentWidget(self.plot)
        self._read("")

    def _fail(self, message: str, hint: str) -> None:
        self._request = None
        self._show_message(f"{message}\n{hint}")

    def _show_message(self, text: str) -> None:
        self.message.setText(text)
        self._pages.setCurrentWidget(self.message)
        self._enable(False)
        self.readout.clear()

    def _enable(self, on: bool) -> None:
        for button in (*self._acts, self._frame, self._move):
            button.setEnabled(on)

    def _read(self, text: str) -> None:
        self.readout.setText(text or " ".join(filter(None, (self._note, _HINT))))

    def copy(self) -> None:
        """Put the chart on the clipboard, as pixels and as SVG."""
        if self._pages.currentWidget() is self.plot:
            self.plot.complete()
            image_export.copy(self.plot)
            self.readout.setText(tr("Copied."))

    def _save(self) -> None:
        title = self.plot.figure.title
        self.plot.complete()
        message = image_export.ask_and_save(self.plot, f"{self._title}, {title}")
        if message:
            self.readout.setText(message)
