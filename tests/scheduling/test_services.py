"""What is installed in the system so that schedules are served."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from designer.scheduling.errors import ScheduleError
from designer.scheduling.services import LaunchdAgent, SystemdService, WindowsTask, service_for
from designer.workspace import Workspace

ODD = 'My 100% $HOME "desk" \\ é'


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Programs of the system that only write down how they were called."""
    folder, calls = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    for name in ("systemctl", "launchctl", "schtasks"):
        program = folder / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >> "{calls}"\n[ ! -e "{folder}/fail" ] ||'
                           ' { echo "Failed to connect to bus." >&2; exit 1; }\n')  # fmt: skip
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return lambda: calls.read_text().splitlines() if calls.exists() else []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd isn't installed")
@pytest.mark.parametrize("folder", ["workspace", ODD])
def test_systemd_accepts_the_unit(home, folder):
    service = SystemdService(Workspace(home / folder))
    service.path.parent.mkdir(parents=True)
    service.path.write_text(service.content(), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", service.path],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"XDG_RUNTIME_DIR": str(home)},
    )
    found = [line for line in (done.stdout + done.stderr).splitlines() if service.path.name in line]
    assert (done.returncode, found) == (0, [])


def test_the_unit_runs_this_python_with_the_whole_path_of_the_workspace(home):
    content = SystemdService(Workspace(home / ODD)).content()
    (line,) = [line for line in content.splitlines() if line.startswith("ExecStart=")]
    # systemd's quoting is the shell's, but for % and $, which are doubled.
    words = [word.replace("%%", "%").replace("$$", "$")
             for word in shlex.split(line.partition("=")[2])]  # fmt: skip
    assert words == [
        sys.executable, "-P", "-m", "designer", "schedules", "serve", "--service",
        "--workspace", str(home / ODD),
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="systemd")
def test_install_and_uninstall(home, system):
    service = service_for(Workspace(home / "workspace"))
    with pytest.raises(ScheduleError, match="isn't installed"):
        service.uninstall()
    service.install()
    service.install()
    assert service.path.parent == home / ".config" / "systemd" / "user"
    assert system()[:3] == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now {service.path.name}",
        f"systemctl --user restart {service.path.name}",
    ]
    service.uninstall()
    assert not service.path.exists()
    assert system()[-2:] == [
        f"systemctl --user disable --now {service.path.name}",
        "systemctl --user daemon-reload",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="systemd")
def test_a_system_that_refuses_leaves_nothing_behind(home, system, monkeypatch):
    service = service_for(Workspace(home / "workspace"))
    (Path(shutil.which("systemctl")).parent / "fail").touch()
    with pytest.raises(ScheduleError, match="Failed to connect to bus") as error:
        service.install()
    assert "designer schedules serve" in error.value.hint
    assert not service.path.exists()
    monkeypatch.setenv("PATH", str(home / "nothing"))
    with pytest.raises(ScheduleError, match="“systemctl” isn't installed"):
        service.install()


def test_each_workspace_has_its_own_service(home, monkeypatch):
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(home / "usual"))
    usual, other = (SystemdService(Workspace(home / name)) for name in ("usual", "other"))
    assert usual.path.name == "modeldesk-schedules.service"
    assert other.path.name.startswith("modeldesk-schedules-")
    assert other.path != usual.path


@pytest.mark.skipif(sys.platform == "win32", reason="a stand-in of launchctl")
def test_a_launchd_agent(home, system):
    service = LaunchdAgent(Workspace(home / ODD))
    service.install()
    entries = plistlib.loads(service.path.read_bytes())
    assert entries["Label"] == service.path.stem
    assert entries["ProgramArguments"][-1] == str(home / ODD)
    assert entries["RunAtLoad"] is True
    domain = f"gui/{os.getuid()}"
    assert system() == [
        f"launchctl bootout {domain}/{service.label}",
        f"launchctl bootstrap {domain} {service.path}",
    ]
    service.uninstall()
    assert system()[-1] == f"launchctl bootout {domain}/{service.label}"
    assert not service.path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a stand-in of schtasks")
def test_a_windows_task(home, system):
    service = WindowsTask(Workspace(home / "My desk & more"))
    service.install()
    content = service.path.read_bytes()
    # schtasks reads UTF-16 with its mark alone.
    assert content[:2] in (b"\xff\xfe", b"\xfe\xff")
    root = ElementTree.fromstring(content.decode("utf-16"))
    names = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    # The order that the schema demands.
    assert [each.tag.partition("}")[2] for each in root] == [
        "RegistrationInfo", "Triggers", "Principals", "Settings", "Actions",
    ]  # fmt: skip
    assert root.find(".//t:ExecutionTimeLimit", names).text == "PT0S"
    assert root.find(".//t:Exec/t:Command", names).text == sys.executable
    arguments = root.find(".//t:Exec/t:Arguments", names).text
    assert arguments.endswith(f'--workspace "{home / "My desk & more"}"')
    assert [line.split()[1] for line in system()] == ["/Create", "/Run"]
    service.uninstall()
    assert [line.split()[1] for line in system()] == ["/Create", "/Run", "/End", "/Delete"]
