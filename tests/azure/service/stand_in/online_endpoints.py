"""Managed online endpoints of the newer SDK."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stand_in.arm import WS
from stand_in.jobs import resource
from stand_in.names import CONTAINER, LOCATION, SCOPE
from stand_in.routing import Answer, Request, Router, ServiceError
from stand_in.scoring import Container, DidNotStartError, Front, new_keys

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
ENDPOINT = rf"{WS}/onlineEndpoints/(?P<id>[^/]+)"
DEPLOYMENT = rf"{ENDPOINT}/deployments/(?P<part>[^/]+)"


@route("PUT", ENDPOINT)
def new_endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Make an endpoint, or change its traffic."""
    given = request.json
    front = service.scoring.fronts.setdefault(_host(id), Front(new_keys()))
    traffic = given["properties"].get("traffic") or {}
    missing = set(traffic) - set(front.containers)
    if missing:
        raise ServiceError(400, "BadArgument", f"There is no deployment {sorted(missing)}.")
    front.traffic = traffic
    place = f"{SCOPE}/onlineEndpoints/{id}"
    made = resource(place, id, "onlineEndpoints", given["properties"])
    made |= {"location": LOCATION, "tags": given.get("tags") or {}, "kind": "Managed"}
    made["identity"] = {"type": "SystemAssigned"}
    made["properties"] |= {"traffic": traffic, "scoringUri": f"https://{_host(id)}"}
    made["properties"] |= {"swaggerUri": f"https://{_host(id)}/swagger.json"}
    service.kept("online endpoint")[id] = made
    return Answer(made, 201)


@route("GET", ENDPOINT)
def endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return an endpoint."""
    return service.thing("online endpoint", id)


@route("DELETE", ENDPOINT)
def delete_endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Delete an endpoint with all its deployments."""
    service.thing("online endpoint", id)
    del service.kept("online endpoint")[id]
    for key in [key for key in service.kept("online deployment") if key.startswith(f"{id}/")]:
        del service.kept("online deployment")[key]
    for container in service.scoring.fronts.pop(_host(id)).containers.values():
        service.scoring.stop(container)
    return Answer(None, 200)


@route("POST", rf"{ENDPOINT}/listKeys")
def keys(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return the keys."""
    service.thing("online endpoint", id)
    return service.scoring.fronts[_host(id)].keys


@route("POST", rf"{ENDPOINT}/regenerateKeys")
def new_key(service: Service, request: Request, id: str, **_: str) -> Any:
    """Set a key to the value that was given, or to another one of the service's."""
    service.thing("online endpoint", id)
    given = request.json
    if given.get("keyType") not in ("Primary", "Secondary"):
        raise ServiceError(400, "BadArgument", "keyType is Primary or Secondary.")
    which = f"{given['keyType'].lower()}Key"
    if not service.keeps_keys:
        value = given.get("keyValue") or new_keys()[which]
        service.scoring.fronts[_host(id)].keys[which] = value
    return Answer(None, 200)


@route("PUT", DEPLOYMENT)
def new_deployment(service: Service, request: Request, id: str, part: str, **_: str) -> Any:
    """Start a deployment beside the others, without traffic, or say why it failed."""
    service.thing("online endpoint", id)
    given = request.json
    properties = given["properties"]
    front = service.scoring.fronts[_host(id)]
    state = "Succeeded"
    if service.broken_image:
        log = f"{service.broken_image}\nkey {front.keys['primaryKey']}\n"
        service.kept("failed log")[f"{id}/{part}"] = {"content": log}
        state = "Failed"
    else:
        try:
            container = _start(service, properties)
        except DidNotStartError as error:
            service.kept("failed log")[f"{id}/{part}"] = {"content": str(error)}
            state = "Failed"
        else:
            front.containers[part] = container
    place = f"{SCOPE}/onlineEndpoints/{id}/deployments/{part}"
    made = resource(place, part, "onlineEndpoints/deployments", properties)
    made |= {"location": LOCATION, "tags": given.get("tags") or {}, "sku": given.get("sku")}
    made["properties"]["provisioningState"] = state
    made["properties"].setdefault("scaleSettings", {"scaleType": "Default"})
    service.kept("online deployment")[f"{id}/{part}"] = made
    return Answer(made, 201)


@route("GET", DEPLOYMENT)
def deployment(service: Service, request: Request, id: str, part: str, **_: str) -> Any:
    """Return a deployment."""
    return service.thing("online deployment", f"{id}/{part}")


@route("GET", rf"{ENDPOINT}/deployments")
def deployments(service: Service, request: Request, id: str, **_: str) -> Any:
    """List the deployments of an endpoint."""
    known = service.kept("online deployment")
    return {"value": [each for key, each in known.items() if key.startswith(f"{id}/")]}


@route("DELETE", DEPLOYMENT)
def delete_deployment(service: Service, request: Request, id: str, part: str, **_: str) -> Any:
    """Delete a deployment that has no traffic."""
    service.thing("online deployment", f"{id}/{part}")
    front = service.scoring.fronts[_host(id)]
    if front.traffic.get(part):
        raise ServiceError(400, "BadArgument", f"The deployment {part} has traffic.")
    del service.kept("online deployment")[f"{id}/{part}"]
    container = front.containers.pop(part, None)
    if container is not None:
        service.scoring.stop(container)
    return Answer(None, 200)


@route("POST", rf"{DEPLOYMENT}/getLogs")
def logs(service: Service, request: Request, id: str, part: str, **_: str) -> Any:
    """Return what the container has printed, and, as careless code might, a key."""
    service.thing("online deployment", f"{id}/{part}")
    front = service.scoring.fronts[_host(id)]
    if part not in front.containers:
        return service.thing("failed log", f"{id}/{part}")
    text = front.containers[part].text()
    return {"content": f"{text}\nprimary key {front.keys['primaryKey']}"}


def _start(service: Service, properties: dict[str, Any]) -> Container:
    """Bring code and model together as Azure does, and start the server."""
    configuration = properties["codeConfiguration"]
    code = _asset(service, "codes", configuration["codeId"], "codeUri")
    model = _asset(service, "models", properties["model"], "modelUri")
    _, _, key = properties["model"].partition("/models/")
    folder = service.folder / "images" / str(uuid.uuid4())
    shutil.copytree(code, folder / "code")
    name, version = key.split("/versions/")
    models = folder / "azureml-models" / name / version
    shutil.copytree(model, models / model.name)
    variables = properties.get("environmentVariables") or {}
    return service.scoring.start(folder / "code", configuration["scoringScript"], models, variables)


def _asset(service: Service, kind: str, place: str, field: str) -> Path:
    """Return the folder of what was uploaded."""
    key = place.split(f"/{kind}/")[-1].replace("/versions/", "/")
    uri = service.thing(kind, key)["properties"][field]
    if "/paths/" in uri:
        store = uri.partition("/datastores/")[2].partition("/")[0]
        container = CONTAINER if store == "workspaceblobstore" else "artifacts"
        return service.blob_folder / container / uri.partition("/paths/")[2].rstrip("/")
    return service.blob_folder / urlsplit(uri).path.strip("/")


def _host(name: str) -> str:
    return f"{name}.{LOCATION}.inference.ml.azure.com/score"
