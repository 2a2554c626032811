"""``make setup`` as it is, on a small project whose packages are in a folder beside it."""

from __future__ import annotations

import hashlib
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
from importlib.metadata import files, version
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
# Builds the project without a package that would have to be downloaded.
BACKEND = """
import zipfile
from pathlib import Path

{wheel}

def build_editable(folder, config_settings=None, metadata_directory=None):
    {happens}
    return wheel(folder, "modeldesk", "1.0", "tool")
"""


def wheel(folder, name, version, requires=""):  # type: ignore[no-untyped-def]
    """Write an empty package; return its file's name."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {requires}"] if requires else []
    file = Path(folder, f"{name}-{version}-py3-none-any.whl")
    tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(f"{name}.py", "")
        made.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        made.writestr(f"{info}/WHEEL", tag)
        made.writestr(f"{info}/RECORD", "")
    return file.name


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with uv, packed again from what is installed, and two versions of "tool"."""
    folder = tmp_path_factory.mktemp("packages")
    number = version("uv")
    with zipfile.ZipFile(folder / f"uv-{number}-py3-none-any.whl", "w") as made:
        for file in files("uv") or ():
            scripts = f"uv-{number}.data/scripts/{file.name}"
            name = scripts if file.parent.name == "bin" else str(file)
            made.write(file.locate(), name)
    for each in ("1.0", "2.0"):
        wheel(folder, "tool", each)
    return folder


class Project:
    """A checkout with the real tools; its only dependency is "tool", of which there are two."""

    def __init__(self, folder: Path, packages: Path) -> None:
        self.packages = packages
        self.folder = folder / "Mein Büro" / "desk"
        shutil.copytree(ROOT / "tools", self.folder / "tools")
        shutil.copy(ROOT / "Makefile", self.folder)
        (self.folder / "pyproject.toml").write_text(PROJECT, "utf-8")
        self.lock("1.0")
        self.building("pass")
        self.pip_settings = folder / "pip.conf"
        self.pip_settings.write_text(f"[global]\nno-index = true\nfind-links = {packages}\n")
        own = ("PIP_", "UV_")
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(own)
        }
        self.environment |= {"HOME": str(folder), "PIP_CONFIG_FILE": str(self.pip_settings)}
        self.environment |= {"XDG_CACHE_HOME": str(folder / "cache")}

    def lock(self, version_of_tool: str, damaged: bool = False) -> None:
        lines = []
        for name, number in (("tool", version_of_tool), ("uv", version("uv"))):
            content = (self.packages / f"{name}-{number}-py3-none-any.whl").read_bytes()
            found = hashlib.sha256(content + b"x" * (damaged and name == "tool")).hexdigest()
            lines.append(f"{name}=={number} \\\n    --hash=sha256:{found}\n")
        (self.folder / "requirements.txt").write_text("".join(lines), "utf-8")

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
def project(tmp_path: Path, packages: Path) -> Project:
    return Project(tmp_path, packages)


@pytest.mark.long
def test_set_up_is_done_once_and_again_when_what_it_is_made_from_changes(project: Project) -> None:
    status, said = project.set_up()
    assert status == 0, said
    lines = said.splitlines()
    assert lines[0].startswith("Making .venv with ")
    assert lines[1] == "Installing about 2 packages (350 MB to download) into .venv"
    assert "make run" in lines[-1]
    assert project.installed() == "1.0"

    assert project.set_up() == (0, "")

    project.lock("2.0")
    status, said = project.set_up()
    assert (status, "Making" in said) == (0, False), said
    assert project.installed() == "2.0"

    # Scripts in .venv hold its path, so in another folder it is made again.
    project.folder = project.folder.rename(project.folder.with_name("moved"))
    status, said = project.set_up()
    assert (status, "Making" in said) == (0, True), said
    pip = project.folder / ".venv" / "bin" / "pip"
    assert subprocess.run([pip, "--version"], capture_output=True).returncode == 0


@pytest.mark.long
def test_a_setup_that_was_interrupted_is_made_again(project: Project, tmp_path: Path) -> None:
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


@pytest.mark.long
def test_without_network_or_disk_one_sentence_says_so(project: Project) -> None:
    reachable = project.pip_settings.read_text("utf-8")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        unreachable = f"[global]\nindex-url = {address}\nretries = 1\n"

        project.pip_settings.write_text(unreachable, "utf-8")
        status, said = project.set_up()
        assert status != 0
        assert said.count("no connection to the package index") == 1
        assert address not in said

        project.pip_settings.write_text(reachable, "utf-8")
        project.building("raise OSError(28, 'No space left on device')")
        status, said = project.set_up()
        assert status != 0
        assert "The disk is full. Set-up needs " in said
        assert "Traceback" not in said

        project.building("pass")
        assert project.set_up()[0] == 0
        # uv is here now, and needs the network itself.
        project.pip_settings.write_text(unreachable, "utf-8")
        project.lock("2.0")
        status, said = project.set_up()
        assert status != 0
        assert said.count("no connection to the package index") == 1
        assert address not in said


@pytest.mark.long
def test_a_file_with_another_hash_is_not_installed(project: Project) -> None:
    project.lock("1.0", damaged=True)
    status, said = project.set_up()
    assert status != 0
    assert "Hash mismatch for `tool==1.0`" in said
    assert not list((project.folder / ".venv").rglob("tool.py"))


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
    monkeypatch.setattr(tool, "LIBRARIES", {"libc.so.6": "libc6", "libnone.so.9": "libnone9"})
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
