"""The compiled files of SDK v2 as a job object."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from azure.ai.ml import load_job
from azure.ai.ml.entities import PipelineJob

from designer.azure.compile.problems import CompileError
from designer.azure.compile.steps import Description
from designer.azure.sdk_v2.files import PIPELINE, unsafe_values
from designer.pipeline.model import Json


def build(
    description: Description,
    *,
    compute: str | None,
    parameters: Mapping[str, Json] | None = None,
    folder: Path,
    file: str = PIPELINE,
) -> PipelineJob:
    """Load the job from the compiled files; calls no service.

    Parameters
    ----------
    compute : str or None
        The compute target instead of the one in the files.
    parameters : mapping, optional
        Values of pipeline parameters other than the description's.
    folder : Path
        The compiled files; see :mod:`designer.azure.compile.compiling`.
    file : str
        The name of the job's file there.

    Raises
    ------
    CompileError
        If a value can't be passed to a job.
    """
    problems = unsafe_values(description, parameters or {})
    if problems:
        raise CompileError(problems)
    known = {each.name for each in description.parameters}
    changes: list[dict[str, Any]] = [
        {f"inputs.{name}": value} for name, value in (parameters or {}).items() if name in known
    ]
    if compute:
        changes.append({"settings.default_compute": f"azureml:{compute}"})
    job = load_job(folder / file, params_override=changes)
    assert isinstance(job, PipelineJob)
    return job
