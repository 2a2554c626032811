"""What can be proven on one system of the others: Linux, macOS and Windows."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("designer", "modules")
OPENERS = {"open", "fdopen", "NamedTemporaryFile", "TemporaryFile", "TextIOWrapper"}
# A notification may be a line that the user wrote for the shell of the system.
SHELL_LINES = {"designer/scheduling/channels.py"}
POSIX_PLACES = ("/tmp", "/dev/", "/proc/", "/etc/", "/usr/", "/home/", "/var/")


@pytest.mark.long
@pytest.mark.parametrize(
    ("system", "lacking"), [("win32", "os.getuid()"), ("darwin", "os.memfd_create('x')")]
)
def test_the_standard_library_of_each_system_has_what_is_used(
    system: str, lacking: str, tmp_path: Path
) -> None:
    """mypy knows what each lacks, and leaves out what ``sys.platform`` guards."""
    canary = tmp_path / "canary.py"
    canary.write_text(f"import os; {lacking}", encoding="utf-8")
    # Types of libraries are of no interest here, and leaving them out takes an eighth of the time.
    options = ["--config-file=", "--platform", system, "--no-incremental", "--check-untyped-defs"]
    options += ["--no-site-packages", "--ignore-missing-imports", "--follow-imports=skip"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *CODE, str(canary)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 1, done.stderr
    found = [line for line in done.stdout.splitlines() if "Module has no attribute" in line]
    assert [line for line in found if "canary.py" not in line] == []
    assert len(found) == 1


@pytest.mark.long
def test_text_is_read_and_written_in_an_encoding_that_is_named() -> None:
    """Otherwise it is the system's own: UTF-8 here, another on Windows."""
    wrong = [
        f"{file.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}"
        for file, call in _calls()
        if _opens_text(call) and not _names_encoding(call)
    ]
    assert wrong == []


@pytest.mark.long
def test_no_place_is_taken_for_granted() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {node.value!r}"
        for file, tree in _trees()
        for node in _everywhere(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(POSIX_PLACES)
    ]
    assert wrong == []


@pytest.mark.long
def test_no_shell_is_needed() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}"
        for file, call in _calls()
        if (
            (_name(call) == "system" and ast.unparse(call.func) == "os.system")
            or any(each.arg == "shell" for each in call.keywords)
        )
        and file.relative_to(ROOT).as_posix() not in SHELL_LINES
    ]
    assert wrong == []


def test_every_system_can_hold_the_files() -> None:
    folders = [*CODE, "resources", "samples", "docs", "tests", "tools", "benchmarks"]
    files = [
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    ]
    twice = [name for name, times in Counter(map(str.lower, files)).items() if times > 1]
    assert twice == []
    assert [name for name in files if set(name) & set('<>:"\\|?*') or name[-1] in " ."] == []
    devices = {"con", "prn", "aux", "nul"}
    stems = {
        name: {part.partition(".")[0] for part in PureWindowsPath(name).parts} for name in files
    }
    assert [name for name, parts in stems.items() if parts & devices] == []


@functools.cache
def _trees() -> list[tuple[Path, ast.Module]]:
    return [
        (file, ast.parse(file.read_text(encoding="utf-8")))
        for folder in CODE
        for file in sorted((ROOT / folder).rglob("*.py"))
    ]


@functools.cache
def _calls() -> list[tuple[Path, ast.Call]]:
    return [
        (file, node)
        for file, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def _everywhere(node: ast.AST) -> Iterator[ast.AST]:
    """Walk over a tree, but not into what runs on Linux alone."""
    yield node
    guarded = isinstance(node, ast.If) and ast.unparse(node.test) == "sys.platform == 'linux'"
    inside = node.orelse if isinstance(node, ast.If) and guarded else ast.iter_child_nodes(node)
    for each in inside:
        yield from _everywhere(each)


def _name(call: ast.Call) -> str:
    """Return the last part of the name of what is called; to write it out takes a second."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _opens_text(call: ast.Call) -> bool:
    name = _name(call)
    if name in ("read_text", "write_text"):
        return True
    modes = [each.value for each in call.args if isinstance(each, ast.Constant)]
    modes += [each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)]
    modes = [each for each in modes if isinstance(each, str) and set(each) <= set("rwxab+t")]
    # Of the many methods called open, those of files are given a mode or are the built-in one.
    known = name in OPENERS and (bool(modes) or isinstance(call.func, ast.Name))
    return known and not any("b" in mode for mode in modes)


def _names_encoding(call: ast.Call) -> bool:
    places = {"read_text": 0, "write_text": 1, "TextIOWrapper": 1}
    place = places.get(_name(call))
    by_place = place is not None and len(call.args) > place
    return by_place or any(each.arg == "encoding" for each in call.keywords)
