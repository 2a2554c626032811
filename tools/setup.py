"""Set up .venv with the locked dependencies, and the system libraries that Qt needs.

Runs on the standard library alone, and returns at once when there is nothing to do. pip installs
only uv, which installs everything else: each file is checked against its hash in requirements.txt.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import termios
from pathlib import Path

from system_packages import StopError, install_system_packages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Only a complete .venv has this file.
STAMP = VENV / "modeldesk-setup"
LOCK = ROOT / "requirements.txt"
DECIDING = (LOCK, ROOT / "pyproject.toml", ROOT / "tools" / "system_packages.py")
GIGABYTES = 2

# uv's environment variable for each setting of pip, where they have the same form.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
}
REASONS = {
    r"No space left on device|Disk quota exceeded": (
        f"The disk is full. Set-up needs {GIGABYTES} GB here, and 1.5 GB for uv's cache in your "
        "home folder. To use another folder for the cache: UV_CACHE_DIR=/folder make setup"
    ),
    r"error sending request|Retrying \(Retry|Max retries exceeded": (
        "The packages can't be downloaded: no connection to the package index. "
        "Check the network, and pip's settings for index and proxy; then try again."
    ),
}

# What uv prints after its progress: an error, or a line for each package.
PROGRESS_END = re.compile(r"^(error|  ×| [-+~])".encode(), re.M)


def main() -> int:
    """Set up what is missing; return the exit status."""
    wanted = _wanted()
    made = STAMP.read_text("utf-8").splitlines() if STAMP.is_file() else []
    if made == wanted:
        return 0
    try:
        install_system_packages()
        # The first two lines are the interpreter and the folder, whose path is in the scripts.
        if made[:2] != wanted[:2]:
            _make_venv()
        _install_dependencies()
    except StopError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next run continues with what is downloaded.", file=sys.stderr)
        return 130
    STAMP.write_text("\n".join(wanted), "utf-8")
    print("Everything is set up. make run opens the application, make test checks it.")
    return 0


def _wanted() -> list[str]:
    """Return what .venv depends on: the interpreter, the folder and the contents of files."""
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in DECIDING]
    return [_base_python(), str(VENV), *hashes]


def _base_python() -> str:
    """Return the interpreter behind this one, the same from inside and outside .venv."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _make_venv() -> None:
    free = shutil.disk_usage(ROOT).free / 1e9
    occupied = sum(file.stat().st_size for file in VENV.rglob("*") if file.is_file()) / 1e9
    if free + occupied < GIGABYTES:
        raise StopError(f"Set-up needs {GIGABYTES} GB of disk here, but {free:.1f} GB are free.")
    print(f"Making .venv with {_base_python()}", flush=True)
    # The interpreter behind, since --clear removes the one in .venv.
    _run([_base_python(), "-m", "venv", "--clear", str(VENV)])


def _install_dependencies() -> None:
    lock = LOCK.read_text("utf-8")
    number = len(re.findall(r"^\S+==\S+ \\$", lock, re.M))
    print(f"Installing about {number} packages (350 MB to download) into .venv", flush=True)
    STAMP.unlink(missing_ok=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    locked_uv = re.search(r"^uv==(.*\\\n)+.*", lock, re.M)
    assert locked_uv, f"{LOCK.name} has no uv"
    only_uv = VENV / "uv.txt"
    only_uv.write_text(locked_uv[0], "utf-8")
    _run([*pip, "install", "--require-hashes", "--no-deps", "-r", str(only_uv)])
    # Libraries for building are locked too. --exact removes what isn't in the lock any more.
    program, here = str(VENV / "bin" / "uv"), ["--python", str(PYTHON)]
    uv = [program, "pip", "install", *here]
    uv += ["--no-deps", "--exact", "--build-constraints", LOCK.name, "--require-build-hashes"]
    uv += ["--preview-features", "build-dependency-hashes"]
    settings = _pip_settings(pip)
    if settings.get("no-index") in ("1", "true", "yes", "on"):
        uv.append("--no-index")
    uv += ["--requirements", LOCK.name, "--editable", "."]
    _run(uv, _uv_environment(settings), show=True)
    _run([program, "pip", "check", *here])
    if sys.dont_write_bytecode:
        # Elsewhere, Python compiles what it imports once. Here, each process would do so again.
        print("Compiling them, since PYTHONDONTWRITEBYTECODE is set", flush=True)
        compile_all = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", "-x", "/tests?/"]
        # Some packages contain files that aren't for this Python.
        subprocess.run([*compile_all, str(VENV / "lib")], stderr=subprocess.DEVNULL)


def _pip_settings(pip: list[str]) -> dict[str, str]:
    """Return the settings of pip that apply here, from its files and the environment."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True).stdout
    found = {}
    for section in ("global", "install", ":env:"):
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", listed, re.M):
            separator = "," if name == "find-links" else " "
            found[name] = separator.join(ast.literal_eval(value).split())
    return found


def _uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """Return the environment in which uv uses the same index, proxy and certificates as pip."""
    variables = {SETTINGS[name]: value for name, value in settings.items() if name in SETTINGS}
    if sys.platform == "darwin" or ssl.create_default_context().get_ca_certs():
        variables["UV_SYSTEM_CERTS"] = "true"
    # Like pip, look for a version in all indexes. The hashes make that safe.
    variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables | {"NO_COLOR": "1"} | os.environ


def _run(command: list[str], environment: dict[str, str] | None = None, show: bool = False) -> None:
    """Run a command; on failure, raise why. With ``show``, print its progress."""
    terminal = show and sys.stdout.isatty()
    # uv draws its progress on a terminal only, and prints a line for each large file elsewhere.
    reader, writer = os.openpty() if terminal else os.pipe()
    if terminal:
        termios.tcsetwinsize(writer, termios.tcgetwinsize(sys.stdout))
    printed = b""
    shown = 0
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer
    ) as process:
        os.close(writer)
        # At its end, a pipe returns nothing, and on Linux a terminal raises an error.
        with open(reader, "rb", buffering=0) as stream, contextlib.suppress(OSError):
            while chunk := stream.read(65536):
                printed += chunk
                end = PROGRESS_END.search(printed)
                until = end.start() if end else len(printed)
                if show and until > shown:
                    sys.stdout.buffer.write(printed[shown:until])
                    sys.stdout.flush()
                    shown = until
    if process.returncode != 0:
        raise StopError(_reason(printed.decode("utf-8", "replace")))


def _reason(printed: str) -> str:
    """Return a sentence for what a tool printed, or what it printed from its first error on."""
    for pattern, sentence in REASONS.items():
        if re.search(pattern, printed):
            return sentence
    error = re.search(r"^\s*(error:|×)", printed, re.M | re.I)
    return "Set-up failed:\n" + printed[error.start() if error else 0 :].strip()


if __name__ == "__main__":
    sys.exit(main())
