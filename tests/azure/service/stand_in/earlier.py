"""Code that earlier tests have uploaded: a workspace that is in use has it already.

Uploading the same hundred files anew takes longer than most tests.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from stand_in.service import Service

SNAPSHOTS = "snapshots"
"""The container of the older SDK's code."""


class Earlier:
    """What the services of a test run hand on to the next."""

    def __init__(self) -> None:
        self._place = tempfile.TemporaryDirectory(prefix="stand-in-")
        self._folder = Path(self._place.name)
        (self._folder / SNAPSHOTS).mkdir()
        self._things: dict[str, dict[str, dict[str, Any]]] = {"codes": {}, "snapshot": {}}

    def give(self, service: Service) -> None:
        """Let a new service have what was uploaded before."""
        for kind, known in self._things.items():
            service.kept(kind).update(known)
        for container in self._folder.iterdir():
            (service.blob_folder / container.name).symlink_to(container, target_is_directory=True)

    def take(self, service: Service) -> None:
        """Keep what was uploaded to a service that is closed."""
        self._things["snapshot"].update(service.kept("snapshot"))
        for key, code in service.kept("codes").items():
            container = urlsplit(code["properties"]["codeUri"]).path.split("/")[1]
            place = service.blob_folder / container
            if key not in self._things["codes"] and place.is_dir() and not place.is_symlink():
                shutil.move(place, self._folder / container)
                self._things["codes"][key] = code

    def close(self) -> None:
        """Remove all."""
        self._place.cleanup()


_earlier: Earlier | None = None


def earlier() -> Earlier:
    """Return what all services of a test run share."""
    global _earlier
    if _earlier is None:
        _earlier = Earlier()
    return _earlier


def close() -> None:
    """Forget it."""
    global _earlier
    if _earlier is not None:
        _earlier.close()
    _earlier = None
