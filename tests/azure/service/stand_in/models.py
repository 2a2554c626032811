"""Single training scripts of the older SDK, and registered models."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stand_in.arm import WS
from stand_in.history import EXPERIMENT, experiment, restore
from stand_in.names import now
from stand_in.routing import Answer, Request, Router, ServiceError
from stand_in.runs import Run, Work

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
EXECUTION = rf"/execution/v1\.0{WS}{EXPERIMENT}"
MODELS = rf"/modelmanagement/v1\.0{WS}"


@route("POST", rf"{EXECUTION}/snapshotrun")
def new_script_run(service: Service, request: Request, experiment: str, **_: str) -> Any:
    """Execute one script from a snapshot."""
    body = request.json
    configuration = body["Configuration"]
    if configuration["target"] not in service.computes:
        message = f"Unknown compute target '{configuration['target']}'."
        raise ServiceError(400, "UserError", message)
    _know(service, request, experiment)
    run = service.runs.new(
        experiment,
        id=request.query.get("runId"),
        kind="azureml.scriptrun",
        target=configuration["target"],
        definition=configuration,
        properties={"ContentSnapshotId": body["SnapshotId"]},
    )
    folder = service.folder / "work" / run.id

    def command() -> tuple[Sequence[str], Path, Mapping[str, str]]:
        restore(service, body["SnapshotId"], folder)
        words = [sys.executable, configuration["script"], *configuration["arguments"]]
        return words, folder, configuration.get("environmentVariables") or {}

    service.runs.start(run, [Work(run, (), command, lambda: keep_outputs(service, run, folder))])
    return {"runId": run.id, "experimentName": experiment}


@route("POST", rf"{EXECUTION}/runId/(?P<run>[^/]+)/cancel")
def cancel(service: Service, request: Request, run: str, **_: str) -> Any:
    """End a script."""
    service.runs.cancel(run)
    return Answer(None, 200)


@route("POST", rf"{MODELS}/assets")
def new_asset(service: Service, request: Request, **_: str) -> Any:
    """Keep where the files of a model are."""
    made = {**request.json, "id": str(uuid.uuid4())}
    service.kept("asset")[made["id"]] = made
    return made


@route("POST", rf"{MODELS}/models")
def new_model(service: Service, request: Request, **_: str) -> Any:
    """Register a model under the next version of its name."""
    given = request.json
    known = service.kept("model")
    version = 1 + sum(1 for each in known.values() if each["name"] == given["name"])
    made = {
        **given,
        "id": f"{given['name']}:{version}",
        "version": version,
        "createdTime": now(),
        "kvTags": given.get("kvTags") or {},
        "properties": given.get("properties") or {},
    }
    known[made["id"]] = made
    return made


@route("GET", rf"{MODELS}/models/(?P<id>[^/]+)")
def model(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return a registered model."""
    return service.thing("model", id)


def keep_outputs(service: Service, run: Run, folder: Path) -> None:
    """Keep the folder “outputs” of a run as artifacts, as Azure ML does."""
    if (folder / "outputs").is_dir():
        target = service.runs.artifacts(run.id) / "outputs"
        shutil.copytree(folder / "outputs", target, dirs_exist_ok=True)


def _know(service: Service, request: Request, name: str) -> None:
    experiment(service, request, name)
