"""The dialog “Deploy”: form, progress, and result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
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

from designer.app.background.background import Background
from designer.app.background.errors import Cancelled, Killed, error_text
from designer.app.background.job import Job
from designer.app.deployment.backend import Backend
from designer.app.deployment.deploying.deploy_form import DeployForm
from designer.app.deployment.deploying.deploy_outcome import DeployOutcome
from designer.app.deployment.deploying.step_list import StepList
from designer.app.deployment.inference.conversion import Prepared
from designer.app.deployment.types import INFERENCE, DeploySettings
from designer.app.dialogs.buttons import in_usual_order
from designer.app.runs.compute_target import ComputeTarget
from designer.app.shell import theme
from designer.app.widgets.announcer import Announcer
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.scrolling import TallArea
from designer.composed_texts import in_language
from designer.deployment import ServingError
from designer.deployment.targets import find_target
from designer.texts import tr

if TYPE_CHECKING:
    from designer.deployment.target import DeployResult

ASK, WORK, END = range(3)
"""The pages."""

Prepare = Callable[[], Prepared | Future[Any]]
"""Returns the inference pipeline, or a future of it."""


_AROUND = 40
"""Pixels of the screen that are left for the frame of the system."""


class DeployDialog(QDialog):
    """Deploys one pipeline.

    Parameters
    ----------
    prepare : callable
        See :data:`Prepare`.
    name : str
        The suggested name.
    compute_target : ComputeTarget, optional
        Where pipelines run; its workspace and sign-in are suggested.

    Signals
    -------
    deployed : str
        The name of the deployed endpoint.
    test_requested : str
        The user wants to try this endpoint.
    retraining_requested : str
        The user wants this endpoint to be retrained by itself.
    """

    deployed = Signal(str)
    test_requested = Signal(str)
    retraining_requested = Signal(str)

    def __init__(
        self,
        backend: Backend,
        background: Background,
        prepare: Prepare,
        *,
        name: str,
        compute_target: ComputeTarget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Deploy"))
        usual_size(self, 580)
        self._backend = backend
        self._background = background
        self._prepare = prepare
        self._job: Job[Any] | None = None
        self._cancelled = False
        self._leaving = False
        self._request: DeploySettings | None = None
        self.outcome: DeployResult | Path | None = None
        self.announcer = Announcer(self)
        """The endpoint that was deployed, or the folder of the files that were written."""
        self.busy = False
        self.form = DeployForm(backend, name, compute_target or ComputeTarget())
        self.steps = StepList()
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.hide()
        self.end = DeployOutcome()
        self.test = QPushButton(tr("Test the endpoint"))
        self.test.setIcon(theme.icon("run", "on_accent"))
        self.start = QPushButton(tr("Deploy"))
        self.back = QPushButton(tr("Back"))
        self.allow = QPushButton(tr("Allow and deploy"))
        self._wanted: frozenset[str] = frozenset()
        self._allowed: frozenset[str] = frozenset()
        self.leave = QPushButton(tr("Cancel"))
        self.end_now = QPushButton(tr("Stop now"))
        self.end_now.setToolTip(tr("Keeps what hasn't been rolled back yet"))
        self._build()
        self.form.changed.connect(self._on_form)
        self.form.resized.connect(self._fit)
        self.start.clicked.connect(self._deploy)
        self.back.clicked.connect(self._go_back)
        self.allow.clicked.connect(self._on_allow)
        self.leave.clicked.connect(self._on_leave)
        self.end_now.clicked.connect(self._on_end_now)
        self.test.clicked.connect(lambda: self._leave_for(self.test_requested.emit))
        self.end.retrain.clicked.connect(lambda: self._leave_for(self.retraining_requested.emit))
        self._on_form()
        self.form.setFocus()

    def recall(self, plain: Mapping[str, Any]) -> None:
        """Fill in the last values; see :meth:`DeployForm.to_json`."""
        self.form.recall(plain)

    def reject(self) -> None:
        """Close; a deployment in progress is rolled back first."""
        if self.busy and not self._background.closed:
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
        for page in (TallArea(self.form), work, self.end):
            self.pages.addWidget(page)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addWidget(self.allow)
        buttons.addWidget(self.end_now)
        buttons.addStretch()
        for button in in_usual_order(self, self.start, self.test, self.leave):
            buttons.addWidget(button)
        # The focus doesn't change the default: each page has its own.
        for button in (self.back, self.allow, self.end_now, self.start, self.test, self.leave):
            button.setAutoDefault(False)
        self.test.setProperty("primary", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(self.pages, 1)
        layout.addLayout(buttons)
        self._show_page(ASK)

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._fit()
        files = self._request is not None and self._request.folder is not None
        self.start.setVisible(page == ASK)
        self.back.setVisible(page == WORK and not self.busy)
        self.allow.setVisible(page == WORK and not self.busy and bool(self._wanted))
        self.end_now.hide()
        self.test.setVisible(page == END and not files)
        self.leave.setEnabled(True)
        self.leave.setText(tr("Cancel") if page == ASK or self.busy else tr("Close"))
        answers = {ASK: self.start, WORK: self.back, END: self.leave if files else self.test}
        answers[page].setDefault(not self.busy)

    def _fit(self) -> None:
        """Fit the height to the content."""
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
        for inner in (self.form.layout(), page.layout()):
            if inner is not None:
                inner.activate()
        wanted = page.heightForWidth(width - 40) if page.hasHeightForWidth() else 0
        below = self.leave.sizeHint().height() + 54
        most = self.screen().availableGeometry().height() - _AROUND - below
        wanted = max(wanted, page.minimumSizeHint().height(), 40)
        self.pages.setFixedHeight(min(wanted, most))
        layout.activate()
        self.resize(width, self.pages.height() + below)

    def _on_form(self) -> None:
        self.start.setText(tr("Write the files") if self.form.writes_files else tr("Deploy"))
        self.start.setEnabled(not self.form.problem)

    def _deploy(self) -> None:
        request = self._request = replace(self.form.request(), allow=self._allowed)
        self._wanted = frozenset()
        self.busy = True
        self._leaving = self._cancelled = False
        self._job = None
        self.steps.set_steps(self._backend.steps(request))
        self.error.hide()
        self._show_page(WORK)
        self._run_step(INFERENCE)
        prepared = self._prepare()
        if isinstance(prepared, Prepared):
            self._start(request, prepared)
        else:
            self._background.follow(
                prepared, lambda ready: self._start(request, ready), self._on_failed
            )

    def _start(self, request: DeploySettings, prepared: Prepared) -> None:
        """Deploy what is prepared now, unless it was canceled meanwhile."""
        if self._cancelled:
            self._on_failed(Cancelled(tr("Canceled; nothing was created.")))
            return

        def on_step(step: str, state: str, text: str) -> None:
            self._background.post(lambda: self._on_step(job, step, state, text))

        def done(result: DeployResult | tuple[str, ...]) -> None:
            self._finish(request, prepared.notes, result)

        job = self._job = self._backend.deploy(request, prepared, on_step)
        self._background.follow(job, done, self._on_failed)

    def _on_step(self, job: Job[Any], step: str, state: str, text: str) -> None:
        if self._job is job and not self._cancelled:
            # One step follows the other.
            for before in self.steps.before(step):
                if self.steps.state(before) == "running":
                    self.steps.set_step(before, "completed")
            if state == "running":
                self._run_step(step, text)
            else:
                self.steps.set_step(step, state, text)
            self._fit()

    def _run_step(self, step: str, text: str = "") -> None:
        before = self.steps.spoken(step)
        self.steps.set_step(step, "running", text)
        if self.steps.spoken(step) != before:
            self.announcer.say(self.steps.spoken(step))

    def _finish(
        self,
        request: DeploySettings,
        notes: tuple[str, ...],
        result: DeployResult | tuple[str, ...],
    ) -> None:
        self.busy = False
        if isinstance(result, tuple):
            assert request.folder is not None
            self.outcome = request.folder
            self.end.show_files(request.folder, tuple(map(in_language, (*notes, *result))))
        else:
            self.outcome = result
            self.end.show_deployment(result, tuple(map(in_language, (*notes, *result.messages))))
            self.deployed.emit(result.name)
        self._show_page(END)
        self.announcer.say(self.end.headline.text())
        (self.leave if request.folder else self.test).setFocus()

    def _on_failed(self, error: BaseException) -> None:
        self.busy = False
        cancelled = isinstance(error, Cancelled)
        if cancelled and self._leaving:
            self.reject()
            return
        if isinstance(error, ServingError) and error.remedy == "allow":
            self._wanted = frozenset(error.subject.split(","))
        text = error_text(error)
        if isinstance(error, Killed) and self._request is not None:
            text = f"{text} {what_may_remain(self._request)}"
        step = self.steps.stopped()
        self.error.setVisible(step is None)
        self.error.setText(text)
        if step is not None:
            self.steps.set_step(step, "cancelled" if cancelled else "failed", text)
        self._show_page(WORK)
        self.announcer.say(text, urgent=True)
        self.back.setFocus()

    def _on_leave(self) -> None:
        if not self.busy:
            self.reject()
            return
        self._cancel()

    def _cancel(self) -> None:
        """Roll back what was made."""
        if self._cancelled:
            return
        self._cancelled = True
        if self._job is not None:
            self._job.cancel()
        self.leave.setEnabled(False)
        self.leave.setText(tr("Canceling…"))
        request, step = self._request, self.steps.stopped()
        if request is not None and step is not None:
            slow = tr(" This can take some minutes.") if find_target(request.target).remote else ""
            self.steps.set_step(step, "running", tr("Rolling back…{slow}").format(slow=slow))
        self.end_now.setEnabled(True)
        self.end_now.show()
        self._fit()

    def _on_end_now(self) -> None:
        self.end_now.setEnabled(False)
        if self._job is not None:
            self._job.kill()

    def _on_allow(self) -> None:
        """Deploy with the effects that the error named."""
        self._allowed |= self._wanted
        self._deploy()

    def _go_back(self) -> None:
        self._show_page(ASK)
        self.form.setFocus()

    def _leave_for(self, emit: Callable[[str], object]) -> None:
        """Close, and do something with the endpoint."""
        result = self.outcome
        self.accept()
        if result is not None and not isinstance(result, Path):
            emit(result.name)


def what_may_remain(request: DeploySettings) -> str:
    """Return what may remain of a killed deployment, and where."""
    if request.folder is not None:
        return tr("Files may remain in “{folder}”.").format(folder=request.folder)
    return find_target(request.target).leftovers(request.name)
