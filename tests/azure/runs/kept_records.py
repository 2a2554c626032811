"""Records of runs on Azure ML in a workspace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from designer.azure.runs.remote_record import (
    RemoteRecord,
    RemoteStep,
    write_record,
)
from designer.azure.submission_target import SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.workspace import Workspace

WHERE = SubmissionTarget("azureml-v2", WorkspaceConfig("s", "g", "w"), "e", "cpu", "azure-cli")


def record(**facts: Any) -> RemoteRecord:
    plain = RemoteRecord(
        WHERE,
        "remote-1",
        "https://x",
        (RemoteStep("s1", "g/a", ("s0",), {"out": ("o", "DataTable")}),),
        {"b": "It is disabled."},
        12.5,
        Path("/x/p.pipeline.json"),
        "reports",
        {"n": 3},
        {"numpy": "2"},
    )
    return replace(plain, **facts)


def keep(workspace: Workspace, run: str, **facts: Any) -> RemoteRecord:
    made = record(**facts)
    workspace.run_folder(run).mkdir(parents=True)
    write_record(workspace, run, made)
    return made
