"""The user's own modules that kept values on this computer were made by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from designer.azure.compile.step_ports import Upload
from designer.packaging.plug_ins import requirements_of_values
from designer.packaging.snapshot import OwnCode
from modules.values import storage


@dataclass(frozen=True)
class KeptCode:
    """What is needed to read stored values.

    Parameters
    ----------
    own : tuple of OwnCode
        Packages by the names that the values refer to. A folder of modules that has
        changed since has another name today.
    requires : tuple of str
        Distributions that those modules need.
    """

    own: tuple[OwnCode, ...] = ()
    requires: tuple[str, ...] = ()


def kept_code(uploads: Iterable[Upload | None]) -> KeptCode:
    """Return what the kept values among uploads need.

    Raises
    ------
    modules.contract.ModuleError
        If the modules that one was made with aren't here.
    """
    own: dict[str, OwnCode] = {}
    requires: list[str] = []
    for upload in uploads:
        folder = upload.source if upload else None
        if folder is None or not (folder / storage.MARKER).is_file():
            continue
        requires += requirements_of_values(folder)
        for name, module in storage.modules_of(folder).items():
            package = storage.own_package(module)
            if package is not None:
                known_as = ".".join(name.split(".")[:2])
                own[known_as] = OwnCode(known_as, package[1])
    return KeptCode(tuple(own.values()), tuple(requires))
