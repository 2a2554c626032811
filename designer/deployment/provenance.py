"""Whether the user has run, or agreed to, all that an inference pipeline does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from designer.engine.accesses import ALLOWED, named_accesses
from designer.engine.results import base_of, read_pipeline
from designer.pipeline.file import PipelineFileError
from designer.pipeline.model import Pipeline
from designer.records import DamagedRecordError
from designer.trust import Trust
from designer.workspace import Workspace
from modules.contract import ModuleSpec


def is_own(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    base: Path,
    workspace: Workspace,
    run: str,
) -> bool:
    """Return whether an inference pipeline comes from a run of this workspace, unchanged.

    Its parts with effects have to be those of the run, or what the user has allowed in the
    window: the file may have been changed since by someone else.

    Parameters
    ----------
    base : Path
        The folder where relative paths of the pipeline start.
    run : str
        The run that the file names. It isn't trusted: it could be a path to a record that
        came with the file.
    """
    if run not in workspace.runs():
        return False
    try:
        ran = read_pipeline(workspace.run_folder(run))
        folder = base_of(workspace.run_record(run))
    except (OSError, PipelineFileError, DamagedRecordError):
        return False
    nodes = ran.nodes.values()
    known = {each.digest for each in named_accesses(ran, nodes, specs, folder, workspace)}
    trust = Trust(workspace.folder)
    return all(
        # Files of other modules are packed, and are the package's own.
        each.file is not None or each.digest in known or trust.given(ALLOWED, each.digest)
        for each in named_accesses(pipeline, pipeline.nodes.values(), specs, base, workspace)
    )
