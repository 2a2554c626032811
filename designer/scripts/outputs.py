"""What a script has written: files that are new or changed, stored with its run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.content_hash import files_in
from designer.scripts.configuration import ScriptConfiguration
from designer.scripts.problem import ScriptError

_State = dict[Path, tuple[int, int]]


class Outputs:
    """The outputs of one run of a script.

    Parameters
    ----------
    folder : Path
        Where they are stored, a folder for each.
    """

    def __init__(self, configuration: ScriptConfiguration, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, Path] = {}
        self._before: dict[str, _State] = {}
        for name, relative in configuration.outputs.items():
            if relative:
                written = configuration.script.parent / relative
                self._before[name] = _state(written)
            else:
                written = folder / f".{name}"
                written.mkdir(parents=True)
            self._written[name] = written

    def path(self, name: str) -> str:
        """Return the folder that the script writes."""
        return str(self._written[name])

    def store(self) -> dict[str, dict[str, Any]]:
        """Store what the script has written.

        Returns
        -------
        dict
            ``type``, ``path``, and ``files`` (their number) of each output.

        Raises
        ------
        ScriptError
            If an output is empty.
        OSError
            If it can't be copied.
        """
        found = {}
        for name, written in self._written.items():
            before = self._before.get(name, {})
            files = [each for each, state in _state(written).items() if before.get(each) != state]
            if not files:
                raise ScriptError(
                    f"The script wrote nothing to its output “{name}” ({written}).",
                    "Check where the script writes, and the folder of the output.",
                    wrong_input=False,
                )
            found[name] = _store(written, files, self._folder / name)
        return found

    def clear(self) -> None:
        """Delete the folders that were made for this run alone."""
        for written in self._written.values():
            if written.parent == self._folder:
                shutil.rmtree(written, ignore_errors=True)


def metrics_of(found: Mapping[str, float]) -> dict[str, float | None]:
    """Return metrics as plain JSON; None where one isn't finite."""
    # MLflow stores infinity as the largest number there is.
    return {
        name: value if abs(value) < sys.float_info.max else None
        for name, value in sorted(found.items())
    }


def _state(folder: Path) -> _State:
    states = {}
    for file in files_in(folder):
        status = file.stat()
        states[file] = (status.st_mtime_ns, status.st_size)
    return states


def _store(written: Path, files: list[Path], folder: Path) -> dict[str, Any]:
    """Store files in the form in which every other value is, so that views can show them."""
    from modules.values import Files, storage

    value = Files.temporary()
    for file in files:
        copy = value.folder / file.relative_to(written)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    about = storage.save(value, folder)
    return {"type": about["type"], "path": str(folder), "files": about["files"]}
