"""Set up .venv with the pinned dependencies, and the system libraries that Qt needs.

Runs on the standard library alone, and at once when there is nothing to do. Installs
system packages only as root or where sudo asks for no password; otherwise it
prints the one line that does, and stops.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "modeldesk-setup"

# Each library that Qt loads, with the packages that may hold it, the newest name first.
QT_LIBRARIES = {
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libGL.so.1": ("libgl1",),
    "libEGL.so.1": ("libegl1",),
    "libxkbcommon.so.0": ("libxkbcommon0",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libfreetype.so.6": ("libfreetype6",),
    "libdbus-1.so.3": ("libdbus-1-3",),
    "libgssapi_krb5.so.2": ("libgssapi-krb5-2",),
    # What the window adds to that on X11; Qt names only the first when any is missing.
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-image.so.0": ("libxcb-image0",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-randr.so.0": ("libxcb-randr0",),
    "libxcb-render-util.so.0": ("libxcb-render-util0",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
    "libxcb-sync.so.1": ("libxcb-sync1",),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0",),
    "libxcb-xkb.so.1": ("libxcb-xkb1",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
}


def main() -> int:
    """Set up what is missing; return the exit status."""
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == _wanted():
        return 0
    try:
        _install_system_packages()
        _make_venv()
        _install_dependencies()
    except subprocess.CalledProcessError as error:
        command = shlex.join(str(part) for part in error.cmd)
        return _stop(f"This command failed with status {error.returncode}: {command}")
    except _StopError as error:
        return _stop(str(error))
    STAMP.write_text(_wanted(), encoding="utf-8")
    return 0


class _StopError(Exception):
    """Set-up can't go on; the message says what to do."""


def _stop(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _wanted() -> str:
    """What .venv must be made from: the Python and the contents of the files that decide."""
    parts = [_base_python(), sys.version]
    for name in ("pyproject.toml", "constraints.txt", "tools/setup.py"):
        parts.append(hashlib.sha256((ROOT / name).read_bytes()).hexdigest())
    return "\n".join(parts) + "\n"


def _base_python() -> str:
    """Return the interpreter behind this one, the same from inside and outside .venv."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _install_system_packages() -> None:
    if not sys.platform.startswith("linux"):
        return
    libraries = [name for name in QT_LIBRARIES if not _loads(name)]
    wanted: list[tuple[str, ...]] = [QT_LIBRARIES[name] for name in libraries]
    if not _has_venv() and not _inside_venv():
        wanted.append((f"python3.{sys.version_info.minor}-venv",))
    if not wanted:
        return
    if shutil.which("apt-get") is None:
        if not libraries:
            raise _StopError(
                f"{sys.executable} has no ensurepip; install your system's package for it."
            )
        raise _StopError(
            "Qt needs these libraries; install your system's packages for them:\n  "
            + " ".join(libraries)
        )
    prefix = _root_prefix()
    if prefix is None:
        packages = " ".join(_package_names(wanted))
        install = f"apt-get install -y --no-install-recommends {packages}"
        line = f"sudo apt-get update && sudo {install}"
        if shutil.which("sudo") is None:
            # Debian has none where a password was set for root.
            line = f"su -c 'apt-get update && {install}'"
        raise _StopError(
            "Some system packages are missing. Install them with this line, then try again:\n  "
            + line
        )
    # One broken source of several is no reason to stop; a package that is missing then is.
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
    packages = _package_names(wanted)
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq"]
    # What apt unpacks interests nobody; what goes wrong comes on the other stream.
    _run([*prefix, *command, "--no-install-recommends", *packages], stdout=subprocess.DEVNULL)
    still_missing = [name for name in libraries if not _loads(name)]
    if still_missing:
        raise _StopError(f"These libraries still can't be loaded: {' '.join(still_missing)}")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_venv() -> bool:
    # Debian ships the module venv without ensurepip, or neither.
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def _inside_venv() -> bool:
    return sys.prefix != sys.base_prefix


def _root_prefix() -> list[str] | None:
    """What to put before a command to run it as root; None if that isn't possible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if allowed else None


def _package_names(wanted: list[tuple[str, ...]]) -> list[str]:
    names = []
    for candidates in wanted:
        known = [name for name in candidates if len(candidates) == 1 or _apt_knows(name)]
        names.append((known or candidates)[0])
    return list(dict.fromkeys(names))


def _apt_knows(package: str) -> bool:
    with contextlib.suppress(OSError):
        shown = subprocess.run(["apt-cache", "show", package], capture_output=True)
        return shown.returncode == 0
    return False


def _make_venv() -> None:
    if _inside_venv() and Path(sys.prefix).resolve() == VENV.resolve():
        return
    if PYTHON.exists() and _python_of_venv() == _base_python():
        return
    if not _has_venv():
        raise _StopError(f"{sys.executable} can't make virtual environments: ensurepip is missing.")
    print(f"Making .venv with {_base_python()}", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def _python_of_venv() -> str:
    code = "import os, sys; print(os.path.realpath(sys._base_executable))"
    answer = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True)
    return answer.stdout.strip()


def _install_dependencies() -> None:
    print("Installing the dependencies into .venv; the first time takes a minute.", flush=True)
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    _run([*pip, "install", *quiet, "-c", "constraints.txt", "-e", ".[dev,cluster]"])
    _run([*pip, "check", *quiet])


def _run(command: list[str], stdout: int | None = None) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=stdout)


if __name__ == "__main__":
    sys.exit(main())
