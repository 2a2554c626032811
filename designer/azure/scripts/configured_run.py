"""A run configuration on Azure ML: submitted, followed, its outputs downloaded, recorded."""

from __future__ import annotations

import dataclasses
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from designer.azure.errors import AzureError
from designer.azure.runs.submission import Connection, SubmissionTarget
from designer.azure.scripts.compiled_script import compile_script
from designer.azure.scripts.script_run import RemoteScript, submit_compiled, wait
from designer.azure.workspace import Notify
from designer.content_hash import file_digest
from designer.engine.results import RunResult
from designer.private_files import make_file, make_folder
from designer.scripts.configuration import CURRENT, ScriptConfiguration, check
from designer.scripts.configuration_file import write_configuration
from designer.scripts.outputs import metrics_of
from designer.scripts.script_record import (
    CONFIGURATION,
    NODE,
    data_of,
    facts_of,
    failure,
    record_run,
)
from designer.workspace import Workspace


def run_configured(
    configuration: ScriptConfiguration,
    destination: SubmissionTarget,
    workspace: Workspace,
    *,
    connection: Connection | None = None,
    on_line: Callable[[str], object] = print,
    cancel: threading.Event | None = None,
    poll: float = 5.0,
    notify: Notify = print,
) -> RunResult:
    """Run a script on Azure ML to its end.

    Parameters
    ----------
    destination : SubmissionTarget
        Its experiment and compute target are those of the configuration.
    cancel : Event, optional
        When it is set, the job is cancelled.
    poll : float
        Seconds between two polls.

    Raises
    ------
    ScriptError, AzureError, PackagingError
        If the configuration is wrong, or the job can't be submitted or followed.
    """
    check(configuration, workspace)
    data = data_of(configuration, workspace)
    own = configuration.environment == CURRENT
    facts = facts_of(configuration, "" if own else file_digest(Path(configuration.environment)))
    destination = dataclasses.replace(
        destination,
        experiment=destination.experiment or configuration.name,
        compute=destination.compute or configuration.address,
    )
    started = time.time()
    with tempfile.TemporaryDirectory(prefix="modeldesk-", ignore_cleanup_errors=True) as made:
        compiled = compile_script(
            configuration, workspace, destination.target, Path(made) / "compiled"
        )
        remote = submit_compiled(
            compiled,
            destination,
            connection=connection,
            seconds=configuration.timeout,
            notify=notify,
        )
    notify(f"Submitted: {remote.url}")
    run, folder = workspace.new_run()
    write_configuration(configuration, folder / CONFIGURATION)
    log = make_file(make_folder(folder / "logs") / f"{NODE}.log")
    with log.open("a", encoding="utf-8") as file:

        def take(line: str) -> None:
            file.write(f"{line}\n")
            on_line(line)

        state = wait(remote, poll=poll, on_line=take, cancel=cancel)
    status, error = str(state.status), None
    metrics = _metrics(remote, on_line)
    outputs: dict[str, Any] = {}
    if status == "failed":
        error = failure("The job failed on Azure ML.", f"Check its log, or {remote.url}")
    elif status == "completed":
        outputs, missing = _outputs(configuration, remote, make_folder(folder / "outputs"))
        if missing:
            status = "failed"
            error = failure(
                f"The script wrote nothing to its output “{missing}”.",
                "Check where the script writes, and the folder of the output.",
            )
    return record_run(
        configuration,
        workspace,
        run,
        status=status,
        started=started,
        log=log,
        facts=facts,
        data=data,
        outputs=outputs,
        metrics=metrics,
        error=error,
        azure={"target": destination.target, "run": remote.id, "url": remote.url},
    )


def _metrics(remote: RemoteScript, on_line: Callable[[str], object]) -> dict[str, float | None]:
    """Return what the script has logged; a run without them is better than none."""
    try:
        return metrics_of(remote.metrics())
    except AzureError as error:
        on_line(f"The metrics can't be read from Azure ML. {error.message}")
        return {}


def _outputs(
    configuration: ScriptConfiguration, remote: RemoteScript, folder: Path
) -> tuple[dict[str, Any], str]:
    """Download the outputs; return them, and the name of the first that is empty."""
    from modules.values import Files, storage

    found: dict[str, Any] = {}
    for name, written in configuration.outputs.items():
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            fetched = Path(temporary) / name
            remote.fetch_output(name, written, fetched)
            if not fetched.is_dir() or not any(each.is_file() for each in fetched.rglob("*")):
                return found, name
            about = storage.save(Files(fetched), folder / name)
        found[name] = {
            "type": about["type"],
            "path": str(folder / name),
            "files": about["files"],
        }
    return found, ""
