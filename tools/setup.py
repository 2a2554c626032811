"""Set up .venv with the pinned dependencies, and the system libraries that Qt needs.

Runs on the standard library alone, and at once when there is nothing to do.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pip_progress import FailedError, run_pip
from system_packages import StopError, install_system_packages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LIBRARY = VENV / "lib" / f"python3.{sys.version_info.minor}"
# Only a .venv that was made whole has this file.
STAMP = VENV / "modeldesk-setup"
DECIDING = ("pyproject.toml", "constraints.txt", "tools/system_packages.py")
GIGABYTES = 2

REASONS = {
    r"No space left on device|Disk quota exceeded": (
        f"The disk is full. Set-up needs {GIGABYTES} GB here, and 1 GB for a while in "
        f"{tempfile.gettempdir()}; another folder for that: TMPDIR=/folder make setup"
    ),
    r"Retrying \(Retry\(total=0|Max retries exceeded|^pip\._vendor\.urllib3\.exceptions": (
        "The packages can't be downloaded: no connection to the package index. "
        "Check the network, and the index and proxy that pip is set up with; then try again."
    ),
}


def main() -> int:
    """Set up what is missing; return the exit status."""
    if _stamp() == _wanted():
        return 0
    try:
        install_system_packages()
        if not _can_stay():
            _make_venv()
        _install_dependencies()
    except StopError as error:
        print(error, file=sys.stderr)
        return 1
    except FailedError as error:
        print(_reason(str(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next run goes on with what is downloaded.", file=sys.stderr)
        return 130
    STAMP.write_text(_wanted(), encoding="utf-8")
    print("Everything is set up. make run opens the application, make test checks it.")
    return 0


def _reason(said: str) -> str:
    """Return a sentence for what a tool said at length, or that from its first error on."""
    for pattern, sentence in REASONS.items():
        if re.search(pattern, said, re.M):
            return sentence
    error = re.search(r"^\s*error:", said, re.M | re.I)
    return "Set-up failed:\n" + said[error.start() if error else 0 :].strip()


def _stamp() -> str:
    return STAMP.read_text(encoding="utf-8") if STAMP.is_file() else ""


def _wanted() -> str:
    """What .venv must be made from, and where: the Python, the files that decide, the place."""
    hashes = [hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in DECIDING]
    return "\n".join([_base_python(), *hashes, str(VENV), ""])


def _base_python() -> str:
    """Return the interpreter behind this one, the same from inside and outside .venv."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _can_stay() -> bool:
    """Whether .venv is whole, of this Python, and where it was made: its scripts hold its path."""
    made_with = _stamp().partition("\n")[0]
    script = VENV / "bin" / "pip"
    return (
        made_with == _base_python()
        and LIBRARY.is_dir()
        and script.is_file()
        and str(PYTHON) in script.read_text(encoding="utf-8")
    )


def _make_venv() -> None:
    free = shutil.disk_usage(ROOT).free / 1e9
    occupied = sum(file.stat().st_size for file in VENV.rglob("*") if file.is_file()) / 1e9
    if free + occupied < GIGABYTES:
        raise StopError(f"Set-up needs {GIGABYTES} GB of disk here, and {free:.1f} GB are free.")
    print(f"Making .venv with {_base_python()}", flush=True)
    # The interpreter behind, since --clear takes away the one in .venv.
    command = [_base_python(), "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise FailedError(done.stdout + done.stderr)


def _install_dependencies() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    number = sum("==" in line and ";" not in line for line in pins)
    print(f"Installing about {number} packages (350 MB to download) into .venv", flush=True)
    STAMP.unlink(missing_ok=True)
    packages = LIBRARY / "site-packages"
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    install = ["install", "--no-compile", "-c", "constraints.txt", "-e", ".[dev,cluster]"]
    for command in (install, ["check"]):
        run_pip([*pip, *command], ROOT, packages)
    print("Compiling them", flush=True)
    # On every core, where pip uses one. Some packages bring files that aren't for this Python.
    compile_all = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", str(packages)]
    subprocess.run(compile_all, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
