"""Asks for a file or folder, with a shortcut to the sample data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

from designer import paths
from designer.texts import tr

_last: Path | None = None


def ask_path(
    parent: QWidget,
    *,
    start: Path | None,
    suffixes: Iterable[str] = (),
    folder: bool = False,
    write: bool = False,
) -> Path | None:
    """Ask for a path; None if the user cancels.

    Parameters
    ----------
    start : Path or None
        The file chosen before, or the folder to start in; None for the one that was
        used last.
    suffixes : iterable of str
        Of suitable files; empty for any.
    folder : bool
        Ask for a folder.
    write : bool
        Ask for a file that may be new.
    """
    global _last
    dialog = QFileDialog(parent, tr("Choose a folder") if folder else tr("Choose a file"))
    begin = start or _last or Path.home()
    dialog.setDirectory(str(begin if begin.is_dir() else begin.parent))
    if begin.is_file():
        dialog.selectFile(str(begin))
    patterns = " ".join(f"*{suffix}" for suffix in suffixes)
    if folder:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    else:
        known = [tr("Suitable files ({patterns})").format(patterns=patterns)] if patterns else []
        dialog.setNameFilters([*known, tr("All files (*)")])
        dialog.setFileMode(
            QFileDialog.FileMode.AnyFile if write else QFileDialog.FileMode.ExistingFile
        )
    if write:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setSidebarUrls([QUrl.fromLocalFile(str(folder)) for folder in _sidebar_folders(start)])
    accepted = bool(dialog.exec())
    chosen = dialog.selectedFiles()
    dialog.deleteLater()
    if not accepted or not chosen:
        return None
    path = Path(chosen[0])
    _last = path if folder else path.parent
    return path


def _sidebar_folders(start: Path | None) -> list[Path]:
    """Return the folders at the side: home, documents, the pipeline's, the samples' data."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    here = start if start is None or start.is_dir() else start.parent
    found = [Path.home(), Path(documents), here, _last, paths.samples() / "data"]
    return list(dict.fromkeys(folder for folder in found if folder is not None and folder.is_dir()))
