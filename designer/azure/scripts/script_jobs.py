"""A script as a job of Azure ML, with each of the SDKs."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from designer.azure.runs.remote import (
    RemotePipelineState,
    RemoteStepState,
    log_url,
    read_from,
    status_of,
)
from designer.azure.scripts.script import CONDA, OUTPUTS, Script
from designer.packaging import environment


class ScriptV1:
    """A script as a ScriptRunConfig."""

    def __init__(
        self,
        connection: Any,
        script: Script,
        compute: str,
        experiment: str,
        *,
        registered: Sequence[tuple[str, str, str]] = (),
        seconds: float | None = None,
    ) -> None:
        from azureml.core import Dataset, Environment, Experiment, ScriptRunConfig

        self._connection = connection
        with connection.translated_errors(), tempfile.TemporaryDirectory() as temporary:
            conda = Path(temporary, CONDA)
            conda.write_text(script.conda, "utf-8")
            surroundings = Environment.from_conda_specification(environment.NAME, str(conda))
            surroundings.docker.base_image = environment.IMAGE
            data = {
                placeholder: Dataset.get_by_name(
                    connection.workspace, name, version=version or "latest"
                ).as_mount()
                for placeholder, name, version in registered
            }
            configuration = ScriptRunConfig(
                source_directory=str(script.folder),
                script=script.file,
                arguments=[data.get(each, each) for each in script.arguments],
                compute_target=compute,
                environment=surroundings,
                **({} if seconds is None else {"max_run_duration_seconds": int(seconds)}),
            )
            self._run = Experiment(connection.workspace, experiment).submit(configuration)
            self.id = str(self._run.id)
            self.url = str(self._run.get_portal_url())

    def state(self) -> RemotePipelineState:
        """Return how far it is."""
        with self._connection.translated_errors():
            return RemotePipelineState(status_of(self._run.get_status()))

    def log(self, start: int) -> bytes:
        """Return its log from a byte offset on."""
        with self._connection.translated_errors():
            url = log_url(self._run.get_details().get("logFiles") or {})
            return read_from(url, start) if url else b""

    def metrics(self) -> dict[str, float]:
        """Return the latest value of each metric that it has logged, with MLflow or the SDK."""
        with self._connection.translated_errors():
            found = self._run.get_metrics()
        latest = {
            # Several values of a metric are a list.
            name: value[-1] if isinstance(value, list) and value else value
            for name, value in found.items()
        }
        # Others are tables, images, and texts.
        return {name: float(each) for name, each in latest.items() if _is_number(each)}

    def fetch_output(self, name: str, written: str, folder: Path) -> None:
        """Download the files of an output of a run configuration into a folder."""
        prefix = f"{written or f'{OUTPUTS}/{name}'}/"
        with self._connection.translated_errors(), tempfile.TemporaryDirectory() as temporary:
            self._run.download_files(prefix=prefix, output_directory=temporary)
            inside = Path(temporary, prefix)
            if inside.is_dir():
                shutil.copytree(inside, folder, dirs_exist_ok=True)

    def fetch(self, folder: Path) -> None:
        """Download the stored files into a folder."""
        with self._connection.translated_errors():
            self._run.download_files(
                prefix=f"{OUTPUTS}/", output_directory=str(folder), append_prefix=False
            )

    def register_model(self, name: str, path: str) -> str:
        """Register the stored files as a model; return its name and version."""
        with self._connection.translated_errors():
            made = self._run.register_model(name, model_path=f"{OUTPUTS}/{path}")
            return f"{made.name}:{made.version}"

    def cancel(self) -> None:
        """Request its cancellation."""
        with self._connection.translated_errors():
            self._run.cancel()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@contextlib.contextmanager
def command_job(script: Script, compute: str, experiment: str, name: str) -> Iterator[Any]:
    """Yield a script as a command job of SDK v2."""
    from azure.ai.ml import command
    from azure.ai.ml.entities import Environment

    with tempfile.TemporaryDirectory() as temporary:
        conda = Path(temporary, CONDA)
        conda.write_text(script.conda, "utf-8")
        yield command(
            code=str(script.folder),
            command=shlex.join(["python", script.file, *script.arguments]),
            environment=Environment(image=environment.IMAGE, conda_file=str(conda)),
            environment_variables={"PYTHONUNBUFFERED": "1"},
            compute=compute,
            experiment_name=experiment,
            display_name=name,
        )


class ScriptV2:
    """A script as a command job."""

    def __init__(self, connection: Any, job: Any) -> None:
        from designer.azure.runs.submission_v2 import RemoteV2

        with connection.translated_errors():
            made = connection.client.jobs.create_or_update(job)
        self._connection = connection
        self._remote = RemoteV2(connection, made)
        self.id = self._remote.id
        self.url = self._remote.url

    def state(self) -> RemotePipelineState:
        """Return how far it is."""
        with self._connection.translated_errors():
            job = self._connection.client.jobs.get(self.id)
            return RemotePipelineState(status_of(job.status or ""))

    def log(self, start: int) -> bytes:
        """Return its log from a byte offset on."""
        return self._remote.log(RemoteStepState(self.id, "running"), start)

    def metrics(self) -> dict[str, float]:
        """Return the latest value of each metric that it has logged with MLflow."""
        return self._remote.metrics()

    def fetch_output(self, name: str, written: str, folder: Path) -> None:
        """Download the files of an output of a run configuration into a folder."""
        self._remote.download(RemoteStepState(self.id, "completed"), {name: folder})

    def fetch(self, folder: Path) -> None:
        """Download the stored files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        with (
            self._connection.translated_errors(),
            tempfile.TemporaryDirectory(dir=folder) as temporary,
        ):
            self._connection.client.jobs.download(self.id, download_path=temporary)
            inside = Path(temporary, "artifacts", OUTPUTS)
            if inside.is_dir():
                shutil.copytree(inside, folder, dirs_exist_ok=True)

    def register_model(self, name: str, path: str) -> str:
        """Register the stored files as a model; return its name and version."""
        from azure.ai.ml.entities import Model

        with self._connection.translated_errors():
            kept = f"azureml://jobs/{self.id}/outputs/artifacts/paths/{OUTPUTS}/{path}"
            model = Model(name=name, path=kept, type="custom_model")
            made = self._connection.client.models.create_or_update(model)
            return f"{made.name}:{made.version}"

    def cancel(self) -> None:
        """Request its cancellation."""
        self._remote.cancel()
