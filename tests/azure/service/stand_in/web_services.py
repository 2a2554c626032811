"""Web services of the older SDK, on Container Instances and Kubernetes."""

from __future__ import annotations

import shutil
import tarfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stand_in.arm import WS
from stand_in.names import API, now
from stand_in.routing import Answer, Request, Router, ServiceError
from stand_in.scoring import Container, DidNotStartError, Front, new_keys

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
BASE = rf"/modelmanagement/v1\.0{WS}"
SERVICE = rf"{BASE}/services/(?P<id>[^/]+)"
ARTIFACTS = rf"/artifact/v2\.0{WS}/artifacts"


@route("POST", rf"{ARTIFACTS}/batch/metadata/(?P<origin>[^/]+)/(?P<container>[^/]+)")
def new_artifacts(service: Service, request: Request, origin: str, container: str, **_: str) -> Any:
    """Say where files go that are no artifacts of a run."""
    names = [each["path"] for each in request.json["paths"]]
    places = {name: f"{origin}/{container}/{name}" for name in names}
    return {
        "artifacts": {
            name: {"artifactId": place, "origin": origin, "container": container, "path": name}
            for name, place in places.items()
        },
        "artifactContentInformation": {
            name: {
                "contentUri": service.blob_url("artifacts", place),
                "origin": origin,
                "container": container,
                "path": name,
            }
            for name, place in places.items()
        },
        "errors": {},
    }


@route("DELETE", rf"{BASE}/models/(?P<id>[^/]+)")
def delete_model(service: Service, request: Request, id: str, **_: str) -> Any:
    """Delete a registered model."""
    service.thing("model", id)
    del service.kept("model")[id]
    return Answer(None, 200)


@route("POST", rf"{BASE}/services/validate(?:/.+)?")
def validate(service: Service, request: Request, **_: str) -> Any:
    """Have no objection."""
    return {}


@route("POST", rf"{BASE}/services")
def new_service(service: Service, request: Request, **_: str) -> Any:
    """Build the image of a web service, start it, or say why that failed."""
    given = request.json
    name = given["name"]
    known = service.kept("web service").get(name)
    if known is not None and not given.get("overwrite"):
        raise ServiceError(409, "Conflict", f"Service {name} already exists.")
    if given["computeType"] == "AKS" and given.get("computeName") not in service.computes:
        raise ServiceError(404, "NotFound", f"Compute {given.get('computeName')} not found.")
    plain = _plain(given, known)
    service.kept("web service")[name] = plain
    operation: dict[str, Any] = {"id": str(uuid.uuid4()), "state": "Succeeded"}
    operation |= {"operationType": "Service", "createdTime": now(), "endTime": now()}
    service.kept("operation")[operation["id"]] = operation
    host = _host(plain)
    front = service.scoring.fronts.get(host)
    if front is None:
        keys = new_keys() | {key: it for key, it in (given.get("keys") or {}).items() if it}
        front = service.scoring.fronts[host] = Front(keys)
    if service.broken_image:
        log = f"Step 7/12 : RUN pip install\n{service.broken_image}\nkey {front.keys['primaryKey']}"
        place = service.blob_folder / "artifacts" / "logs" / f"{operation['id']}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(log)
        url = service.blob_url("artifacts", f"logs/{place.name}")
        _fail(plain, operation, "BuildImage", "Image building failed.")
        operation["operationLog"] = url
    else:
        try:
            container = _start(service, given["environmentImageRequest"])
        except DidNotStartError as error:
            front.containers["failed"] = Container("failed", _text_file(service, str(error)))
            _fail(plain, operation, "DeployService", "Your container application crashed.")
        else:
            old = front.containers.pop("current", None)
            front.containers["current"] = container
            front.traffic = {"current": 100}
            if old is not None:
                service.scoring.stop(old)
    headers = {"Operation-Location": f"{API}/operations/{operation['id']}"}
    return Answer(None, 202, headers)


