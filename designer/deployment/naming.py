"""Valid names and keys of endpoints."""

from __future__ import annotations

import re
import secrets

from designer.deployment.problem import ServingError


def is_name(name: str) -> bool:
    """Return whether a text can be the name of an endpoint, here and on Azure."""
    return re.fullmatch(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", name) is not None


def check_name(name: str) -> None:
    """Raise if a name can't be that of an endpoint.

    Raises
    ------
    ServingError
        With a name that could.
    """
    if is_name(name):
        return
    close = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:32].strip("-")
    hint = f"Use “{close}”, for example." if is_name(close) else ""
    raise ServingError(
        f"“{name}” can't be the name of an endpoint: use 3 to 32 lowercase letters, digits, "
        "and hyphens, starting with a letter.",
        hint,
    )


def check_key(key: str) -> None:
    """Raise if a key is invalid; the message doesn't contain the key.

    Raises
    ------
    ServingError
        With a sentence.
    """
    from modules.contract.errors import ModuleError
    from modules.endpoint.keys import check_key as check

    try:
        check(key)
    except ModuleError as error:
        raise ServingError(error.message, error.hint, option="key") from None


def new_key() -> str:
    """Return a random key."""
    return secrets.token_urlsafe(32)
