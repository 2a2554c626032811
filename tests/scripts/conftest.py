from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from designer.scripts.configuration import ScriptConfiguration
from designer.workspace import Workspace

Write = Callable[..., ScriptConfiguration]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("MODELDESK_TRACKING", "off")
    return Workspace(tmp_path / "w")


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Write a script and return its configuration."""

    def write(text: str, *arguments: str, name: str = "train.py", **options: Any):
        folder = tmp_path / "code"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
        return ScriptConfiguration(folder / name, tuple(arguments), **options)

    return write


@pytest.fixture
def record() -> Callable[[Workspace, str], dict[str, Any]]:
    """Return the record of a run as it is in its file."""
    return lambda workspace, run: json.loads(
        (workspace.runs_folder / run / "run.json").read_text("utf-8")
    )
