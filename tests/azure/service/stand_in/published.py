"""What becomes of pipelines that are published: endpoints and schedules of the older SDK."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from stand_in.names import API, now
from stand_in.pipelines import BASE, execute, plain_pipeline_run, prepare
from stand_in.routing import Request, Router, ServiceError

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()


@route("POST", rf"{BASE}/Pipelines/Create")
def publish(service: Service, request: Request, **_: str) -> Any:
    """Keep a pipeline for others to run."""
    given = request.json
    id_ = str(uuid.uuid4())
    service.kept("published graph")[id_] = given
    entity = {
        "Id": id_,
        "Name": given.get("Name"),
        "Description": given.get("Description"),
        "Version": given.get("Version"),
        "GraphId": id_,
        "TotalRunSteps": len(given["Graph"]["ModuleNodes"]),
        "Url": f"{API}/pipelines/v1.0/PipelineRuns/PipelineSubmit/{id_}",
        "EntityStatus": "0",
        "ContinueRunOnStepFailure": given.get("ContinueRunOnStepFailure"),
    }
    service.kept("published")[id_] = entity
    return entity


@route("GET", rf"{BASE}/Pipelines/(?P<id>[^/]+)")
def published(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return a published pipeline."""
    return service.thing("published", id)


@route("GET", rf"{BASE}/Pipelines")
def all_published(service: Service, request: Request, **_: str) -> Any:
    """List the published pipelines."""
    return _listed(service, "published", request)


@route("PUT", rf"{BASE}/Pipelines/(?P<id>[^/]+)/status")
def change_published(service: Service, request: Request, id: str, **_: str) -> Any:
    """Disable a published pipeline, unless a schedule still starts it."""
    for each in service.kept("schedule").values():
        if each.get("PipelineId") == id and each["EntityStatus"] == "Active":
            raise ServiceError(400, "UserError", "The pipeline has an active schedule.")
    service.thing("published", id)["EntityStatus"] = request.json
    return None


@route("POST", rf"{BASE}/PipelineEndpoints/Create")
def new_endpoint(service: Service, request: Request, **_: str) -> Any:
    """Make an endpoint with its first version."""
    given = request.json
    id_ = str(uuid.uuid4())
    entity = {
        "Id": id_,
        "Name": given["Name"],
        "Description": given.get("Description"),
        "DefaultVersion": "0",
        "PipelineVersionList": [{"Version": "0", "PipelineId": given["PipelineId"]}],
        "Url": f"{API}/pipelines/v1.0/PipelineRuns/PipelineEndpointSubmit/Id/{id_}",
        "EntityStatus": "0",
    }
    service.kept("endpoint")[id_] = entity
    return entity


@route("GET", rf"{BASE}/PipelineEndpoints")
def endpoints(service: Service, request: Request, **_: str) -> Any:
    """List the endpoints."""
    return _listed(service, "endpoint", request)


@route("GET", rf"{BASE}/PipelineEndpoints/Name")
def endpoint_by_name(service: Service, request: Request, **_: str) -> Any:
    """Find an endpoint."""
    name = request.query.get("name") or request.query.get("Name")
    for each in service.kept("endpoint").values():
        if each["Name"] == name:
            return each
    raise ServiceError(404, "UserError", f"There is no endpoint {name}.")


@route("GET", rf"{BASE}/PipelineEndpoints/Id/(?P<id>[^/]+)")
def endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return an endpoint."""
    return service.thing("endpoint", id)


@route("PUT", rf"{BASE}/PipelineEndpoints/(?P<id>[^/]+)")
def change_endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Give an endpoint another version."""
    service.thing("endpoint", id).update(request.json)
    return service.thing("endpoint", id)


@route("POST", rf"{BASE}/PipelineRuns/PipelineEndpointSubmit/Id/(?P<id>[^/]+)")
def submit_endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Run the pipeline of an endpoint."""
    entity = service.thing("endpoint", id)
    wanted = request.query.get("pipelineVersion") or entity["DefaultVersion"]
    (pipeline,) = (
        each["PipelineId"] for each in entity["PipelineVersionList"] if each["Version"] == wanted
    )
    graph = service.thing("published graph", pipeline)
    given = request.json
    run = prepare(service, given["ExperimentName"], graph, given.get("ParameterAssignments"))
    execute(service, run)
    return plain_pipeline_run(service, run)


@route("POST", rf"{BASE}/PipelineRuns/PipelineSubmit/(?P<id>[^/]+)")
def submit_pipeline(service: Service, request: Request, id: str, **_: str) -> Any:
    """Run a published pipeline."""
    graph = service.thing("published graph", id)
    given = request.json
    run = prepare(service, given["ExperimentName"], graph, given.get("ParameterAssignments"))
    execute(service, run)
    return plain_pipeline_run(service, run)


@route("GET", rf"{BASE}/PipelineRuns/Schedule/(?P<id>[^/]+)/Last")
def last_run_of_schedule(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return the last run that a schedule has started; nothing if there is none."""
    found = service.kept("started by schedule").get(id)
    return None if found is None else plain_pipeline_run(service, service.runs.all[found["run"]])


@route("POST", rf"{BASE}/Schedules/Create")
def new_schedule(service: Service, request: Request, **_: str) -> Any:
    """Keep a schedule; the stand-in has no clock."""
    given = request.json
    id_ = str(uuid.uuid4())
    entity = {
        **given,
        "Id": id_,
        "EntityStatus": "Active",
        "ProvisioningStatus": "Completed",
        "CreatedDate": now(),
    }
    service.kept("schedule")[id_] = entity
    return entity


@route("GET", rf"{BASE}/Schedules/(?P<id>[^/]+)")
def schedule(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return a schedule."""
    return service.thing("schedule", id)


@route("GET", rf"{BASE}/Schedules")
def schedules(service: Service, request: Request, **_: str) -> Any:
    """List the schedules."""
    return _listed(service, "schedule", request)


@route("PUT", rf"{BASE}/Schedules/(?P<id>[^/]+)")
def change_schedule(service: Service, request: Request, id: str, **_: str) -> Any:
    """Change a schedule, or disable it."""
    service.thing("schedule", id).update(request.json)
    return service.thing("schedule", id)


_ACTIVE = ("0", "Active")


def _listed(service: Service, kind: str, request: Request) -> list[Any]:
    """Return what is kept of a kind; only what is active, if that is asked for."""
    active = str(request.query.get("activeOnly")).lower() == "true"
    return [
        each
        for each in service.kept(kind).values()
        if not active or each["EntityStatus"] in _ACTIVE
    ]
