"""Parts of a pipeline in the system's clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QClipboard

from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

SIZE_LIMIT = 20_000_000
"""Longer texts aren't parsed as a pipeline."""


MIME_BASE = "application/x-modeldesk-folder"
"""The folder that relative paths of a fragment start from; it stays on this computer."""


def to_mime(fragment: Pipeline, base: Path | None = None) -> QMimeData:
    """Return a fragment for the clipboard, also as text for an editor.

    Parameters
    ----------
    base : Path, optional
        The folder that its relative paths start from.
    """
    text = pipeline_file.dumps(fragment)
    data = QMimeData()
    data.setData(pipeline_file.MIME, QByteArray(text.encode()))
    if base is not None:
        data.setData(MIME_BASE, QByteArray(str(base).encode()))
    data.setText(text)
    return data


def base_of(data: QMimeData | None) -> Path | None:
    """Return the folder that a fragment's relative paths start from, if that is known."""
    if data is None or not data.hasFormat(MIME_BASE):
        return None
    return Path(bytes(data.data(MIME_BASE).data()).decode(errors="replace"))


def leave_text(board: QClipboard, copied: str) -> None:
    """Leave what was copied as plain text, which can be pasted as a part as well.

    For the end of the application: a clipboard that still contains an object of
    Python's when Python has ended crashes the process.
    """
    if copied and board.text() == copied:
        board.setText(copied)


def from_mime(data: QMimeData | None) -> Pipeline | None:
    """Return the fragment in the clipboard; None if it contains anything else."""
    if data is None:
        return None
    if data.hasFormat(pipeline_file.MIME):
        raw = data.data(pipeline_file.MIME).data()
        text = bytes(raw).decode("utf-8", errors="replace")
    elif data.hasText():
        text = data.text()
    else:
        return None
    if len(text) > SIZE_LIMIT or not text.lstrip().startswith("{"):
        return None
    try:
        fragment = pipeline_file.loads(text)
    except (pipeline_file.PipelineFileError, ValueError, RecursionError):
        return None
    return fragment if fragment.nodes or fragment.notes else None
