"""What the commands say of a workspace in which one file is damaged.

Run with ``python benchmarks/damaged_workspace.py``. A workspace is made with datasets, runs,
registered models and an endpoint. Each of its files in turn is damaged in each way, every
command that lists or shows is run, and the file is put back. A command may fail with a sentence;
an internal error, a traceback, or one that takes longer than the limit counts as a fault, and so
does a list in which something undamaged is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from click.testing import CliRunner

from designer import paths
from designer.cli.main import main
from designer.workspace import Workspace

LIMIT = 60
"""Seconds that a command may take."""

SAMPLE = "automobile_price.pipeline.json"

Damage = Callable[[Path, bytes], None]


def _number(path: Path, content: bytes) -> None:
    text = re.sub(rb"(:\s*)-?\d[\d.eE+-]*", rb"\g<1>1e999", content)
    path.write_bytes(text if text != content else b'{"saved_at": 1' + b"0" * 5000 + b"}")


def _pipe(path: Path, content: bytes) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path, content: bytes) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Damage] = {
    "empty": lambda path, content: path.write_bytes(b"") and None,
    "cut": lambda path, content: path.write_bytes(content[: len(content) // 2]) and None,
    "nested": lambda path, content: path.write_bytes(b"[" * 100_000) and None,
    "nested object": lambda path, content: (
        path.write_bytes(b'{"a":' * 500 + b"1" + b"}" * 500) and None
    ),
    "list": lambda path, content: path.write_bytes(b"[1, 2]") and None,
    "object": lambda path, content: path.write_bytes(b"{}") and None,
    "huge numbers": _number,
    "other types": lambda path, content: (
        path.write_bytes(
            re.sub(rb'(:\s*)("[^"]*"|-?\d[\d.]*|true|false|null)', rb"\g<1>[{}]", content)
        )
        and None
    ),
    "bytes": lambda path, content: path.write_bytes(b"\xff\xfe\x00" + content) and None,
    "folder": _folder,
    "pipe": _pipe,
    "gone": lambda path, content: path.unlink(),
}


def build(folder: Path) -> Path:
    """Make a workspace with something of everything in it, and return a pipeline file."""
    os.environ["MODELDESK_WORKSPACE"] = str(folder / "workspace")
    os.environ.pop("MODELDESK_TRACKING", None)
    shutil.copytree(paths.samples(), folder / "samples")
    file = folder / "samples" / SAMPLE
    for name in ("good", "other"):
        table = folder / f"{name}.csv"
        table.write_text("a,b\n1,2\n3,4\n")
        run("datasets", "add", str(table), "--name", name, "--description", "Made here.")
    for _ in range(2):
        run("run", str(file))
    run("runs", "record")
    for name in ("prices", "others"):
        run("models", "register", str(file), "train_model", "--name", name)
    run("runs", "server", "--none")
    _add_endpoints(folder, file)
    _add_files_of_the_window(folder, file)
    return file


def _add_endpoints(folder: Path, file: Path) -> None:
    from designer.deployment import Endpoints
    from designer.deployment.deploying import pack

    workspace = Workspace()
    for name in ("alpha", "beta"):
        packed = pack(workspace, file, folder / name, name)
        Endpoints(workspace).add_version(name, packed.package.folder, {"messages": []})


def _add_files_of_the_window(folder: Path, file: Path) -> None:
    from designer.app.document.file_memory import FileMemory
    from designer.app.document.recovery import RecoveryFile

    workspace = Workspace()
    workspace.change_settings(store_limit=10**10, tracking=True)
    memory = FileMemory(workspace)
    memory.open(file)
    memory.set("parameters", {"n": 1})
    for _ in range(2):
        recovery = RecoveryFile(workspace.folder / "recovery")
        recovery.write(file, lambda: file.read_text("utf-8")).result()
        recovery.close(keep=True)


def run(*arguments: str) -> str:
    """Run a command that has to succeed."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, f"designer {' '.join(arguments)}: {result.output}"
    return result.output


