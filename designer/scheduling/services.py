"""Lets the operating system serve the schedules whenever the user is logged in."""

from __future__ import annotations

import hashlib
import os
import plistlib
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from designer.paths import default_workspace, packages
from designer.private_files import make_folder
from designer.scheduling.errors import ScheduleError
from designer.workspace import Workspace

NAME = "modeldesk-schedules"
"""Name of the service of the default workspace; those of others have a suffix."""


class Service(ABC):
    """A service of the system that runs ``designer schedules serve``.

    Parameters
    ----------
    advice : str
        What the user may want to do after it was installed.
    """

    advice = ""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.name = NAME
        if workspace.folder != Path(os.path.abspath(default_workspace())):
            digest = hashlib.sha256(os.fsencode(workspace.folder)).hexdigest()
            self.name += f"-{digest[:8]}"

    @property
    @abstractmethod
    def path(self) -> Path:
        """The file that describes the service."""

    @abstractmethod
    def content(self) -> str:
        """Return the content of that file."""

    def install(self) -> None:
        """Write the file and start the service; an older one is replaced.

        Raises
        ------
        ScheduleError
            If the system doesn't accept it; nothing of it is left.
        OSError
            If the file can't be written.
        """
        make_folder(self.path.parent)
        self._write()
        try:
            self._start()
        except ScheduleError:
            self.path.unlink(missing_ok=True)
            raise

    def uninstall(self) -> None:
        """Stop the service and remove the file.

        Raises
        ------
        ScheduleError
            If it isn't installed, or the system can't stop it.
        """
        if not self.path.exists():
            raise ScheduleError(
                f"The service isn't installed: there is no “{self.path}”.",
                "“designer schedules install” installs it.",
            )
        self._stop()
        self.path.unlink(missing_ok=True)

    @property
    def arguments(self) -> list[str]:
        """The command line of the service."""
        options = ["--service", "--workspace", str(self.workspace.folder)]
        return [_python(), "-P", "-m", "designer", "schedules", "serve", *options]

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that it needs."""
        return {"PYTHONPATH": str(packages())}

    @property
    def title(self) -> str:
        """What the system shows."""
        return f"ModelDesk: schedules in {self.workspace.folder}"

    def _write(self) -> None:
        self.path.write_text(self.content(), "utf-8")

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    def _stop(self) -> None: ...


class SystemdService(Service):
    """A user service of systemd."""

    advice = "To let it run while you aren't logged in: loginctl enable-linger"

    @property
    def path(self) -> Path:
        """See base."""
        home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        return Path(home, "systemd", "user", f"{self.name}.service")

    def content(self) -> str:
        """Return the unit; see systemd.service(5)."""
        variables = "".join(
            f"Environment={_quoted(f'{name}={value}', dollar=False)}\n"
            for name, value in self.variables.items()
        )
        return f"""\
[Unit]
Description={_escaped(self.title)}

[Service]
Type=exec
ExecStart={" ".join(map(_quoted, self.arguments))}
{variables}Restart=on-failure
RestartSec=30
# Runs in progress finish when the service is stopped.
KillMode=process