@route("GET", rf"{BASE}/operations/(?P<id>[^/]+)")
def operation(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return how far a deployment is."""
    found = service.thing("operation", id)
    if service.slow_deployments:
        service.slow_deployments -= 1
        return found | {"state": "Running"}
    return found


@route("GET", SERVICE)
def web_service(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return a web service."""
    return service.thing("web service", id)


@route("DELETE", SERVICE)
def delete(service: Service, request: Request, id: str, **_: str) -> Any:
    """Delete a web service and end its containers."""
    plain = service.thing("web service", id)
    if service.keeps_all:
        raise ServiceError(409, "Conflict", "The service is being updated.")
    del service.kept("web service")[id]
    front = service.scoring.fronts.pop(_host(plain))
    if "current" in front.containers:
        service.scoring.stop(front.containers["current"])
    return Answer(None, 200)


@route("POST", rf"{SERVICE}/listkeys")
def keys(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return the keys."""
    return service.scoring.fronts[_host(service.thing("web service", id))].keys


@route("POST", rf"{SERVICE}/regenerateKeys")
def new_key(service: Service, request: Request, id: str, **_: str) -> Any:
    """Make another key."""
    front = service.scoring.fronts[_host(service.thing("web service", id))]
    which = f"{request.json['keyType'].lower()}Key"
    front.keys[which] = new_keys()[which]
    made = {"id": str(uuid.uuid4()), "state": "Succeeded", "operationType": "Service"}
    service.kept("operation")[made["id"]] = made
    return Answer(None, 202, {"Operation-Location": f"{API}/operations/{made['id']}"})


@route("GET", rf"{SERVICE}/logs")
def logs(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return what the container has printed, and, as careless code might, a key."""
    front = service.scoring.fronts[_host(service.thing("web service", id))]
    texts = [each.text() for each in front.containers.values()]
    return {"content": "\n".join([*texts, f"primary key {front.keys['primaryKey']}"])}


def _start(service: Service, image: dict[str, Any]) -> Container:
    """Unpack code and models as an image would, and start its server."""
    folder = service.folder / "images" / str(uuid.uuid4())
    code = folder / "code"
    code.mkdir(parents=True)
    for asset in image["assets"]:
        blob = service.blob_folder / "artifacts" / asset["url"].removeprefix("aml://artifact/")
        if asset.get("unpack"):
            with tarfile.open(blob) as archive:
                archive.extractall(code, filter="data")
    models = folder / "azureml-models"
    for id_ in image["modelIds"]:
        model = service.thing("model", id_)
        asset = service.thing("asset", model["url"].removeprefix("aml://asset/"))
        for each in asset["artifacts"]:
            source = service.blob_folder / "artifacts" / each["prefix"]
            target = models / model["name"] / str(model["version"]) / source.name
            shutil.copytree(source, target)
    variables = image["environment"]["environmentVariables"]
    return service.scoring.start(code, variables["AZUREML_ENTRY_SCRIPT"], models, variables)


def _plain(given: dict[str, Any], known: dict[str, Any] | None) -> dict[str, Any]:
    """Return a web service as the service writes it."""
    name = given["name"]
    uri = f"http://{name}.westeurope.azurecontainer.io/score"
    if given["computeType"] == "AKS":
        uri = f"http://20.0.0.7:80/api/v1/service/{name}/score"
    needs = given.get("containerResourceRequirements") or {}
    return {
        "name": name,
        "description": given.get("description"),
        "kvTags": given.get("kvTags") or {},
        "properties": given.get("properties") or {},
        "computeType": given["computeType"],
        "computeName": given.get("computeName"),
        "createdTime": known["createdTime"] if known else now(),
        "updatedTime": now(),
        "state": "Healthy",
        "error": None,
        "authEnabled": given.get("authEnabled", True),
        "aadAuthEnabled": False,
        "appInsightsEnabled": False,
        "containerResourceRequirements": {
            **dict.fromkeys(("cpu", "cpuLimit", "memoryInGB", "memoryInGBLimit", "gpu")),
            **needs,
        },
        "scoringUri": uri,
        "location": "westeurope",
        "publicIp": "20.0.0.7",
        **dict.fromkeys(("cname", "sslCertificate", "sslEnabled", "sslKey")),
        "autoScaler": {
            **dict.fromkeys(
                ("maxReplicas", "minReplicas", "refreshPeriodInSeconds", "targetUtilization")
            ),
            "autoscaleEnabled": False,
        },
        "dataCollection": {"eventHubEnabled": False, "storageEnabled": False},
        "livenessProbeRequirements": None,
        "maxConcurrentRequestsPerContainer": 1,
        "maxQueueWaitMs": None,
        "numReplicas": given.get("numReplicas"),
        "scoringTimeoutMs": given.get("scoringTimeoutMs"),
    }


def _fail(plain: dict[str, Any], operation: dict[str, Any], part: str, message: str) -> None:
    error = {"code": "DeploymentFailed", "statusCode": 400, "message": message}
    plain |= {"state": "Failed", "error": error}
    operation |= {
        "state": "Failed",
        "error": error,
        "operationDetails": {"subOperationType": part},
    }


def _text_file(service: Service, text: str) -> Path:
    place = service.folder / f"{uuid.uuid4()}.txt"
    place.write_text(text)
    return place


def _host(plain: dict[str, Any]) -> str:
    """Return what the door knows a web service by: host, and path where many share one."""
    uri = str(plain["scoringUri"])
    return uri.removeprefix("http://")
