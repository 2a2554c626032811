"""What the user has agreed to, remembered by content and not by name or path.

As Jupyter trusts notebooks: a keyed digest of what was agreed to is kept, so that consent is gone
as soon as the content changes, and a file can't claim to be trusted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from designer.private_files import make_folder, write_private

LIMIT = 10_000
"""Agreements that are remembered; the oldest go first."""

_KEY = "key"

_SHOWN = ("source", "kind", "targets", "purpose")
"""What the file of an agreement contains."""


@dataclass(frozen=True)
class Agreement:
    """What the user is shown of an agreement; what counts is its digest.

    Parameters
    ----------
    source : str
        The file, of a pipeline for example, for which the user agreed; empty if there was none.
    kind : str
        What was allowed: ``code``, ``read``, ``write``, or another word of who asked.
    targets : tuple of str
        Files and addresses that it names, without passwords.
    purpose : str
        As for :meth:`Trust.give`.
    given_at : float
        Seconds since the epoch.
    name : str
        The digest, for :meth:`Trust.remove`.
    """

    source: str = ""
    kind: str = ""
    targets: tuple[str, ...] = ()
    purpose: str = ""
    given_at: float = 0.0
    name: str = ""


class Trust:
    """The agreements of a workspace.

    Each is a file named by its digest, so that several processes may add at once. It contains
    what the user is shown of it, which nothing depends on.

    Parameters
    ----------
    workspace : Path
        The workspace folder.
    """

    def __init__(self, workspace: Path) -> None:
        self._folder = workspace / "trust"

    def given(self, purpose: str, content: bytes) -> bool:
        """Return whether the user has agreed to exactly this content for this purpose."""
        key = self._read_key()
        return key is not None and (self._folder / _digest(key, purpose, content)).exists()

    def give(self, purpose: str, content: bytes, about: Agreement | None = None) -> None:
        """Remember that the user agrees.

        Parameters
        ----------
        about : Agreement, optional
            What to show of it.

        Raises
        ------
        OSError
            If the workspace isn't writable.
        """
        make_folder(self._folder)
        key = self._read_key() or self._create_key()
        known = asdict(replace(about or Agreement(), purpose=purpose))
        shown = {name: known[name] for name in _SHOWN}
        write_private(self._folder / _digest(key, purpose, content), json.dumps(shown))
        self._prune()

    def agreements(self) -> list[Agreement]:
        """Return all agreements, latest first."""
        found = []
        for path in self._files():
            try:
                shown = json.loads(path.read_bytes())
                known = Agreement(**{name: shown[name] for name in _SHOWN})
            except (OSError, ValueError, KeyError, TypeError):
                # It counts all the same.
                known = Agreement()
            found.append(
                replace(known, targets=tuple(known.targets), name=path.name, given_at=_age(path))
            )
        return sorted(found, key=lambda each: -each.given_at)

    def remove(self, agreements: Iterable[Agreement]) -> None:
        """Forget agreements.

        Raises
        ------
        OSError
            If the workspace isn't writable.
        """
        for each in agreements:
            (self._folder / each.name).unlink(missing_ok=True)

    def withdraw(self, purpose: str, content: bytes) -> None:
        """Forget an agreement, if there is one."""
        if key := self._read_key():
            (self._folder / _digest(key, purpose, content)).unlink(missing_ok=True)

    def _read_key(self) -> bytes | None:
        try:
            key = (self._folder / _KEY).read_bytes()
        except OSError:
            return None
        # A key that was cut short, by a full disk for example, is replaced.
        return key if len(key) == 32 else None

    def _create_key(self) -> bytes:
        number, name = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(number, "wb") as file:
            file.write(secrets.token_bytes(32))
        os.replace(name, self._folder / _KEY)
        # Another process may have replaced it since.
        return (self._folder / _KEY).read_bytes()

    def _files(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if len(path.name) == 64]
        except OSError:
            return []

    def _prune(self) -> None:
        agreements = self._files()
        if len(agreements) <= LIMIT:
            return
        agreements.sort(key=_age)
        for path in agreements[: len(agreements) - LIMIT]:
            with suppress(OSError):
                path.unlink()


def _digest(key: bytes, purpose: str, content: bytes) -> str:
    named = purpose.encode()
    # With its length, so that no part of the content can pass for the purpose.
    message = len(named).to_bytes(8, "big") + named + content
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
