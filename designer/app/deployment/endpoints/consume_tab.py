"""The tab “Consume”: URL, key, and code that is ready to use."""

from __future__ import annotations

import json

from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.deployment.backend import Backend
from designer.app.deployment.copy_field import CopyButton, CopyField
from designer.app.deployment.types import EndpointInfo, Interface
from designer.app.widgets.direction import as_code
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.texts import tr


class ConsumeTab(QWidget):
    """How a program sends requests to the endpoint that is chosen."""

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._info: EndpointInfo | None = None
        self._sample = ""
        self._serial = 0
        self.url = CopyField(tr("the URL"))
        self.key = CopyField(tr("the key"), secret=True)
        self.language = ChoiceBox()
        self.language.set_spoken_label(tr("Language"))
        for language, title in backend.languages().items():
            self.language.addItem(title, language)
        self.with_key = QCheckBox(tr("Include the key in the code"))
        self.with_key.setToolTip(
            tr(
                "Otherwise the code reads the key from the environment variable "
                "ENDPOINT_KEY, so that it can be shared."
            )
        )
        self.copy = CopyButton(tr("the code"))
        self.code = QPlainTextEdit()
        self.code.setReadOnly(True)
        as_code(self.code)
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setAccessibleName(tr("Code"))
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        form = Form()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("URL", self.url)
        form.addRow(tr("Key"), self.key)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.language)
        row.addSpacing(12)
        row.addWidget(self.with_key)
        row.addStretch()
        row.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(10)
        form.addRow(tr("Code in"), row)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.code, 1)
        self.language.currentIndexChanged.connect(self._show_code)
        self.with_key.toggled.connect(self._show_code)

    def show_endpoint(self, info: EndpointInfo) -> None:
        """Show an endpoint."""
        same = self._info is not None and self._info.name == info.name
        self._info = info
        self.url.set_text(info.url)
        if not same:
            self.key.set_text("")
            self.with_key.setChecked(False)
            self._sample = ""
            self.code.setPlainText("")
        self._serial += 1
        serial, name = self._serial, info.name

        def show_key(key: str) -> None:
            if serial == self._serial:
                if self.key.text != key:
                    self.key.set_text(key)
                self._show_code()

        def show_sample(interface: Interface) -> None:
            if serial == self._serial:
                self.problem.hide()
                rows = {each: list(rows[:1]) for each, rows in interface.samples.items()}
                document = {"Inputs": rows, "GlobalParameters": dict(interface.parameters)}
                self._sample = json.dumps(document, ensure_ascii=False)
                self._show_code()
                self._background.run(lambda: self._backend.key(name), show_key, failed)

        def failed(error: BaseException) -> None:
            if serial == self._serial:
                self.problem.setText(error_text(error))
                self.problem.show()

        self._background.run(lambda: self._backend.interface(name), show_sample, failed)

    def _show_code(self) -> None:
        if self._info is None or not self._sample:
            return
        language = str(self.language.currentData())
        key = self.key.text if self.with_key.isChecked() else None
        code = self._backend.code(language, self._info, self._sample, key or None)
        self.code.setPlainText(code)
        self.copy.set_text(code)
