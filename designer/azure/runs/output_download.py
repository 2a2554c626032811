"""Downloads the outputs of a step on Azure ML to the user's workspace."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from designer.azure.runs.remote import RemotePipeline, RemoteStepState
from designer.azure.runs.remote_record import RemoteStep
from designer.engine.results import Output, metrics_of
from modules.contract.port_type import find_port_type

FETCH = ("all", "reports", "none")
"""What is downloaded: every output; evaluations and models only; nothing."""

Metrics = Mapping[str, float | None]


def download_outputs(
    remote: RemotePipeline, state: RemoteStepState, step: RemoteStep, target: Path, *, wanted: str
) -> tuple[dict[str, Output], Metrics | None]:
    """Download outputs of a step into a folder, each into its own.

    Parameters
    ----------
    target : Path
        Replaced if it exists.
    wanted : str
        One of :data:`FETCH`.

    Returns
    -------
    dict of str to Output
        By port. An output that the module hasn't given is left out.
    mapping or None
        The metrics of an evaluation among them.

    Raises
    ------
    AzureError
        If they can't be downloaded.
    OSError
        If they can't be stored.
    """
    from modules.contract import ModuleError
    from modules.values import storage

    ports = [port for port, (_, kind) in step.outputs.items() if _is_wanted(kind, wanted)]
    shutil.rmtree(target, ignore_errors=True)
    remote.download(state, {step.outputs[port][0]: target / port for port in ports})
    outputs: dict[str, Output] = {}
    metrics: Metrics | None = None
    for port in ports:
        folder = target / port
        if not folder.is_dir():
            continue
        try:
            summary = storage.describe(folder)
        except ModuleError:
            # An output that the module hasn't given has no mark in its folder.
            shutil.rmtree(folder, ignore_errors=True)
            continue
        outputs[port] = Output(summary["type"], folder, summary.get("rows"), summary.get("columns"))
        if summary.get("metrics"):
            metrics = metrics_of(summary["metrics"])
    return outputs, metrics


def _is_wanted(kind: str, wanted: str) -> bool:
    if wanted == "all":
        return True
    types = [find_port_type(name) for name in kind.split(" | ")]
    return wanted == "reports" and any(each is not None and each.is_report for each in types)
