"""The dialog “Deploy”: where to, how far, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QFontMetrics
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme
from designer.app.deployment.backend import (
    LOCAL,
    STEPS,
    TARGETS,
    Backend,
    Deployed,
    DeployOrder,
    Prepared,
)
from designer.app.deployment.background import Background
from designer.app.deployment.copy_field import CopyField
from designer.app.deployment.problem import Problem, in_words
from designer.app.deployment.step_list import StepList

CONVERT = "convert"
SHORTEST_KEY = 8


class DeployDialog(QDialog):
    """Deploys one pipeline.

    Parameters
    ----------
    prepare : callable
        Called on a thread; returns the inference pipeline.
    name : str
        The suggested name.
    source : str
        What the person calls the pipeline.

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
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Deploy")
        self.setMinimumWidth(560)
        self._backend = backend
        self._background = background
        self._prepare = prepare
        self._source = source
        self._stop = threading.Event()
        self._order: DeployOrder | None = None
        self.outcome: Deployed | None = None
        self.busy = False
        self.name = QLineEdit(name)
        self.target = QComboBox()
        for target, words in TARGETS.items():
            self.target.addItem(words, target)
        self.advanced = _Advanced()
        self.folder = _FolderField()
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.steps = StepList({CONVERT: "Make the inference pipeline", **STEPS})
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.hide()
        self.address = CopyField("the address")
        self.key = CopyField("the key", secret=True)
        self.headline = QLabel()
        self.headline.setProperty("role", "title")
        self.headline.setWordWrap(True)
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.notes = QLabel()
        self.notes.setProperty("role", "muted")
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.test = QPushButton("Test it")
        self.test.setIcon(theme.icon("run", "on_accent"))
        self.start = QPushButton("Deploy")
        self.back = QPushButton("Back")
        self.leave = QPushButton("Cancel")
        self._build()
        self.name.textChanged.connect(self._check)
        self.target.currentIndexChanged.connect(self._on_target)
        self.advanced.changed.connect(self._check)
        self.advanced.fold.toggled.connect(lambda _: self._fit())
        self.folder.line.textChanged.connect(self._check)
        self.start.clicked.connect(self._deploy)
        self.back.clicked.connect(self._go_back)
        self.leave.clicked.connect(self.reject)
        self.test.clicked.connect(self._on_test)
        self._on_target()
        self.name.selectAll()
        self.name.setFocus()

    def reject(self) -> None:
        """Close; a deployment that goes on is stopped."""
        self._stop.set()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop.set()
        super().closeEvent(event)

    def order(self) -> DeployOrder:
        """Return what the person asked for, without the pipeline."""
        return DeployOrder(
            name=self.name.text().strip(),
            pipeline="",
            base=Path(),
            source=self._source,
            target=str(self.target.currentData()),
            port=self.advanced.port.value() or None,
            key=self.advanced.key.text().strip(),
            folder=None if self._is_local else Path(self.folder.line.text().strip()),
        )

    @property
    def _is_local(self) -> bool:
        return self.target.currentData() == LOCAL

    def _build(self) -> None:
        ask = QWidget()
        form = QFormLayout(ask)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow("Name", self.name)
        form.addRow("Target", self.target)
        self._folder_label = QLabel("Folder")
        form.addRow(self._folder_label, self.folder)
        form.addRow(self.hint)
        form.addRow(self.advanced)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.steps)
        column.addWidget(self.error)
        column.addStretch()
        end = QWidget()
        rows = QFormLayout(end)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(10)
        rows.addRow(self.headline)
        self._address_label, self._key_label = QLabel("Address"), QLabel("Key")
        rows.addRow(self._address_label, self.address)
        rows.addRow(self._key_label, self.key)
        rows.addRow(self.notes)
        self.pages = QStackedWidget()
        for page in (ask, work, end):
            self.pages.addWidget(page)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addStretch()
        buttons.addWidget(self.leave)
        buttons.addWidget(self.start)
        buttons.addWidget(self.test)
        for button in (self.back, self.leave, self.test):
            button.setAutoDefault(False)
        self.test.setProperty("primary", True)
        _widen(self.test)
        self.start.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(self.pages, 1)
        layout.addLayout(buttons)
        self._show_page(0)

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._fit()
        self.start.setVisible(page == 0)
        self.back.setVisible(page == 1 and not self.busy)
        self.test.setVisible(page == 2 and self._is_local)
        self.leave.setText("Close" if page == 2 else "Cancel")

    def _fit(self) -> None:
        """Be as high as what is shown."""
        for place in range(self.pages.count()):
            shown = place == self.pages.currentIndex()
            policy = QSizePolicy.Policy.Preferred if shown else QSizePolicy.Policy.Ignored
            widget = self.pages.widget(place)
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

    def _on_target(self) -> None:
        local = self._is_local
        self._folder_label.setVisible(not local)
        self.folder.setVisible(not local)
        self.advanced.show_target(str(self.target.currentData()))
        self.start.setText("Deploy" if local else "Write the files")
        _widen(self.start)
        self._check()
        self._fit()

    def _check(self) -> None:
        name, target = self.name.text().strip(), str(self.target.currentData())
        wrong = self._backend.problem_with_name(name, target)
        _mark(self.name, bool(wrong))
        key = self.advanced.key.text().strip()
        if self._is_local and key and not _can_be_key(key):
            _mark(self.advanced.key, True)
            wrong = wrong or (
                f"A key has at least {SHORTEST_KEY} letters, digits or signs, and no spaces."
            )
        else:
            _mark(self.advanced.key, False)
        if not wrong and not self._is_local and not self.folder.line.text().strip():
            wrong = "Choose a folder for the files."
        self.start.setEnabled(not wrong)
        self.hint.setProperty("role", "error" if wrong else "muted")
        self.hint.setText(wrong or _WHAT[target])
        _repolish(self.hint)

    def _deploy(self) -> None:
        order = self.order()
        self.busy = True
        self._stop = stop = threading.Event()
        self.steps.start_over()
        self.error.hide()
        self._show_page(1)
        self.steps.set_step(CONVERT, "running")
        post = self._background.post
        closing = self._background.stopping

        def on_step(step: str, state: str, text: str) -> None:
            if closing.is_set():
                stop.set()
            post(lambda: self._on_step(stop, step, state, text))

        def work() -> Deployed:
            prepared = self._prepare()
            on_step(CONVERT, "completed", "")
            if stop.is_set():
                raise Problem("The deployment was cancelled.")
            whole = replace(order, pipeline=prepared.text, base=prepared.base)
            result = self._backend.deploy(whole, on_step, stop)
            return replace(result, notes=(*prepared.notes, *result.notes))

        def done(result: Deployed) -> None:
            if self._stop is stop and not stop.is_set():
                self._finish(result)
            elif order.target == LOCAL:
                self.deployed.emit(result.name)

        def failed(error: BaseException) -> None:
            if self._stop is stop and not stop.is_set():
                self._fail(error)

        self._background.run(work, done, failed)

    def _on_step(self, stop: threading.Event, step: str, state: str, text: str) -> None:
        if self._stop is stop and not stop.is_set():
            self.steps.set_step(step, state, text)

    def _finish(self, result: Deployed) -> None:
        self.busy = False
        self.outcome = result
        local = self._is_local
        if local:
            self.headline.setText(f"“{result.name}” answers, version {result.version}.")
        else:
            self.headline.setText("The files are written.")
        self.address.set_text(result.url if local else str(result.folder or ""))
        self._address_label.setText("Address" if local else "Folder")
        self.key.set_text(result.key)
        self.key.setVisible(local)
        self._key_label.setVisible(local)
        self.notes.setText("\n".join(result.notes))
        self.notes.setVisible(bool(result.notes))
        self._show_page(2)
        self.test.setFocus()
        if local:
            self.deployed.emit(result.name)

    def _fail(self, error: BaseException) -> None:
        self.busy = False
        step = self.steps.running()
        if step is not None:
            self.steps.set_step(step, "failed")
        self.error.setText(in_words(error))
        self.error.show()
        self._show_page(1)
        self.back.setFocus()

    def _go_back(self) -> None:
        self._show_page(0)
        self.name.setFocus()

    def _on_test(self) -> None:
        result = self.outcome
        self.accept()
        if result is not None:
            self.test_requested.emit(result.name)


