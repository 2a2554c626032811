"""The record of a run of a script: as that of a pipeline with one step."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.content_hash import content_hash
from designer.engine.fingerprints import script_digest
from designer.engine.libraries import versions
from designer.engine.results import RunResult
from designer.git_commit import git_commit
from designer.scripts.configuration import AT_AZURE, CURRENT, ScriptConfiguration
from designer.scripts.problem import ScriptError
from designer.workspace import Workspace

NODE = "script"
"""The name of the only step in the record of the run."""

CONFIGURATION = "script.yml"
"""The configuration in the folder of the run."""


def plain(configuration: ScriptConfiguration) -> dict[str, Any]:
    """Return a configuration as plain JSON."""
    plain = dataclasses.asdict(configuration)
    return plain | {
        "script": str(configuration.script),
        "arguments": list(configuration.arguments),
        "inputs": dict(configuration.inputs),
        "outputs": dict(configuration.outputs),
    }


def data_of(configuration: ScriptConfiguration, workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return path, hash, and dataset version of each input, as it is now.

    Raises
    ------
    ScriptError
        If one can't be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, value in configuration.inputs.items():
        if value.startswith(AT_AZURE):
            found[name] = {"path": value, "hash": ""}
            continue
        dataset = workspace.find_dataset(value)
        if dataset is None:
            path = Path(value)
            try:
                found[name] = {"path": value, "hash": content_hash(path)}
            except OSError as error:
                reason = error.strerror or str(error)
                raise ScriptError(f"The input “{name}” can't be read: {reason}.") from error
        else:
            number = dataset.version.version
            found[name] = {
                "path": str(dataset.path),
                "hash": dataset.version.hash,
                "dataset": f"{dataset.name}@{number}",
            }
    return found


def facts_of(configuration: ScriptConfiguration, environment: str) -> dict[str, Any]:
    """Return what decides the result of a script beside its data.

    Parameters
    ----------
    environment : str
        The hash of the environment file; empty for the current one.
    """
    return {
        "code": script_digest(configuration.script),
        "environment": environment or CURRENT,
        "configuration": plain(configuration),
    }


def record_run(
    configuration: ScriptConfiguration,
    workspace: Workspace,
    run: str,
    *,
    status: str,
    started: float,
    log: Path,
    facts: Mapping[str, Any],
    data: Mapping[str, Any],
    outputs: Mapping[str, Any],
    metrics: Mapping[str, float | None],
    error: Mapping[str, Any] | None,
    **more: Any,
) -> RunResult:
    """Write the record of a run that has ended.

    Parameters
    ----------
    **more
        Other parts of the record, ``azure`` for example.

    Raises
    ------
    OSError
        If it can't be written.
    """
    seconds = time.time() - started
    step: dict[str, Any] = {
        "status": status,
        "seconds": seconds,
        "outputs": dict(outputs),
        "log": str(log),
    }
    record = {
        "run": run,
        "status": status,
        "seconds": seconds,
        "nodes": {NODE: step | ({"error": dict(error)} if error else {})},
        "metrics": {NODE: dict(metrics)} if metrics else {},
        "started": started,
        "source": str(configuration.script),
        "base": str(configuration.script.parent),
        "commit": git_commit(configuration.script),
        "versions": versions(()) if configuration.environment == CURRENT else {},
        "data": dict(data),
        "script": dict(facts),
        **more,
    }
    workspace.remember_run(run, record, configuration.script)
    return RunResult.from_json(record)


def failure(message: str, hint: str) -> dict[str, Any]:
    """Return the error of a script's step as plain data."""
    return {"code": "script", "message": message} | ({"hint": hint} if hint else {})
