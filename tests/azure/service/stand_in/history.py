"""The run history: experiments, runs, their logs and artifacts; and code snapshots."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from stand_in.arm import WS
from stand_in.names import API, LOCATION, SCOPE, TENANT, WORKSPACE_ID, now
from stand_in.routing import Answer, Request, Router, ServiceError
from stand_in.runs import Run

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
HISTORY = rf"/history/v1\.0{WS}"
ARTIFACT = rf"/artifact/v2\.0{WS}/artifacts"
_DATA = f"azureml://locations/{LOCATION}/workspaces/{WORKSPACE_ID}/data"
EXPERIMENT = r"/experiments/(?P<experiment>[^/]+)"


@route("GET|POST", HISTORY + EXPERIMENT)
def experiment(service: Service, request: Request, experiment: str, **_: str) -> Any:
    """Return an experiment; it is made when first asked for."""
    known = service.kept("experiment")
    if experiment not in known:
        known[experiment] = {
            "experimentId": str(uuid.uuid4()),
            "name": experiment,
            "createdUtc": now(),
            "tags": {},
        }
    return known[experiment]


@route("GET|PATCH", rf"{HISTORY}(?:{EXPERIMENT})?/(?:experimentids/[^/]+/)?runs/(?P<run>[^/]+)")
def run(service: Service, request: Request, run: str, **_: str) -> Any:
    """Return a run."""
    return plain_run(service, _run(service, run))


@route("GET", rf"{HISTORY}(?:{EXPERIMENT})?/runs/(?P<run>[^/]+)/details")
def details(service: Service, request: Request, run: str, **_: str) -> Any:
    """Return a run with where its logs are."""
    found = _run(service, run)
    plain = plain_run(service, found)
    folder = service.runs.artifacts(run)
    logs = {}
    for path in sorted(folder.glob("*logs/*")):
        name = path.relative_to(folder).as_posix()
        logs[name] = service.blob_url("artifacts", f"ExperimentRun/dcid.{run}/{name}")
    return plain | {"logFiles": logs, "inputDatasets": [], "outputDatasets": []}


@route("GET", rf"{HISTORY}(?:{EXPERIMENT})?/runs/(?P<run>[^/]+)/children")
def children(service: Service, request: Request, run: str, **_: str) -> Any:
    """List the steps of a run."""
    return {"value": [plain_run(service, each) for each in service.runs.children(run)]}


@route("POST", rf"{HISTORY}/rundata")
def run_data(service: Service, request: Request, **_: str) -> Any:
    """Return a run with its outputs, each an asset of the data service."""
    found = _run(service, request.json["runId"])
    outputs = {
        name: {"assetId": f"{_DATA}/{found.id}_output_data_{name}/versions/1", "type": "uri_folder"}
        for name in service.kept("outputs").get(found.id, {})
    }
    return {"runMetadata": plain_run(service, found) | {"outputs": outputs}}


@route("POST", rf"/data/v1\.0{WS}/dataversion/batchGetResolvedUris")
def data_places(service: Service, request: Request, **_: str) -> Any:
    """Say where data assets are."""
    found = {}
    for asset in request.json["values"]:
        run, _, name = asset.split("/")[-3].partition("_output_data_")
        place = service.thing("outputs", run)[name]
        uri = f"azureml://datastores/workspaceblobstore/paths/{place}"
        found[asset] = {"uri": uri, "type": "uri_folder"}
    return {"values": found}


@route("POST", rf"{HISTORY}(?:{EXPERIMENT})?/runs:query")
@route("POST", rf"{HISTORY}/runs/query")
def query(service: Service, request: Request, **_: str) -> Any:
    """List runs; only the filter on a parent is understood."""
    text = (request.json or {}).get("filter") or ""
    parent = next((part.split()[-1] for part in text.split(" and ") if "ParentRunId" in part), "")
    return {
        "value": [plain_run(service, each) for each in service.runs.children(parent.strip("'"))]
    }


@route(
    "GET",
    rf"/artifact/v2\.0{WS}/artifacts/prefix/contentinfo/ExperimentRun/(?P<c>[^/]+)/?(?P<prefix>.*)",
)
def artifact_prefix(service: Service, request: Request, c: str, prefix: str = "", **_: str) -> Any:
    """List the artifacts of a run below a path, with where they can be read."""
    folder = service.blob_folder / "artifacts" / "ExperimentRun" / c
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.startswith(prefix):
            found.append(
                {
                    "contentUri": service.blob_url("artifacts", f"ExperimentRun/{c}/{name}"),
                    "origin": "ExperimentRun",
                    "container": c,
                    "path": name,
                }
            )
    return {"value": found}


@route(
    "GET",
    rf"/artifact/v2\.0{WS}/artifacts/(?:artifacturi|contentinfo)/ExperimentRun/(?P<c>[^/]+)/?(?P<p>.*)",
)
def artifact(service: Service, request: Request, c: str, p: str, **_: str) -> Any:
    """Say where an artifact can be read."""
    path = p or request.query.get("path", "")
    return {
        "contentUri": service.blob_url("artifacts", f"ExperimentRun/{c}/{path}"),
        "origin": "ExperimentRun",
        "container": c,
        "path": path,
    }


@route("GET", rf"/content/v1\.0{WS}/snapshots/latest/metadata")
def latest_snapshot(service: Service, request: Request, **_: str) -> Any:
    """Return the snapshot from which most files need not be sent again."""
    known = service.kept("snapshot")
    if not known:
        return {"root": {}, "id": "00000000-0000-0000-0000-000000000000"}
    latest = max(known, key=lambda id: len(known[id]["files"]))
    return {"root": known[latest]["tree"], "id": latest}


@route("POST", rf"/content/v2\.0{WS}/snapshots/getblob")
def snapshot_places(service: Service, request: Request, **_: str) -> Any:
    """Say where the files of a snapshot go."""
    place = uuid.uuid4()
    return {
        "fileNodes": [
            {"fullName": name, "blobUri": service.blob_url("snapshots", f"{place}/{name}")}
            for name in request.json["FileNames"]
        ]
    }


@route("POST", rf"/content/v2\.0{WS}/snapshots/(?P<id>[^/]+)")
def snapshot(service: Service, request: Request, id: str, **_: str) -> Any:
    """Keep a snapshot: its parent's files and the changed ones that are still in its tree."""
    body = request.json
    parent = service.kept("snapshot").get(body.get("ParentSnapshotId") or "", {})
    files = dict(parent.get("files", {}))
    for node in body["FileRevisionList"]["FileNodes"]:
        blob = unquote(urlsplit(node["BlobUri"]).path).lstrip("/")
        files[node["FullName"]] = blob
    present = set(_paths(body["DirTreeNode"]))
    kept = {name: blob for name, blob in files.items() if name in present}
    service.kept("snapshot")[id] = {"files": kept, "tree": body["DirTreeNode"]}
    return Answer({}, 200)


