"""Plug-ins travel as files with what they need, however they are installed."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from designer.packaging.environment import pinned
from designer.packaging.plug_ins import bundled_plug_ins
from designer.packaging.snapshot import write_snapshot

Install = Callable[..., Path]

MODULE = '''
from modules.contract import DataTable, module


@module("Same")
def same(dataset: DataTable) -> DataTable:
    """Change nothing."""
    return dataset
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution that offers a package of modules; returns the package's folder."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def make(name: str, *requires: str, package: Path | None = None, offers: bool = True) -> Path:
        top = name.replace("-", "_")
        folder = package or site / top
        (folder / "steps").mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "steps" / "__init__.py").write_text(MODULE, "utf-8")
        (folder / "weights.json").write_text("[1]", "utf-8")
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "old.cpython-311.pyc").touch()
        info = site / f"{top}-2.5.dist-info"
        info.mkdir()
        lines = "".join(f"Requires-Dist: {each}\n" for each in requires)
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.5\n{lines}"
        (info / "METADATA").write_text(about, "utf-8")
        if offers:
            points = f"[modeldesk.modules]\n{top} = {top}.steps\n"
            (info / "entry_points.txt").write_text(points, "utf-8")
        importlib.invalidate_caches()
        return folder

    return make


def names(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != "modules"
    }


def test_its_files_travel_and_it_is_an_installed_distribution_there(
    install: Install, tmp_path: Path
) -> None:
    install("far-away", "numpy")
    write_snapshot(tmp_path / "there", requires=("far-away",))
    assert names(tmp_path / "there") == {
        "far_away-2.5.dist-info/METADATA",
        "far_away-2.5.dist-info/entry_points.txt",
        "far_away/__init__.py",
        "far_away/steps/__init__.py",
        "far_away/weights.json",
    }
    code = (
        "from modules.contract.installed import is_module_package, plug_in_of\n"
        "assert is_module_package('far_away.steps'), 1\n"
        "print(plug_in_of('far_away.steps').version)"
    )
    path = {"PYTHONPATH": str(tmp_path / "there")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "2.5"


def test_equal_plug_ins_give_equal_files(install: Install, tmp_path: Path) -> None:
    install("far-away")
    for name in ("one", "two"):
        write_snapshot(tmp_path / name, requires=("far-away", "numpy"))
    content = [
        {name: (tmp_path / each / name).read_bytes() for name in names(tmp_path / each)}
        for each in ("one", "two")
    ]
    assert content[0] == content[1]


def test_an_editable_installation_travels_too(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    install("far-away", package=checkout / "far_away")
    monkeypatch.syspath_prepend(str(checkout))
    write_snapshot(tmp_path / "there", requires=("far-away",))
    assert "far_away/steps/__init__.py" in names(tmp_path / "there")


def test_what_it_needs_is_pinned_or_travels_with_it(install: Install, tmp_path: Path) -> None:
    install("far-away", "near-by>=2", "plain-library", "modeldesk", "numpy")
    install("near-by")
    install("plain-library", offers=False)
    assert [each.name for each in bundled_plug_ins(("far-away",))] == ["far-away", "near-by"]
    pins = pinned(("far-away",), python="3.11")
    assert pins == {"plain-library": "2.5", "numpy": metadata.version("numpy")}


def test_one_with_compiled_code_is_installed_there(install: Install, tmp_path: Path) -> None:
    folder = install("far-away", "numpy")
    (folder / "_fast.cpython-311-x86_64-linux-gnu.so").touch()
    write_snapshot(tmp_path / "there", requires=("far-away",))
    assert names(tmp_path / "there") == set()
    assert pinned(("far-away",), python="3.11")["far-away"] == "2.5"


def test_a_library_that_is_no_plug_in_stays_at_home(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "there", requires=("numpy", "not-installed", "???"))
    assert names(tmp_path / "there") == set()
