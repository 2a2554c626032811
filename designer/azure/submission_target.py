"""Where on Azure ML something is submitted, and with which sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from designer.azure.workspace import WorkspaceConfig

TARGETS = ("azureml-v1", "azureml-v2")


@dataclass(frozen=True)
class SubmissionTarget:
    """Where a pipeline is submitted.

    Parameters
    ----------
    target : str
        One of :data:`TARGETS`.
    experiment : str
        What its runs are listed under; default: the pipeline's name.
    compute : str or None
        The compute target; None for the one that the pipeline names.
    sign_in : str
        One of :data:`designer.azure.sign_in.SIGN_INS`.
    """

    target: str
    config: WorkspaceConfig
    experiment: str = ""
    compute: str | None = None
    sign_in: str = "browser"
