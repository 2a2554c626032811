"""What the process of an endpoint gets from the environment of the program that starts it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modules.contract.secrets import PREFIX, variable_of
from modules.endpoint.hosts import VARIABLE as HOSTS
from modules.endpoint.package import MODEL
from modules.scoring.plan import PLAN

_NAMES = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ"),
        *("TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        # Certificates, and the system's keyring.
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
        *("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"),
        # Windows.
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERNAME", "USERPROFILE"),
        *("APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "COMMONPROGRAMFILES"),
        *("PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS"),
        HOSTS,
    )
)
_BEGINNINGS = ("LC_", "PYTHON")


def passed_on(environment: Mapping[str, str], package: Path) -> dict[str, str]:
    """Return the variables that an endpoint needs, and the secrets that its steps name."""
    secrets = {variable_of(text) for text in _texts(_steps(package))}
    return {
        name: value
        for name, value in environment.items()
        if name.upper() in _NAMES
        or name.upper().startswith(_BEGINNINGS)
        or (name.startswith(PREFIX) and name in secrets)
    }


def _steps(package: Path) -> Any:
    try:
        plan = json.loads((package / MODEL / PLAN).read_text("utf-8"))
        return [[step["parameters"] for step in plan["steps"]], plan["parameters"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        # The endpoint itself reports what is wrong with the package.
        return []


def _texts(content: Any) -> Iterator[str]:
    """Yield the texts in plain data, among them the names of secrets."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        yield from _texts(list(content.values()))
    elif isinstance(content, list):
        for each in content:
            yield from _texts(each)
