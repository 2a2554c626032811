"""The files of a deployment, to deploy them elsewhere: the package, settings, a script."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.deployment.deploying import pack
from designer.deployment.naming import check_name
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.deployment.steps import OnStep, Steps
from designer.deployment.target import PACKAGE, DeployRequest
from designer.deployment.targets import find_target, parse_options
from designer.workspace import Workspace


@dataclass(frozen=True)
class DryRun:
    """Files of a deployment that were written.

    Parameters
    ----------
    files : tuple of Path
        Relative to the folder; the package as one.
    messages : tuple of str
        Sentences for the user.
    """

    folder: Path
    files: tuple[Path, ...]
    messages: tuple[str, ...]


def write_deployment(
    workspace: Workspace,
    file: Path,
    name: str,
    target: str,
    folder: Path,
    *,
    scores: Sequence[str] = (),
    explain: bool = False,
    options: Mapping[str, Any] | None = None,
    allow: Collection[str] = (),
    on_step: OnStep = lambda step, status, text: None,
) -> DryRun:
    """Write everything that a deployment needs into a folder; nothing is deployed.

    Parameters
    ----------
    target : str
        The name of a deployment target.
    folder : Path
        New or empty.
    explain : bool
        Whether responses contain the contributions to each prediction.
    options : mapping, optional
        By the names of the target's options; they are in the files.
    allow : collection of str
        Effects that a pipeline may have though it wasn't run here.
    on_step : callable
        Called with the steps of :data:`designer.deployment.steps.FILE_STEPS`; an exception in it
        ends the work, and a folder that was made for it is deleted.

    Raises
    ------
    ServingError
        If the pipeline can't be served, or the folder contains something.
    """
    check_name(name)
    kind = find_target(target)
    values = parse_options(kind, options or {}, files=True)
    if folder.exists() and any(folder.iterdir()):
        raise ServingError(f"The folder “{folder}” isn't empty.", "Choose a new one.")
    made = not folder.exists()
    try:
        with Steps(on_step) as steps:
            packed = pack(
                workspace,
                file,
                folder / PACKAGE,
                name,
                scores=scores,
                explain=explain,
                allow=allow,
                on_step=steps.begin,
            )
            steps.begin("files")
            request = DeployRequest(name, folder / PACKAGE, values, packed.package.allowed)
            files = kind(Records(workspace)).files(request)
            for path, text in files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, "utf-8", newline="\n")
    except BaseException:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            _empty(folder)
        raise
    return DryRun(folder, (Path(PACKAGE), *map(Path, files)), packed.messages)


def _empty(folder: Path) -> None:
    """Remove what was written into a folder that was empty before."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
