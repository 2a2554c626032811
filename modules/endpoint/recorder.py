"""Records a share of the requests and their scores, in Parquet files by day.

Requests only put their rows in a queue; a thread writes them. When there are more than it can
write, the newest are left out and counted.
"""

from __future__ import annotations

import datetime
import logging
import os
import random
import shutil
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from modules.requests.schema import RequestSchema

RECORDED = "recorded"
"""The column with the time of the request, in UTC."""

EVERY = 10.0
"""Seconds between two files."""

MOST_ROWS = 100_000
"""Rows that wait to be written."""

_HOUR = 3600.0

_log = logging.getLogger(__name__)

Rows = list[dict[str, Any]]


class Recorder:
    """Takes rows and scores and writes them; call :meth:`close` at the end.

    Parameters
    ----------
    folder : Path
        Gets a folder for each day.
    share : float
        Of the requests, above 0 and at most 1.
    keep_days : int
        Days after which what is recorded is deleted.
    leave_out : collection of str
        Columns that are never recorded, in inputs and scores.
    inputs : mapping of str to RequestSchema
        The inputs of the endpoint; rows of the first are recorded.
    version : str
        That of the package; it is in the names of the files.
    """

    def __init__(
        self,
        folder: Path,
        share: float,
        keep_days: int,
        leave_out: Collection[str],
        inputs: Mapping[str, RequestSchema],
        version: str = "",
    ) -> None:
        # Now, and not while requests wait.
        import pyarrow.parquet  # noqa: F401

        self.lost = 0
        self._folder = folder
        self._share = share
        self._keep_days = keep_days
        self._leave_out = frozenset(leave_out)
        self._version = version
        self._input, schema = next(iter(inputs.items()))
        self._kinds = {column.name: column.kind for column in schema.columns}
        self._queue: deque[tuple[float, Rows, Rows]] = deque()
        self._rows = 0
        self._files = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def take(self, inputs: Mapping[str, Rows], results: Mapping[str, Rows]) -> None:
        """Record a request, if it is one of the share; can be called on any thread."""
        if random.random() >= self._share:
            return
        rows = inputs.get(self._input) or []
        if self._rows + len(rows) > MOST_ROWS:
            self.lost += len(rows)
            return
        self._rows += len(rows)
        scores = next(iter(results.values()), [])
        self._queue.append((time.time(), rows, scores if len(scores) == len(rows) else []))

    def close(self) -> None:
        """Write what is left, and end."""
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        looked = -_HOUR
        while True:
            stopped = self._stop.wait(EVERY)
            try:
                if time.monotonic() - looked > _HOUR:
                    looked = time.monotonic()
                    self._delete_old()
                self._write()
            except Exception as error:
                # Recording never fails a request; what couldn't be written is lost.
                _log.warning("Requests can't be recorded: %s", error)
            if stopped:
                return

    def _write(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        moments: list[float] = []
        inputs: Rows = []
        outputs: Rows = []
        while self._queue:
            moment, rows, scores = self._queue.popleft()
            self._rows -= len(rows)
            moments += [moment] * len(rows)
            inputs += rows
            outputs += scores or [{}] * len(rows)
        if not moments:
            return
        # A column that is only returned again is that of the request.
        columns = self._columns(inputs)
        columns |= self._columns(outputs, columns)
        microseconds = [int(moment * 1_000_000) for moment in moments]
        arrays = {RECORDED: pa.array(microseconds, pa.timestamp("us", "UTC"))}
        for name, values in columns.items():
            arrays[name] = _array(pa, values, self._kinds.get(name, ""))
        day = datetime.datetime.fromtimestamp(moments[-1], datetime.UTC)
        folder = self._folder / day.strftime("%Y-%m-%d")
        folder.mkdir(0o700, parents=True, exist_ok=True)
        self._files += 1
        clock = day.strftime("%H%M%S")
        name = f"{clock}-v{self._version}-{os.getpid()}-{self._files}.parquet"
        fresh = folder / f".{name}"
        pq.write_table(pa.table(arrays), fresh)
        fresh.rename(folder / name)

    def _columns(self, rows: Rows, known: Collection[str] = ()) -> dict[str, list[Any]]:
        """Return the values of rows by column, without those known or left out."""
        names = dict.fromkeys(name for keys in {tuple(row) for row in rows} for name in keys)
        return {
            name: [row.get(name) for row in rows]
            for name in names
            if name not in known and name not in self._leave_out
        }

    def _delete_old(self) -> None:
        today = datetime.datetime.now(datetime.UTC).date()
        for folder in self._folder.glob("????-??-??"):
            try:
                day = datetime.date.fromisoformat(folder.name)
            except ValueError:
                continue
            if (today - day).days >= self._keep_days:
                shutil.rmtree(folder, ignore_errors=True)


def _array(pa: Any, values: list[Any], kind: str) -> Any:
    """Return a column in the same type in every file, as far as the schema has it."""
    wanted = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}.get(kind)
    for type_ in (wanted, None):
        try:
            made = pa.array(values, type_)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            continue
        # A file without a value must not have a type that others don't.
        return made if not pa.types.is_null(made.type) else made.cast(pa.string())
    return pa.array([None if value is None else str(value) for value in values])
