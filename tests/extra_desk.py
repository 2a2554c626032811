"""A Python of a test's own into which extras are installed, and wheels to install."""

from __future__ import annotations

import os
import sys
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class OwnPython:
    """A virtual environment that sees all that is installed here, and installs into itself.

    ModelDesk has the extras ``toys`` (one wheel) and ``none`` (a wheel that isn't there).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "python", symlinks=True, with_pip=False)
        self.site = next((folder / "python").glob("lib/python*/site-packages"))
        here = next(each for each in sys.path if Path(each).name == "site-packages")
        (self.site / "here.pth").write_text(f"{ROOT}\n{here}\n")
        self.program = folder / "python" / "bin" / "python"
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        write_distribution(
            self.site,
            "modeldesk",
            "9.9",
            "Provides-Extra: toys\nRequires-Dist: toy-library<2,>=1; extra == 'toys'\n"
            "Provides-Extra: none\nRequires-Dist: no-such-library>=1; extra == 'none'\n"
            "Provides-Extra: dev\nRequires-Dist: toy-linter; extra == 'dev'\n",
        )

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment in which wheels come from the folder only."""
        wheels = str(self.wheels)
        settings = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": wheels,
            "PIP_CONFIG_FILE": os.devnull,
            "UV_NO_INDEX": "1",
            "UV_FIND_LINKS": wheels,
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(self.folder / "cache"),
        }
        return os.environ | settings | more

    def write_wheel(self, name: str, version: str, requires: str = "") -> None:
        """Write a wheel with one Python file."""
        package = name.replace("-", "_")
        about = f"{package}-{version}.dist-info"
        path = self.wheels / f"{package}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{package}.py", f"VERSION = {version!r}\n")
            archive.writestr(f"{about}/METADATA", metadata(name, version, requires))
            archive.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{about}/RECORD", "")


def write_distribution(site: Path, name: str, version: str, more: str = "") -> None:
    """Write what makes a distribution installed."""
    about = site / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(metadata(name, version, more), "utf-8")


def metadata(name: str, version: str, more: str = "") -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"
