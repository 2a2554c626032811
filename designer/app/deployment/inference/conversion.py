"""Orders for the conversion to an inference pipeline, which another process carries out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from designer.app.deployment.problem import Problem
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.workspace import Workspace

RECORD = "inference"
"""The field of an inference pipeline that says which run it came from."""


CHANGED = "The pipeline was changed since that run; this is the pipeline that ran."


@dataclass(frozen=True)
class Ran:
    """A finished run and the pipeline as it ran.

    Parameters
    ----------
    base : Path
        The folder that relative paths in it start from.
    source : Path or None
        Its file; None if it was never saved.
    """

    record: Mapping[str, Any]
    pipeline: Pipeline
    base: Path
    source: Path | None

    @property
    def run(self) -> str:
        """The id of the run."""
        return str(self.record["run"])


@dataclass(frozen=True)
class Made:
    """An inference pipeline that was made or brought up to date.

    Parameters
    ----------
    said : tuple of str
        Sentences: what was replaced by what, and why.
    """

    pipeline: Pipeline
    said: tuple[str, ...]
    ran: Ran
    base: Path


def read_run(workspace: Workspace, run: str, base: Path, source: Path | None) -> Ran:
    """Read a finished run.

    Raises
    ------
    Problem
        If it is not there any more.
    """
    record = workspace.run_record(run)
    try:
        pipeline = pipeline_file.read(workspace.run_folder(run) / "pipeline.json")
    except pipeline_file.PipelineFileError as error:
        raise Problem("The run can't be read any more.", "Run the pipeline again.") from error
    if "run" not in record or "nodes" not in record:
        raise Problem("The record of the run can't be read.", "Run the pipeline again.")
    return Ran(record, pipeline, base, source)


def latest_run(workspace: Workspace, inference: Pipeline, base: Path) -> Ran:
    """Read the latest run of the pipeline that an inference pipeline was made from.

    Raises
    ------
    Problem
        If it is none, or the training pipeline has no run.
    """
    record = inference.extra.get(RECORD)
    if not isinstance(record, Mapping):
        raise Problem("This pipeline was not made from a training pipeline.")
    named = record.get("source")
    if not isinstance(named, str) or not named:
        raise Problem(
            "The training pipeline was not saved when this one was made, so its latest run "
            "is not known.",
            "Save it, run it and create the inference pipeline anew.",
        )
    source = Path(os.path.abspath(base / named))
    run = workspace.latest_run(source)
    if run is None:
        raise Problem(
            f"There is no finished run of “{source.name}”.", "Open and run the training pipeline."
        )
    return read_run(workspace, run, source.parent, source)


def order(
    workspace: Workspace,
    ran: Ran,
    *,
    kind: str = "real-time",
    base: Path,
    file: Path | None = None,
    inference: Pipeline | None = None,
) -> dict[str, Any]:
    """Return the order for :func:`designer.inference.conversion_job.make_inference`.

    Parameters
    ----------
    base : Path
        The folder that relative paths of the inference pipeline start from.
    file : Path, optional
        Its file. The values of a pipeline that has none are kept in the workspace.
    inference : Pipeline, optional
        The one to bring up to date.
    """
    values = workspace.folder / "inference"
    if file is not None:
        values = file.parent / f"{file.name.removesuffix(pipeline_file.SUFFIX)}.values"
    return {
        "pipeline": pipeline_file.dumps(ran.pipeline),
        "run": dict(ran.record),
        "base": str(ran.base),
        "values": str(values),
        "target": str(base),
        "kind": kind,
        "source": str(ran.source) if ran.source else "",
        "modules": str(own) if (own := workspace.own_modules) else None,
        "inference": pipeline_file.dumps(inference) if inference is not None else None,
    }


def made(answer: Mapping[str, Any], ran: Ran, base: Path, now: Pipeline | None = None) -> Made:
    """Read what the conversion answered.

    Parameters
    ----------
    now : Pipeline, optional
        The training pipeline of today; whether it differs from what ran is said.

    Raises
    ------
    Problem
        In the conversion's words, if it could not be made.
    """
    if "error" in answer:
        raise Problem(answer["error"]["message"], answer["error"].get("hint", ""))
    said = list(answer["messages"])
    if now is not None and _meaning(now) != _meaning(ran.pipeline):
        said.append(CHANGED)
    return Made(pipeline_file.loads(answer["pipeline"]), tuple(said), ran, base)


def is_inference(pipeline: Pipeline) -> bool:
    """Tell whether a pipeline was made from a training pipeline."""
    return isinstance(pipeline.extra.get(RECORD), Mapping)


def source_title(pipeline: Pipeline) -> str:
    """Return what the training pipeline of an inference pipeline is called; empty if unknown."""
    record = pipeline.extra.get(RECORD)
    source = record.get("source") if isinstance(record, Mapping) else None
    return Path(source).name.removesuffix(pipeline_file.SUFFIX) if isinstance(source, str) else ""


def is_served(pipeline: Pipeline) -> bool:
    """Tell whether a pipeline takes requests and answers them."""
    modules = {node.module for node in pipeline.nodes.values() if not node.disabled}
    return modules.issuperset(WEB_SERVICE)


def _meaning(pipeline: Pipeline) -> object:
    plain = replace(pipeline, notes={}, description="", extra={})
    nodes = {
        name: (node.module, node.version, dict(node.parameters), node.disabled)
        for name, node in plain.nodes.items()
    }
    return nodes, set(plain.links), dict(plain.parameters)
