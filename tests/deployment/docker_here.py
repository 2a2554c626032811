"""Installs the stand-in for Docker for a test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

STAND_IN = Path(__file__).with_name("docker_stand_in.py")


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put ``docker`` on the path; return the folder of its images and containers."""
    place = folder / "docker"
    (place / "images").mkdir(parents=True)
    program = folder / "docker_bin" / "docker"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{STAND_IN}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_STAND_IN", str(place))
    return place
