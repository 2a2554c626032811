"""The dialog “Deploy”: what is asked, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.threads import Background
from designer.app.deployment.backend import Backend
from designer.app.deployment.deploying.deploy_form import DeployForm
from designer.app.deployment.deploying.deploy_outcome import DeployOutcome
from designer.app.deployment.deploying.step_list import StepList
from designer.app.deployment.problem import Cancelled, in_words
from designer.app.deployment.types import (
    INFERENCE,
    Deployed,
    DeployOrder,
    Halt,
    Prepared,
)
from designer.app.runs.compute_target import Place
from designer.app.shell import theme
from designer.deployment.targets import find_target

ASK, WORK, END = range(3)
"""The pages."""


class DeployDialog(QDialog):
    """Deploys one pipeline.

    Parameters
    ----------
    prepare : callable
        Called on a thread; returns the inference pipeline.
    name : str
        The suggested name.
    source : str
        What the user calls the pipeline.
    compute : Place
        Where pipelines run; its workspace and sign-in are suggested.

    Signals
    -------
    deployed : str
        The name of the endpoint that answers now.
    test_requested : str
        The person wants to try this endpoint.
    """

    deployed = Signal(str)
    test_requested = Signal(str)

    def __init__(
        self,
        backend: Backend,
        background: Background,
        prepare: Callable[[], Prepared],
        *,
        name: str,
        source: str,
        compute: Place | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Deploy")
        self.setMinimumWidth(580)
        self._backend = backend
        self._background = background
        self._prepare = prepare
        self._halt = Halt()
        self._leaving = False
        self._order: DeployOrder | None = None
        self.outcome: Deployed | None = None
        self.busy = False
        self.form = DeployForm(backend, name, source, compute or Place())
        self.steps = StepList()
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.hide()
        self.end = DeployOutcome()
        self.test = QPushButton("Test it")
        self.test.setIcon(theme.icon("run", "on_accent"))
        self.start = QPushButton("Deploy")
        self.back = QPushButton("Back")
        self.leave = QPushButton("Cancel")
        self.end_now = QPushButton("End now")
        self.end_now.setToolTip("Leaves what hasn't been rolled back yet")
        self._build()
        self.form.changed.connect(self._on_form)
        self.form.resized.connect(self._fit)
        self.start.clicked.connect(self._deploy)
        self.back.clicked.connect(self._go_back)
        self.leave.clicked.connect(self._on_leave)
        self.end_now.clicked.connect(self._on_end_now)
        self.test.clicked.connect(self._on_test)
        self._on_form()
        self.form.setFocus()

    def recall(self, plain: Mapping[str, Any]) -> None:
        """Ask as the last time; see :meth:`DeployForm.to_json`."""
        self.form.recall(plain)

    def reject(self) -> None:
        """Close; a deployment that is running is rolled back first."""
        if self.busy and not self._background.stopping.is_set():
            self._leaving = True
            self._cancel()
            return
        super().reject()

    def _build(self) -> None:
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.steps)
        column.addWidget(self.error)
        column.addStretch()
        self.pages = QStackedWidget()
        for page in (self.form, work, self.end):
            self.pages.addWidget(page)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addWidget(self.end_now)
        buttons.addStretch()
        for button in (self.leave, self.start, self.test):
            buttons.addWidget(button)
        for button in (self.back, self.end_now, self.leave, self.test):
            button.setAutoDefault(False)
        self.test.setProperty("primary", True)
        _widen(self.test)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(self.pages, 1)
        layout.addLayout(buttons)
        self._show_page(ASK)

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._fit()
        files = self._order is not None and self._order.folder is not None
        self.start.setVisible(page == ASK)
        self.back.setVisible(page == WORK and not self.busy)
        self.end_now.hide()
        self.test.setVisible(page == END and not files)
        self.leave.setEnabled(True)
        self.leave.setText("Cancel" if page == ASK or self.busy else "Close")
        answers = {ASK: self.start, WORK: self.back, END: self.leave if files else self.test}
        answers[page].setDefault(not self.busy)

    def _fit(self) -> None:
        """Be as high as what is shown."""
        for index in range(self.pages.count()):
            shown = index == self.pages.currentIndex()
            policy = QSizePolicy.Policy.Preferred if shown else QSizePolicy.Policy.Ignored
            widget = self.pages.widget(index)
            if widget is not None:
                widget.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self.pages.updateGeometry()
        layout = self.layout()
        page = self.pages.currentWidget()
        if layout is None or page is None:
            return
        width = max(self.width(), self.minimumWidth())
        inner = page.layout()
        if inner is not None:
            inside = width - 40
            inner.activate()
            wanted = inner.heightForWidth(inside) if inner.hasHeightForWidth() else -1
            self.pages.setFixedHeight(max(wanted, page.minimumSizeHint().height(), 40))
        layout.activate()
        self.resize(width, self.pages.height() + self.leave.sizeHint().height() + 54)

    def _on_form(self) -> None:
        self.start.setText("Write the files" if self.form.writes_files else "Deploy")
        _widen(self.start)
        self.start.setEnabled(not self.form.problem)

    def _deploy(self) -> None:
        order = self._order = self.form.order()
        self.busy = True
        self._leaving = False
        self._halt = halt = Halt(leaving=self._background.stopping)
        self.steps.set_steps(self._backend.steps(order))
        self.error.hide()
        self.steps.set_step(INFERENCE, "running")
        self._show_page(WORK)
        post = self._background.post

        def on_step(step: str, state: str, text: str) -> None:
            post(lambda: self._on_step(halt, step, state, text))

        def work() -> Deployed:
            prepared = self._prepare()
            if halt.asked.is_set():
                raise Cancelled("Cancelled; nothing was made yet.")
            whole = replace(order, pipeline=prepared.text, base=prepared.base)
            result = self._backend.deploy(whole, on_step, halt)
            return replace(result, notes=(*prepared.notes, *result.notes))

        def done(result: Deployed) -> None:
            if order.folder is None:
                self.deployed.emit(result.name)
            if self._halt is halt and self.isVisible():
                self._finish(result, order)

        def failed(error: BaseException) -> None:
            if self._halt is halt and self.isVisible():
                self._fail(error)

        self._background.run(work, done, failed)

    def _on_step(self, halt: Halt, step: str, state: str, text: str) -> None:
        if self._halt is halt and not halt.asked.is_set():
            # One step follows the other.
            for before in self.steps.before(step):
                if self.steps.state(before) == "running":
                    self.steps.set_step(before, "completed")
            self.steps.set_step(step, state, text)
            self._fit()

    def _finish(self, result: Deployed, order: DeployOrder) -> None:
        self.busy = False
        self.outcome = result
        self.end.show_outcome(result, order)
        self._show_page(END)
        (self.test if order.folder is None else self.leave).setFocus()

    def _fail(self, error: BaseException) -> None:
        self.busy = False
        cancelled = isinstance(error, Cancelled)
        if cancelled and self._leaving:
            self.reject()
            return
        said = in_words(error)
        step = self.steps.stopped()
        self.error.setVisible(step is None)
        self.error.setText(said)
        if step is not None:
            self.steps.set_step(step, "cancelled" if cancelled else "failed", said)
        self._show_page(WORK)
        self.back.setFocus()

    def _on_leave(self) -> None:
        if not self.busy:
            self.reject()
            return
        self._cancel()

    def _cancel(self) -> None:
        """Have what was made rolled back."""
        if self._halt.asked.is_set():
            return
        self._halt.asked.set()
        self.leave.setEnabled(False)
        self.leave.setText("Cancelling…")
        order, step = self._order, self.steps.stopped()
        if order is not None and step is not None:
            slow = " This can take some minutes." if find_target(order.target).remote else ""
            self.steps.set_step(step, "running", f"Rolling back…{slow}")
        self.end_now.setEnabled(True)
        self.end_now.show()
        self._fit()

    def _on_end_now(self) -> None:
        self.end_now.setEnabled(False)
        self._halt.now.set()

    def _go_back(self) -> None:
        self._show_page(ASK)
        self.form.setFocus()

    def _on_test(self) -> None:
        result = self.outcome
        self.accept()
        if result is not None:
            self.test_requested.emit(result.name)


def _widen(button: QPushButton) -> None:
    """Make room for the bold text of a button that is the default."""
    font = button.font()
    font.setWeight(QFont.Weight.DemiBold)
    icon = 0 if button.icon().isNull() else 22
    button.setMinimumWidth(QFontMetrics(font).horizontalAdvance(button.text()) + icon + 42)
