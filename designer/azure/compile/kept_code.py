"""The user's own modules that kept values on this computer were made by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from designer.azure.compile.step_ports import Upload
from designer.packaging.snapshot import OwnCode
from modules.contract import ModuleSpec
from modules.values import storage


@dataclass(frozen=True)
class KeptCode:
    """What reading kept values takes.

    Parameters
    ----------
    own : tuple of OwnCode
        Packages by the names that the values know them by. A folder of modules that has
        changed since has another name today.
    requires : tuple of str
        Distributions that those modules need.
    """

    own: tuple[OwnCode, ...] = ()
    requires: tuple[str, ...] = ()


def kept_code(uploads: Iterable[Upload | None], catalog: Mapping[str, ModuleSpec]) -> KeptCode:
    """Return what the kept values among uploads need.

    Raises
    ------
    modules.contract.ModuleError
        If the modules that one was made with aren't here.
    """
    own: list[OwnCode] = []
    requires: list[str] = []
    for upload in uploads:
        folder = upload.source if upload else None
        if folder is None or not (folder / storage.MARKER).is_file():
            continue
        for file in sorted(folder.rglob(storage.MARKER)):
            module = storage.describe(file.parent)["kind"].partition(":")[0]
            for today, source in storage.own_packages(file.parent).items():
                top, package, inside = module.split(".", 2)
                own.append(OwnCode(f"{top}.{package}", source))
                for spec in catalog.values():
                    if spec.function.__module__ == f"{today}.{inside}":
                        requires += spec.requires
    return KeptCode(tuple(own), tuple(requires))
