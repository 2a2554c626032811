"""The project's own files agree with each other, and starting up stays light."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import designer
from designer import paths

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {
    "arff", "azure", "azureml", "dask", "distributed", "duckdb", "interpret", "lightgbm",
    "matplotlib", "mlflow", "numpy", "openpyxl", "optuna", "pandas", "pyarrow", "pyqtgraph",
    "scipy", "simplemma", "sklearn", "skops", "sqlalchemy", "statsmodels", "surprise", "torch",
    "umap",
}  # fmt: skip
TARGETS = ["setup", "run", "test", "test-all", "lock", "lint", "docs", "bench"]


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads(_read("pyproject.toml"))


@pytest.fixture(scope="module")
def requirements(project: dict) -> list[Requirement]:
    table = project["project"]
    lists = [table["dependencies"], *table["optional-dependencies"].values()]
    return [Requirement(each) for every in lists for each in every]


@pytest.fixture(scope="module")
def lock() -> list[str]:
    """Return the entries of the lock: a requirement, and the hashes of its files."""
    text = re.sub(r"^#.*\n", "", _read("requirements.txt"), flags=re.M)
    return text.replace("\\\n", "").splitlines()


@pytest.fixture(scope="module")
def pins(lock: list[str]) -> list[Requirement]:
    return [Requirement(entry.partition("--hash")[0]) for entry in lock]


def test_the_version_is_the_same_everywhere() -> None:
    assert version("modeldesk") == designer.__version__
    said = _run("-m", "designer.cli.main", "--version")
    assert designer.__version__ in said.split()


def test_the_changelog_knows_the_version_or_is_unreleased() -> None:
    headings = re.findall(r"^## \[(.+?)\]", _read("CHANGELOG.md"), flags=re.M)
    assert headings[0] == "Unreleased"
    assert headings[1:] == sorted(
        headings[1:], key=lambda each: [int(part) for part in each.split(".")], reverse=True
    )


def test_every_dependency_is_pinned_within_its_range(
    project: dict, requirements: list[Requirement], pins: list[Requirement]
) -> None:
    # PyTorch has another build for each system.
    unlocked = {Requirement(each) for each in project["project"]["optional-dependencies"]["vision"]}
    pinned = {canonicalize_name(pin.name): pin for pin in pins}
    for requirement in set(requirements) - unlocked:
        pin = pinned.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement.name} is not in requirements.txt; run: make lock"
        (exact,) = pin.specifier
        assert requirement.specifier.contains(exact.version), f"{pin} is not in {requirement}"


def test_what_is_installed_is_what_is_pinned(pins: list[Requirement]) -> None:
    for pin in pins:
        if pin.marker is None or pin.marker.evaluate():
            (exact,) = pin.specifier
            try:
                installed = version(pin.name)
            except ModuleNotFoundError:
                continue  # another system's dependency
            assert installed == exact.version, pin.name


def test_the_lock_contains_versions_and_hashes_and_no_address(
    lock: list[str], pins: list[Requirement]
) -> None:
    text = _read("requirements.txt")
    assert "://" not in text
    assert " @ " not in text
    assert not [line for line in text.splitlines() if line.startswith("-")]
    for entry, pin in zip(lock, pins, strict=True):
        assert pin.url is None
        assert [each.operator for each in pin.specifier] == ["=="], pin
        assert re.search(r"(\s+--hash=sha256:[0-9a-f]{64})+$", entry), pin
    names = [canonicalize_name(pin.name) for pin in pins]
    assert len(names) == len(set(names))


def test_every_dependency_has_a_reason(requirements: list[Requirement]) -> None:
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", _read("CONTRIBUTING.md"), flags=re.M)
    reasons = {canonicalize_name(name): why for name, why in rows if name != "Dependency"}
    names = {canonicalize_name(each.name) for each in requirements}
    assert set(reasons) == names
    assert all(len(why) > 10 for why in reasons.values())


def test_the_readme_begins_with_the_two_commands() -> None:
    lines = [line for line in _read("README.md").splitlines() if line.strip()]
    assert lines[0].startswith("# ModelDesk")
    assert lines[1].startswith("```")
    assert lines[2].split()[:2] == ["make", "run"]
    assert lines[3].split()[:2] == ["make", "test"]


def test_the_makefile_has_what_the_documents_promise() -> None:
    makefile = _read("Makefile")
    for target in TARGETS:
        assert re.search(rf"^(?:[\w-]+ )*{target}(?: [\w-]+)*:", makefile, flags=re.M), target
        assert f"make {target}" in _read("CONTRIBUTING.md")


def test_the_licence_is_apache_2(project: dict) -> None:
    assert project["project"]["license"] == "Apache-2.0"
    assert "Apache License" in _read("LICENSE")[:200]
    assert "END OF TERMS AND CONDITIONS" in _read("LICENSE")


def test_the_lint_rule_and_this_test_name_the_same_heavy_libraries(project: dict) -> None:
    tidy = project["tool"]["ruff"]["lint"]["flake8-tidy-imports"]
    assert set(tidy["banned-module-level-imports"]) == HEAVY


@pytest.mark.parametrize("name", ["designer.cli.main", "designer.paths", "modules.contract"])
def test_importing_stays_light(name: str) -> None:
    loaded = json.loads(
        _run("-c", f"import {name}, sys, json; print(json.dumps(sorted(sys.modules)))")
    )
    tops = {module.partition(".")[0] for module in loaded}
    assert name in loaded
    assert not tops & (HEAVY | {"PySide6", "NodeGraphQt", "Qt", "shiboken6"})


def test_resources_are_found() -> None:
    assert (paths.resources() / "icons").is_dir()
    assert list((paths.resources() / "icons").glob("*.svg"))


def test_packed_files_come_before_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "designer"
    (package / "_resources").mkdir(parents=True)
    monkeypatch.setattr(paths, "_HERE", package)
    assert paths.resources() == package / "_resources"
    assert paths.samples() == tmp_path / "site-packages" / "samples"


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_no_two_test_files_have_the_same_name() -> None:
    # pytest imports them by their names alone.
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []
