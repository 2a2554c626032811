"""Follows a page of docs/ as a reader would: takes the files it shows and puts them in place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"

_FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^designer .+$", re.MULTILINE)


def files_of(page: str) -> dict[str, str]:
    """Return the code blocks of a page that are introduced by a file's path, by that path."""
    found = dict(_FILE.findall((DOCS / page).read_text("utf-8")))
    assert found, page
    return found


def commands_of(page: str) -> list[str]:
    """Return the command lines of a page."""
    return _COMMAND.findall((DOCS / page).read_text("utf-8"))


def install(files: Mapping[str, str], site: Path) -> None:
    """Write the files of a page's package, and what pip would write for its pyproject.toml."""
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, "utf-8")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    about = f"Name: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\n{about}", "utf-8")
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())
        for group, lines in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text("\n".join(groups), "utf-8")
