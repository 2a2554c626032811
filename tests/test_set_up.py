"""``make setup`` as it is, on a small project whose packages lie in a folder beside it."""

from __future__ import annotations

import importlib.util
import inspect
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("make") is None, reason="needs make, on Linux or macOS"
)

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "modeldesk"
version = "1.0"
"""
# Builds what pip asks for, without a package of its own that would have to be downloaded.
BACKEND = """
import zipfile
from pathlib import Path

{wheel}

def build_editable(folder, config_settings=None, metadata_directory=None):
    {happens}
    return wheel(folder, "modeldesk", "1.0", "tool", "dev", "cluster")
"""


def wheel(folder, name, version, requires="", *extras):  # type: ignore[no-untyped-def]
    """Write an empty package; return its file's name."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {requires}"] if requires else []
    metadata += [f"Provides-Extra: {extra}" for extra in extras]
    file = Path(folder, f"{name}-{version}-py3-none-any.whl")
    tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(f"{name}.py", "")
        made.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        made.writestr(f"{info}/WHEEL", tag)
        made.writestr(f"{info}/RECORD", "")
    return file.name


class Project:
    """A checkout with the real tools; its only dependency is "tool", of which there are two."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "Mein Büro" / "desk"
        shutil.copytree(ROOT / "tools", self.folder / "tools")
        shutil.copy(ROOT / "Makefile", self.folder)
        (self.folder / "pyproject.toml").write_text(PROJECT, "utf-8")
        self.pin("1.0")
        self.building("pass")
        self.environment = os.environ | {"HOME": str(folder), "PIP_CONFIG_FILE": os.devnull}
        self.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
        for version in ("1.0", "2.0"):
            wheel(folder, "tool", version)

    def pin(self, version: str) -> None:
        (self.folder / "constraints.txt").write_text(f"tool=={version}\n", "utf-8")

    def building(self, happens: str) -> None:
        text = BACKEND.format(wheel=inspect.getsource(wheel), happens=happens)
        (self.folder / "backend.py").write_text(text, "utf-8")

    def start(self, python: str = sys.executable) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["make", "--no-print-directory", "setup", f"PYTHON={python}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def set_up(self, python: str = sys.executable) -> tuple[int, str]:
        """Return the exit status and what was printed."""
        process = self.start(python)
        said, _ = process.communicate()
        return process.returncode, said

    def installed(self) -> str:
        """Return the version of "tool" that .venv's Python finds."""
        code = "import importlib.metadata as m, tool; print(m.version('tool'))"
        command = [self.folder / ".venv" / "bin" / "python", "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.slow
def test_set_up_is_done_once_and_again_when_what_it_is_made_from_changes(project: Project) -> None:
    status, said = project.set_up()
    assert status == 0, said
    lines = said.splitlines()
    assert lines[0].startswith("Making .venv with ")
    assert lines[1] == "Installing about 1 packages (350 MB to download) into .venv"
    assert "make run" in lines[-1]
    assert project.installed() == "1.0"

    assert project.set_up() == (0, "")

    project.pin("2.0")
    status, said = project.set_up()
    assert (status, "Making" in said) == (0, False), said
    assert project.installed() == "2.0"

    # Scripts in .venv hold its path, so in another folder it is made anew.
    project.folder = project.folder.rename(project.folder.with_name("moved"))
    status, said = project.set_up()
    assert (status, "Making" in said) == (0, True), said
    pip = project.folder / ".venv" / "bin" / "pip"
    assert subprocess.run([pip, "--version"], capture_output=True).returncode == 0


@pytest.mark.slow
def test_what_was_broken_off_is_made_anew(project: Project, tmp_path: Path) -> None:
    began = tmp_path / "began"
    os.mkfifo(began)
    waits = f"import signal; open({str(began)!r}, 'w').write('x'); signal.pause()"
    project.building(waits)
    pipe = os.open(began, os.O_RDONLY | os.O_NONBLOCK)
    process = project.start()
    assert select.select([pipe], [], [], 600)[0]
    os.close(pipe)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode != 0
    assert "Stopped. The next run" in said
    assert "Traceback" not in said

    project.building("pass")
    status, said = project.set_up()
    assert (status, "Making" in said) == (0, True), said
    assert project.installed() == "1.0"


@pytest.mark.slow
def test_without_network_or_disk_one_sentence_says_so(project: Project) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        del project.environment["PIP_NO_INDEX"], project.environment["PIP_FIND_LINKS"]
        project.environment["PIP_INDEX_URL"] = f"http://127.0.0.1:{port}/"
        project.environment["PIP_RETRIES"] = "1"
        status, said = project.set_up()
    assert status != 0
    assert "no connection to the package index" in said
    assert "Retrying" not in said

    project.building("raise OSError(28, 'No space left on device')")
    status, said = project.set_up()
    assert status != 0
    assert "The disk is full. Set-up needs " in said
    assert "Traceback" not in said


def test_a_python_that_will_not_do_is_named(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    old = folder / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.10.12\n', "utf-8")
    old.chmod(0o755)
    status, said = project.set_up(str(old))
    assert status != 0
    assert f"{old} is Python 3.10.12; ModelDesk needs 3.11, 3.12 or 3.13." in said
    status, said = project.set_up("python9.99")
    assert status != 0
    assert "There is no python9.99 here." in said
    for name in ("make", "sh", "dirname"):
        (folder / name).symlink_to(shutil.which(name) or name)
    project.environment["PATH"] = str(folder)
    status, said = project.set_up("")
    assert status != 0
    assert "python3 is Python 3.10.12 here" in said
    old.unlink()
    status, said = project.set_up("")
    assert status != 0
    assert "found none" in said
    assert not (project.folder / ".venv").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lacks libraries of Qt")
def test_system_packages_are_installed_or_the_line_that_does_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools" / "system_packages.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.setattr(tool, "QT_LIBRARIES", {"libc.so.6": "libc6", "libnone.so.9": "libnone9"})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))

    def program(name: str, script: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (tmp_path / name).chmod(0o755)

    def stopped() -> str:
        with pytest.raises(tool.StopError) as error:
            tool.install_system_packages()
        return str(error.value)

    install = "apt-get install -y --no-install-recommends libnone9"
    assert stopped().endswith("\n  libnone.so.9")
    program("apt-get", "exit 1")
    assert stopped().endswith(f"\n  su - -c 'apt-get update && {install}'")
    program("sudo", "exit 1")
    assert stopped().endswith(f"\n  sudo apt-get update && sudo {install}")
    called = tmp_path / "called"
    program("sudo", f'echo "$@" >> {called}')
    assert stopped() == "These libraries still can't be loaded: libnone.so.9"
    assert (
        called.read_text("utf-8")
        .splitlines()[-1]
        .endswith("apt-get install -y -qq --no-install-recommends libnone9")
    )
