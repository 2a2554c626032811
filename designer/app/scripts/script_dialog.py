"""Asks which script is to be run, and how; saves and loads run configurations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.errors import explained
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.dialogs.file_dialog import ask_path
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.app.widgets.scrolling import TallArea
from designer.scripts.configuration import (
    AT_AZURE,
    CURRENT,
    LOCAL,
    ScriptConfiguration,
    check,
)
from designer.scripts.configuration_file import (
    SUFFIXES,
    join_arguments,
    read_configuration,
    split_arguments,
    write_configuration,
)
from designer.scripts.problem import ScriptError
from designer.texts import tr
from designer.workspace import DATASET_PREFIX, Workspace

_COMPUTES = (LOCAL, "dask:tcp://", "azureml-v2:", "azureml-v1:")


class ScriptDialog(QDialog):
    """A form for a run configuration.

    Parameters
    ----------
    configuration : ScriptConfiguration or None
        What is suggested.
    base : Path
        Where the search for files starts, and what relative paths start from.
    """

    def __init__(
        self,
        workspace: Workspace,
        configuration: ScriptConfiguration | None,
        base: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Run a script"))
        usual_size(self, 620)
        self._workspace = workspace
        self._base = base
        self.script = _line(tr("Script"), "train.py")
        self.arguments = _line(tr("Arguments"), tr("--rate 0.1 --data ${{inputs.data}}"))
        self.environment = _line(tr("Environment"), CURRENT)
        self.compute = ChoiceBox()
        self.compute.setEditable(True)
        self.compute.addItems(_COMPUTES)
        self.compute.setAccessibleName(tr("Compute target"))
        self.experiment = _line(tr("Experiment"), tr("The script's name"))
        self.inputs = _lines(tr("Inputs"), tr("data=prices.csv\nold=dataset:prices@3"))
        self.outputs = _lines(tr("Outputs"), "model=models/best\nreport")
        self.timeout = _line(tr("Time limit"), tr("None"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setProperty("role", "error")
        self.message.hide()
        note = QLabel(
            tr(
                "The script isn't changed. In arguments, ${{inputs.NAME}} and "
                "${{outputs.NAME}} become paths; an output without a folder gets a "
                "new one for each run."
            )
        )
        note.setProperty("role", "muted")
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setWordWrap(True)
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow(
            tr("Script"), self._with_browse(self.script, (".py", *SUFFIXES), self._on_script)
        )
        form.addRow(tr("Arguments"), self.arguments)
        form.addRow(tr("Inputs"), self.inputs)
        form.addRow(tr("Outputs"), self.outputs)
        form.addRow(
            tr("Environment"),
            self._with_browse(self.environment, (".txt", *SUFFIXES), self._chosen),
        )
        form.addRow(tr("Compute target"), self.compute)
        form.addRow(tr("Experiment"), self.experiment)
        form.addRow(tr("Time limit (s)"), self.timeout)
        form.addRow(note)
        self.buttons = dialog_buttons(self)
        self.run = self.buttons.button(Kind.Ok)
        self.run.setText(tr("Run"))
        self.open_file = self.buttons.addButton(tr("Open…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.save_file = self.buttons.addButton(
            tr("Save as…"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.open_file.setToolTip(tr("Open a run configuration"))
        self.save_file.setToolTip(tr("Save this as a run configuration, a small YAML file"))
        self.open_file.clicked.connect(self._open)
        self.save_file.clicked.connect(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(TallArea(form), 1)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        if configuration is not None:
            self.show_configuration(configuration)
        self.script.setFocus()

    def show_configuration(self, configuration: ScriptConfiguration) -> None:
        """Fill the form."""
        self.script.setText(str(configuration.script))
        self.arguments.setText(join_arguments(configuration.arguments))
        self.environment.setText(configuration.environment)
        self.compute.setCurrentText(configuration.compute)
        self.experiment.setText(configuration.experiment)
        self.inputs.setPlainText(_pairs(configuration.inputs))
        self.outputs.setPlainText(_pairs(configuration.outputs))
        limit = configuration.timeout
        self.timeout.setText("" if limit is None else f"{limit:g}")

    def configuration(self) -> ScriptConfiguration:
        """Return what is in the form.

        Raises
        ------
        ScriptError
            If it can't run.
        """
        environment = self.environment.text().strip() or CURRENT
        limit = self.timeout.text().strip()
        try:
            timeout = float(limit) if limit else None
        except ValueError:
            raise ScriptError(
                tr("The time limit isn't a number."), tr("Enter seconds, or nothing.")
            ) from None
        if not self.script.text().strip():
            raise ScriptError(tr("No script is chosen."), tr("Choose a script."))
        found = ScriptConfiguration(
            script=self._absolute(self.script.text()),
            arguments=split_arguments(self.arguments.text()),
            environment=environment if environment == CURRENT else str(self._absolute(environment)),
            compute=self.compute.currentText().strip() or LOCAL,
            experiment=self.experiment.text().strip(),
            inputs={
                name: path
                if path.startswith((DATASET_PREFIX, *AT_AZURE)) or not path
                else str(self._absolute(path))
                for name, path in _entries(self.inputs).items()
            },
            outputs=_entries(self.outputs),
            timeout=timeout,
        )
        check(found, self._workspace)
        return found

    def accept(self) -> None:
        """Close only if it can run."""
        if self._checked() is not None:
            super().accept()

    def _checked(self) -> ScriptConfiguration | None:
        try:
            found = self.configuration()
        except ScriptError as error:
            self._report(error)
            return None
        self.message.hide()
        return found

    def _report(self, error: ScriptError) -> None:
        self.message.setText(explained(error))
        self.message.show()

    def _open(self) -> None:
        chosen = ask_path(self, start=self._base, suffixes=SUFFIXES)
        if chosen is not None:
            self._load(chosen)

    def _load(self, file: Path) -> None:
        try:
            self.show_configuration(read_configuration(file))
            self.message.hide()
        except ScriptError as error:
            self._report(error)

    def _save(self) -> None:
        found = self._checked()
        if found is None:
            return
        chosen = ask_path(
            self, start=found.script.with_suffix(".yml"), suffixes=SUFFIXES, write=True
        )
        if chosen is None:
            return
        if chosen.suffix not in SUFFIXES:
            chosen = chosen.with_name(f"{chosen.name}.yml")
        try:
            write_configuration(found, chosen)
        except OSError as error:
            reason = error.strerror or str(error)
            self._report(
                ScriptError(
                    tr("“{chosen}” can't be written: {reason}.").format(
                        chosen=chosen, reason=reason
                    )
                )
            )

    def _on_script(self, path: Path) -> None:
        if path.suffix in SUFFIXES:
            self._load(path)
        else:
            self.script.setText(str(path))

    def _chosen(self, path: Path) -> None:
        self.environment.setText(str(path))

    def _with_browse(
        self, line: QLineEdit, suffixes: tuple[str, ...], take: Callable[[Path], object]
    ) -> QHBoxLayout:
        button = QPushButton(tr("Browse…"))
        button.setAccessibleName(
            tr("Browse for {accessibleName}").format(accessibleName=line.accessibleName())
        )

        def browse() -> None:
            text = line.text().strip()
            start = self._absolute(text) if text else self._base
            chosen = ask_path(self, start=start if start.exists() else None, suffixes=suffixes)
            if chosen is not None:
                take(chosen)

        button.clicked.connect(browse)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(line, 1)
        row.addWidget(button)
        return row

    def _absolute(self, text: str) -> Path:
        return self._workspace.resolve(text.strip(), self._base)


def _line(name: str, placeholder: str) -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(placeholder)
    line.setAccessibleName(name)
    return line


def _lines(name: str, placeholder: str) -> QPlainTextEdit:
    lines = QPlainTextEdit()
    lines.setPlaceholderText(placeholder)
    lines.setAccessibleName(name)
    lines.setTabChangesFocus(True)
    lines.setFixedHeight(3 * lines.fontMetrics().lineSpacing() + 18)
    lines.setToolTip(tr("One on each line: NAME=PATH"))
    return lines


def _entries(lines: QPlainTextEdit) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines.toPlainText().splitlines() if line.strip())
    return {name.strip(): path.strip() for name, _, path in pairs}


def _pairs(entries: object) -> str:
    assert isinstance(entries, dict)
    return "\n".join(f"{name}={path}" if path else name for name, path in entries.items())
