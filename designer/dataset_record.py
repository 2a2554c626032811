"""What is stored about a version of a registered dataset, and what a dataset may be called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from designer.records import Moment, Record

LATEST = "latest"
"""Names the newest version in a reference, as no version does."""

_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789"
}
"""Names that no file can have on Windows, whatever follows a point in them."""


class DatasetVersion(Record):
    """What is stored about one version of a registered dataset.

    Parameters
    ----------
    version : int
        Its number, from 1; never used again for other content.
    file : str
        The name of the file or folder.
    hash : str
        Of the content, in hexadecimal; see :func:`designer.content_hash.content_hash`.
    bytes : int
        Size of the content.
    registered : float or None
        Seconds since 1970.
    rows : int or None
        Of the table; None of what can't be read as one with the default parameters.
    columns : list of [name, kind] or None
        Of the table.
    """

    version: Annotated[int, Field(ge=1)]
    file: Annotated[str, Field(pattern=r"^[^/\\\x00]*[^/\\\x00.][^/\\\x00]*$")]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)] = 0
    description: str = ""
    registered: Moment | None = None
    rows: int | None = None
    columns: list[Annotated[list[str], Field(min_length=2, max_length=2)]] | None = None


def split_reference(reference: str) -> tuple[str, str]:
    """Return the name and the version in ``NAME`` or ``NAME@VERSION``; without one, the latest."""
    name, _, version = reference.strip().partition("@")
    return name.strip(), version.strip() or LATEST


def changes(before: DatasetVersion, after: DatasetVersion) -> list[str]:
    """Return what differs between two versions, each as a short phrase."""
    if before.hash == after.hash:
        return ["same content"]
    if before.columns is None or after.columns is None:
        return ["other content"]
    old = {column[0]: column[1] for column in before.columns}
    new = {column[0]: column[1] for column in after.columns}
    found = [f"“{name}” added ({kind})" for name, kind in new.items() if name not in old]
    found += [f"“{name}” removed" for name in old if name not in new]
    found += [
        f"“{name}”: {old[name]} → {kind}"
        for name, kind in new.items()
        if name in old and old[name] != kind
    ]
    if not found and list(old) != list(new):
        found.append("columns in another order")
    if before.rows is not None and after.rows is not None and before.rows != after.rows:
        found.append(f"{after.rows - before.rows:+,} rows")
    return found or ["other values"]


def check_name(name: str, known: Iterable[str]) -> None:
    """Check a name for a dataset.

    Parameters
    ----------
    known : iterable of str
        The names of the datasets that there are.

    Raises
    ------
    ValueError
        If the name isn't one a file could have on every system.
    """
    if not re.fullmatch(r"\w[\w .()-]*", name) or name != name.rstrip(" ."):
        raise ValueError(
            f"“{name}” can't be the name of a dataset: "
            "use letters, digits, spaces, periods, and hyphens."
        )
    if name.partition(".")[0].rstrip().casefold() in _DEVICES:
        raise ValueError(f"“{name}” can't be the name of a dataset: Windows reserves it.")
    for other in known:
        if other != name and other.casefold() == name.casefold():
            raise ValueError(
                f"“{name}” can't be the name of a dataset: there is “{other}”, "
                "which is the same file on some systems."
            )
