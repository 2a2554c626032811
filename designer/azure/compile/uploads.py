"""What has to be uploaded beside the code: data files and parameters."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from designer.azure.compile.step_ports import PARAMETERS_FILE, Upload
from modules.contract.regular_files import copy_regular


def write_uploads(uploads: Iterable[Upload], folder: Path) -> None:
    """Write what has to be uploaded below a folder: data files and parameters.

    Raises
    ------
    OSError
        If a file can't be read or written.
    """
    for upload in uploads:
        target = folder / upload.folder
        if upload.source is None:
            target.mkdir(parents=True, exist_ok=True)
            (target / PARAMETERS_FILE).write_text(upload.content, "utf-8", newline="\n")
        elif upload.source.is_dir():
            shutil.copytree(upload.source, target, copy_function=copy_regular)
        else:
            target.mkdir(parents=True, exist_ok=True)
            copy_regular(upload.source, target / upload.source.name)
