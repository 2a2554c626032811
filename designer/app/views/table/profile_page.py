"""The profile of a whole table: what Data Profile reports of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.app.views.background import Caller, Tasks
from designer.app.views.message_view import MessageView
from designer.app.views.report_view import ReportView
from designer.engine.tables.table_views import table_profile
from designer.texts import counted, tr
from modules.values import ReportSummary


class ProfilePage(QWidget):
    """A message until a worker has computed the report.

    Parameters
    ----------
    folder : Path
        Where the table is stored.
    rows : int
        Of the table.
    title : str
        Proposed as the name of an image.

    Attributes
    ----------
    report : ReportView or None
        None until it is there.
    """

    def __init__(
        self,
        folder: Path,
        rows: int,
        title: str,
        engine: Caller | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = rows
        self._title = title
        self.report: ReportView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget = MessageView(tr("Computing the profile…"), icon="clock")
        self._column.addWidget(self._shown, 1)
        self._tasks = Tasks(self, engine)
        self._tasks.run(table_profile, folder, done=self._show, failed=self._fail)

    def _show(self, found: tuple[ReportSummary, int]) -> None:
        report, rows = found
        if rows < self._rows:
            total = counted("{n:,} row", "{n:,} rows", self._rows)
            note = QLabel(tr("Of the first {rows:,} of {total}.").format(rows=rows, total=total))
            note.setProperty("role", "muted")
            note.setContentsMargins(20, 8, 20, 0)
            self._column.insertWidget(0, note)
        self.report = ReportView(report, self._title)
        self._put(self.report)

    def _fail(self, message: str, hint: str) -> None:
        self._put(MessageView(message, hint))

    def _put(self, widget: QWidget) -> None:
        self._column.replaceWidget(self._shown, widget)
        self._column.setStretchFactor(widget, 1)
        self._shown.deleteLater()
        self._shown = widget
