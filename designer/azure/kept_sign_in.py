"""A sign-in that lasts: tokens are in the keyring of the system, never in a plain file.

azure-identity keeps its tokens in a cache of msal-extensions: encrypted for the user on Windows,
in the Keychain on macOS. On Linux that needs PyGObject, which pip can't build everywhere; there
the cache is in the keyring that the rest of the project uses. Where there is none, the sign-in
lasts as long as the program. Who is signed in (no secret) is in a record beside the workspace.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.azure.clouds import authority, manager_scope
from designer.paths import default_workspace
from designer.private_files import make_file, make_folder, write_private
from designer.records import DamagedRecordError, Record, read_record

if TYPE_CHECKING:
    from msal_extensions.persistence import BasePersistence

SERVICE = "ModelDesk Azure sign-in"
"""The name of the entries in the keyring."""

RECORDS = "accounts.json"

CACHES = ("tokens", "tokens-cae")
"""Tokens, and those for continuous access evaluation, which azure-identity keeps separately."""

_log = logging.getLogger(__name__)


class KeptCredential:
    """A credential that asks the user only if no kept token can be used or refreshed.

    Parameters
    ----------
    kind : callable
        ``InteractiveBrowserCredential`` or ``DeviceCodeCredential`` of azure-identity.
    cloud : str
        A key of :data:`designer.azure.clouds.CLOUDS`.
    tenant : str or None
        The directory to sign in to, where it isn't the user's own.
    **options
        More of the credential's.
    """

    def __init__(
        self, kind: Callable[..., Any], cloud: str, tenant: str | None, **options: Any
    ) -> None:
        self._key = account_key(cloud, tenant)
        if tenant:
            options["tenant_id"] = tenant
        # With a record, the host that signs in is the record's.
        options |= _record(accounts().get(self._key)) or {"authority": authority(cloud)}
        self.inner = kind(disable_automatic_authentication=True, **options, **_caches())

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """Return a token, after the user has signed in if that is needed."""
        return self._token(self.inner.get_token, scopes, options)

    def get_token_info(self, *scopes: str, options: Any = None) -> Any:
        """Return a token with what is known about it; see :meth:`get_token`."""
        return self._token(
            lambda *wanted, **more: self.inner.get_token_info(*wanted, options=options),
            scopes,
            dict(options or {}),
        )

    def sign_in(self, *scopes: str, **options: Any) -> str:
        """Let the user sign in; return the account's name."""
        record = self.inner.authenticate(scopes=scopes, **options)
        _keep_account(self._key, json.loads(record.serialize()))
        return str(record.username)

    def _token(
        self, get: Callable[..., Any], scopes: tuple[str, ...], options: Mapping[str, Any]
    ) -> Any:
        from azure.identity import AuthenticationRequiredError

        try:
            return get(*scopes, **options)
        except AuthenticationRequiredError as required:
            wanted = {
                name: value
                for name, value in options.items()
                if name in ("tenant_id", "enable_cae") and value
            }
            if required.claims:
                wanted["claims"] = required.claims
            self.sign_in(*scopes, **wanted)
            return get(*scopes, **options)


def sign_in(credential: KeptCredential, cloud: str) -> str:
    """Let the user sign in to the resource manager of a cloud; return the account's name."""
    return credential.sign_in(manager_scope(cloud))


def sign_out() -> list[str]:
    """Remove every kept token and account; return the names of the accounts."""
    names = sorted({str(each.get("username", "")) for each in accounts().values()})
    for name in CACHES:
        store = _store(name)
        if store is not None:
            with contextlib.suppress(OSError, ValueError):
                store.save("{}")
    (_folder() / RECORDS).unlink(missing_ok=True)
    return names


def accounts() -> dict[str, dict[str, Any]]:
    """Return the accounts that are signed in, by :func:`account_key`; none if damaged."""
    try:
        record = read_record(_folder() / RECORDS, Record)
    except DamagedRecordError:
        return {}
    found = record.plain() if record is not None else {}
    return {key: value for key, value in found.items() if isinstance(value, dict)}


def account_key(cloud: str, tenant: str | None) -> str:
    """Return what an account is stored under: the cloud and the directory."""
    return f"{cloud}/{tenant or ''}"


def place() -> str:
    """Return where tokens are kept, in words; empty if nowhere."""
    if sys.platform == "win32":
        return "a file that Windows encrypts for your user"
    if sys.platform == "darwin":
        return "the Keychain"
    return "the system keyring" if _store(CACHES[0]) is not None else ""


def _record(account: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the option of a credential with a known account; nothing if damaged."""
    from azure.identity import AuthenticationRecord

    try:
        record = AuthenticationRecord.deserialize(json.dumps(account))
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {"authentication_record": record}


def _caches() -> dict[str, Any]:
    """Return the options of a credential that let it keep tokens."""
    from msal_extensions import PersistedTokenCache

    stores = [_store(name) for name in CACHES]
    if None in stores:
        return {}
    plain, continuous = (PersistedTokenCache(store) for store in stores)
    return {"_cache": plain, "_cae_cache": continuous}


def _store(name: str) -> BasePersistence | None:
    """Return what keeps a cache of tokens encrypted; None if there is nothing."""
    import msal_extensions

    location = str(_folder() / name)
    if sys.platform == "win32":
        return msal_extensions.FilePersistenceWithDataProtection(location)
    if sys.platform == "darwin":
        return msal_extensions.KeychainPersistence(location, SERVICE, name)
    return _keyring_store(location, name)


def _keyring_store(location: str, name: str) -> BasePersistence | None:
    import keyring
    from msal_extensions.persistence import BasePersistence, PersistenceNotFound

    backend = type(keyring.get_keyring())
    # Backends of keyrings.alt write plain files, those of “fail” and “null” nothing.
    unusable = ("keyrings.alt", "keyring.backends.fail", "keyring.backends.null")
    if backend.__module__.startswith(unusable):
        return None

    class KeyringPersistence(BasePersistence):
        """A cache as an entry of the keyring; a file without content has the time of change."""

        is_encrypted = True

        def save(self, content: str) -> None:
            try:
                keyring.set_password(SERVICE, name, content)
            except Exception as error:
                # A locked keyring: the sign-in lasts as long as the program.
                _log.info("The sign-in can't be kept: %s", type(error).__name__)
                return
            make_file(Path(location)).touch()

        def load(self) -> str:
            try:
                found = keyring.get_password(SERVICE, name)
            except Exception as error:
                raise PersistenceNotFound(message=type(error).__name__, location=location) from None
            if found is None:
                raise PersistenceNotFound(message="There is no entry.", location=location)
            return str(found)

        def time_last_modified(self) -> float:
            try:
                return Path(location).stat().st_mtime
            except OSError:
                raise PersistenceNotFound(message="It is new.", location=location) from None

        def get_location(self) -> str:
            return location

    return KeyringPersistence()


def _keep_account(key: str, record: Mapping[str, Any]) -> None:
    found = accounts() | {key: {**record, "signed_in": time.time()}}
    try:
        write_private(_folder() / RECORDS, json.dumps(found, indent=1) + "\n")
    except OSError as error:
        _log.info("The account can't be stored: %s", error.strerror)


def _folder() -> Path:
    return make_folder(default_workspace() / "azure")
