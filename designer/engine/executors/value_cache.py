"""Values in a worker's memory: outputs of its last steps, and values of the store."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.engine.executors.base import InputValue
from designer.engine.store.entry import entry_folder
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError


class ValueCache:
    """Inputs for the steps of one worker; any thread may use it.

    Parameters
    ----------
    store : Path
        The folder of the store.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._held: dict[InputValue, tuple[str, Any]] = {}
        self._lock = threading.Lock()

    def hold(self, key: str, token: str, outputs: Mapping[str, Any]) -> None:
        """Keep the outputs of a job, by port, for an entry."""
        with self._lock:
            for port, value in outputs.items():
                self._held[InputValue(key, port)] = token, value

    def forget(self, tokens: Mapping[str, str]) -> None:
        """Drop the values of entries.

        Parameters
        ----------
        tokens : mapping of str to str
            The job that made the values by the key of the entry: what another job has made
            again meanwhile stays.
        """
        with self._lock:
            for source, (token, _) in list(self._held.items()):
                if tokens.get(source.key) == token:
                    del self._held[source]

    def read(self, source: InputValue, *, fresh: bool) -> Any:
        """Return a value.

        Parameters
        ----------
        fresh : bool
            One that may be changed, because no other step has it.

        Raises
        ------
        ModuleError, OSError
            If it is neither at hand nor in the store.
        """
        if fresh:
            value = self._stored(source)
            if isinstance(value, DataTable):
                # What is mapped from a file can't be written to, and a script may want to.
                value = value.with_frame(value.frame.copy())
            return value
        with self._lock:
            held = self._held.get(source)
        return held[1] if held is not None else self._stored(source)

    def _stored(self, source: InputValue) -> Any:
        from modules.values import storage

        folder = entry_folder(self._store, source.key) / source.port
        # An entry is missing for a moment while another run replaces it.
        for pause in _PAUSES:
            with contextlib.suppress(ModuleError, OSError):
                return storage.load(folder)
            time.sleep(pause)
        return storage.load(folder)


_PAUSES = (0.05, 0.2)
"""Seconds between attempts."""
