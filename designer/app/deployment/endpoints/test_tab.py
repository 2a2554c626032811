"""The tab “Test”: a request as form and as JSON, and the endpoint's response."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.deployment.backend import Backend
from designer.app.deployment.endpoints.responses import (
    explanation,
    milliseconds,
    parsed,
    refusal,
    summary,
)
from designer.app.deployment.types import EndpointInfo, Interface, Response
from designer.app.shell import theme
from designer.app.views.charts.chart_pane import ChartPane
from designer.app.widgets.announcer import Announcer
from designer.app.widgets.direction import as_code
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.flow_layout import BarLayout
from designer.app.widgets.row_form import RowForm
from designer.texts import filled, tr
from modules.contract.chart import Chart

SHOWN = 200_000
"""Characters of a response that are shown."""

DELAY = 250
"""Milliseconds without a change before a row is sent."""

NOT_RUNNING = tr("The endpoint isn't running.")


class TestTab(QWidget):
    """Sends requests to the endpoint that is chosen, and reads out what each response predicts."""

    __test__ = False

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._info: EndpointInfo | None = None
        self._shown: tuple[str, int] | None = None
        self._interface: Interface | None = None
        self._document: dict[str, Any] = {}
        self._serial = 0
        self._writing = False
        self.announcer = Announcer(self)
        self.form = RowForm()
        self.rows = ChoiceBox()
        self.rows.set_spoken_label(tr("Example row"))
        self.rows.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.rows.setMinimumWidth(130)
        self.rows.setToolTip(tr("Fill the form with a row of the training data"))
        self.json = _code(tr("Request as JSON"))
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self._send_next = False
        self._waiting = False
        self.send = QPushButton(tr("Send"))
        self.send.setIcon(theme.icon("run", "on_accent"))
        self.send.setProperty("primary", True)
        # Outside of dialogs, Qt lets only such a button accept Enter.
        self.send.setAutoDefault(True)
        self.send.setToolTip(tr("Send the request (Ctrl+Enter)"))
        self.follow = QCheckBox(tr("Send while editing"))
        self.follow.setToolTip(tr("Send the request whenever the row changes: what if?"))
        self._delay = QTimer(self, singleShot=True, interval=DELAY)
        self._delay.timeout.connect(self._send_again)
        self.result = QLabel()
        self.result.setProperty("role", "title")
        self.result.setWordWrap(True)
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.chart: ChartPane | None = None
        self.timing = QLabel()
        self.timing.setProperty("role", "muted")
        self.response = _code(tr("Response"))
        self.response.setReadOnly(True)
        self.response.setPlaceholderText(tr("Send the request to see the response."))
        self._build()
        self.form.edited.connect(self._on_form)
        self.form.edited.connect(self._start_delay)
        self.follow.toggled.connect(self._start_delay)
        self.json.textChanged.connect(self._on_json)
        self.rows.activated.connect(self._on_row)
        self.send.clicked.connect(self.send_request)
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self, self.send_request)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def take_focus(self) -> None:
        """Give the focus to Send, once a request can be sent: Return sends the example."""
        self._send_next = True
        self._update_send()

    def show_endpoint(self, info: EndpointInfo) -> None:
        """Show an endpoint; what was typed for it stays."""
        self._info = info
        self._update_send()
        if self._shown == (info.name, info.version):
            return
        self._shown = (info.name, info.version)
        self._serial += 1
        serial = self._serial
        self._waiting = False
        self._clear_response()
        name = info.name

        def done(interface: Interface) -> None:
            if serial == self._serial:
                self._take(interface)

        def failed(error: BaseException) -> None:
            if serial == self._serial:
                self._shown = None
                self.problem.setText(error_text(error))

        self._background.run(lambda: self._backend.interface(name), done, failed)

    def send_request(self) -> None:
        """Send the request in the JSON editor."""
        info = self._info
        if info is None or not self.send.isEnabled():
            return
        self._serial += 1
        serial, name = self._serial, info.name
        body = self.json.toPlainText()
        self._waiting = True
        self._update_send()
        self.timing.setText(tr("Waiting for the response…"))

        def done(response: Response) -> None:
            if serial == self._serial:
                self._waiting = False
                self._show_response(response)
                self._update_send()

        def failed(error: BaseException) -> None:
            if serial == self._serial:
                self._waiting = False
                self._clear_response()
                self._show_message(error_text(error), "error")
                self._update_send()

        self._background.run(lambda: self._backend.send(name, body), done, failed)

    def _start_delay(self) -> None:
        if self.follow.isChecked():
            self._delay.start()

    def _send_again(self) -> None:
        """Send what was edited; after the response that is waited for, if there is one."""
        if self._waiting:
            self._delay.start()
        else:
            self.send_request()

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 8, 8, 0)
        head = QHBoxLayout()
        head.addWidget(_heading(tr("Row")))
        head.addStretch()
        head.addWidget(self.rows)
        column.addLayout(head)
        column.addWidget(self.form, 1)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(_heading("JSON"))
        column.addWidget(self.json, 1)
        column.addWidget(self.problem)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 8, 0, 8)
        bar = QWidget()
        tools = BarLayout(bar, end=1)
        for each in (_heading(tr("Response")), self.timing, self.follow, self.send):
            tools.addWidget(each)
        column.addWidget(bar)
        column.addWidget(self.result)
        column.addWidget(self.response, 1)
        self._answers = column
        splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (left, middle, right):
            splitter.addWidget(part)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.setSizes([380, 380, 380])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _take(self, interface: Interface) -> None:
        self._interface = interface
        self.form.show_columns(
            interface.inputs, tr("This endpoint accepts rows with any columns. Enter them as JSON.")
        )
        count = max((len(rows) for rows in interface.samples.values()), default=0)
        self.rows.clear()
        for index in range(count):
            self.rows.addItem(tr("Example {index}").format(index=index + 1))
        self.rows.setVisible(count > 1)
        self._on_row(0)

    def _on_row(self, index: int) -> None:
        interface = self._interface
        if interface is None:
            return
        inputs = {
            name: [dict(rows[min(index, len(rows) - 1)])] if rows else [{}]
            for name, rows in interface.samples.items()
        }
        self._document = {"Inputs": inputs, "GlobalParameters": dict(interface.parameters)}
        self._write_json()
        self.form.fill(inputs)

    def _on_form(self) -> None:
        inputs = self._document.setdefault("Inputs", {})
        for name in {owner for owner, _ in self.form.fields}:
            rows = inputs.get(name)
            rows = rows if isinstance(rows, list) and rows else [{}]
            first = rows[0] if isinstance(rows[0], dict) else {}
            inputs[name] = [self.form.changed_row(name, first), *rows[1:]]
        self._write_json()

    def _write_json(self) -> None:
        self._writing = True
        self.json.setPlainText(json.dumps(self._document, indent=2, ensure_ascii=False))
        self._writing = False
        self._set_problem("")

    def _on_json(self) -> None:
        if self._writing:
            return
        try:
            document = json.loads(self.json.toPlainText())
        except json.JSONDecodeError as error:
            self._set_problem(f"Line {error.lineno}, column {error.colno}: {error.msg}.")
            return
        except (ValueError, RecursionError):
            self._set_problem(tr("This JSON can't be read."))
            return
        self._set_problem("")
        inputs = document.get("Inputs") if isinstance(document, dict) else None
        if isinstance(inputs, dict):
            self._document = document
            self.form.setEnabled(True)
            self.form.fill(inputs)
        else:
            # A request in another format can't be shown in the form.
            self.form.setEnabled(False)

    def _set_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.json.setProperty("invalid", bool(text))
        self.json.style().unpolish(self.json)
        self.json.style().polish(self.json)
        self._update_send()
        if not text and self._writing is False:
            self.form.setEnabled(True)

    def _update_send(self) -> None:
        running = self._info is not None and self._info.running
        self.send.setEnabled(running and not self._waiting and not self.problem.text())
        if self._send_next and self.send.isEnabled():
            self._send_next = False
            self.send.setFocus()
        self.send.setToolTip(
            tr("Send the request (Ctrl+Enter)") if running else tr("Start the endpoint first.")
        )
        if not running and self._info is not None:
            self.timing.setText(NOT_RUNNING)
        elif self.timing.text() == NOT_RUNNING:
            self.timing.setText("")

    def _clear_response(self) -> None:
        self.result.setText("")
        self.timing.setText("")
        self.response.setPlainText("")
        self._explain(None)

    def _explain(self, chart: Chart | None) -> None:
        """Show the contributions to the first row, or none."""
        if self.chart is None and chart is not None:
            name = self._info.name if self._info is not None else "endpoint"
            self.chart = ChartPane(chart, f"{name}, contributions")
            self._answers.insertWidget(self._answers.indexOf(self.response), self.chart)
        elif self.chart is not None and chart is not None:
            self.chart.show_chart(chart)
        if self.chart is not None:
            self.chart.setVisible(chart is not None)

    def _show_response(self, response: Response) -> None:
        content = parsed(response.text)
        text = response.text
        if content is not None:
            text = json.dumps(content, indent=2, ensure_ascii=False)
        if len(text) > SHOWN:
            text = filled(
                tr("{text}\n… {number:,} more characters"),
                text=text[:SHOWN],
                number=len(text) - SHOWN,
            )
        self.response.setPlainText(text)
        self.timing.setText(f"{response.status}, {milliseconds(response.seconds)}")
        self._explain(explanation(content) if response.status == 200 else None)
        if response.status == 200:
            self._show_message(summary(content), "title")
        else:
            self._show_message(
                refusal(content) or tr("Status {status}").format(status=response.status), "error"
            )

    def _show_message(self, text: str, role: str) -> None:
        self.result.setText(text)
        self.result.setProperty("role", role)
        self.result.style().unpolish(self.result)
        self.result.style().polish(self.result)
        self.announcer.say(text, urgent=role == "error")


def _code(name: str) -> QPlainTextEdit:
    edit = QPlainTextEdit()
    as_code(edit)
    edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    edit.setTabChangesFocus(True)
    edit.setAccessibleName(name)
    return edit


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    # As high as the buttons beside the other headings.
    label.setMinimumHeight(30)
    return label
