"""Writes the folder of a compiled pipeline: whole, or not at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from designer.azure import run_step
from designer.azure.compile.problems import CompileError, FolderError, check_sdk
from designer.azure.compile.steps import Description
from designer.azure.compile.uploads import write_uploads
from designer.azure.gc_pause import paused_gc
from designer.azure.sdk_output import quiet
from designer.packaging import environment, snapshot
from designer.pipeline.problem import Problem
from designer.records import DamagedRecordError, Record, read_record

TARGETS = ("azureml-v1", "azureml-v2")

DEFAULT_COMPUTE = "cpu-cluster"
"""The compute target where neither the user nor the pipeline names one."""

START = {
    "azureml-v1": "Put the config.json of your workspace there, then: python pipeline.py",
    "azureml-v2": "Send it with: az ml job create --file pipeline.yml",
}
"""What to do with the files for each target."""

RECORD = "modeldesk.json"
"""Marks a folder with a compiled pipeline, and which."""

OURS = (
    snapshot.FOLDER, "environment", "data", "parameters", "components",
    "pipeline.py", "pipeline.yml", "graph.json", RECORD,
    # Those of a script.
    "code", "conda.yml", "inputs", "job.yml", "submit.py",
)  # fmt: skip
"""Everything that a compilation may put into a folder."""


def compile_pipeline(
    description: Description,
    target: str,
    folder: Path,
    *,
    compute: str | None = None,
    image: str | None = None,
    force: bool = False,
) -> None:
    """Compile a pipeline into a folder. Uses no network and no login.

    Parameters
    ----------
    target : str
        One of :data:`TARGETS`.
    folder : Path
        Made if it isn't there. One that contains an earlier compilation is replaced;
        other files in it stay.
    compute, image : str, optional
        The compute target and the image instead of the pipeline's, or the usual ones.
    force : bool
        Write into a folder that contains other files too.

    Raises
    ------
    PackagingError
        If a distribution or the SDK is missing, or it finds something wrong.
    FolderError
        If the folder contains something else.
    OSError
        If a file can't be read or written.
    """
    check_sdk(target.removeprefix("azureml-"))
    compute = compute or description.compute or DEFAULT_COMPUTE
    image = image or environment.IMAGE
    with replaced_folder(folder, force) as fresh, paused_gc():
        _write_common(description, fresh)
        if target == "azureml-v1":
            _write_v1(description, fresh, compute, image)
        else:
            _write_v2(description, fresh, compute, image)
        record = {"compiled": target, "pipeline": description.name}
        _write_text(fresh / RECORD, json.dumps(record, indent=1) + "\n")


def summary(description: Description, target: str, folder: Path) -> str:
    """Return what was written, and what to do with it."""
    count = len(description.steps)
    return f"“{folder}” contains {count} step{'s' if count != 1 else ''}. {START[target]}"


def _write_common(description: Description, folder: Path) -> None:
    code = folder / snapshot.FOLDER
    snapshot.write_snapshot(code, description.own_code, description.requires)
    shutil.copyfile(Path(run_step.__file__), code / "run_step.py")
    # A secret comes from the key vault of the workspace, which is accessed through this.
    requires = (*description.requires, *(("azureml-core",) if description.secrets else ()))
    conda = folder / environment.FILE
    conda.parent.mkdir()
    _write_text(conda, environment.conda_file(requires))


def _write_v1(description: Description, folder: Path, compute: str, image: str) -> None:
    write_uploads(description.uploads, folder)
    from designer.azure.sdk_v1.script import script_text

    with quiet(), tempfile.TemporaryDirectory() as code:
        from designer.azure.sdk_v1.building import build_offline
        from designer.azure.sdk_v1.graph import graph_document, graph_text

        # Nothing is sent now, and the SDK would hash the whole code for every step.
        shutil.copy(folder / snapshot.FOLDER / "run_step.py", code)
        pipeline = build_offline(
            description, compute=compute, folder=folder, image=image, code=Path(code)
        )
        found = pipeline.validate()
        if found:
            raise CompileError(
                Problem("error", f"Azure ML's SDK v1: {text}", code="azure-sdk") for text in found
            )
        document = graph_document(pipeline)
    _write_text(folder / "graph.json", graph_text(document))
    _write_text(folder / "pipeline.py", script_text(description, compute=compute, image=image))


def _write_v2(description: Description, folder: Path, compute: str, image: str) -> None:
    from designer.azure.sdk_v2.automl import write_automl_jobs
    from designer.azure.sdk_v2.files import JobFiles

    files = JobFiles(description)
    write_uploads(files.uploads, folder)
    files.write(folder, compute=compute, image=image)
    write_automl_jobs(description, folder)
    with quiet():
        from designer.azure.sdk_v2.building import build

        # Loading checks every file against the SDK's schemas.
        build(description, compute=None, folder=folder)


@contextmanager
def replaced_folder(folder: Path, force: bool) -> Iterator[Path]:
    """Yield a temporary folder that replaces the target once everything has been written."""
    ours = _check_folder(folder, force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
    fresh.mkdir()
    try:
        yield fresh
        if not folder.exists() or not any(folder.iterdir()):
            if folder.exists():
                folder.rmdir()
            fresh.rename(folder)
        elif ours:
            _replace_files(fresh, folder)
        else:
            shutil.copytree(fresh, folder, dirs_exist_ok=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _check_folder(folder: Path, force: bool) -> bool:
    """Yield a temporary folder that replaces the target when it is complete."""
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"“{folder}” is a file.", "Choose a folder.")
    if not folder.exists() or not any(folder.iterdir()):
        return False
    try:
        record = read_record(folder / RECORD, Record)
        ours = record is not None and record.plain().get("compiled") in TARGETS
    except DamagedRecordError:
        ours = False
    if not ours and not force:
        raise FolderError(
            f"The folder “{folder}” contains other files.",
            "Choose another folder, or use --force to write into it anyway.",
        )
    return ours


def _replace_files(fresh: Path, folder: Path) -> None:
    """Replace the earlier files by the new ones; what else is there stays."""
    old = fresh / f".{secrets.token_hex(4)}"
    names = sorted(path.name for path in fresh.iterdir())
    old.mkdir()
    for name in OURS:
        if (folder / name).exists():
            os.replace(folder / name, old / name)
    for name in names:
        os.replace(fresh / name, folder / name)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")
