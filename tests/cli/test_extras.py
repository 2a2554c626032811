"""``designer extras`` in a Python of the test's own, with wheels in a folder and no network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from extra_desk import OwnPython, write_distribution

from designer import extras
from designer.extras import Installation, Progress

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links to this Python")


@pytest.fixture
def own(tmp_path: Path) -> OwnPython:
    return OwnPython(tmp_path)


def run(own: OwnPython, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [own.program, "-m", "designer.cli.main", "extras", *arguments],
        env=own.environment(**environment),
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_extra_is_installed_and_listed(own):
    own.write_wheel("toy-library", "1.4")
    own.write_wheel("toy-library", "2.0")
    listed = json.loads(run(own, "list", "--json").stdout)
    assert [(each["name"], each["installed"]) for each in listed] == [
        ("none", False),
        ("toys", False),
    ]
    done = run(own, "install", "toys")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Installed: toys.\n"
    assert "Installing toy-library" in done.stderr.replace("_", "-")
    # The newest within the range that ModelDesk states.
    found = subprocess.run(
        [own.program, "-c", "import toy_library; print(toy_library.VERSION)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "1.4\n"
    assert "Everything is installed already." in run(own, "install", "toys").stdout


@pytest.mark.long
def test_what_is_installed_keeps_its_version(own):
    write_distribution(own.site, "toy-base", "1.0")
    own.write_wheel("toy-base", "2.0")
    own.write_wheel("toy-library", "1.0", "Requires-Dist: toy-base>=2\n")
    refused = run(own, "install", "toys")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        "Error: It needs other versions of installed packages. Install it into another environment."
    )


@pytest.mark.long
def test_without_a_network_one_sentence_says_so(own):
    options = {"PIP_NO_INDEX": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    failed = run(own, "install", "none", PIP_RETRIES="1", **options)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1] == (
        "Error: The package index can't be reached. Check the connection, then try again."
    )


def test_what_is_in_no_index_and_no_extra(own):
    failed = run(own, "install", "none")
    assert failed.returncode == 1
    assert "The package index has no version for this Python and system." in failed.stderr
    unknown = run(own, "install", "toy")
    assert unknown.returncode == 2
    assert "There is no extra “toy”." in unknown.stderr
    assert "Did you mean “toys”?" in unknown.stderr


def test_uv_installs_where_pip_is_missing(own, monkeypatch):
    own.write_wheel("toy-library", "1.0")
    monkeypatch.setattr(extras.importlib.util, "find_spec", lambda name: None)
    uv = str(Path(sys.executable).with_name("uv"))
    monkeypatch.setattr(extras.shutil, "which", lambda name: uv)
    monkeypatch.setattr(sys, "executable", str(own.program))
    monkeypatch.syspath_prepend(str(own.site))
    installation = Installation(extras.extras.__wrapped__()["toys"].requirements)
    ran = subprocess.run(
        installation.command,
        env=own.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = [installation.read(line) for line in ran.stdout.splitlines()]
    assert installation.problem(ran.returncode) == "", ran.stdout
    assert any(each is not None for each in told)
    installation.close()


def test_neither_pip_nor_uv(own, monkeypatch):
    monkeypatch.setattr(extras.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(extras.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(own.program))
    with pytest.raises(RuntimeError, match="neither pip nor uv"):
        Installation(["toy-library"])


def test_the_lines_of_pip_are_progress():
    installation = Installation(["toy-library"])
    lines = (
        "Collecting torch<3",
        "  Downloading https://example.org/torch-2.9.0-cp311-linux_x86_64.whl (190.2 MB)",
        "Progress 95100000 of 190200000",
        "Installing collected packages: sympy, torch",
    )
    told = [installation.read(line) for line in lines]
    assert told[0] == Progress("Looking for torch<3")
    assert told[1].text.startswith("Downloading ")
    assert told[2].share == 0.5
    assert told[3] == Progress("Installing sympy, torch")
    installation.close()
