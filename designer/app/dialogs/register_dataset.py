"""Asks which file is to be registered as a dataset, and under which name."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.datasets.datasets import RegisteredDataset
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.dialogs.file_dialog import ask_path
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.form import Form
from designer.composed_texts import in_language
from designer.texts import tr
from designer.workspace import Workspace


class RegisterDataset(QDialog):
    """File, name, and description of a dataset to be registered.

    Parameters
    ----------
    file : Path or None
        What is suggested.
    base : Path
        The folder of the pipeline, where the search for a file starts.
    reader : str
        The label of the node that reads the suggested file.
    """

    def __init__(
        self,
        workspace: Workspace,
        file: Path | None,
        base: Path,
        reader: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Register dataset"))
        usual_size(self, 520)
        self._workspace = workspace
        self._suggested = file
        self._base = base
        self.file = QLineEdit(str(file) if file else "")
        self.file.setPlaceholderText(tr("No file chosen"))
        self.file.setAccessibleName(tr("File"))
        browse = QPushButton(tr("Browse…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.file, 1)
        row.addWidget(browse)
        self.name = QLineEdit(file.stem if file else "")
        self.name.setAccessibleName(tr("Name"))
        self.description = QLineEdit()
        self.description.setPlaceholderText(tr("Optional"))
        self.description.setAccessibleName(tr("Description"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setProperty("role", "error")
        self.version = QLabel()
        self.version.setWordWrap(True)
        self.version.setProperty("role", "muted")
        self.use = QCheckBox(tr("{reader} reads the dataset from now on").format(reader=reader))
        self.use.setChecked(bool(reader))
        self.buttons = dialog_buttons(self)
        self.register = self.buttons.button(Kind.Ok)
        self.register.setText(tr("Register"))
        note = QLabel(
            tr("The file is copied into the workspace. All pipelines can use it by this name.")
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow(tr("File"), row)
        form.addRow(tr("Name"), self.name)
        form.addRow("", self.message)
        form.addRow("", self.version)
        form.addRow(tr("Description"), self.description)
        form.addRow("", self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(self.buttons)
        self.file.textChanged.connect(self._on_file)
        self.name.textChanged.connect(self._check)
        self._check()
        (self.name if file else self.file).setFocus()
        self.name.selectAll()

    def dataset(self) -> RegisteredDataset:
        """Return the dataset to register; its file is to be copied."""
        name, description = self.name.text().strip(), self.description.text().strip()
        return RegisteredDataset(name, self._path(), description)

    def wants_use(self) -> bool:
        """Return whether the node is to read the dataset instead of its file."""
        return self._is_suggested() and self.use.isChecked()

    def _path(self) -> Path:
        return self._workspace.resolve(self.file.text().strip(), self._base)

    def _is_suggested(self) -> bool:
        return self._suggested is not None and self._path() == self._suggested

    def _on_file(self) -> None:
        # A name that the user has written stays.
        if not self.name.isModified():
            self.name.setText(self._path().stem if self.file.text().strip() else "")
        self._check()

    def _check(self) -> None:
        """Show what is wrong, and enable only the valid actions."""
        name, text = self.name.text().strip(), self.file.text().strip()
        message = self._problem(name, text)
        self.version.setText(self._next_version(name))
        self.version.setVisible(bool(self.version.text()) and not message)
        self.use.setVisible(self._is_suggested())
        self.message.setText(message)
        self.message.setVisible(bool(message))
        self.register.setEnabled(bool(text and name and not message))
        self._make_room()

    def _problem(self, name: str, text: str) -> str:
        """Return what is wrong; empty if nothing, or while a field is empty."""
        if text and not self._path().exists():
            return tr("File “{text}” doesn't exist.").format(text=text)
        if not text or not name:
            return ""
        try:
            self._workspace.dataset_store.check(name, self._path())
        except ValueError as error:
            return in_language(str(error))
        return ""

    def _next_version(self, name: str) -> str:
        """Return what happens to a dataset of this name; empty if there is none."""
        if name not in self._workspace.dataset_store.names():
            return ""
        return tr(
            "Becomes the next version of “{name}”. Pipelines that read the latest "
            "version use it from then on; earlier versions are kept."
        ).format(name=name)

    def _make_room(self) -> None:
        """Grow where a message needs several lines."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        width = max(self.width(), self.minimumWidth())
        height = layout.totalHeightForWidth(width)
        if height > self.height():
            self.resize(width, height)

    def _browse(self) -> None:
        text = self.file.text().strip()
        start = self._path() if text else self._base
        chosen = ask_path(self, start=start if start.exists() else None)
        if chosen is not None:
            self.file.setText(str(chosen))
