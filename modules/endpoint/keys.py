"""The two keys of an endpoint, each as good as the other, so that one can be replaced."""

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
"""Environment variables that hold the keys where no file does, in a container for example."""

SHORTEST = 8


class Keys:
    """Tells whether a request has one of the keys.

    Only their hashes are kept, and compared in constant time.

    Parameters
    ----------
    keys : iterable of str
        None at all lets every request in.
    """

    def __init__(self, *keys: str) -> None:
        self._digests = [hashlib.sha256(key.encode()).digest() for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def fit(self, header: bytes | None) -> bool:
        """Return whether a header ``Authorization: Bearer KEY`` has one of the keys."""
        if not self._digests:
            return True
        scheme, _, given = (header or b"").partition(b" ")
        digest = hashlib.sha256(given.strip()).digest()
        found = False
        for known in self._digests:
            # Every key is compared, whichever fits.
            found |= hmac.compare_digest(digest, known)
        return found and scheme.lower() == b"bearer"


def keys_from_file(path: Path) -> Keys:
    """Read keys from a JSON file with ``primary`` and ``secondary``.

    Raises
    ------
    ModuleError
        If it can't be read, or others may read it too.
    """
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ModuleError(
                "key-file-open",
                f"Others on this computer may read the key file “{path.name}”.",
                f"Take that right from them: chmod 600 {path.name}",
            )
        content = json.loads(path.read_text("utf-8"))
        keys = [content["primary"]] + ([content["secondary"]] if "secondary" in content else [])
    except FileNotFoundError:
        raise ModuleError("no-key-file", f"There is no key file “{path}”.") from None
    except OSError as error:
        raise ModuleError(
            "no-key-file", f"The key file “{path.name}” can't be read: {error.strerror}."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ModuleError(
            "bad-key-file",
            f"The key file “{path.name}” contains no keys.",
            'It is a JSON file such as {"primary": "...", "secondary": "..."}.',
        ) from None
    for key in keys:
        check_key(key)
    return Keys(*keys)


def keys_from_environment() -> Keys:
    """Take the keys out of the environment, where programs started later would see them.

    Raises
    ------
    ModuleError
        If one can't be a key.
    """
    found = [key for name in (PRIMARY, SECONDARY) if (key := os.environ.pop(name, ""))]
    for key in found:
        check_key(key)
    return Keys(*found)


def check_key(key: object) -> None:
    """Refuse what can't be a key; what was given is never repeated.

    Raises
    ------
    ModuleError
        If it is too short, or has characters that a header can't hold.
    """
    if not isinstance(key, str) or not re.fullmatch(rf"[!-~]{{{SHORTEST},512}}", key):
        raise ModuleError(
            "bad-key",
            f"A key has {SHORTEST} to 512 letters, digits or signs of ASCII, and no spaces.",
            "Leave the key out to get a random one.",
        )
