"""The two equivalent keys of an endpoint, so that one can be replaced at a time."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import stat
from pathlib import Path

from modules.contract.errors import ModuleError

PRIMARY = "MODELDESK_ENDPOINT_KEY"
SECONDARY = "MODELDESK_ENDPOINT_KEY_2"
"""Environment variables with the keys if there isn't a key file, in a container for example."""

SHORTEST = 8


class Keys:
    """Checks whether a request has one of the keys.

    Only their hashes are stored, and compared in constant time.

    Parameters
    ----------
    keys : iterable of str
        Without any key, every request is accepted.
    """

    def __init__(self, *keys: str) -> None:
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def fit(self, header: bytes | None) -> bool:
        """Return whether a header ``Authorization: Bearer KEY`` has one of the keys."""
        if not self._digests:
            return True
        scheme, _, key = (header or b"").partition(b" ")
        digest = hashlib.sha256(key.strip()).digest()
        found = False
        for known in self._digests:
            # Compare with every key, even after a match.
            found |= hmac.compare_digest(digest, known)
        return found and scheme.lower() == b"bearer"


def keys_from_file(path: Path) -> Keys:
    """Read keys from a JSON file with ``primary`` and ``secondary``.

    Raises
    ------
    ModuleError
        If it can't be read, or if other users can read it.
    """
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ModuleError(
                "key-file-open",
                f"Other users of this computer can read the key file “{path.name}”.",
                f"Remove their permission: chmod 600 {path.name}",
            )
        content = json.loads(path.read_text("utf-8"))
        keys = [content["primary"]] + ([content["secondary"]] if "secondary" in content else [])
    except FileNotFoundError:
        raise ModuleError("no-key-file", f"Key file “{path}” doesn't exist.") from None
    except OSError as error:
        raise ModuleError(
            "no-key-file", f"The key file “{path.name}” can't be read: {error.strerror}."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ModuleError(
            "bad-key-file",
            f"The key file “{path.name}” doesn't contain any keys.",
            'Use a JSON file such as {"primary": "...", "secondary": "..."}.',
        ) from None
    for key in keys:
        check_key(key)
    return Keys(*keys)


def keys_from_environment() -> Keys:
    """Read the keys and remove them from the environment, so that child processes can't see them.

    Raises
    ------
    ModuleError
        If one isn't a valid key.
    """
    found = [key for name in (PRIMARY, SECONDARY) if (key := os.environ.pop(name, ""))]
    for key in found:
        check_key(key)
    return Keys(*found)


def check_key(key: object) -> None:
    """Reject an invalid key; the message never contains it.

    Raises
    ------
    ModuleError
        If it is too short, or has characters that aren't valid in a header.
    """
    if not isinstance(key, str) or not re.fullmatch(rf"[!-~]{{{SHORTEST},512}}", key):
        raise ModuleError(
            "bad-key",
            f"A key must have {SHORTEST} to 512 ASCII letters, digits, or symbols without spaces.",
            "Omit the key to generate a random one.",
        )
