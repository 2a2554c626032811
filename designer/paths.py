"""Where the files that come with the application are.

In a checkout (and an editable install of it) they are beside the packages; in a
wheel they are packed into this one.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def resources() -> Path:
    """Return the folder of icons, themes, schemas and environment templates."""
    return _folder("resources")


def samples() -> Path:
    """Return the folder of sample pipelines; their data is in its ``data`` folder."""
    return _folder("samples")


def _folder(name: str) -> Path:
    packed = _HERE / f"_{name}"
    return packed if packed.is_dir() else _HERE.parent / name
