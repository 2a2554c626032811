"""What the tests of the application share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests away from the person's own workspace and settings."""
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