[Install]
WantedBy=default.target
"""

    def _start(self) -> None:
        _call("systemctl", "--user", "daemon-reload")
        _call("systemctl", "--user", "enable", "--now", self.path.name)
        # One that was running has the old command line.
        _call("systemctl", "--user", "restart", self.path.name)

    def _stop(self) -> None:
        _call("systemctl", "--user", "disable", "--now", self.path.name)
        self.path.unlink(missing_ok=True)
        _call("systemctl", "--user", "daemon-reload")


class LaunchdAgent(Service):
    """An agent of macOS."""

    @property
    def path(self) -> Path:
        """See base."""
        return Path.home() / "Library" / "LaunchAgents" / f"{self.label}.plist"

    @property
    def label(self) -> str:
        """Its name in launchd."""
        return f"org.modeldesk.{self.name}"

    def content(self) -> str:
        """Return the property list; see launchd.plist(5)."""
        entries = {
            "Label": self.label,
            "ProgramArguments": self.arguments,
            "EnvironmentVariables": self.variables,
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Background",
            # Runs in progress finish when the agent is stopped.
            "AbandonProcessGroup": True,
        }
        return plistlib.dumps(entries).decode("utf-8")

    def _start(self) -> None:
        _call("launchctl", "bootout", f"{self._domain}/{self.label}", check=False)
        _call("launchctl", "bootstrap", self._domain, str(self.path))

    def _stop(self) -> None:
        _call("launchctl", "bootout", f"{self._domain}/{self.label}")

    @property
    def _domain(self) -> str:
        return f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"


class WindowsTask(Service):
    """A task of the Windows Task Scheduler that starts when the user logs on."""

    @property
    def path(self) -> Path:
        """See base."""
        return self.workspace.folder / "schedules" / f"{self.name}.xml"

    @property
    def task(self) -> str:
        """Its name in the Task Scheduler."""
        return rf"ModelDesk\{self.name}"

    def content(self) -> str:
        """Return the task; see the schema of Task Scheduler 1.4."""
        root = ElementTree.Element("Task", version="1.4", xmlns=_TASK_SCHEMA)
        _add(root, "RegistrationInfo", Description=self.title)
        _add(_add(root, "Triggers"), "LogonTrigger", Enabled="true", UserId=_windows_user())
        principal = _add(_add(root, "Principals"), "Principal", UserId=_windows_user())
        principal.set("id", "Author")
        ElementTree.SubElement(principal, "LogonType").text = "InteractiveToken"
        _add(
            root,
            "Settings",
            MultipleInstancesPolicy="IgnoreNew",
            DisallowStartIfOnBatteries="false",
            StopIfGoingOnBatteries="false",
            StartWhenAvailable="true",
            ExecutionTimeLimit="PT0S",
        )
        program, *arguments = self.arguments
        actions = _add(root, "Actions")
        actions.set("Context", "Author")
        _add(actions, "Exec", Command=program, Arguments=subprocess.list2cmdline(arguments))
        ElementTree.indent(root)
        return ElementTree.tostring(root, "unicode") + "\n"

    def _write(self) -> None:
        declared = f'<?xml version="1.0" encoding="UTF-16"?>\n{self.content()}'
        self.path.write_bytes(declared.encode("utf-16"))

    def _start(self) -> None:
        _call("schtasks", "/Create", "/TN", self.task, "/XML", str(self.path), "/F")
        _call("schtasks", "/Run", "/TN", self.task)

    def _stop(self) -> None:
        _call("schtasks", "/End", "/TN", self.task, check=False)
        _call("schtasks", "/Delete", "/TN", self.task, "/F")


def service_for(workspace: Workspace) -> Service:
    """Return the service of this computer's system."""
    kinds = {"darwin": LaunchdAgent, "win32": WindowsTask}
    return kinds.get(sys.platform, SystemdService)(workspace)


def _python() -> str:
    # Without a console window.
    silent = Path(sys.executable).with_name("pythonw.exe")
    return str(silent) if sys.platform == "win32" and silent.exists() else sys.executable


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", "%%").replace("\n", " ")


def _quoted(text: str, *, dollar: bool = True) -> str:
    """Return a word of a unit: % begins a specifier, and $ a variable of a command line."""
    word = _escaped(text).replace('"', r"\"")
    return f'"{word.replace("$", "$$") if dollar else word}"'


def _add(parent: ElementTree.Element, name: str, **texts: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, name)
    for each, text in texts.items():
        ElementTree.SubElement(made, each).text = text
    return made


def _windows_user() -> str:
    domain, user = os.environ.get("USERDOMAIN", ""), os.environ.get("USERNAME", "")
    return rf"{domain}\{user}" if domain else user


def _call(*command: str, check: bool = True) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except FileNotFoundError:
        raise ScheduleError(
            f"The program “{command[0]}” isn't installed.",
            "Run “designer schedules serve” when you log in, or keep ModelDesk open.",
        ) from None
    except subprocess.TimeoutExpired:
        raise ScheduleError(f"“{_line(command)}” took longer than a minute.") from None
    if check and done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise ScheduleError(
            f"“{_line(command)}” failed: {reason[-1].rstrip('.') if reason else done.returncode}.",
            "Run “designer schedules serve” when you log in, or keep ModelDesk open.",
        )


def _line(command: Sequence[str]) -> str:
    return subprocess.list2cmdline(command)


_TASK_SCHEMA = "http://schemas.microsoft.com/windows/2004/02/mit/task"