def commands(file: Path) -> list[tuple[tuple[str, ...], dict[str, str]]]:
    """Return every command that lists or shows, and the folder of each name that it lists."""
    runs = Workspace().runs()
    return [
        (("datasets", "list"), {"good": "datasets/good", "other": "datasets/other"}),
        (("datasets", "show", "good"), {}),
        (("runs", "list"), {run: f"runs/{run}" for run in runs}),
        (("runs", "list", "--json"), {run: f"runs/{run}" for run in runs}),
        (("runs", "show", runs[0]), {}),
        (("runs", "compare", *runs), {}),
        (("runs", "ui"), {}),
        (("runs", "server"), {}),
        (("show", str(file), "evaluate_model"), {}),
        (("show", str(file), "train_model", "--json"), {}),
        (("endpoints", "list"), {"alpha": "endpoints/alpha", "beta": "endpoints/beta"}),
        (("endpoints", "show", "alpha", "--json"), {}),
        (("endpoints", "keys", "alpha"), {}),
        (("endpoints", "consume", "alpha"), {}),
        (("endpoints", "logs", "alpha"), {}),
        (("validate", str(file)), {}),
        (("models", "list"), {"prices": "tracking", "others": "tracking"}),
        (("models", "show", "prices", "--version", "1"), {}),
        (("window",), {}),
    ]


class Slow(Exception):
    """A command has taken too long."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer."""

    def stop(*_: object) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def damaged(path: Path, damage: Damage) -> Iterator[None]:
    """Damage a file for as long as this lasts."""
    content, state = path.read_bytes(), path.stat()
    damage(path, content)
    try:
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(state.st_mode)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


AREAS = {
    "datasets": ("datasets",),
    "validate": ("datasets",),
    "runs": ("runs", "tracking"),
    "show": ("runs", "store"),
    "endpoints": ("endpoints",),
    "models": ("tracking",),
    "window": ("recovery", "files"),
}
"""The folders that each command reads."""


def concerns(arguments: tuple[str, ...], touched: str) -> bool:
    """Return whether a command reads the folder of a file; all read the settings."""
    return "/" not in touched or touched.startswith(AREAS[arguments[0]])


def read_as_the_window() -> str:
    """Read what the window reads at its start; return what it offers."""
    from designer.app.document.file_memory import FileMemory
    from designer.app.document.recovery import find_recoveries

    workspace = Workspace()
    memory = FileMemory(workspace)
    memory.open(Path(os.environ["MODELDESK_WORKSPACE"]).parent / "samples" / SAMPLE)
    return "\n".join(
        recovery.file.name for recovery in find_recoveries(workspace.folder / "recovery")
    )


def faults(arguments: tuple[str, ...], names: dict[str, str], touched: str) -> list[str]:
    """Run a command; return what is wrong with its answer.

    Parameters
    ----------
    names : mapping of str to str
        What it has to list, unless the file that is damaged is in the folder of it.
    touched : str
        The file that is damaged, from the workspace.
    """
    found = []
    began = time.monotonic()
    try:
        with limited(LIMIT):
            if arguments == ("window",):
                output, error = read_as_the_window(), None
            else:
                result = CliRunner().invoke(main, list(arguments))
                output, error = result.output, result.exception
    except Slow:
        return [f"took over {LIMIT} s"]
    except Exception as caught:
        output, error = "", caught
    if "Internal error" in output or "Traceback" in output:
        found.append(output.strip()[-300:])
    elif error is not None and not isinstance(error, SystemExit):
        found.append(repr(error)[:300])
    if time.monotonic() - began > LIMIT:
        found.append(f"took over {LIMIT} s")
    # A database that all depend on is reported instead of a list.
    hidden = [name for name, where in names.items() if name not in output]
    found += [
        f"hides {name}: {output.strip()[-200:]}"
        for name in hidden
        if not touched.startswith((names[name], "workspace.json"))
    ]
    return found


def files_of(workspace: Path) -> list[str]:
    """Return the files that can be damaged, from the workspace."""
    return sorted(
        path.relative_to(workspace).as_posix()
        for path in workspace.rglob("*")
        if path.is_file() and path.suffix != ".py" and "logs" not in path.parts
    )


def main_program() -> int:
    """Damage every file in every way; the exit status is 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="Only files whose path contains this.")
    parser.add_argument("--damage", default="", help="Only damages whose name contains this.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        file = build(Path(made))
        workspace = Path(os.environ["MODELDESK_WORKSPACE"])
        files = files_of(workspace)
        listed = commands(file)
        count, wrong = 0, 0
        for name in files:
            if options.only not in name:
                continue
            for title, damage in DAMAGES.items():
                if options.damage not in title:
                    continue
                with damaged(workspace / name, damage):
                    for arguments, names in listed:
                        if not concerns(arguments, name):
                            continue
                        count += 1
                        for fault in faults(arguments, names, name):
                            wrong += 1
                            print(f"{name} | {title} | {' '.join(arguments[:2])} | {fault}")
        print(f"{len(files)} files, {count} commands: {wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main_program())
