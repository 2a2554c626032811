"""One training script, or one module, as a job of Azure ML: submit, wait, save the model.

What the script puts into its folder ``outputs`` is kept by Azure ML and can be fetched
and registered as a model.
"""

from __future__ import annotations

import json
import shlex
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from designer.azure import environment, snapshot
from designer.azure.errors import AzureError
from designer.azure.remote import PipelineState, StepState, log_url, read_from, status_of
from designer.azure.steps import Description
from designer.azure.submission import Connection, Destination, connect
from designer.azure.workspace import Say
from designer.pipeline.model import Json
from modules.contract import ModuleSpec

OUTPUTS = "outputs"
"""The folder whose content Azure ML keeps."""

CONDA = "conda.yml"
"""The environment of a script, beside it, where the person has one."""


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
    shutil.copyfile(Path(__file__).parent / "run_step.py", folder / "run_step.py")
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
    known = connection.computes()
    if destination.compute not in known:
        there = f"It has: {', '.join(known)}." if known else "Make one in Azure ML studio."
        what = f"no compute target “{destination.compute}”" if destination.compute else "no name"
        raise AzureError(f"The workspace “{destination.config.name}” has {what}.", there)
    experiment = destination.experiment or name
    if destination.target == "azureml-v1":
        return _ScriptV1(connection, script, destination.compute, experiment)
    return _ScriptV2(connection, script, destination.compute, experiment, name)


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


class _ScriptV1:
    """A script as a ScriptRunConfig."""

    def __init__(self, connection: Any, script: Script, compute: str, experiment: str) -> None:
        from azureml.core import Environment, Experiment, ScriptRunConfig

        self._connection = connection
        with connection.in_words(), tempfile.TemporaryDirectory() as place:
            conda = Path(place, CONDA)
            conda.write_text(script.conda, "utf-8")
            surroundings = Environment.from_conda_specification(environment.NAME, str(conda))
            surroundings.docker.base_image = environment.IMAGE
            configuration = ScriptRunConfig(
                source_directory=str(script.folder),
                script=script.file,
                arguments=list(script.arguments),
                compute_target=compute,
                environment=surroundings,
            )
            self._run = Experiment(connection.workspace, experiment).submit(configuration)
            self.id = str(self._run.id)
            self.url = str(self._run.get_portal_url())

    def state(self) -> PipelineState:
        with self._connection.in_words():
            return PipelineState(status_of(self._run.get_status()))

    def log(self, start: int) -> bytes:
        with self._connection.in_words():
            url = log_url(self._run.get_details().get("logFiles") or {})
            return read_from(url, start) if url else b""

    def fetch(self, folder: Path) -> None:
        with self._connection.in_words():
            self._run.download_files(
                prefix=f"{OUTPUTS}/", output_directory=str(folder), append_prefix=False
            )

    def register_model(self, name: str, path: str) -> str:
        with self._connection.in_words():
            made = self._run.register_model(name, model_path=f"{OUTPUTS}/{path}")
            return f"{made.name}:{made.version}"

    def cancel(self) -> None:
        with self._connection.in_words():
            self._run.cancel()


class _ScriptV2:
    """A script as a command job."""

    def __init__(
        self, connection: Any, script: Script, compute: str, experiment: str, name: str
    ) -> None:
        from azure.ai.ml import command
        from azure.ai.ml.entities import Environment

        from designer.azure.submission_v2 import RemoteV2

        with connection.in_words(), tempfile.TemporaryDirectory() as place:
            conda = Path(place, CONDA)
            conda.write_text(script.conda, "utf-8")
            job = command(
                code=str(script.folder),
                command=shlex.join(["python", script.file, *script.arguments]),
                environment=Environment(image=environment.IMAGE, conda_file=str(conda)),
                environment_variables={"PYTHONUNBUFFERED": "1"},
                compute=compute,
                experiment_name=experiment,
                display_name=name,
            )
            made = connection.client.jobs.create_or_update(job)
        self._connection = connection
        self._remote = RemoteV2(connection, made)
        self.id = self._remote.id
        self.url = self._remote.url

    def state(self) -> PipelineState:
        with self._connection.in_words():
            job = self._connection.client.jobs.get(self.id)
            return PipelineState(status_of(job.status or ""))

    def log(self, start: int) -> bytes:
        return self._remote.log(StepState(self.id, "running"), start)

    def fetch(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with self._connection.in_words(), tempfile.TemporaryDirectory(dir=folder) as place:
            self._connection.client.jobs.download(self.id, download_path=place)
            inside = Path(place, "artifacts", OUTPUTS)
            if inside.is_dir():
                shutil.copytree(inside, folder, dirs_exist_ok=True)

    def register_model(self, name: str, path: str) -> str:
        from azure.ai.ml.entities import Model

        with self._connection.in_words():
            place = f"azureml://jobs/{self.id}/outputs/artifacts/paths/{OUTPUTS}/{path}"
            model = Model(name=name, path=place, type="custom_model")
            made = self._connection.client.models.create_or_update(model)
            return f"{made.name}:{made.version}"

    def cancel(self) -> None:
        self._remote.cancel()
