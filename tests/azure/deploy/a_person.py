"""What a person has who deploys to Azure: a command line and a keyring."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from serving_examples import Trained

Command = Callable[..., Result]


def document(result: Result, status: int = 0) -> Any:
    """Return what a command has printed with ``--json``."""
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def kept_files(trained: Trained) -> list[Path]:
    """Return every file that the workspace keeps of its endpoints, but for empty locks."""
    files = [path for path in trained.workspace.endpoints_folder.rglob("*") if path.is_file()]
    return [path for path in files if path.suffix != ".lock" or path.stat().st_size]


class MemoryKeyring(KeyringBackend):
    """A keyring of the system, as far as a test can have one."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)
