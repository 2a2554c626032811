"""The profile of a whole table: what Data Profile reports of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from designer.app.views.background import Caller, Task, Tasks
from designer.app.views.message_view import MessageView
from designer.app.views.report_view import ReportView
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.engine.tables.table_views import table_profile
from designer.texts import counted, filled, tr
from modules.contract.columns import Column
from modules.values import ReportSummary

_LETTERS = 24
"""The width of the list of columns, in letters."""


class ProfilePage(QWidget):
    """A message until a worker has computed the report.

    Parameters
    ----------
    columns : sequence of Column
        Of the table.
    folder : Path
        Where the table is stored.
    rows : int
        Of the table.
    title : str
        Proposed as the name of an image.

    Attributes
    ----------
    label : QComboBox
        The column that others may give away.
    report : ReportView or None
        None until it is there.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        folder: Path,
        rows: int,
        title: str,
        engine: Caller | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._rows = rows
        self._title = title
        self.report: ReportView | None = None
        self.label = ChoiceBox()
        self.label.addItem(tr("None"), "")
        for column in columns:
            self.label.addItem(column.name, column.name)
        labels = [column.name for column in columns if column.role == "label"]
        self.label.setCurrentIndex(self.label.findData(labels[0]) if len(labels) == 1 else 0)
        self.label.setAccessibleName(tr("Label"))
        self.label.setToolTip(tr("Columns that give it away are reported."))
        self.label.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.label.setMinimumContentsLength(_LETTERS)
        self.label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._note = QLabel()
        self._note.setProperty("role", "muted")
        title_label = QLabel(tr("Label"))
        title_label.setBuddy(self.label)
        head = QHBoxLayout()
        head.setContentsMargins(20, 10, 20, 4)
        head.setSpacing(8)
        head.addWidget(title_label)
        head.addWidget(self.label)
        head.addWidget(self._note, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._shown: QWidget = MessageView(tr("Computing the profile…"), icon="clock")
        self._column.addWidget(self._shown, 1)
        self._tasks = Tasks(self, engine)
        self._task: Task | None = None
        self.label.currentIndexChanged.connect(lambda _: self._ask())
        self.setFocusProxy(self.label)
        self._ask()

    @property
    def computing(self) -> bool:
        """Whether a report is being computed."""
        return self._task is not None

    def _ask(self) -> None:
        if self._task is not None:
            # Only the last choice counts.
            self._task.drop()
        chosen = self.label.currentData()
        self._task = self._tasks.run(
            table_profile, self._folder, chosen, done=self._show, failed=self._fail
        )

    def _show(self, found: tuple[ReportSummary, int]) -> None:
        report, rows = found
        self._task = None
        if rows < self._rows:
            total = counted("{n:,} row", "{n:,} rows", self._rows)
            self._note.setText(
                filled(tr("Of the first {rows:,} of {total}."), rows=rows, total=total)
            )
        self.report = ReportView(report, self._title)
        self._put(self.report)

    def _fail(self, message: str, hint: str) -> None:
        self._task = None
        self._put(MessageView(message, hint))

    def _put(self, widget: QWidget) -> None:
        self._column.replaceWidget(self._shown, widget)
        self._column.setStretchFactor(widget, 1)
        self._shown.deleteLater()
        self._shown = widget
