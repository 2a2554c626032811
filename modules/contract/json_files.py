"""Plain data as JSON files: equal data is written as equal bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.contract.regular_files import blocks_of


def write_json(path: Path, content: Mapping[str, Any], *, as_made: bool = False) -> None:
    """Write plain data, including numpy scalars and NaN (as null).

    Parameters
    ----------
    as_made : bool
        Keep the order of the names, because it is meaningful; otherwise they are sorted, so
        that the bytes don't depend on how the content was assembled.
    """
    text = json.dumps(plain(content), indent=1, sort_keys=not as_made, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read what :func:`write_json` wrote.

    Raises
    ------
    OSError
        If the file can't be read.
    ValueError
        If it isn't a JSON object.
    RecursionError
        If it nests too deeply.
    """
    text = b"".join(map(bytes, blocks_of(path))).decode("utf-8")
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("it doesn't contain a JSON object")
    return content


def plain(content: Any) -> Any:
    """Return plain JSON: NaN as null, named tuples as mappings, numpy scalars as Python's."""
    if hasattr(content, "_asdict"):
        content = content._asdict()
    if isinstance(content, Mapping):
        return {str(key): plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [plain(value) for value in content]
    if hasattr(content, "item"):
        content = content.item()
    if isinstance(content, float) and math.isnan(content):
        return None
    return content
