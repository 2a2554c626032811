"""What files and folders become that are dropped on the canvas."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from designer.app.document.path_parameters import stored_path
from designer.pipeline.own_modules import DATASET, IMAGE_DIRECTORY, IMPORT_DATA, IMPORT_FILES
from modules.contract import ModuleSpec, PathOf

FolderUse = Literal["one_table", "datasets", "images", "files"]

MOST = 10_000
"""Files of a folder that are counted."""

MOST_DATASETS = 50
"""Files that become a card each."""

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class NewCard:
    """A module that is to be added, with its parameters."""

    module: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class FolderContent:
    """What is in a folder.

    Parameters
    ----------
    tables : tuple of Path
        Files that Dataset reads, by their names.
    images : int
        How many.
    files : int
        All, hidden ones left out.
    suffix : str
        The most frequent one of the tables, which a table of all files can have.
    """

    folder: Path
    tables: tuple[Path, ...] = ()
    images: int = 0
    files: int = 0
    suffix: str = ""
    uses: tuple[FolderUse, ...] = field(default=())

    @property
    def same(self) -> list[Path]:
        """The tables with the most frequent suffix."""
        return [path for path in self.tables if path.suffix.lower() == self.suffix]

    @property
    def pattern(self) -> str:
        """What matches these."""
        nested = any(path.parent != self.folder for path in self.same)
        return f"{'**/' if nested else ''}*{self.suffix}"


def content_of(folder: Path, specs: Mapping[str, ModuleSpec]) -> FolderContent:
    """Return what is in a folder and its subfolders, and what it can be used as, best first."""
    suffixes = _table_suffixes(specs)
    tables, images, files = [], 0, 0
    for path in islice(_files(folder), MOST):
        files += 1
        suffix = path.suffix.lower()
        images += suffix in IMAGES
        if suffix in suffixes:
            tables.append(path)
    counted = Counter(path.suffix.lower() for path in tables).most_common(1)
    uses: list[FolderUse] = []
    if tables:
        uses.append("one_table")
        if len(tables) <= MOST_DATASETS:
            uses.append("datasets")
    if images:
        uses.insert(0 if images > len(tables) else len(uses), "images")
    uses.append("files")
    suffix = counted[0][0] if counted else ""
    return FolderContent(folder, tuple(sorted(tables)), images, files, suffix, tuple(uses))


def new_cards(
    paths: Sequence[Path],
    base: Path,
    specs: Mapping[str, ModuleSpec],
    ask: Callable[[FolderContent], FolderUse | None],
) -> list[NewCard]:
    """Return the cards for what was dropped: a Dataset for a file, what is answered for a folder.

    Parameters
    ----------
    base : Path
        The folder of the pipeline.
    ask : callable
        Returns what a folder is used as; None leaves this folder out.
    """
    cards: list[NewCard] = []
    for path in paths:
        if not path.is_dir():
            cards.append(NewCard(DATASET, {"path": stored_path(path, base)}))
            continue
        content = content_of(path, specs)
        use = ask(content)
        place = stored_path(path, base)
        if use == "one_table":
            parameters = {"path": place, "pattern": content.pattern}
            cards.append(NewCard(IMPORT_DATA, parameters))
        elif use == "datasets":
            files = (stored_path(file, base) for file in content.tables)
            cards += [NewCard(DATASET, {"path": file}) for file in files]
        elif use is not None:
            module = IMAGE_DIRECTORY if use == "images" else IMPORT_FILES
            cards.append(NewCard(module, {"path": place}))
    return [card for card in cards if card.module in specs]


def _table_suffixes(specs: Mapping[str, ModuleSpec]) -> tuple[str, ...]:
    spec = specs.get(DATASET)
    markers = [parameter.marker for parameter in spec.parameters] if spec else []
    return next((marker.suffixes for marker in markers if isinstance(marker, PathOf)), ())


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))