@route("GET", rf"{HISTORY}(?:{EXPERIMENT})?/runs/(?P<run>[^/]+)/metricsingest/wait")
def metrics_are_there(service: Service, request: Request, run: str, **_: str) -> Any:
    """Say that all metrics have arrived."""
    return {}


@route("POST", rf"{HISTORY}(?:{EXPERIMENT})?/runs/(?P<run>[^/]+)/events")
def event(service: Service, request: Request, run: str, **_: str) -> Any:
    """Take note of an event; the one that cancels has its own way too."""
    return {}


def restore(service: Service, snapshot: str, folder: Any) -> None:
    """Write the files of a snapshot into a folder."""
    for name, blob in service.thing("snapshot", snapshot)["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((service.blob_folder / blob).read_bytes())


def plain_run(service: Service, run: Run) -> dict[str, Any]:
    """Return a run as the service writes it."""
    parent = service.runs.all.get(run.parent or "")
    error = {"error": {"code": "UserError", "message": run.error}} if run.error else None
    ids = service.kept("experiment").get(run.experiment, {})
    return {
        "runNumber": run.number,
        "rootRunId": parent.id if parent else run.id,
        "experimentId": ids.get("experimentId"),
        "createdUtc": run.created,
        "runId": run.id,
        "parentRunId": run.parent,
        "status": run.status,
        "startTimeUtc": run.started,
        "endTimeUtc": run.ended,
        "name": run.name,
        "displayName": run.name,
        "dataContainerId": f"dcid.{run.id}",
        "hidden": False,
        "createdBy": {"userName": "A Person", "userObjectId": TENANT, "userTenantId": TENANT},
        "runType": run.kind,
        "properties": run.properties,
        "target": run.target,
        "tags": run.tags,
        "runDefinition": run.definition,
        "error": error,
        "warnings": [],
        "cancelUri": f"{API}/execution/v1.0{SCOPE}/experiments/{run.experiment}"
        f"/runId/{run.id}/cancel",
    }


def _run(service: Service, name: str) -> Run:
    try:
        return service.runs.all[name]
    except KeyError:
        raise ServiceError(404, "UserError", f"Run {name} was not found.") from None


def _paths(node: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    children = node.get("Children") or node.get("children") or {}
    items = children.values() if isinstance(children, dict) else children
    for child in items:
        name = child.get("Name") or child.get("name") or ""
        path = f"{prefix}{name}"
        if (child.get("Type") or child.get("type") or "").lower() == "file":
            found.append(path)
        else:
            found += _paths(child, f"{path}/")
    return found
