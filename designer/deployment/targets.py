"""The files of a deployment, for somebody else to deploy: the package, settings, a script."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from designer.deployment.naming import check_name
from designer.deployment.options import (
    TARGET_OPTIONS,
    TARGETS,
    TITLES,
    TargetOptions,
    check_target,
)
from designer.deployment.problem import ServingError
from designer.deployment.steps import OnStep, Steps
from designer.deployment.target_files import PACKAGE, files_of
from designer.workspace import Workspace

__all__ = [
    "TARGETS",
    "TARGET_OPTIONS",
    "TITLES",
    "TargetOptions",
    "Written",
    "check_target",
    "write_deployment",
]


@dataclass(frozen=True)
class Written:
    """Files of a deployment.

    Parameters
    ----------
    files : tuple of Path
        Relative to the folder; the package as one.
    """

    folder: Path
    files: tuple[Path, ...]
    said: tuple[str, ...]


def write_deployment(
    workspace: Workspace,
    file: Path,
    name: str,
    target: str,
    folder: Path,
    *,
    scores: Sequence[str] = (),
    options: TargetOptions | None = None,
    on_step: OnStep = lambda step, status, text: None,
) -> Written:
    """Write everything that a deployment needs into a folder; nothing is deployed.

    Parameters
    ----------
    target : str
        One of :data:`TARGETS`.
    folder : Path
        New or empty.
    options : TargetOptions, optional
        Are in the files.
    on_step : callable
        Called with the steps of :data:`designer.deployment.steps.FILE_STEPS`; an exception in it
        ends the work, and a folder that was made for it is deleted.

    Raises
    ------
    ServingError
        If the pipeline can't be served, or the folder holds something.
    """
    from designer.deployment.deploying import pack

    options = options or TargetOptions()
    check_name(name)
    check_target(target, options)
    if folder.exists() and any(folder.iterdir()):
        raise ServingError(f"The folder “{folder}” is not empty.", "Name a new one.")
    made = not folder.exists()
    try:
        with Steps(on_step) as steps:
            packed = pack(
                workspace, file, folder / PACKAGE, name, scores=scores, on_step=steps.begin
            )
            steps.begin("files")
            files = files_of(target, name, options, allow_code=bool(packed.package.own_code))
            for place, text in files.items():
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                (folder / place).write_text(text, "utf-8", newline="\n")
    except BaseException:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            _empty(folder)
        raise
    listed = (Path(PACKAGE), *(Path(place) for place in files))
    return Written(folder, listed, packed.said)


def _empty(folder: Path) -> None:
    """Remove what was written into a folder that was empty before."""
    for place in folder.iterdir():
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)
