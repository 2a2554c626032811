"""The folder that contains a user's work: datasets, runs, and the store of results."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from designer.dataset_record import DatasetRecord, check_name
from designer.paths import absolute_path, default_workspace
from designer.private_files import make_folder, make_private
from designer.records import DamagedRecordError, Record, read_record, write_record
from modules.contract.regular_files import copy_regular

DATASET_PREFIX = "dataset:"
"""The prefix of a path parameter that names a registered dataset."""


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
        self.folder = Path(os.path.abspath(folder or default_workspace()))

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
    def modules_folder(self) -> Path:
        """The folder of the user's own modules, which may not exist."""
        return self.folder / "modules"

    @property
    def own_modules(self) -> Path | None:
        """The folder of the user's own modules; None if there is none.

        If it isn't accessible, loading the modules raises the reason.
        """
        folder = self.modules_folder
        try:
            folder.stat()
        except FileNotFoundError:
            return None
        except OSError:
            pass
        return folder

    @property
    def settings(self) -> dict[str, Any]:
        """A copy of the settings, ``store_limit`` (bytes) for example.

        Raises
        ------
        DamagedRecordError
            If they can't be read.
        """
        hint = "Correct it, or delete it to use the default settings."
        record = read_record(self.folder / "workspace.json", _Settings, hint)
        return record.plain() if record else {}

    def change_settings(self, **changes: Any) -> None:
        """Set some settings; None removes one.

        Raises
        ------
        DamagedRecordError
            If the others can't be read: they would be lost.
        """
        settings = self.settings | changes
        kept = {name: value for name, value in settings.items() if value is not None}
        write_record(self._made("") / "workspace.json", kept)

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
            fresh.mkdir(0o700)
            if path.is_dir():
                shutil.copytree(path, fresh / path.name, copy_function=copy_regular)
            else:
                copy_regular(path, fresh / path.name)
            record = {"name": name, "file": path.name, "description": description}
            write_record(fresh / "dataset.json", record | {"registered": time.time()})
            make_private(fresh)
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
        check_name(name, self._dataset_names())

    def remove_dataset(self, name: str) -> None:
        """Remove a registered dataset; the file that it was copied from stays.

        Raises
        ------
        KeyError
            With one sentence, if there is none of this name.
        OSError
            If its folder can't be removed.
        """
        if name not in self._dataset_names():
            raise KeyError(f"There is no registered dataset “{name}”.")
        self._remove_folder(self.datasets_folder / name)

    def datasets(
        self, on_damage: Callable[[DamagedRecordError], object] = lambda error: None
    ) -> dict[str, Path]:
        """Return the registered datasets by name.

        Parameters
        ----------
        on_damage : callable
            Receives the problem of each one that can't be used.
        """
        found = {}
        for name in self._dataset_names():
            try:
                found[name] = self._dataset_file(name)
            except DamagedRecordError as error:
                on_damage(error)
        return found

    def dataset_record(self, name: str) -> DatasetRecord:
        """Return what is stored about a registered dataset.

        Raises
        ------
        DamagedRecordError
            If it can't be read.
        """
        path = self.folder / "datasets" / name / "dataset.json"
        record = read_record(path, DatasetRecord, _REGISTER)
        if record is None:
            raise DamagedRecordError(path, "the file is missing", _REGISTER)
        return record

    def dataset(self, name: str) -> Path:
        """Return the file of a registered dataset.

        Raises
        ------
        KeyError
            With one sentence, if there is none of this name, or it can't be used.
        """
        if name not in self._dataset_names():
            raise KeyError(f"There is no registered dataset “{name}”.")
        try:
            return self._dataset_file(name)
        except DamagedRecordError as error:
            raise KeyError(f"The dataset “{name}” can't be used. {error.message}") from error

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
        return absolute_path(path, base)

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
                folder.mkdir(0o700)
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

    def run_record(self, run: str, shape: type[Record] = Record) -> dict[str, Any]:
        """Return the record of a run of some shape; empty if there is none.

        Raises
        ------
        DamagedRecordError
            If it can't be read.
        """
        path = self.run_folder(run) / "run.json"
        hint = f"Run the pipeline again, or delete the folder “{run}”."
        record = read_record(path, shape, hint)
        return record.plain() if record else {}

    def remember_run(self, run: str, record: Mapping[str, Any], source: Path | None) -> None:
        """Write the record of a finished run, which becomes its pipeline file's latest.

        Raises
        ------
        OSError
            If it can't be written.
        """
        # Without an indent json is ten times as fast, and there may be thousands of steps.
        write_record(self.run_folder(run) / "run.json", record, indent=None)
        if source is not None:
            pointer = {"run": run, "source": str(source)}
            write_record(self._made("runs/.latest") / _pointer(source), pointer)

    def latest_run(self, source: Path) -> str | None:
        """Return the id of the last finished run of a pipeline file."""
        try:
            pointer = read_record(self.folder / "runs" / ".latest" / _pointer(source), _Pointer)
        except DamagedRecordError:
            return self._search_run(source)
        run = pointer.run if pointer else None
        return run if run and (self.run_folder(run) / "run.json").exists() else None

    def _search_run(self, source: Path) -> str | None:
        """Return the latest run of a pipeline file from the runs themselves."""
        for run in reversed(self.runs()):
            try:
                named = self.run_record(run).get("source")
            except DamagedRecordError:
                continue
            if isinstance(named, str) and _pointer(Path(named)) == _pointer(source):
                return run
        return None

    def _dataset_names(self) -> list[str]:
        folders = sorted((self.folder / "datasets").glob("*"))
        return [each.name for each in folders if not each.name.startswith(".") and each.is_dir()]

    def _dataset_file(self, name: str) -> Path:
        path = self.folder / "datasets" / name / self.dataset_record(name).file
        if not (path.is_file() or path.is_dir()):
            raise DamagedRecordError(path, "the data of the dataset is missing", _REGISTER)
        return path

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
            make_folder(path)
        except OSError as error:
            raise self.trouble(error) from error
        return path


def _pointer(source: Path) -> str:
    absolute = os.path.normcase(os.path.realpath(source))
    return hashlib.sha256(os.fsencode(absolute)).hexdigest()[:32] + ".json"


class _Settings(Record):
    store_limit: Annotated[int, Field(ge=0)] | None = None
    memory_limit: Annotated[int, Field(gt=0)] | None = None
    tracking: bool | None = None
    tracking_uri: str | None = None


class _Pointer(Record):
    run: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]


_REGISTER = "Register the dataset again, or delete it."
