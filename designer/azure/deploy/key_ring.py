"""The keys of endpoints in Azure, in the keyring of the system: never in a file of ours.

Where there is no keyring, nothing is kept and the keys are fetched each time.
"""

from __future__ import annotations

import json

from designer.deployment.status import Keys

SERVICE = "ModelDesk endpoints"


def keep(account: str, keys: Keys) -> None:
    """Keep the keys of an endpoint."""
    import keyring
    from keyring.errors import KeyringError

    content = json.dumps({"primary": keys.primary, "secondary": keys.secondary})
    try:
        keyring.set_password(SERVICE, account, content)
    except (KeyringError, RuntimeError, OSError):
        return


def find(account: str) -> Keys | None:
    """Return the keys of an endpoint, if they are kept here."""
    import keyring
    from keyring.errors import KeyringError

    try:
        content = json.loads(keyring.get_password(SERVICE, account) or "")
        return Keys(str(content["primary"]), str(content["secondary"]))
    except (KeyringError, RuntimeError, OSError, ValueError, KeyError, TypeError):
        return None


def forget(account: str) -> None:
    """Delete the keys of an endpoint."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE, account)
    except (KeyringError, RuntimeError, OSError):
        return
