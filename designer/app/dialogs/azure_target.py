"""Asks for the workspace, sign-in, and compute target of a run on Azure ML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text, explained
from designer.app.background.job import COMMAND, Job
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.dialogs.file_dialog import ask_path
from designer.app.runs.compute_target import FETCH, ComputeTarget
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.app.widgets.scrolling import TallArea
from designer.azure.clouds import CLOUDS
from designer.azure.sign_in import SIGN_INS
from designer.composed_texts import in_language
from designer.texts import ngettext, tr

LONGEST_LABEL = 16
"""Characters of a dataset's name in its label; the tooltip has all."""


class AzureTargetDialog(QDialog):
    """Workspace, sign-in, experiment, and compute target.

    Parameters
    ----------
    target : ComputeTarget
        What was chosen before; its target stays.
    base : Path
        The folder of the pipeline, where a config.json is looked for.
    name : str
        The pipeline's name, which is the experiment's unless another is typed.
    datasets : sequence of str
        Registered datasets of this computer that the pipeline reads.
    """

    def __init__(
        self,
        target: ComputeTarget,
        base: Path,
        name: str,
        parent: QWidget | None = None,
        command: Sequence[str] = COMMAND,
        datasets: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Run on {title}").format(title=target.title))
        usual_size(self, 560)
        self._target = target.target
        self._base = base
        self._command = command
        self._background = Background(self)
        self.config = QLineEdit(target.config or _config_near(base))
        self.config.setPlaceholderText(tr("config.json of the workspace"))
        self.config.setAccessibleName(tr("Workspace"))
        self.config.textChanged.connect(self._check)
        browse = QPushButton(tr("Browse…"))
        browse.clicked.connect(self._browse)
        self.workspace = _wrapped("muted")
        self.cloud = _choice(tr("Cloud"), {"": tr("As in config.json"), **CLOUDS}, target.cloud)
        self.cloud.currentIndexChanged.connect(self._check)
        self.sign_in = _choice(tr("Sign in"), SIGN_INS, target.sign_in)
        self.experiment = QLineEdit(target.experiment)
        self.experiment.setPlaceholderText(name)
        self.experiment.setAccessibleName(tr("Experiment"))
        self.compute = ChoiceBox()
        self.compute.setEditable(True)
        self.compute.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.compute.setEditText(target.compute)
        self.compute.set_spoken_label(tr("Compute target"))
        line = self.compute.lineEdit()
        assert line is not None
        line.setPlaceholderText(tr("Name of a compute target"))
        self.list = QPushButton(tr("List"))
        self.list.setToolTip(tr("Sign in and list the compute targets of the workspace"))
        self.list.clicked.connect(self._list)
        self.status = _wrapped("muted")
        self.fetch = _choice(tr("Download"), FETCH, target.fetch)
        self.datasets = _dataset_fields(datasets, target.datasets)
        for field in self.datasets.values():
            field.textChanged.connect(self._check)
        self.problem = _wrapped("error")
        self.buttons = dialog_buttons(self)
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow(tr("Workspace"), _row(self.config, browse))
        form.addRow("", self.workspace)
        form.addRow(tr("Cloud"), self.cloud)
        form.addRow(tr("Sign in"), self.sign_in)
        form.addRow(tr("Experiment"), self.experiment)
        form.addRow(tr("Compute target"), _row(self.compute, self.list))
        form.addRow("", self.status)
        form.addRow(tr("Download"), self.fetch)
        for name, field in self.datasets.items():
            form.addRow(_label_of(name), field)
        form.addRow("", self.problem)
        note = _wrapped("muted")
        note.show()
        note.setText(tr("You sign in when the pipeline is submitted."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(TallArea(form), 1)
        layout.addWidget(note)
        layout.addWidget(self.buttons)
        self.finished.connect(lambda _: self._background.close())
        self._check()

    def target(self) -> ComputeTarget:
        """Return the choice."""
        return ComputeTarget(
            self._target,
            self._config_path(),
            str(self.sign_in.currentData()),
            self.experiment.text().strip(),
            self.compute.currentText().strip(),
            str(self.cloud.currentData()),
            str(self.fetch.currentData()),
            "\n".join(
                f"{name}={field.text().strip()}"
                for name, field in self.datasets.items()
                if field.text().strip()
            ),
        )

    def _config_path(self) -> str:
        text = self.config.text().strip()
        return str(self._base / Path(text).expanduser()) if text else ""

    def _check(self) -> None:
        from designer.azure.errors import AzureError
        from designer.azure.workspace import read_config

        text, role, usable = "", "muted", False
        if self._config_path():
            try:
                found = read_config(Path(self._config_path()), self.cloud.currentData() or None)
                text, usable = (
                    tr("{name} in {group}").format(name=found.name, group=found.resource_group),
                    True,
                )
            except AzureError as error:
                text, role = explained(error), "error"
        else:
            text = tr("Download config.json from the page of the workspace in the Azure portal.")
        _show(self.workspace, text, role)
        self.list.setEnabled(usable)
        wrong = self._wrong_dataset()
        _show(self.problem, wrong, "error")
        self.buttons.button(Kind.Ok).setEnabled(usable and not wrong)

    def _wrong_dataset(self) -> str:
        """Return what is wrong with the names of datasets in Azure ML; empty if nothing is."""
        from designer.azure.compile.data_references import WAYS_TO_SAY, registered_datasets
        from designer.azure.errors import AzureError

        for name, field in self.datasets.items():
            text = field.text().strip()
            try:
                registered_datasets([f"{name}={text}"] if text else [])
            except AzureError:
                return tr("“{text}” isn't data in Azure ML. {hint}").format(
                    text=text, hint=WAYS_TO_SAY
                )
        return ""

    def _browse(self) -> None:
        chosen = ask_path(self, start=self._base, suffixes=(".json",))
        if chosen is not None:
            self.config.setText(str(chosen))

    def _list(self) -> None:
        from designer.app.runs import jobs

        self.list.setEnabled(False)
        _show(self.status, tr("Signing in…"), "muted")

        def notify(text: str) -> None:
            self._background.post(lambda: _show(self.status, text, "muted"))

        about = {"compute_target": self.target()}
        job = Job(jobs.computes, about, {"notify": notify}, self._command)
        self._background.follow(job, self._show_computes, self._show_error)

    def _show_computes(self, computes: Mapping[str, str]) -> None:
        self.list.setEnabled(True)
        text = self.compute.currentText()
        self.compute.clear()
        self.compute.addItems(list(computes))
        self.compute.setEditText(text or next(iter(computes), ""))
        count = len(computes)
        found = ngettext(
            "{count} compute target found.", "{count} compute targets found.", count
        ).format(count=count)
        _show(self.status, found if count else tr("The workspace has no compute target."), "muted")

    def _show_error(self, error: BaseException) -> None:
        self.list.setEnabled(True)
        _show(self.status, error_text(error), "error")


def _config_near(base: Path) -> str:
    for path in (base / "config.json", base / ".azureml" / "config.json"):
        if path.is_file():
            return str(path)
    return ""


def _choice(name: str, titles: Mapping[str, str], chosen: str) -> QComboBox:
    field = ChoiceBox()
    for key, text in titles.items():
        field.addItem(in_language(text), key)
    field.setCurrentIndex(list(titles).index(chosen))
    field.setAccessibleName(name)
    return field


def _dataset_fields(names: Sequence[str], before: str) -> dict[str, QLineEdit]:
    """Return a field for each dataset: its name in Azure ML, or nothing to upload it."""
    known = dict(line.split("=", 1) for line in before.splitlines() if "=" in line)
    fields = {}
    for name in names:
        field = QLineEdit(known.get(name, ""))
        field.setPlaceholderText(tr("Uploaded; or azureml:NAME:VERSION"))
        field.setAccessibleName(tr("Dataset {name} in Azure ML").format(name=name))
        field.setToolTip(
            tr("The name of the dataset “{name}” in Azure ML; empty to upload it").format(name=name)
        )
        fields[name] = field
    return fields


def _label_of(dataset: str) -> str:
    short = dataset if len(dataset) <= LONGEST_LABEL else f"{dataset[:LONGEST_LABEL]}…"
    return tr("Dataset “{name}”").format(name=short)


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(first, 1)
    row.addWidget(second)
    return row


def _wrapped(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("role", role)
    label.hide()
    return label


def _show(label: QLabel, text: str, role: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)
