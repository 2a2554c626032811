"""Detect a file's format from its first bytes, to explain why it can't be read."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from modules.contract import ModuleError

_NAMES = {
    "Excel": "an Excel workbook",
    "Parquet": "a Parquet file",
    "ARFF": "an ARFF file",
    "JSON lines": "JSON",
    "CSV": "delimited text",
}
_BEGINNINGS = (
    (b"PAR1", "a Parquet file", "Parquet"),
    (b"\xd0\xcf\x11\xe0", "a legacy Office file", ""),
    (b"SQLite format 3\0", "an SQLite database", ""),
    (b"ARROW1", "an Arrow file", ""),
    (b"%PDF", "a PDF", ""),
    (b"\x89PNG", "an image", ""),
    (b"\xff\xd8\xff", "an image", ""),
    (b"\x1f\x8b", "an archive", ""),
    (b"BZh", "an archive", ""),
    (b"\xfd7zXZ", "an archive", ""),
    (b"7z\xbc\xaf", "an archive", ""),
    (b"\x28\xb5\x2f\xfd", "an archive", ""),
)
_TEXTS = (
    (re.compile(rb"\s*<(?:!doctype|html)", re.IGNORECASE), "a web page", ""),
    (re.compile(rb"\s*<"), "XML", ""),
    (re.compile(rb"\s*(?:\{|\[\s*[\{\]])"), "JSON", "JSON lines"),
    (
        re.compile(rb"(?:\s*(?:%[^\n]*)?\n)*\s*@(?:relation|attribute)\b", re.IGNORECASE),
        "an ARFF file",
        "ARFF",
    ),
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 4096


def not_of_format(path: Path, wanted: str) -> ModuleError:
    """Return the error for a file of another format.

    Parameters
    ----------
    wanted : str
        The expected format.
    """
    kind, its_format = appearance(path)
    hint = "Choose the file's actual format, or another file."
    if its_format:
        hint = f"Choose the file format {its_format}."
    elif kind == "an archive":
        hint = "Extract it, and choose the file inside."
    elif kind == "a web page":
        hint = "Download the data itself; the site may require you to sign in."
    looks = f"; it looks like {kind}" if kind else ""
    if not path.stat().st_size:
        looks, hint = "; it is empty", "Choose another file."
    return ModuleError(
        "not-the-format",
        f"The file isn't {_NAMES[wanted]}{looks}.",
        hint,
        parameter="format",
    )


def appearance(path: Path) -> tuple[str, str]:
    """Return a description of a file, and the format to choose; empty if unknown."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PK"):
        return _archive(path)
    for beginning, label, its_format in _BEGINNINGS:
        if head.startswith(beginning):
            return label, its_format
    text = head.removeprefix(b"\xef\xbb\xbf")
    for pattern, label, its_format in _TEXTS:
        if pattern.match(text):
            return label, its_format
    if head.startswith(_UTF_16) or not re.search(rb"[\0-\x08\x0e-\x1a]", head):
        return "text", "CSV"
    return "", ""


def _archive(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return "a damaged zip file", ""
    if "xl/workbook.xml" in names:
        return "an Excel workbook", "Excel"
    if "word/document.xml" in names:
        return "a Word document", ""
    if "content.xml" in names and "mimetype" in names:
        return "an OpenDocument file", ""
    return "an archive", ""
