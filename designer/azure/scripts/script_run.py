"""One training script, or one module, as a job of Azure ML: submit, wait, save the model.

What the script puts into its folder ``outputs`` is kept by Azure ML and can be fetched
and registered as a model.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from designer.azure import run_step
from designer.azure.compile.steps import Description
from designer.azure.connection import check_computes
from designer.azure.errors import AzureError
from designer.azure.runs.remote import PipelineState
from designer.azure.runs.submission import Connection, Destination, connect
from designer.azure.scripts.script_jobs import CONDA, OUTPUTS, ScriptV1, ScriptV2
from designer.azure.workspace import Say
from designer.packaging import environment, snapshot
from designer.pipeline.model import Json
from modules.contract import ModuleSpec


@dataclass(frozen=True)
class Script:
    """What is sent.

    Parameters
    ----------
    folder : Path
        Everything in it travels.
    file : str
        The script, relative to the folder.
    arguments : tuple of str
        Plain words.
    conda : str
        The content of a conda file.
    """

    folder: Path
    file: str
    arguments: tuple[str, ...] = ()
    conda: str = ""


def script_of_file(
    file: Path, arguments: Sequence[str] = (), *, requires: Sequence[str] = ()
) -> Script:
    """Describe a person's own training script; its folder travels with it.

    Parameters
    ----------
    requires : sequence of str
        Distributions that it needs beyond those of the modules, with the versions that
        are installed here. Not used where a ``conda.yml`` lies beside the script.

    Raises
    ------
    AzureError
        If there is no such file.
    CompileError
        If something that is required is not installed here.
    """
    if not file.is_file():
        raise AzureError(f"There is no script “{file}”.")
    own = file.parent / CONDA
    conda = own.read_text("utf-8") if own.is_file() else environment.conda_file(requires)
    return Script(file.absolute().parent, file.name, tuple(arguments), conda)


def script_of_module(
    spec: ModuleSpec,
    parameters: Mapping[str, Json],
    inputs: Mapping[str, Path],
    folder: Path,
) -> Script:
    """Describe one module as a script, with the step program that runs it everywhere.

    Parameters
    ----------
    parameters : mapping
        Plain JSON, as in a pipeline's file.
    inputs : mapping of str to Path
        Stored values by port, as a run leaves them.
    folder : Path
        A new folder, which gets all that travels.
    """
    description = Description(spec.id, ())
    snapshot.write_snapshot(description, folder)
    shutil.copyfile(Path(run_step.__file__), folder / "run_step.py")
    (folder / "parameters.json").write_text(json.dumps(dict(parameters)), "utf-8")
    words = [spec.id, "--parameters", "parameters.json"]
    for port, source in inputs.items():
        shutil.copytree(source, folder / "inputs" / port)
        words += ["--input", f"{port}=inputs/{port}"]
    for output in spec.outputs:
        words += ["--output", f"{output.name}={OUTPUTS}/{output.name}"]
    return Script(folder, "run_step.py", tuple(words), environment.conda_file(spec.requires))


class RemoteScript(Protocol):
    """A script that Azure ML has taken; its methods raise AzureError."""

    id: str
    url: str

    def state(self) -> PipelineState:
        """Return how far it is."""

    def log(self, start: int) -> bytes:
        """Return what it has printed from a byte on."""

    def fetch(self, folder: Path) -> None:
        """Bring what it has put into ``outputs`` into a folder."""

    def register_model(self, name: str, path: str) -> str:
        """Register a file or folder below ``outputs`` as a model; return name and version."""

    def cancel(self) -> None:
        """Ask for its end."""


def submit(
    script: Script,
    destination: Destination,
    *,
    connection: Connection | None = None,
    name: str = "script",
    say: Say = print,
) -> RemoteScript:
    """Submit a script and return at once.

    Raises
    ------
    AzureError
        If it can't be submitted; nothing has been sent if the compute is unknown.
    """
    connection = connection or connect(destination, say=say)
    check_computes([destination.compute], destination, connection)
    compute = str(destination.compute)
    experiment = destination.experiment or name
    if destination.target == "azureml-v1":
        return ScriptV1(connection, script, compute, experiment)
    return ScriptV2(connection, script, compute, experiment, name)


def wait(
    remote: RemoteScript,
    *,
    poll: float = 5.0,
    on_line: Callable[[str], None] | None = None,
    cancel: threading.Event | None = None,
    timeout: float | None = None,
) -> PipelineState:
    """Wait for the end of a script.

    Parameters
    ----------
    poll : float
        Seconds between two looks.
    on_line : callable, optional
        Told what it prints.
    cancel : Event, optional
        When it is set, the script is cancelled.

    Raises
    ------
    TimeoutError
        If it takes longer than ``timeout`` seconds; it goes on.
    """
    end = None if timeout is None else time.monotonic() + timeout
    cancel = cancel or threading.Event()
    cancelled = False
    read = 0
    rest = b""
    while True:
        if cancel.is_set() and not cancelled:
            remote.cancel()
            cancelled = True
        state = remote.state()
        ended = state.status in ("completed", "failed", "cancelled")
        if on_line is not None and state.status != "waiting":
            content = remote.log(read)
            read += len(content)
            *lines, rest = (rest + content).split(b"\n")
            for line in [*lines, *([rest] if ended and rest else [])]:
                on_line(line.decode("utf-8", "replace").rstrip("\r"))
        if ended:
            return state
        if end is not None and time.monotonic() > end:
            raise TimeoutError("The script still runs.")
        if cancelled:
            time.sleep(poll)
        else:
            cancel.wait(poll)
