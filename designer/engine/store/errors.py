"""What can be wrong with the store, or with an entry in it."""

from __future__ import annotations


class StoreFullError(OSError):
    """The disk (or a quota) has no room for an entry; nothing half-written is left."""


class DamagedEntryError(Exception):
    """An entry isn't what was written.

    Parameters
    ----------
    problem : str
        One sentence.
    file : str
        The file that it is about, from the folder of the entry; empty if it is the entry itself.
    """

    def __init__(self, problem: str, file: str = "") -> None:
        super().__init__(problem)
        self.file = file

    @property
    def port(self) -> str:
        """The output that the file belongs to; empty if there is none."""
        return self.file.partition("/")[0]
