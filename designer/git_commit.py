"""The Git commit that is checked out where a file is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path


def git_commit(source: Path | None) -> str:
    """Return the commit that is checked out at a file's folder; empty if there is none."""
    if source is None or not source.parent.is_dir() or shutil.which("git") is None:
        return ""
    try:
        # rev-parse runs no hook, so no code of the repository is run.
        found = subprocess.run(
            ["git", "-C", str(source.parent), "rev-parse", "--verify", "--quiet", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    commit = found.stdout.strip()
    return commit if found.returncode == 0 and re.fullmatch(r"[0-9a-f]{40,64}", commit) else ""
