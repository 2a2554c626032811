"""The form of the dialog “Deploy”: name, target, and options of the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from designer.app.deployment.backend import Backend
from designer.app.deployment.deploying.target_checks import problem_with_options
from designer.app.deployment.deploying.target_fields import TargetFields
from designer.app.deployment.fields import FolderField, mark_invalid, repolish
from designer.app.deployment.types import LOCAL, DeploySettings
from designer.app.runs.compute_target import ComputeTarget
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.composed_texts import in_language
from designer.deployment.targets import targets
from designer.texts import tr


class DeployForm(QWidget):
    """The first page of the dialog.

    Parameters
    ----------
    name : str
        The suggested name.
    compute_target : ComputeTarget
        Where pipelines run; its workspace and sign-in are suggested.

    Signals
    -------
    changed
        A field has changed; :attr:`problem` is new.
    resized
        Other fields are shown.
    """

    changed = Signal()
    resized = Signal()

    def __init__(self, backend: Backend, name: str, compute_target: ComputeTarget) -> None:
        super().__init__()
        self._backend = backend
        self._obstacles: dict[str, str] = {}
        self.problem = ""
        """Why it can't be deployed, as a sentence; empty if it can."""
        self.name = QLineEdit(name)
        self.target = ChoiceBox()
        for target in targets().values():
            self.target.addItem(in_language(target.title), target.name)
        self.explain = QCheckBox(tr("Explain each prediction in the response"))
        self.explain.setToolTip(
            tr("Responses contain how much each column contributed. They take longer.")
        )
        self.only_files = QCheckBox(tr("Only write the files, to deploy them later"))
        self.folder = FolderField(tr("Folder for the files"))
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        form = Form(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Target"), self.target)
        self.fields = TargetFields(form, self)
        self.fields.recall(
            {
                "config": compute_target.config,
                "cloud": compute_target.cloud or "config",
                "sign_in": compute_target.sign_in,
            }
        )
        form.addRow("", self.explain)
        form.addRow("", self.only_files)
        form.addRow(tr("Folder"), self.folder)
        form.addRow(self.hint)
        self._form = form
        self.name.textChanged.connect(self._check)
        self.target.currentIndexChanged.connect(self._on_target)
        self.fields.changed.connect(self._check)
        self.only_files.toggled.connect(self._on_target)
        self.folder.changed.connect(self._check)
        self._on_target()
        self.name.selectAll()
        self.setFocusProxy(self.name)

    @property
    def writes_files(self) -> bool:
        """Whether files are written instead of deploying."""
        return not self.only_files.isHidden() and self.only_files.isChecked()

    def request(self) -> DeploySettings:
        """Return the request, without the pipeline."""
        return DeploySettings(
            name=self.name.text().strip(),
            target=self._target,
            options=self.fields.options(),
            key=self.fields.own_key(),
            folder=self.folder.path if self.writes_files else None,
            explain=self.explain.isChecked(),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the values to store for the next time."""
        return {"target": self._target, **self.fields.to_json()}

    def recall(self, plain: Mapping[str, Any]) -> None:
        """Fill in the last values."""
        self.fields.recall(plain)
        index = self.target.findData(plain.get("target"))
        if index >= 0:
            self.target.setCurrentIndex(index)
        self._on_target()

    @property
    def _target(self) -> str:
        return str(self.target.currentData())

    def _on_target(self) -> None:
        target = self._target
        if target not in self._obstacles:
            self._obstacles[target] = self._backend.obstacle(target)
        self.only_files.setVisible(target != LOCAL)
        files = self.writes_files
        self.fields.show_target(targets()[target], files=files)
        self._form.setRowVisible(self.folder, files)
        self._form.setRowVisible(self.only_files, target != LOCAL)
        self._check()
        self.resized.emit()

    def _check(self) -> None:
        name, target = self.name.text().strip(), self._target
        wrong = self._backend.problem_with_name(name, "" if self.writes_files else target)
        mark_invalid(self.name, bool(wrong))
        sentence, option = "", ""
        if self.writes_files:
            sentence = "" if self.folder.text else tr("Choose a folder for the files.")
        elif obstacle := self._obstacles[target]:
            sentence = obstacle
        else:
            sentence, option = problem_with_options(
                target, self.fields.options(), self.fields.own_key()
            )
            if not sentence and self.fields.lacks_key:
                sentence = tr("Enter a key, or generate one.")
        self.fields.mark(option)
        before, self.problem = self.hint.text(), wrong or sentence
        self.hint.setProperty("role", "error" if self.problem else "muted")
        note = "" if self.writes_files else self._backend.note_on_name(name)
        chosen = targets()[target]
        summary = in_language(chosen.files_summary if self.writes_files else chosen.summary)
        self.hint.setText(self.problem or note or summary)
        repolish(self.hint)
        self.changed.emit()
        if before != self.hint.text():
            self.resized.emit()
