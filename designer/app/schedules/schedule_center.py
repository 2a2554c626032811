"""The page of schedules: those of this computer, and those of Azure ML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.schedules.azure_page import AzurePage
from designer.app.schedules.schedules_page import SchedulesPage
from designer.app.shell import theme
from designer.app.widgets.page_bar import PageBar
from designer.scheduling.store import ScheduleStore
from designer.workspace import Workspace


class ScheduleCenter(QWidget):
    """Pages under one bar.

    Signals
    -------
    back_requested
        The user goes back to the previous page.
    message : str
        A sentence for the status bar.
    """

    back_requested = Signal()
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
        self.bar = PageBar((("This computer", "clock"), ("Azure ML", "cloud")))
        self.bar.back_requested.connect(self.back_requested)
        self.bar.refresh_requested.connect(self.refresh)
        self.bar.tab_chosen.connect(self._show)
        self.notifications = QPushButton("Notifications…")
        self.notifications.setIcon(theme.icon("comment"))
        self.notifications.setToolTip("Choose who is notified of how runs end")
        self.notifications.clicked.connect(self.edit_notifications)
        self.bar.add(self.notifications)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)

    def show_schedules(self) -> None:
        """Show the schedules of this computer."""
        self._show(0)

    def refresh(self) -> None:
        """Refresh what is shown."""
        if self.pages.currentIndex() == 0:
            self.schedules.refresh()
        else:
            self.azure.refresh()

    def edit_notifications(self) -> None:
        """Open the dialog of notifications."""
        from designer.app.schedules.notifications_dialog import NotificationsDialog

        dialog = NotificationsDialog(self._workspace, self._background, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def close(self) -> bool:
        """Stop every timer."""
        self.schedules.set_watching(False)
        return super().close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.schedules.set_watching(self.pages.currentIndex() == 0)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.schedules.set_watching(False)

    def _show(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self.bar.choose(index)
        self.schedules.set_watching(index == 0 and self.isVisible())
        self.notifications.setVisible(index == 0)
        if index == 1:
            self.azure.show_target()
        page = self.pages.currentWidget()
        if page is not None:
            page.setFocus()
