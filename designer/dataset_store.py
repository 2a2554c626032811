"""The registered datasets of a workspace: versions by name, their content stored once.

``NAME/VERSION/dataset.json`` describes a version, ``.data/HASH/FILE`` is its content, which
versions and datasets with equal content share. The folder of a deleted version stays, empty, so
that its number is never used for other content.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.content_hash import content_hash, files_in
from designer.dataset_record import LATEST, DatasetVersion, check_name, split_reference
from designer.private_files import make_folder, make_private
from designer.records import DamagedRecordError, read_record, write_record
from modules.contract.regular_files import copy_regular

RECORD = "dataset.json"
_DATA = ".data"
_REGISTER = "Register the dataset again, or delete it."

OnDamage = Callable[[DamagedRecordError], object]


@dataclass(frozen=True)
class FoundDataset:
    """The version that a reference means.

    Parameters
    ----------
    path : Path
        Its file or folder.
    """

    name: str
    version: DatasetVersion
    path: Path

    def to_json(self) -> dict[str, Any]:
        """Return what a run remembers of it."""
        return {"name": self.name, "version": self.version.version, "hash": self.version.hash}


class DatasetStore:
    """Registered datasets.

    Parameters
    ----------
    folder : Path
        Where they are; created when the first one is registered.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def register(
        self,
        name: str,
        path: Path,
        *,
        description: str = "",
        table: Mapping[str, Any] | None = None,
    ) -> DatasetVersion:
        """Copy a file or folder as the next version of a name.

        If the latest version has this content already, it is returned, and none is added.

        Parameters
        ----------
        table : mapping, optional
            ``rows`` and ``columns`` of the table in the file.

        Raises
        ------
        ValueError
            See :meth:`check`.
        OSError
            If the file can't be read or copied.
        """
        self.check(name, path)
        fresh = make_folder(self._folder) / f".{secrets.token_hex(6)}"
        try:
            fresh.mkdir(0o700)
            copy = fresh / path.name
            if path.is_dir():
                shutil.copytree(path, copy, copy_function=copy_regular)
            else:
                copy_regular(path, copy)
            digest = content_hash(copy)
            latest = next(self._readable(name), None)
            if latest is not None and (latest.hash, latest.file) == (digest, path.name):
                return self._described(name, latest, description)
            size = sum(file.stat().st_size for file in files_in(copy))
            make_private(fresh)
            self._keep(copy, digest)
            return self._add(
                name,
                {
                    "file": path.name,
                    "hash": digest,
                    "bytes": size,
                    "description": description,
                    "registered": time.time(),
                    **(table or {}),
                },
            )
        finally:
            # The last change: whoever watches the folder finds everything in place.
            shutil.rmtree(fresh, ignore_errors=True)

    def check(self, name: str, path: Path) -> None:
        """Check whether a file or folder can be registered under a name.

        Raises
        ------
        ValueError
            If the name isn't one a file could have on every system, or the datasets are
            in the folder.
        """
        if path.is_dir() and self._folder.is_relative_to(path):
            raise ValueError("The workspace can't be copied into itself.")
        check_name(name, self.names())

    def names(self) -> list[str]:
        """Return the names of the datasets."""
        found = sorted(each for each in self._folder.glob("*") if not each.name.startswith("."))
        return [each.name for each in found if each.is_dir() and self._numbers(each.name)]

    def versions(self, name: str, on_damage: OnDamage = lambda error: None) -> list[DatasetVersion]:
        """Return the versions of a dataset, newest first.

        Parameters
        ----------
        on_damage : callable
            Receives the problem of each one that can't be read.

        Raises
        ------
        KeyError
            With one sentence, if there is no such dataset.
        """
        if name not in self.names():
            raise KeyError(f"There is no registered dataset “{name}”.")
        return list(self._readable(name, on_damage))

    def find(self, reference: str) -> FoundDataset:
        """Return the version that ``NAME``, ``NAME@VERSION``, or ``NAME@latest`` means.

        Raises
        ------
        KeyError
            With one sentence, if there is none, or it can't be used; then the cause is a
            DamagedRecordError.
        """
        name, wanted = split_reference(reference)
        if name not in self.names():
            raise KeyError(f"There is no registered dataset “{name}”.")
        numbers = self._numbers(name)
        if wanted != LATEST and wanted not in map(str, numbers):
            listed = ", ".join(map(str, numbers[-8:]))
            raise KeyError(f"The dataset “{name}” has no version {wanted}; it has {listed}.")
        number = numbers[-1] if wanted == LATEST else int(wanted)
        try:
            version = self._read(name, number)
            self._check_data(version)
        except DamagedRecordError as error:
            raise KeyError(f"The dataset “{name}” can't be used. {error.message}") from error
        return FoundDataset(name, version, self.path(version))

    def path(self, version: DatasetVersion) -> Path:
        """Return the file or folder of a version."""
        return self._folder / _DATA / version.hash[:32] / version.file

    def references(self) -> list[str]:
        """Return every text that :meth:`find` accepts: names, and those with each version."""
        found = self.names()
        return found + [
            f"{name}@{version}" for name in found for version in (*self._numbers(name), LATEST)
        ]

    def remove(self, reference: str) -> None:
        """Remove a dataset, or one version of it; the file it was copied from stays.

        Content that another version shares stays, too.

        Raises
        ------
        KeyError
            With one sentence, if there is none.
        OSError
            If it can't be removed.
        """
        name, wanted = split_reference(reference)
        if name not in self.names():
            raise KeyError(f"There is no registered dataset “{name}”.")
        numbers = self._numbers(name)
        if "@" not in reference or numbers == [int(wanted) if wanted.isdecimal() else 0]:
            doomed = self._folder / name
        else:
            if wanted == LATEST:
                wanted = str(numbers[-1])
            if wanted not in map(str, numbers):
                raise KeyError(f"The dataset “{name}” has no version {wanted}.")
            doomed = self._folder / name / wanted / RECORD
        gone = self._folder / f".{secrets.token_hex(6)}"
        doomed.rename(gone)
        if gone.is_dir():
            shutil.rmtree(gone, ignore_errors=True)
        self._drop_unused()
        with contextlib.suppress(FileNotFoundError):
            gone.unlink()

    def on_each(self, on_damage: OnDamage) -> dict[str, DatasetVersion]:
        """Return the latest version of each dataset by name.

        Parameters
        ----------
        on_damage : callable
            Receives the problem of each dataset that can't be used.
        """
        found = {}
        for name in self.names():
            try:
                version = self._read(name, self._numbers(name)[-1])
                self._check_data(version)
                found[name] = version
            except DamagedRecordError as error:
                on_damage(error)
        return found

    def _add(self, name: str, about: dict[str, Any]) -> DatasetVersion:
        folder = make_folder(self._folder / name)
        number = max((int(each.name) for each in _numbered(folder)), default=0)
        while True:
            number += 1
            try:
                # Whoever makes the folder has the number, also among several processes.
                (folder / str(number)).mkdir(0o700)
                break
            except FileExistsError:
                continue
        record = {"version": number, **about}
        write_record(folder / str(number) / RECORD, record)
        return DatasetVersion.model_validate(record)

    def _described(self, name: str, version: DatasetVersion, description: str) -> DatasetVersion:
        if not description or description == version.description:
            return version
        record = version.plain() | {"description": description}
        write_record(self._folder / name / str(version.version) / RECORD, record)
        return DatasetVersion.model_validate(record)

    def _keep(self, copy: Path, digest: str) -> None:
        """Move content to where versions share it."""
        target = make_folder(self._folder / _DATA) / digest[:32] / copy.name
        make_folder(target.parent)
        if target.exists():
            return
        for other in target.parent.iterdir():
            # The same content under another name needs no more space.
            with contextlib.suppress(OSError):
                if other.is_dir():
                    shutil.copytree(other, target, copy_function=os.link)
                else:
                    os.link(other, target)
                return
            shutil.rmtree(target, ignore_errors=True)
        copy.rename(target)

    def _drop_unused(self) -> None:
        """Delete content that no version has any more."""
        try:
            used = {
                self.path(self._read(name, number)).parent.name
                for name in self.names()
                for number in self._numbers(name)
            }
        except DamagedRecordError:
            # What it describes may be any of it.
            return
        data = self._folder / _DATA
        for folder in list(data.glob("*")):
            if folder.name not in used:
                shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            data.rmdir()

    def _readable(
        self, name: str, on_damage: OnDamage = lambda error: None
    ) -> Iterator[DatasetVersion]:
        for number in reversed(self._numbers(name)):
            try:
                yield self._read(name, number)
            except DamagedRecordError as error:
                on_damage(error)

    def _read(self, name: str, number: int) -> DatasetVersion:
        path = self._folder / name / str(number) / RECORD
        version = read_record(path, DatasetVersion, _REGISTER)
        if version is None:
            raise DamagedRecordError(path, "the file is missing", _REGISTER)
        return version

    def _check_data(self, version: DatasetVersion) -> None:
        path = self.path(version)
        if not (path.is_file() or path.is_dir()):
            raise DamagedRecordError(path, "the data of the dataset is missing", _REGISTER)

    def _numbers(self, name: str) -> list[int]:
        """Return the numbers of the versions, ascending."""
        folders = _numbered(self._folder / name)
        return sorted(int(each.name) for each in folders if os.path.lexists(each / RECORD))


def _numbered(folder: Path) -> list[Path]:
    return [each for each in folder.glob("*") if each.name.isdecimal()]
