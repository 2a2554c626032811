"""Secrets: their values by name, masked wherever a step may print them."""

from __future__ import annotations

import json
import os
import urllib.parse
from collections.abc import Callable, Iterable

from modules.contract.errors import ModuleError

PREFIX = "MODELDESK_SECRET_"
"""Environment variables with secrets begin with it."""

SERVICE = "modeldesk"
"""Service name of the secrets in the system's keyring."""

MASK = "•••"

SHORTEST = 4
"""Characters of a secret that is masked; a shorter one is in too many words."""


def secret(name: str) -> str:
    """Return the value of a secret.

    The environment variable ``MODELDESK_SECRET_<NAME>`` takes precedence over the system's
    keyring. The value is read inside the step's process and never stored; logs have •••
    instead of it.

    Raises
    ------
    ModuleError
        If neither contains a secret of this name.
    """
    variable = variable_of(name)
    value = os.environ.get(variable, _withheld.get(variable))
    if value is None:
        value = _from_keyring(name)
    if value is None:
        raise ModuleError(
            "secret-not-found",
            f"Secret “{name}” doesn't exist.",
            f"Add it to the system keyring or set the environment variable {variable}.",
        )
    if value not in _fetched:
        _fetched[value] = None
        for each in _listeners:
            each(value)
    return value


def variable_of(name: str) -> str:
    """Return the environment variable of a secret."""
    return PREFIX + name.upper().replace("-", "_")


def withhold_environment() -> None:
    """Remove secrets from the environment of this process, where only :func:`secret` has them.

    Otherwise every script and every program that it starts could see all of them.
    """
    for variable in [name for name in os.environ if name.startswith(PREFIX)]:
        _withheld[variable] = os.environ.pop(variable)


def on_secret(listener: Callable[[str], object]) -> None:
    """Call a function with the value of each secret that a step has fetched or will fetch."""
    for value in _fetched:
        listener(value)
    _listeners.append(listener)


def masked(text: str) -> str:
    """Return a text without the secrets that were fetched in this process."""
    for form in _longest_first(_fetched):
        text = text.replace(form, MASK)
    return text


class Masking:
    """Masks secrets in a stream, also where it comes in parts."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = dict.fromkeys(values)
        self._forms: list[bytes] = []
        self._held = b""
        self._make_forms()

    def add(self, value: str) -> None:
        """Mask another secret from now on."""
        if value not in self._values:
            self._values[value] = None
            self._make_forms()

    def mask(self, content: bytes) -> bytes:
        """Return the next bytes of the stream; the beginning of a secret is held back."""
        if not self._forms:
            return content
        content = self._held + content
        for form in self._forms:
            content = content.replace(form, MASK.encode())
        held = max(_overlap(content, form) for form in self._forms)
        content, self._held = content[: len(content) - held], content[len(content) - held :]
        return content

    def finish(self) -> bytes:
        """Return the bytes that were held back."""
        held, self._held = self._held, b""
        return held

    def _make_forms(self) -> None:
        self._forms = [form.encode("utf-8", "replace") for form in _longest_first(self._values)]


def _longest_first(values: Iterable[str]) -> list[str]:
    """Return the secrets as they may be printed: as they are, escaped, or in a URL."""
    found: set[str] = set()
    for value in values:
        for part in (value, *value.splitlines()):
            found |= {part, repr(part)[1:-1], json.dumps(part)[1:-1]}
            found |= {urllib.parse.quote(part), urllib.parse.quote(part, safe="")}
            found.add(urllib.parse.quote_plus(part))
    long = (form for form in found if len(form.strip()) >= SHORTEST)
    return sorted(long, key=lambda form: (-len(form), form))


def _overlap(content: bytes, form: bytes) -> int:
    """Return how many bytes at the end are the beginning of a secret."""
    start = content.find(form[:1], max(0, len(content) - len(form) + 1))
    while start >= 0:
        if form.startswith(content[start:]):
            return len(content) - start
        start = content.find(form[:1], start + 1)
    return 0


def _from_keyring(name: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:
        return None


_withheld: dict[str, str] = {}
_fetched: dict[str, None] = {}
_listeners: list[Callable[[str], object]] = []
