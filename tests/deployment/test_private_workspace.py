"""What ModelDesk keeps of a user's work can be read by that user alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving_examples import people, train

from designer.deployment import Endpoints
from designer.deployment.deploying import deploy
from designer.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Let files be readable by all, as is usual on shared computers."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.long
def test_nobody_else_reads_a_workspace(tmp_path: Path, open_umask: None) -> None:
    trained = train(tmp_path, script=True, workspace=Workspace(tmp_path / "deep" / "workspace"))
    workspace = trained.workspace
    people().to_csv(tmp_path / "more.csv", index=False)
    workspace.register_dataset("more", tmp_path / "more.csv")
    deploy(workspace, trained.file, "people")
    endpoints = Endpoints(workspace)
    endpoints.stop("people")
    words = ("designer", "score", "people", "--data", trained.data, "-o", tmp_path / "scores.csv")
    command = [sys.executable, "-m", *map(str, words), "--workspace", str(workspace.folder)]
    subprocess.run(command, check=True)

    found = [workspace.folder, *workspace.folder.rglob("*")]
    kinds = {path.relative_to(workspace.folder).parts[0] for path in found[1:]}
    assert {"datasets", "endpoints", "runs", "store", "tracking", "trust"} <= kinds
    assert len([path for path in found if path.is_file()]) > 100
    others = [path for path in found if stat.S_IMODE(path.lstat().st_mode) & 0o077]
    assert others == []
    # What the user asked for is theirs to share.
    assert stat.S_IMODE((tmp_path / "scores.csv").stat().st_mode) == 0o644
