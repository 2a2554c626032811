from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from scripted_azure import Clock, Followed

from designer.azure.runs import response_watch, run_follower
from designer.workspace import Workspace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    fake = SimpleNamespace(monotonic=made, perf_counter=made)
    for module in (run_follower, response_watch):
        monkeypatch.setattr(module, "time", fake)
    return made


@pytest.fixture
def follow(tmp_path: Path) -> Callable[..., Followed]:
    return lambda remote, kept, **more: Followed(tmp_path, remote, kept, **more)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "w")
