"""Jobs of deployments: in a separate process, or on a thread if quick."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from designer.app.background.control import Control
from designer.app.deployment.inference.conversion import Prepared
from designer.app.deployment.types import DeploySettings, Response
from designer.deployment import Endpoints, Status, deploying, dry_run
from designer.deployment.batch import batch
from designer.deployment.batch.batch import Batch, OnProgress
from designer.deployment.batch.rows import BadRows
from designer.deployment.steps import OnStep
from designer.deployment.target import DeployResult

LOG_LINES = 2000


def deploy(
    workspace: Path, request: DeploySettings, prepared: Prepared, on_step: OnStep, control: Control
) -> DeployResult:
    """Deploy a pipeline; see :func:`designer.deployment.deploying.deploy`."""
    control.roll_back()
    with _pipeline_file(workspace, request.name, prepared) as file:
        return deploying.deploy(
            workspace,
            file,
            request.name,
            request.target,
            request.options,
            key=request.key or None,
            allow=request.allow,
            explain=request.explain,
            on_step=on_step,
        )


def write_files(
    workspace: Path, request: DeploySettings, prepared: Prepared, on_step: OnStep, control: Control
) -> tuple[str, ...]:
    """Write the files of a deployment; return the notes for the user."""
    from designer.workspace import Workspace

    control.roll_back()
    assert request.folder is not None
    with _pipeline_file(workspace, request.name, prepared) as file:
        return dry_run.write_deployment(
            Workspace(workspace),
            file,
            request.name,
            request.target,
            request.folder,
            options=request.options,
            allow=request.allow,
            explain=request.explain,
            on_step=on_step,
        ).messages


def score_file(
    workspace: Path,
    name: str,
    sources: Mapping[str, Path],
    target: Path,
    bad_rows: BadRows,
    on_progress: OnProgress,
) -> Batch:
    """Score files with the current version of an endpoint."""
    endpoints = Endpoints(workspace)
    return batch.score_file(
        endpoints.package(name),
        sources,
        target,
        bad_rows=bad_rows,
        allowed=endpoints.records.allowed(name),
        on_progress=on_progress,
    )


def status(workspace: Path, name: str) -> Status:
    """Return the state of an endpoint, found out now."""
    return Endpoints(workspace).status(name, refresh=True)


def key(workspace: Path, name: str) -> str:
    """Return the primary key of an endpoint."""
    return Endpoints(workspace).keys(name).primary


def log(workspace: Path, name: str) -> str:
    """Return the end of the log of an endpoint."""
    return "\n".join(Endpoints(workspace).logs(name, LOG_LINES))


def roll_back(workspace: Path, name: str, version: int) -> Status:
    """Switch to another version."""
    return Endpoints(workspace).rollback(name, version)


def delete(workspace: Path, name: str) -> None:
    """Delete an endpoint with all its versions."""
    Endpoints(workspace).delete(name)


def send(workspace: Path, name: str, body: str) -> Response:
    """Send a request with the endpoint's key."""
    endpoints = Endpoints(workspace)
    began = time.perf_counter()
    status, content = endpoints.send(name, "POST", "/score", body.encode())
    seconds = time.perf_counter() - began
    return Response(status, content.decode("utf-8", "replace"), seconds)


@contextlib.contextmanager
def _pipeline_file(workspace: Path, name: str, prepared: Prepared) -> Iterator[Path]:
    """Write a pipeline into a separate folder; its paths refer to the same files."""
    from designer.app.document.path_parameters import rebase
    from designer.catalog import load_catalog
    from designer.pipeline.file import SUFFIX, loads, write
    from designer.workspace import Workspace

    catalog = load_catalog(*Workspace(workspace).own_modules)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / f"{name}{SUFFIX}"
        write(rebase(loads(prepared.text), catalog, prepared.base, file.parent), file)
        yield file
