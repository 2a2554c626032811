"""A run of a script on this computer or on a Dask cluster, recorded like that of a pipeline."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from designer.engine.executors.cluster import ClusterError
from designer.engine.results import RunResult
from designer.private_files import make_file, make_folder
from designer.scripts import environments
from designer.scripts.cluster import supervise_there
from designer.scripts.configuration import DASK, ScriptConfiguration, check
from designer.scripts.configuration_file import write_configuration
from designer.scripts.mlflow_run import MlflowRun, mlflow_run
from designer.scripts.outputs import Outputs, metrics_of
from designer.scripts.problem import ScriptError
from designer.scripts.process import supervise
from designer.scripts.script_record import (
    CONFIGURATION,
    NODE,
    data_of,
    facts_of,
    failure,
    record_run,
)
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace


def run_script(
    configuration: ScriptConfiguration,
    workspace: Workspace,
    *,
    on_line: Callable[[str], object] = lambda line: None,
    on_start: Callable[[str], object] = lambda run: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> RunResult:
    """Run a script to its end.

    The script isn't changed: it runs in its folder, with the arguments of the configuration.
    What it logs with MLflow becomes part of the run.

    Parameters
    ----------
    on_line : callable
        Receives each line of output as it comes, on any thread.
    on_start : callable
        Receives the id of the run when the script starts.
    is_cancelled : callable
        Called again and again; the script is interrupted once it returns true.

    Raises
    ------
    ScriptError
        If the configuration is wrong, or the environment or cluster can't be used. Nothing
        has run then. A script that fails is a run that failed.
    WorkspaceError
        If the workspace can't be written.
    """
    check(configuration, workspace)
    python, environment = environments.python_of(configuration.environment, workspace, on_line)
    data = data_of(configuration, workspace)
    run, folder = workspace.new_run()
    on_start(run)
    outputs = Outputs(configuration, make_folder(folder / "outputs"))
    write_configuration(configuration, folder / CONFIGURATION)
    tracked = _tracked(workspace, configuration, run, on_line)
    log = make_file(make_folder(folder / "logs") / f"{NODE}.log")
    started = time.time()
    lines = _Lines(on_line)
    error: dict[str, Any] | None = None
    stored: dict[str, Any] = {}
    status = "failed"
    try:
        code, reason = _supervise(
            configuration,
            workspace,
            [python, configuration.script.name, *_arguments(configuration, data, outputs)],
            {"PYTHONUNBUFFERED": "1", **(tracked.variables if tracked else {})},
            log,
            is_cancelled,
            lines.take,
        )
        lines.end()
        status, error = _ending(configuration, code, reason, log)
        if status == "completed":
            stored = outputs.store()
    except (ScriptError, ClusterError) as problem:
        status, error = "failed", failure(str(problem), problem.hint)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        where = f" (“{problem.filename}”)" if problem.filename else ""
        status, error = "failed", failure(f"The script can't be run: {reason}{where}.", "")
    finally:
        outputs.clear()
    facts = facts_of(configuration, environment)
    metrics = _end(tracked, status, facts, data, run, on_line)
    return record_run(
        configuration,
        workspace,
        run,
        status=status,
        started=started,
        log=log,
        facts=facts,
        data=data,
        outputs=stored,
        metrics=metrics,
        error=error,
    )


def _supervise(
    configuration: ScriptConfiguration,
    workspace: Workspace,
    command: list[str],
    variables: dict[str, str],
    log: Path,
    is_cancelled: Callable[[], bool],
    on_output: Callable[[bytes], object],
) -> tuple[int, str]:
    folder = str(configuration.script.parent)
    if configuration.target == DASK:
        return supervise_there(
            configuration.address,
            workspace,
            command,
            folder,
            variables,
            log,
            timeout=configuration.timeout,
            is_cancelled=is_cancelled,
            on_output=on_output,
        )
    return supervise(
        command,
        folder,
        variables,
        str(log),
        timeout=configuration.timeout,
        is_cancelled=is_cancelled,
        on_output=on_output,
    )


def _arguments(
    configuration: ScriptConfiguration, data: Mapping[str, Any], outputs: Outputs
) -> list[str]:
    def path_of(kind: str, name: str) -> str:
        return str(data[name]["path"]) if kind == "inputs" else outputs.path(name)

    return configuration.command_line(path_of)


def _tracked(
    workspace: Workspace,
    configuration: ScriptConfiguration,
    run: str,
    on_line: Callable[[str], object],
) -> MlflowRun | None:
    try:
        return mlflow_run(workspace, configuration, run)
    except TrackingError as error:
        on_line(f"MLflow can't be used, so metrics aren't recorded. {error.message}")
        return None


def _end(
    tracked: MlflowRun | None,
    status: str,
    facts: Mapping[str, Any],
    data: Mapping[str, Any],
    run: str,
    on_line: Callable[[str], object],
) -> dict[str, float | None]:
    if tracked is None:
        return {}
    tags = {"status": status, "code": facts["code"], "environment": facts["environment"]}
    tags |= {f"data.{name}": each["hash"] for name, each in data.items()}
    try:
        return metrics_of(tracked.end(status, tags, data, run))
    except TrackingError as error:
        on_line(f"The metrics can't be read from MLflow. {error.message}")
        return {}


def _ending(
    configuration: ScriptConfiguration, code: int, reason: str, log: Path
) -> tuple[str, dict[str, Any] | None]:
    """Return the status of a run and its error from how the process has ended."""
    name = configuration.script.name
    if reason == "cancelled":
        return "cancelled", None
    if reason == "timeout":
        return "failed", failure(
            f"“{name}” was ended after its time limit of {configuration.timeout:g} s.",
            "Raise the time limit, or let the script do less.",
        )
    if code == 0:
        return "completed", None
    if code < 0:
        try:
            ended = signal.Signals(-code).name
        except ValueError:
            ended = f"signal {-code}"
        hint = (
            "This happens when memory runs out, or when someone ends the process."
            if ended == "SIGKILL"
            else "Check the log of the script."
        )
        return "failed", failure(
            f"“{name}” was terminated by the operating system ({ended}).", hint
        )
    last = _last_line(log)
    hint = "Check the log of the script."
    if "match environment run ID" in last:
        hint = "Use the experiment of the script's mlflow.set_experiment, or remove that call."
    said = f": {last}" if last else "."
    return "failed", failure(f"“{name}” failed with exit status {code}{said}", hint)


def _last_line(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode("utf-8", "replace").split("\n")
    filled = [line.strip() for line in lines if line.strip()]
    return filled[-1][:300] if filled else ""


class _Lines:
    """Turns output into lines."""

    def __init__(self, on_line: Callable[[str], object]) -> None:
        self._on_line = on_line
        self._rest = b""

    def take(self, content: bytes) -> None:
        """Take some bytes."""
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            self._on_line(line.decode("utf-8", "replace").rstrip("\r"))

    def end(self) -> None:
        """Pass on a last line without an end."""
        if self._rest:
            self._on_line(self._rest.decode("utf-8", "replace"))
            self._rest = b""
