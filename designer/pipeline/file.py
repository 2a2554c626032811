"""Pipeline files: ``name.pipeline.json``.

Reading runs no code of the file, needs no catalog, and keeps unknown
fields. Everything that can be wrong with a file is a :class:`PipelineFileError`.
"""

from __future__ import annotations

import os
from pathlib import Path

from designer.pipeline._file_error import PipelineFileError
from designer.pipeline._file_text import FORMAT, MIME, SUFFIX, dumps, loads
from designer.pipeline.migration import VERSION
from designer.pipeline.model import Pipeline
from designer.pipeline.shared import library

__all__ = [
    "FORMAT",
    "MIME",
    "SUFFIX",
    "VERSION",
    "PipelineFileError",
    "dumps",
    "loads",
    "read",
    "write",
]


def read(path: str | os.PathLike[str], personal: Path | None = None) -> Pipeline:
    """Read a pipeline from a file, with the nodes of its shared modules.

    Parameters
    ----------
    personal : Path, optional
        The folder of the user's own modules; by default that of the workspace.

    Raises
    ------
    PipelineFileError
        If the file can't be read or isn't a pipeline.
    """
    return library.read(Path(path), personal)


def write(pipeline: Pipeline, path: str | os.PathLike[str]) -> None:
    """Write a pipeline to a file: wholly or not at all.

    Its shared modules stay in their own files; those that can't be found from the new file are
    written beside it.

    Raises
    ------
    PipelineFileError
        If the file can't be written.
    """
    library.write(pipeline, Path(path))
