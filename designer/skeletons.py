"""Writes a user's new module: a commented file to start from, and its test."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import NamedTuple

from designer.paths import resources

KINDS: Mapping[str, str] = {
    "transform": "Changes a table.",
    "fitted": "Learns from a table what is then applied to others.",
    "learner": "A scikit-learn estimator for Train Model.",
    "source": "Makes a dataset.",
    "report": "Shows something about a dataset.",
}
"""Kinds of modules to start from."""

TESTS = "tests"
"""The folder of the tests, inside that of the modules; it isn't searched for modules."""


class SkeletonError(ValueError):
    """A module can't be written; with one sentence, and a hint."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Written(NamedTuple):
    """The files of a new module."""

    module: Path
    test: Path


def module_id(name: str) -> str:
    """Return the id of a module from its id or title, ``cap_values`` from ``Cap Values``.

    Raises
    ------
    SkeletonError
        If nothing of it can be an id.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    found = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not found or not found[0].isalpha() or keyword.iskeyword(found) or len(found) > 100:
        raise SkeletonError(
            f"“{name}” can't be the name of a module.",
            "Use letters, digits, and spaces, a letter first, for example “Cap Values”.",
        )
    return found


def write_module(folder: Path, name: str, kind: str, known: Mapping[str, object]) -> Written:
    """Write a new module and its test.

    Parameters
    ----------
    folder : Path
        The folder of the user's own modules; made if it doesn't exist.
    name : str
        Its id or title.
    kind : str
        One of :data:`KINDS`.
    known : mapping
        The modules that exist, by id.

    Raises
    ------
    SkeletonError
        If the name can't be used, or is taken.
    OSError
        If a file can't be written.
    """
    identifier = module_id(name)
    written = Written(folder / f"{identifier}.py", folder / TESTS / f"test_{identifier}.py")
    if identifier in known:
        raise SkeletonError(f"There is a module “{identifier}” already.", "Use another name.")
    for path in written:
        if path.exists():
            raise SkeletonError(f"“{path}” exists already.", "Use another name.")
    title = name.strip() if " " in name.strip() else identifier.replace("_", " ").title()
    names = {
        "id": identifier,
        "title": title.replace('"', "'").replace("\\", " "),
        "class": "".join(map(str.capitalize, identifier.split("_"))),
    }
    written.test.parent.mkdir(parents=True, exist_ok=True)
    conftest = written.test.with_name("conftest.py")
    if not conftest.exists():
        conftest.write_text(_template("conftest").template, "utf-8")
    written.test.write_text(_template(f"test_{kind}").substitute(names), "utf-8")
    # Last: the window shows it as soon as it is there.
    written.module.write_text(_template(kind).substitute(names), "utf-8")
    return written


def _template(name: str) -> Template:
    path = resources() / "skeletons" / f"{name}.py.txt"
    return Template(path.read_text("utf-8"))
