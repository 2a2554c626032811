"""The page of schedules: those of this computer and of Azure ML, and retraining."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.schedules.azure_page import AzurePage
from designer.app.schedules.retraining_page import RetrainingPage
from designer.app.schedules.schedules_page import SchedulesPage
from designer.app.shell import theme
from designer.app.widgets.page_bar import PageBar
from designer.scheduling.store import ScheduleStore
from designer.texts import tr
from designer.workspace import Workspace


class ScheduleCenter(QWidget):
    """Pages under one bar.

    Signals
    -------
    back_requested
        The user goes back to the previous page.
    message : str
        A sentence for the status bar.
    retraining_requested : str
        How this endpoint is retrained is to be asked; empty for any.
    """

    back_requested = Signal()
    retraining_requested = Signal(str)
    message = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        background: Background,
        compute_targets: ComputeTargetActions,
        open_pipeline: Callable[[Path], object],
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._background = background
        self.schedules = SchedulesPage(ScheduleStore(workspace), background, open_pipeline)
        self.schedules.message.connect(self.message)
        self.pages = QStackedWidget()
        self.azure = AzurePage(compute_targets, background)
        self.azure.message.connect(self.message)
        self.pages.addWidget(self.schedules)
        self.pages.addWidget(self.azure)
        self.retraining = RetrainingPage(workspace, background)
        self.retraining.message.connect(self.message)
        self.retraining.edit_requested.connect(self.retraining_requested)
        self.pages.addWidget(self.retraining)
        self.bar = PageBar(
            (
                (tr("This computer"), "clock"),
                (tr("Azure ML"), "cloud"),
                (tr("Retraining"), "refresh"),
            )
        )
        self.bar.back_requested.connect(self.back_requested)
        self.bar.refresh_requested.connect(self.refresh)
        self.bar.tab_chosen.connect(self._show)
        self.notifications = QPushButton(tr("Notifications…"))
        self.notifications.setIcon(theme.icon("comment"))
        self.notifications.setToolTip(tr("Choose who is notified of how runs end"))
        self.notifications.clicked.connect(self.edit_notifications)
        self.bar.add(self.notifications)
        self.retrain = QPushButton(tr("Retrain an endpoint…"))
        self.retrain.setIcon(theme.icon("add"))
        self.retrain.setToolTip(tr("Choose the data, what is better, and how it is deployed"))
        self.retrain.clicked.connect(lambda: self.retraining_requested.emit(""))
        self.retrain.hide()
        self.bar.add(self.retrain)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)

    def show_schedules(self) -> None:
        """Show the schedules of this computer."""
        self._show(0)

    def show_retraining(self, endpoint: str = "") -> None:
        """Show the endpoints that are retrained, and choose one."""
        self._show(2)
        if endpoint:
            self.retraining.choose(endpoint)

    def refresh(self) -> None:
        """Refresh what is shown."""
        (self.schedules, self.azure, self.retraining)[self.pages.currentIndex()].refresh()

    def edit_notifications(self) -> None:
        """Open the dialog of notifications."""
        from designer.app.schedules.notifications_dialog import NotificationsDialog

        dialog = NotificationsDialog(self._workspace, self._background, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def close(self) -> bool:
        """Stop every timer."""
        self._watch(-1)
        return super().close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch(self.pages.currentIndex())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._watch(-1)

    def _show(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self.bar.choose(index)
        self._watch(index if self.isVisible() else -1)
        self.notifications.setVisible(index == 0)
        self.retrain.setVisible(index == 2)
        if index == 1:
            self.azure.show_target()
        page = self.pages.currentWidget()
        if page is not None:
            page.setFocus()

    def _watch(self, index: int) -> None:
        """Let the page of this index refresh now and then, and no other one."""
        self.schedules.set_watching(index == 0)
        self.retraining.set_watching(index == 2)
