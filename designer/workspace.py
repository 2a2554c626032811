"""The folder that contains a user's work: datasets, runs, and the store of results."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from designer.dataset_record import DatasetVersion
from designer.dataset_store import DatasetStore, FoundDataset
from designer.paths import absolute_path, default_workspace
from designer.private_files import make_folder
from designer.records import DamagedRecordError, Record, read_record, write_record
from designer.stored_settings import WorkspaceSettings, chosen_workspace

DATASET_PREFIX = "dataset:"
"""The prefix of a path parameter that names a registered dataset."""


STARTED_BY = "MODELDESK_STARTED_BY"
"""The environment variable of a program that wasn't started by the user: ``schedule NAME``."""


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
        Default: the environment variable ``MODELDESK_WORKSPACE``, else the folder of the user's
        settings, else the user's data folder as the operating system has it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(os.path.abspath(folder or chosen_workspace() or default_workspace()))
        self.dataset_store = DatasetStore(self.folder / "datasets")

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
    def own_modules(self) -> tuple[Path, ...]:
        """The folders of the user's own modules: the workspace's, if it exists, and others.

        If one isn't accessible, loading the modules reports the reason.
        """
        folders = [self.modules_folder]
        try:
            self.modules_folder.stat()
        except FileNotFoundError:
            folders = []
        except OSError:
            pass
        with suppress(DamagedRecordError):
            # Whoever needs the settings themselves reports the damage.
            folders += map(Path, self.settings.get("module_folders", ()))
        return tuple(folders)

    @property
    def settings(self) -> dict[str, Any]:
        """A copy of the settings, ``store_limit`` (bytes) for example.

        Raises
        ------
        DamagedRecordError
            If they can't be read.
        """
        hint = "Correct it, or delete it to use the default settings."
        record = read_record(self.folder / "workspace.json", WorkspaceSettings, hint)
        return record.plain() if record else {}

    @property
    def cores(self) -> int | None:
        """How many steps may run at once; None for one on each core."""
        try:
            return self.settings.get("cores")
        except DamagedRecordError:
            # Whoever needs the settings themselves reports the damage.
            return None

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

    def register_dataset(
        self,
        name: str,
        path: Path,
        *,
        description: str = "",
        table: Mapping[str, Any] | None = None,
    ) -> DatasetVersion:
        """Copy a file or folder as the next version of a dataset.

        See :meth:`designer.dataset_store.DatasetStore.register`.

        Raises
        ------
        WorkspaceError
            If the workspace can't be written.
        """
        self.dataset_store.check(name, path)
        self._made("datasets")
        return self.dataset_store.register(name, path, description=description, table=table)

    def datasets(
        self, on_damage: Callable[[DamagedRecordError], object] = lambda error: None
    ) -> dict[str, Path]:
        """Return the latest version of each registered dataset by name.

        Parameters
        ----------
        on_damage : callable
            Receives the problem of each one that can't be used.
        """
        store = self.dataset_store
        return {name: store.path(each) for name, each in store.on_each(on_damage).items()}

    def dataset(self, reference: str) -> Path:
        """Return the file of a registered dataset: ``NAME``, or ``NAME@VERSION``.

        Raises
        ------
        KeyError
            With one sentence, if there is none, or it can't be used.
        """
        return self.dataset_store.find(reference).path

    def find_dataset(self, path: str) -> FoundDataset | None:
        """Return the version of a dataset that a path parameter means; None for other paths.

        Raises
        ------
        KeyError
            For a dataset or version that isn't registered.
        """
        if not path.startswith(DATASET_PREFIX):
            return None
        return self.dataset_store.find(path[len(DATASET_PREFIX) :])

    def resolve(self, path: str, base: Path) -> Path:
        """Return the file that a path parameter means.

        Parameters
        ----------
        path : str
            Absolute, relative to ``base``, ``dataset:NAME``, or ``dataset:NAME@VERSION``.
        base : Path
            The folder of the pipeline file.

        Raises
        ------
        KeyError
            For a dataset or version that isn't registered.
        """
        found = self.find_dataset(path)
        return absolute_path(path, base) if found is None else found.path

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

        What :data:`STARTED_BY` names started it.

        Raises
        ------
        OSError
            If it can't be written.
        """
        if started_by := os.environ.get(STARTED_BY):
            record = {**record, "started_by": started_by}
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


class _Pointer(Record):
    run: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
