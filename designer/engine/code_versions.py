"""Which code a run has executed: versions and hashes of modules and scripts, the commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from designer.engine.fingerprints import file_closure, module_digest
from modules.contract import ModuleSpec


def module_versions(specs: Iterable[ModuleSpec]) -> dict[str, dict[str, Any]]:
    """Return version and hash of the source of modules, by their id."""
    return {
        spec.id: {"version": spec.version, "code": module_digest(spec)}
        for spec in sorted(specs, key=lambda spec: spec.id)
    }


def script_digest(script: Path) -> str:
    """Return a hash of a script and of all files that it imports from its folder."""
    return file_closure(script, "", {"": script.parent})


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
