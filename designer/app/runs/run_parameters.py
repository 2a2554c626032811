"""Values of the parameters of a pipeline, which are asked for before each run."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from designer.app.document.file_memory import FileMemory
from designer.pipeline.model import Pipeline

VALUES = "values"
"""The key under which the last values of a file are kept."""


def ask_values(pipeline: Pipeline, memory: FileMemory, parent: QWidget) -> dict[str, Any] | None:
    """Ask for the values of the pipeline's parameters; None to run nothing."""
    if not pipeline.parameters:
        return {}
    from designer.app.dialogs.run_values import RunValues

    dialog = RunValues(pipeline, memory.get(VALUES) or {}, parent)
    values = dialog.values() if dialog.exec() else None
    dialog.deleteLater()
    if values is not None:
        memory.set(VALUES, values)
    return values
