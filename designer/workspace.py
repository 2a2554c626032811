"""The folder that contains a user's work: datasets, runs, and the store of results."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.contract.regular_files import copy_regular

DATASET_PREFIX = "dataset:"
"""The prefix of a path parameter that names a registered dataset."""

_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789"
}
"""Names that no file can have on Windows, whatever follows a point in them."""


class WorkspaceError(OSError):
    """The workspace can't be used.

    Parameters
    ----------
    folder : Path
        The workspace.
    reason : str
        The cause, for example from the operating system.
    """

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        self.reason = f"{reason[:1].lower()}{reason[1:]}".rstrip(".")
        self.message = f"The workspace “{folder}” can't be used: {self.reason}."
        self.hint = "Free some space, or choose another workspace."
        if "space" not in self.reason:
            self.hint = "Choose another folder that you can write to."
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type[WorkspaceError], tuple[Path, str]]:
        return (type(self), (self.folder, self.reason))


class Workspace:
    """A workspace folder, created when first used.

    Parameters
    ----------
    folder : Path, optional
        Default: the environment variable ``MODELDESK_WORKSPACE``, else the
        user's data folder as the operating system has it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(os.path.abspath(folder or default_folder()))

    @property
    def store_folder(self) -> Path:
        """Where the results of steps are stored for reuse."""
        return self._made("store")

    @property
    def runs_folder(self) -> Path:
        """Where every run has a folder with its record and logs."""
        return self._made("runs")

    @property
    def datasets_folder(self) -> Path:
        """Where registered datasets are."""
        return self._made("datasets")

    @property
    def models_folder(self) -> Path:
        """Where registered models are."""
        return self._made("models")

    @property
    def endpoints_folder(self) -> Path:
        """Where deployed endpoints are."""
        return self._made("endpoints")

    @property
    def own_modules(self) -> Path | None:
        """The folder of the user's own modules; None if there is none.

        If it isn't accessible, loading the modules raises the reason.
        """
        folder = self.folder / "modules"
        try:
            folder.stat()
        except FileNotFoundError:
            return None
        except OSError:
            pass
        return folder

    @property
    def settings(self) -> dict[str, Any]:
        """A copy of the settings, ``store_limit`` (bytes) for example."""
        return _read_json(self.folder / "workspace.json")

    def change_settings(self, **changes: Any) -> None:
        """Set some settings; None removes one."""
        settings = self.settings | changes
        kept = {name: value for name, value in settings.items() if value is not None}
        write_json(self._made("") / "workspace.json", kept)

    def check(self, part: str) -> None:
        """Make sure that a part of the workspace, ``runs`` for example, is accessible.

        A missing one counts as empty. Nothing is created.

        Raises
        ------
        WorkspaceError
            If it isn't accessible: its content would be ignored.
        """
        try:
            os.scandir(self.folder / part).close()
        except FileNotFoundError:
            pass
        except OSError as error:
            raise self.trouble(error) from error

    def register_dataset(self, name: str, path: Path, *, description: str = "") -> Path:
        """Copy a file or folder into the workspace under a name; an older one is replaced.

        Returns
        -------
        Path
            The copy.

        Raises
        ------
        ValueError
            See :meth:`check_dataset`.
        OSError
            If the file can't be read or copied.
        """
        self.check_dataset(name, path)
        folder = self.datasets_folder / name
        fresh = self.datasets_folder / f".{secrets.token_hex(6)}"
        try:
            fresh.mkdir()
            if path.is_dir():
                shutil.copytree(path, fresh / path.name, copy_function=copy_regular)
            else:
                copy_regular(path, fresh / path.name)
            record = {"name": name, "file": path.name, "description": description}
            write_json(fresh / "dataset.json", record | {"registered": time.time()})
            if folder.exists():
                self._remove_folder(folder)
            fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return folder / path.name

    def check_dataset(self, name: str, path: Path) -> None:
        """Check whether a file or folder can be registered under a name.

        Raises
        ------
        ValueError
            If the name isn't one a file could have on every system, or the workspace is
            in the folder.
        """
        if path.is_dir() and self.folder.is_relative_to(path):
            raise ValueError("The workspace can't be copied into itself.")
        if not re.fullmatch(r"\w[\w .()-]*", name) or name != name.rstrip(" ."):
            raise ValueError(
                f"“{name}” can't be the name of a dataset: "
                "use letters, digits, spaces, periods, and hyphens."
            )
        if name.partition(".")[0].rstrip().casefold() in _DEVICES:
            raise ValueError(f"“{name}” can't be the name of a dataset: Windows reserves it.")
        for other in self.datasets():
            if other != name and other.casefold() == name.casefold():
                raise ValueError(
                    f"“{name}” can't be the name of a dataset: there is “{other}”, "
                    "which is the same file on some systems."
                )

    def remove_dataset(self, name: str) -> None:
        """Remove a registered dataset; the file that it was copied from stays.

        Raises
        ------
        KeyError
            With one sentence, if there is none of this name.
        OSError
            If its folder can't be removed.
        """
        self.dataset(name)
        self._remove_folder(self.datasets_folder / name)

    def datasets(self) -> dict[str, Path]:
        """Return the registered datasets by name."""
        found = {}
        for folder in sorted((self.folder / "datasets").glob("*")):
            record = _read_json(folder / "dataset.json")
            if not folder.name.startswith(".") and record.get("file"):
                found[folder.name] = folder / record["file"]
        return found

    def dataset_description(self, name: str) -> str:
        """Return what was written down about a registered dataset; empty for nothing."""
        record = _read_json(self.folder / "datasets" / name / "dataset.json")
        return str(record.get("description") or "")

    def dataset(self, name: str) -> Path:
        """Return the file of a registered dataset.

        Raises
        ------
        KeyError
            With one sentence, if there is none of this name.
        """
        datasets = self.datasets()
        if name not in datasets:
            raise KeyError(f"There is no registered dataset “{name}”.")
        return datasets[name]

    def resolve(self, path: str, base: Path) -> Path:
        """Return the file that a path parameter means.

        Parameters
        ----------
        path : str
            Absolute, relative to ``base``, or ``dataset:NAME``.
        base : Path
            The folder of the pipeline file.

        Raises
        ------
        KeyError
            For a dataset that isn't registered.
        """
        if path.startswith(DATASET_PREFIX):
            return self.dataset(path[len(DATASET_PREFIX) :].strip())
        return Path(os.path.abspath(base / Path(path).expanduser()))

    def new_run(self) -> tuple[str, Path]:
        """Make the folder of a new run and return its id and the folder.

        Ids in their order are runs in the order of their beginnings, within a second too.
        """
        while True:
            seconds, rest = divmod(time.time_ns(), 1_000_000_000)
            # Six digits for the fraction of a second: steps of 60 ns.
            fraction = (rest << 24) // 1_000_000_000
            run = time.strftime("%Y%m%d-%H%M%S-", time.localtime(seconds)) + f"{fraction:06x}"
            folder = self.runs_folder / run
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            except OSError as error:
                raise self.trouble(error) from error
            return run, folder

    def run_folder(self, run: str) -> Path:
        """Return the folder of a run."""
        return self.folder / "runs" / run

    def runs(self) -> list[str]:
        """Return the ids of all finished runs, oldest first."""
        return sorted(path.parent.name for path in (self.folder / "runs").glob("*/run.json"))

    def run_record(self, run: str) -> dict[str, Any]:
        """Return the record of a run: its result as JSON, with ``source`` and ``started``."""
        return _read_json(self.run_folder(run) / "run.json")

    def remember_run(self, run: str, record: Mapping[str, Any], source: Path | None) -> None:
        """Write the record of a finished run, which becomes its pipeline file's latest.

        Raises
        ------
        OSError
            If it can't be written.
        """
        # Without an indent json is ten times as fast, and there may be thousands of steps.
        write_json(self.run_folder(run) / "run.json", record, indent=None)
        if source is not None:
            pointer = {"run": run, "source": str(source)}
            write_json(self._made("runs/.latest") / _pointer(source), pointer)

    def latest_run(self, source: Path) -> str | None:
        """Return the id of the last finished run of a pipeline file."""
        run = _read_json(self.folder / "runs" / ".latest" / _pointer(source)).get("run")
        return run if run and (self.run_folder(run) / "run.json").exists() else None

    def _remove_folder(self, folder: Path) -> None:
        """Remove the folder of a dataset atomically."""
        doomed = folder.with_name(f".{secrets.token_hex(6)}")
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    def trouble(self, error: OSError) -> WorkspaceError:
        """Return an error of the operating system as one that names the workspace."""
        if isinstance(error, WorkspaceError):
            return error
        return WorkspaceError(self.folder, error.strerror or str(error))

    def _made(self, name: str) -> Path:
        path = self.folder / name
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self.trouble(error) from error
        return path


def default_folder() -> Path:
    """Return where the workspace is by default."""
    named = os.environ.get("MODELDESK_WORKSPACE")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("modeldesk", appauthor=False)


def write_json(path: Path, content: Mapping[str, Any], *, indent: int | None = 1) -> None:
    """Write a JSON file atomically."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_text(json.dumps(content, indent=indent, ensure_ascii=False) + "\n", "utf-8")
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _pointer(source: Path) -> str:
    absolute = os.path.normcase(os.path.realpath(source))
    return hashlib.sha256(os.fsencode(absolute)).hexdigest()[:32] + ".json"
