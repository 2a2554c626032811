"""Install the system's libraries that Qt and LightGBM need, and what Debian parts off from Python.

Does so only as root or where sudo asks for no password; otherwise the one line
that does is in the error.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

# Each library that is loaded, with its package on Debian and Ubuntu. Where a package has been
# renamed since (libglib2.0-0t64), apt still takes the old name for it, but not the other way.
LIBRARIES = {
    # LightGBM's wheel comes without the one of its threads.
    "libgomp.so.1": "libgomp1",
    # What Qt needs.
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    # What the window adds to that on X11; Qt names only the first when any is missing.
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


class StopError(Exception):
    """Set-up can't go on; the message says what to do."""


def install_system_packages() -> None:
    """Install what is missing on Linux."""
    if not sys.platform.startswith("linux"):
        return
    libraries = [name for name in LIBRARIES if not _loads(name)]
    packages = [LIBRARIES[name] for name in libraries]
    if not _has_venv():
        packages.append(f"python3.{sys.version_info.minor}-venv")
    if not packages:
        return
    if shutil.which("apt-get") is None:
        what = libraries or ["Python's modules venv and ensurepip"]
        raise StopError(
            "These are missing; install your system's packages for them, then try again:\n  "
            + " ".join(what)
        )
    prefix = _root_prefix()
    if prefix is None:
        raise StopError(
            "Some system packages are missing. Install them with this line, then try again:\n  "
            + _line(packages)
        )
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    # One broken source of several is no reason to stop; a package that is missing then is.
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq"]
    # What apt unpacks interests nobody; what goes wrong comes on the other stream.
    command += ["--no-install-recommends", *packages]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
        raise StopError("apt-get couldn't install them; what it says above tells why.")
    still_missing = [name for name in libraries if not _loads(name)]
    if still_missing:
        raise StopError(f"These libraries still can't be loaded: {' '.join(still_missing)}")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_venv() -> bool:
    # Debian ships the module venv without ensurepip, or neither.
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def _root_prefix() -> list[str] | None:
    """What to put before a command to run it as root; None if that isn't possible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if allowed else None


def _line(packages: list[str]) -> str:
    install = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if shutil.which("sudo") is None:
        # Debian has none where a password was set for root; without the dash, dpkg's own
        # programs aren't found.
        return f"su - -c 'apt-get update && {install}'"
    return f"sudo apt-get update && sudo {install}"
