"""Conversion to an inference pipeline, done by a worker of the engine for the window."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from designer.app.background.errors import UserError
from designer.catalog import load_catalog
from designer.engine.results import base_of, read_pipeline, read_record
from designer.engine.staleness import node_keys
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.records import DamagedRecordError
from designer.texts import tr
from designer.workspace import Workspace

RECORD = "inference"
"""The field of an inference pipeline that names the run it came from."""

CHANGED = tr("The pipeline was changed since that run; this is the pipeline that ran.")


@dataclass(frozen=True)
class Prepared:
    """An inference pipeline that is ready to be deployed.

    Parameters
    ----------
    text : str
        In the form of a pipeline file.
    base : Path
        The folder that its relative paths start from.
    notes : tuple of str
        Notes for the user.
    """

    text: str = field(repr=False)
    base: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Converted:
    """An inference pipeline that was made or updated.

    Parameters
    ----------
    messages : tuple of str
        Sentences: each replacement and its reason.
    run : str
        The run that it comes from.
    source : Path or None
        The file of the training pipeline; None if it was never saved.
    base : Path
        The folder that its relative paths start from.
    """

    pipeline: Pipeline
    messages: tuple[str, ...]
    run: str
    source: Path | None
    base: Path

    def prepared(self) -> Prepared:
        """Return it as it is deployed."""
        notes = tuple(text for text in self.messages if text == CHANGED)
        return Prepared(pipeline_file.dumps(self.pipeline), self.base, notes)


def convert_run(
    folder: Path,
    run: str,
    base: Path | None = None,
    source: Path | None = None,
    now: Pipeline | None = None,
    kind: str = "real-time",
) -> Converted:
    """Make the inference pipeline of a finished run.

    Parameters
    ----------
    folder : Path
        Of the workspace.
    base : Path, optional
        The folder that relative paths in the training pipeline of today start from.
    source : Path, optional
        The file of the training pipeline.
    now : Pipeline, optional
        The training pipeline of today; whether it differs from what ran is in the messages.

    Raises
    ------
    UserError
        If the run isn't there anymore, or it can't be converted.
    """
    workspace = Workspace(folder)
    record = _record(workspace, run)
    if base is None:
        named = record.get("source")
        source = Path(named) if isinstance(named, str) and named else None
    ran = _pipeline_of(workspace, run)
    values = workspace.folder / RECORD
    made = _convert(workspace, run, ran, source, Path.home(), values, kind)
    if now is not None and base is not None and _differ(workspace, now, base, ran, base_of(record)):
        made = replace(made, messages=(*made.messages, CHANGED))
    return made


def _record(workspace: Workspace, run: str) -> dict[str, Any]:
    try:
        return read_record(workspace, run)
    except DamagedRecordError as error:
        raise UserError(error.message, error.hint) from error


def prepare_run(folder: Path, run: str, base: Path, source: Path | None, now: Pipeline) -> Prepared:
    """Return the inference pipeline of a finished run; see :func:`convert_run`."""
    return convert_run(folder, run, base, source, now).prepared()


def update(folder: Path, inference: Pipeline, base: Path, file: Path | None) -> Converted:
    """Update an inference pipeline from the latest run of its training pipeline.

    Parameters
    ----------
    file : Path or None
        Its file. The values of a pipeline that has none are kept in the workspace.

    Raises
    ------
    UserError
        If it isn't one, its training pipeline has no run, or it can't be converted.
    """
    workspace = Workspace(folder)
    record = inference.extra.get(RECORD)
    if not isinstance(record, Mapping):
        raise UserError(tr("This pipeline wasn't made from a training pipeline."))
    named = record.get("source")
    if not isinstance(named, str) or not named:
        raise UserError(
            tr(
                "The training pipeline wasn't saved when this one was created, so its "
                "latest run is unknown."
            ),
            tr("Save it, run it, and create the inference pipeline again."),
        )
    source = Path(os.path.abspath(base / named))
    run = workspace.latest_run(source)
    if run is None:
        raise UserError(
            tr("“{name}” has no finished run.").format(name=source.name),
            tr("Open and run the training pipeline."),
        )
    values = workspace.folder / RECORD
    if file is not None:
        values = file.parent / f"{file.name.removesuffix(pipeline_file.SUFFIX)}.values"
    ran = _pipeline_of(workspace, run)
    return _convert(workspace, run, ran, source, base, values, inference=inference)


def prepare_version(folder: Path, name: str, number: str, run: str) -> Prepared:
    """Return the inference pipeline of a registered model, with what was changed in it.

    Parameters
    ----------
    run : str
        The run that it was trained in, which is converted where the model keeps no pipeline.

    Raises
    ------
    UserError
        See :func:`convert_run`.
    """
    from designer.tracking import registry
    from designer.tracking.model_folder import PIPELINE

    kept = registry.download(folder, name, number) / "data"
    try:
        return Prepared((kept / PIPELINE).read_text("utf-8"), kept)
    except FileNotFoundError:
        return convert_run(folder, run).prepared()


def is_inference(pipeline: Pipeline) -> bool:
    """Return whether a pipeline was made from a training pipeline."""
    return isinstance(pipeline.extra.get(RECORD), Mapping)


def source_title(pipeline: Pipeline) -> str:
    """Return the name of the training pipeline of an inference pipeline; empty if unknown."""
    record = pipeline.extra.get(RECORD)
    source = record.get("source") if isinstance(record, Mapping) else None
    return Path(source).name.removesuffix(pipeline_file.SUFFIX) if isinstance(source, str) else ""


def is_served(pipeline: Pipeline) -> bool:
    """Return whether a pipeline accepts requests and returns responses."""
    modules = {node.module for node in pipeline.nodes.values() if not node.disabled}
    return modules.issuperset(WEB_SERVICE)


def _differ(workspace: Workspace, now: Pipeline, base: Path, ran: Pipeline, ran_in: Path) -> bool:
    """Return whether two pipelines, each in its folder, would run differently."""
    specs = load_catalog(*workspace.own_modules)
    return node_keys(now, base, specs) != node_keys(ran, ran_in, specs)


def _pipeline_of(workspace: Workspace, run: str) -> Pipeline:
    try:
        return read_pipeline(workspace.run_folder(run))
    except pipeline_file.PipelineFileError as error:
        raise UserError(
            tr("The run can no longer be read."), tr("Run the pipeline again.")
        ) from error


def _convert(
    workspace: Workspace,
    run: str,
    ran: Pipeline,
    source: Path | None,
    target: Path,
    values: Path,
    kind: str = "real-time",
    inference: Pipeline | None = None,
) -> Converted:
    from designer.inference.conversion_job import make_inference

    record = _record(workspace, run)
    if not record:
        raise UserError(tr("The record of the run is missing."), tr("Run the pipeline again."))
    answer: dict[str, Any] = make_inference(
        {
            "pipeline": pipeline_file.dumps(ran),
            "run": record,
            "base": str(base_of(record)),
            "values": str(values),
            "target": str(target),
            "kind": kind,
            "source": str(source) if source else "",
            "modules": list(map(str, workspace.own_modules)),
            "inference": pipeline_file.dumps(inference) if inference is not None else None,
        }
    )
    if "error" in answer:
        raise UserError(answer["error"]["message"], answer["error"].get("hint", ""))
    pipeline = pipeline_file.loads(answer["pipeline"])
    return Converted(pipeline, tuple(answer["messages"]), run, source, target)
