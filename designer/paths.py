"""Where the files that come with the application are, and which file a path means.

The former are beside the packages in a checkout (and an editable install of it); in a
wheel they are packed into this one.
"""

from __future__ import annotations

import os
from pathlib import Path

_HERE = Path(__file__).resolve().parent

EXAMPLE_PREFIX = "example:"
"""The prefix of a path to a file that comes with an example of a module.

``example:CATEGORY/FILE``, so that a saved example means the file of any installation.
"""


def resources() -> Path:
    """Return the folder of icons, themes, schemas and environment templates."""
    return _folder("resources")


def samples() -> Path:
    """Return the folder of sample pipelines; their data is in its ``data`` folder."""
    return _folder("samples")


def guide() -> Path:
    """Return the folder with the pages of the documentation."""
    return _folder("docs")


def default_workspace() -> Path:
    """Return where the workspace is by default."""
    named = os.environ.get("MODELDESK_WORKSPACE")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("modeldesk", appauthor=False)


def log_folder() -> Path:
    """Return the folder of log files: in the workspace that is set, else per user."""
    named = os.environ.get("MODELDESK_WORKSPACE")
    if named:
        return Path(named) / "logs"
    from platformdirs import user_log_path

    return user_log_path("modeldesk", appauthor=False)


def absolute_path(path: str, base: Path) -> Path:
    """Return the file that a path means, without looking at any file.

    Parameters
    ----------
    path : str
        Absolute, relative to ``base``, beginning with ``~``, or with :data:`EXAMPLE_PREFIX`.
    """
    if path.startswith(EXAMPLE_PREFIX):
        category, _, file = path.removeprefix(EXAMPLE_PREFIX).partition("/")
        return Path(os.path.abspath(packages() / "modules" / category / "examples" / file))
    return Path(os.path.abspath(base / os.path.expanduser(path)))


def is_relative_path(path: str) -> bool:
    """Return whether a path starts from the pipeline's folder, and not from ``~`` or a root."""
    return not os.path.isabs(os.path.expanduser(path))


def comes_with_example(file: Path) -> bool:
    """Return whether a file comes with an example of a module, in this installation."""
    root = packages() / "modules"
    return file.is_relative_to(root) and file.relative_to(root).parts[1:2] == ("examples",)


def packages() -> Path:
    """Return the folder that the packages of ModelDesk are imported from."""
    return _HERE.parent


def program_environment() -> dict[str, str]:
    """Return the environment of a program of ModelDesk: it finds this very program's packages."""
    known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = dict.fromkeys([str(packages()), *filter(None, known)])
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def _folder(name: str) -> Path:
    packed = _HERE / f"_{name}"
    return packed if packed.is_dir() else _HERE.parent / name
