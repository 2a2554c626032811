"""What is stored about a registered dataset, and what it may be called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from designer.records import Moment, Record

_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789"
}
"""Names that no file can have on Windows, whatever follows a point in them."""


class DatasetRecord(Record):
    """What is stored about a registered dataset.

    Parameters
    ----------
    file : str
        The name of its file or folder beside the record.
    registered : float or None
        Seconds since 1970.
    """

    file: Annotated[str, Field(pattern=r"^[^/\\\x00]*[^/\\\x00.][^/\\\x00]*$")]
    description: str = ""
    registered: Moment | None = None


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
