"""What a pipeline from elsewhere runs, reads, and writes, in full."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.document.access_words import line
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import as_code, keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.engine.accesses import Access
from designer.pipeline.model import Pipeline
from designer.redaction import without_secrets
from designer.texts import tr
from modules.contract import ModuleSpec


class AccessDialog(QDialog):
    """Lists what isn't agreed to, each with its code and addresses; accepting allows it."""

    def __init__(
        self,
        pipeline: Pipeline,
        specs: Mapping[str, ModuleSpec],
        found: Sequence[Access],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Allow code and external data"))
        usual_size(self, 720, 520)
        self._found = found
        explanation = QLabel(
            tr(
                "This part of the pipeline wasn't made here. It runs with your "
                "permissions: allow only what you trust. If it changes outside of this "
                "window, you are asked again."
            )
        )
        explanation.setWordWrap(True)
        self.list = QTreeWidget()
        keep_directions(self.list)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(tr("What isn't allowed yet"))
        items = [QTreeWidgetItem([line(pipeline, specs, access)]) for access in found]
        # Rows that are added before the style sheet applies stay too low.
        self.list.ensurePolished()
        self.list.addTopLevelItems(items)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.content = QPlainTextEdit()
        self.content.setReadOnly(True)
        as_code(self.content)
        self.content.setAccessibleName(tr("Code and addresses"))
        self.list.currentItemChanged.connect(self._show)
        follow_selection(self.list)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.list)
        parts.addWidget(self.content)
        parts.setStretchFactor(1, 1)
        kinds = QDialogButtonBox.StandardButton
        self.buttons = dialog_buttons(self, kinds.Ok, kinds.Cancel)
        self.buttons.button(kinds.Ok).setText(tr("Allow"))
        self.buttons.button(kinds.Cancel).setText(tr("Not now"))
        layout = QVBoxLayout(self)
        layout.addWidget(explanation)
        layout.addWidget(parts, 1)
        layout.addWidget(self.buttons)
        self.buttons.button(kinds.Cancel).setDefault(True)
        self.list.setCurrentItem(items[0])

    def _show(self, item: QTreeWidgetItem) -> None:
        row = self.list.indexOfTopLevelItem(item)
        self.content.setPlainText(_readable(self._found[row].content))


def _readable(content: str) -> str:
    """Return parameters one below the other, and text of several lines as it is."""
    try:
        parameters = json.loads(content)["parameters"]
    except ValueError:
        return content
    parts = []
    for name, value in parameters.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        parts.append(f"{name}:\n{text}\n" if "\n" in text else f"{name}: {text}")
    return without_secrets("\n".join(parts))
