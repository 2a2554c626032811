"""The environment of the jobs: exact, complete, and for the computers that it is for."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from designer.packaging.environment import conda_file, pinned
from designer.packaging.errors import PackagingError

PYTHON = ".".join(map(str, sys.version_info[:2]))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path where distributions can be put by their metadata alone."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def _install(folder: Path, name: str, number: str, *requires: str) -> None:
    place = folder / f"{name.replace('-', '_')}-{number}.dist-info"
    place.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {number}"]
    lines += [f"Requires-Dist: {each}" for each in requires]
    (place / "METADATA").write_text("\n".join(lines) + "\n", "utf-8")


def test_all_that_is_needed_in_turn(installed: Path) -> None:
    _install(installed, "alpha", "1.2", "Beta_Lib>=1", "gamma; extra == 'fast'", "windy")
    _install(installed, "beta-lib", "2.0+local.1", "alpha")
    _install(installed, "gamma", "3.0")
    assert pinned(["alpha"], python=PYTHON) == {"alpha": "1.2", "beta-lib": "2.0"}
    assert pinned(["alpha[fast]"], python=PYTHON)["gamma"] == "3.0"


def test_what_only_another_system_needs_is_left_out(installed: Path) -> None:
    _install(
        installed,
        "alpha",
        "1.0",
        "beta; sys_platform == 'win32'",
        "gamma; platform_system == 'Linux'",
        "delta; python_version < '3.0'",
    )
    for name in ("beta", "gamma", "delta"):
        _install(installed, name, "1.0")
    assert pinned(["alpha"], python=PYTHON) == {"alpha": "1.0", "gamma": "1.0"}


def test_what_is_not_installed_is_said() -> None:
    with pytest.raises(PackagingError, match="no-such-distribution isn't installed") as caught:
        conda_file(["no-such-distribution", "pandas", "none-such"])
    assert [problem.hint for problem in caught.value.problems] == [
        "pip install none-such",
        "pip install no-such-distribution",
    ]


def test_the_same_text_whatever_the_order() -> None:
    first = conda_file(["openpyxl", "liac-arff"], python="3.12")
    assert first == conda_file(["liac-arff", "openpyxl", "pandas"], python="3.12")
    assert "  - python=3.12\n" in first
    assert f"      - pandas=={version('pandas')}\n" in first
