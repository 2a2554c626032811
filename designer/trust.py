"""What the user has agreed to, remembered by content and not by name or path.

As Jupyter trusts notebooks: a keyed digest of what was agreed to is kept, so that consent is gone
as soon as the content changes, and a file can't claim to be trusted.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from designer.private_files import make_folder

LIMIT = 10_000
"""Agreements that are remembered; the oldest go first."""

_KEY = "key"


class Trust:
    """The agreements of a workspace.

    Each is an empty file named by its digest, so that several processes may add at once.

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

    def give(self, purpose: str, content: bytes) -> None:
        """Remember that the user agrees.

        Raises
        ------
        OSError
            If the workspace isn't writable.
        """
        make_folder(self._folder)
        key = self._read_key() or self._create_key()
        (self._folder / _digest(key, purpose, content)).touch(mode=0o600)
        self._prune()

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

    def _prune(self) -> None:
        agreements = [path for path in self._folder.iterdir() if len(path.name) == 64]
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