class _Advanced(QWidget):
    """Options that are right as they are for most; folded away."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fold = QToolButton()
        self.fold.setText("Advanced")
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.toggled.connect(self._set_open)
        self.port = QSpinBox()
        self.port.setRange(0, 65535)
        self.port.setSpecialValueText("Any free one")
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText("One that nobody can guess")
        self.key.textChanged.connect(self.changed)
        self._form = QFormLayout()
        self._form.setContentsMargins(20, 0, 0, 0)
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(8)
        self._rows: dict[str, QWidget] = {"port": self.port, "key": self.key}
        for title, widget in (("Port", self.port), ("Key", self.key)):
            widget.setAccessibleName(title)
            self._form.addRow(title, widget)
        self._body = QWidget()
        self._body.setLayout(self._form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._body)
        self._set_open(False)

    def show_target(self, target: str) -> None:
        """Show the options of a target."""
        shown = _OPTIONS.get(target, ())
        for name, widget in self._rows.items():
            self._form.setRowVisible(widget, name in shown)
        self.fold.setVisible(bool(shown))
        self._body.setVisible(bool(shown) and self.fold.isChecked())

    def _set_open(self, shown: bool) -> None:
        self._body.setVisible(shown)
        self.fold.setIcon(theme.icon("chevron-down" if shown else "chevron-right", "text_muted"))


class _FolderField(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setAccessibleName("Folder for the files")
        browse = QPushButton("Browse…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(browse)

    def _browse(self) -> None:
        start = self.line.text() or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the files", start)
        if chosen:
            self.line.setText(chosen)


def _can_be_key(key: str) -> bool:
    return len(key) >= SHORTEST_KEY and all("!" <= character <= "~" for character in key)


def _mark(widget: QWidget, invalid: bool) -> None:
    if bool(widget.property("invalid")) != invalid:
        widget.setProperty("invalid", invalid)
        _repolish(widget)


def _widen(button: QPushButton) -> None:
    """Make room for the bold text of a button that is the default."""
    font = button.font()
    font.setWeight(QFont.Weight.DemiBold)
    icon = 0 if button.icon().isNull() else 22
    button.setMinimumWidth(QFontMetrics(font).horizontalAdvance(button.text()) + icon + 42)


def _repolish(widget: QWidget) -> None:
    widget.style().unpolish(widget)
    widget.style().polish(widget)


_OPTIONS: dict[str, tuple[str, ...]] = {LOCAL: ("port", "key"), "docker": ("port",)}

_WHAT = {
    LOCAL: "Starts a program that answers at an address of this computer only, and goes on "
    "when the window is closed.",
    "docker": "Writes the scoring package with a Dockerfile, and a script that builds and starts "
    "the container.",
    "aci": "Writes the scoring package and a script that deploys it to Azure Container "
    "Instances with your own sign-in. Cores and memory are set in the script.",
    "aks": "Writes the scoring package and a script that deploys it to Azure Kubernetes Service "
    "with your own sign-in. Cores, memory and instances are set in the script.",
    "managed": "Writes the scoring package, endpoint.yml, deployment.yml and a script that "
    "deploys them with your own sign-in. The size of an instance is set in deployment.yml.",
}
