"""Triggers by change: files, registered datasets, answers of databases, and drift.

A trigger looks at something and returns a mark. A mark other than the last one means a change.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from designer.dataset_store import FoundDataset
from designer.records import Record
from designer.redaction import without_secrets
from designer.scheduling.errors import ScheduleError
from designer.workspace import DATASET_PREFIX, Workspace

SETTLED = 10.0
"""Seconds without a change after which a file counts as written completely."""

MOST_FILES = 100_000
"""Files of a watched folder."""


@dataclass(frozen=True)
class Observation:
    """What a trigger found.

    Parameters
    ----------
    mark : str
        Represents what was found; equal if nothing has changed.
    starts : bool
        Whether a change to this starts a run.
    note : str
        What was found, for the record of the run.
    """

    mark: str
    starts: bool = True
    note: str = ""


class _Change(Record):
    """What the triggers share: by default a look now and then, with nothing to wait for."""

    every: Annotated[float, Field(ge=5, le=86_400 * 366)] = 5.0
    """Seconds between two looks."""

    settle: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """Seconds without a further change before it counts."""

    @property
    def watched(self) -> tuple[Path, ...]:
        """Files and folders whose changes the system reports; a look follows at once."""
        return ()


class FileChange(_Change):
    """A file or folder changes, and then stays as it is for a while.

    Parameters
    ----------
    path : str
        Absolute.
    """

    kind: Literal["change"] = "change"
    path: str
    # Network drives report no changes.
    every: Annotated[float, Field(ge=5, le=86_400)] = 60.0
    settle: Annotated[float, Field(ge=0, le=86_400)] = SETTLED

    @property
    def watched(self) -> tuple[Path, ...]:
        """See base."""
        return (Path(self.path),)

    def description(self) -> str:
        """Return the trigger as words."""
        return f"When “{self.path}” changes"

    def observe(self, workspace: Workspace) -> Observation:
        """Return a mark of the names, sizes, and times of the files.

        Raises
        ------
        ScheduleError
            If it is gone or can't be read.
        """
        return Observation(_mark_of(Path(self.path)))


class NewVersion(_Change):
    """A dataset is registered again in the workspace."""

    kind: Literal["dataset"] = "dataset"
    name: str

    def description(self) -> str:
        """Return the trigger as words."""
        return f"When the dataset “{self.name}” gets a new version"

    def observe(self, workspace: Workspace) -> Observation:
        """Return a mark of the latest version.

        Raises
        ------
        ScheduleError
            If the dataset isn't registered.
        """
        version = _dataset(workspace, self.name).version
        note = f"Version {version.version} of “{self.name}”."
        return Observation(f"{version.version} {version.hash}", note=note)


class QueryAnswer(_Change):
    """The answer of a database to a query changes.

    Parameters
    ----------
    connection : str
        An SQLAlchemy URL without a password.
    password : str
        The name of a secret, or empty.
    query : str
        Returns what changes with the data: a number of rows, or the last date.
    """

    kind: Literal["query"] = "query"
    connection: str
    password: str = ""
    query: str
    every: Annotated[float, Field(ge=60, le=86_400 * 366)] = 300.0

    def description(self) -> str:
        """Return the trigger as words."""
        return f"When the answer of {without_secrets(self.connection)} to “{self.query}” changes"

    def observe(self, workspace: Workspace) -> Observation:
        """Return a mark of the answer.

        Raises
        ------
        ScheduleError
            If the database reports an error.
        """
        from designer.scheduling.observing import ask

        answer = ask(workspace, {"query": [self.connection, self.password, self.query]})
        text = json.dumps(answer["rows"], sort_keys=True)
        return Observation(_digest([text]), note=f"The answer is {text[:200]}.")


class DataDrift(_Change):
    """New data differs from reference data, by the population stability index.

    Parameters
    ----------
    reference, current : str
        Tables: absolute paths, or ``dataset:NAME``.
    threshold : float
        A column whose index is above it has drifted: 0.1 is moderate, 0.25 large. It counts
        if at least half of the columns have.
    """

    kind: Literal["drift"] = "drift"
    reference: str
    current: str
    threshold: Annotated[float, Field(ge=0, le=100)] = 0.2
    every: Annotated[float, Field(ge=60, le=86_400 * 366)] = 3600.0
    settle: Annotated[float, Field(ge=0, le=86_400)] = SETTLED

    def description(self) -> str:
        """Return the trigger as words."""
        return f"When “{self.current}” drifts from “{self.reference}” beyond {self.threshold:g}"

    def observe(self, workspace: Workspace) -> Observation:
        """Return a mark of both tables, and whether one drifted from the other.

        Raises
        ------
        ScheduleError
            If one of them can't be read.
        """
        from designer.scheduling.observing import ask

        paths = [str(_table(workspace, each)) for each in (self.reference, self.current)]
        mark = _digest([*(_mark_of(Path(path)) for path in paths), str(self.threshold)])
        found = ask(workspace, {"drift": [*paths, self.threshold]})
        drifted = found["drifted"]
        names = ", ".join(f"“{name}” ({index})" for name, index in drifted[:5])
        more = f" and {len(drifted) - 5} more" if len(drifted) > 5 else ""
        note = f"Beyond {self.threshold:g}: {names}{more}." if drifted else ""
        return Observation(mark, bool(drifted), note)


class RetrainingDue(_Change):
    """Something is due in the retraining of an endpoint: new data, the next stage, a rollback.

    Parameters
    ----------
    endpoint : str
        Its name.
    """

    kind: Literal["retraining"] = "retraining"
    endpoint: str
    every: Annotated[float, Field(ge=5, le=86_400)] = 30.0

    def description(self) -> str:
        """Return the trigger as words."""
        return f"When something is due in the retraining of “{self.endpoint}”"

    def observe(self, workspace: Workspace) -> Observation:
        """Return a mark of what is due.

        Raises
        ------
        ScheduleError
            If the endpoint isn't retrained any more.
        """
        from designer.deployment.problem import ServingError
        from designer.retraining.actions import due

        try:
            mark, note = due(workspace, self.endpoint, time.time())
        except ServingError as error:
            raise ScheduleError(error.message, error.hint) from error
        return Observation(mark or "nothing", bool(mark), note)


ChangeTrigger = FileChange | NewVersion | QueryAnswer | DataDrift | RetrainingDue


def _table(workspace: Workspace, path: str) -> Path:
    if path.startswith(DATASET_PREFIX):
        return _dataset(workspace, path.removeprefix(DATASET_PREFIX)).path
    return Path(path)


def _dataset(workspace: Workspace, reference: str) -> FoundDataset:
    try:
        return workspace.dataset_store.find(reference)
    except KeyError as error:
        raise ScheduleError(str(error.args[0]), "Register it, or change the schedule.") from None


def _mark_of(path: Path) -> str:
    """Return a mark of a file, or of all files in a folder."""
    try:
        status = path.stat()
        lines = sorted(_files(path)) if stat.S_ISDIR(status.st_mode) else [_line("", status)]
    except FileNotFoundError:
        raise ScheduleError(
            f"“{path}” doesn't exist.", "Restore it, or remove the schedule."
        ) from None
    except OSError as error:
        raise ScheduleError(
            f"“{path}” can't be read: {error.strerror}.", "Check its permissions."
        ) from None
    return _digest(lines)


def _files(folder: Path) -> Iterator[str]:
    """Yield a line for each file in a folder; what vanishes meanwhile is left out."""
    waiting, count = [folder], 0
    while waiting:
        current = waiting.pop()
        try:
            entries = list(os.scandir(current))
        except OSError:
            if current == folder:
                raise
            continue
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISDIR(status.st_mode):
                waiting.append(Path(entry.path))
            else:
                count += 1
                yield _line(os.path.relpath(entry.path, folder), status)
        if count > MOST_FILES:
            raise ScheduleError(
                f"“{folder}” has more than {MOST_FILES:,} files.", "Watch a smaller folder."
            )


def _line(name: str, status: os.stat_result) -> str:
    return f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}"


def _digest(lines: list[str] | list[Any]) -> str:
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:32]
