"""Batch endpoints and schedules of the newer SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stand_in.arm import WS
from stand_in.jobs import resource
from stand_in.names import API, LOCATION, SCOPE
from stand_in.routing import Answer, Request, Router, ServiceError

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
ENDPOINT = rf"{WS}/batchEndpoints/(?P<id>[^/]+)"


@route("PUT", ENDPOINT)
def new_endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Make or change an endpoint."""
    made = resource(
        f"{SCOPE}/batchEndpoints/{id}", id, "batchEndpoints", request.json["properties"]
    )
    made["location"] = LOCATION
    made["properties"].setdefault("defaults", {"deploymentName": None})
    made["properties"]["scoringUri"] = f"{API}/batchEndpoints/{id}/jobs"
    service.kept("batch endpoint")[id] = made
    return Answer(made, 201)


@route("GET", ENDPOINT)
def endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return an endpoint."""
    return service.thing("batch endpoint", id)


@route("GET", rf"{WS}/batchEndpoints")
def endpoints(service: Service, request: Request, **_: str) -> Any:
    """List the endpoints."""
    return {"value": list(service.kept("batch endpoint").values())}


@route("DELETE", ENDPOINT)
def delete_endpoint(service: Service, request: Request, id: str, **_: str) -> Any:
    """Delete an endpoint with its deployments."""
    service.thing("batch endpoint", id)
    del service.kept("batch endpoint")[id]
    for key in [each for each in service.kept("batch deployment") if each.startswith(f"{id}/")]:
        del service.kept("batch deployment")[key]
    return Answer(None, 200)


@route("PUT", rf"{ENDPOINT}/deployments/(?P<deployment_>[^/]+)")
def new_deployment(service: Service, request: Request, id: str, deployment_: str, **_: str) -> Any:
    """Make a deployment."""
    place = f"{SCOPE}/batchEndpoints/{id}/deployments/{deployment_}"
    made = resource(place, deployment_, "batchEndpoints/deployments", request.json["properties"])
    made["location"] = LOCATION
    service.kept("batch deployment")[f"{id}/{deployment_}"] = made
    return Answer(made, 201)


@route("GET", rf"{ENDPOINT}/deployments/(?P<deployment_>[^/]+)")
def deployment(service: Service, request: Request, id: str, deployment_: str, **_: str) -> Any:
    """Return a deployment."""
    return service.thing("batch deployment", f"{id}/{deployment_}")


@route("GET", rf"{ENDPOINT}/deployments")
def deployments(service: Service, request: Request, id: str, **_: str) -> Any:
    """List the deployments of an endpoint."""
    known = service.kept("batch deployment")
    return {"value": [each for key, each in known.items() if key.startswith(f"{id}/")]}


@route("PUT", rf"{WS}/schedules/(?P<id>[^/]+)")
def new_schedule(service: Service, request: Request, id: str, **_: str) -> Any:
    """Keep a schedule; the stand-in has no clock."""
    properties = {"isEnabled": True, **request.json["properties"]}
    made = resource(f"{SCOPE}/schedules/{id}", id, "schedules", properties)
    service.kept("schedule")[id] = made
    return Answer(made, 201)


@route("GET", rf"{WS}/schedules/(?P<id>[^/]+)")
def schedule(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return a schedule."""
    return service.thing("schedule", id)


@route("GET", rf"{WS}/schedules")
def schedules(service: Service, request: Request, **_: str) -> Any:
    """List the schedules."""
    known = list(service.kept("schedule").values())
    if request.query.get("listViewType", "EnabledOnly") == "EnabledOnly":
        known = [each for each in known if each["properties"]["isEnabled"]]
    return {"value": known}


@route("POST", rf"{WS}/schedules/(?P<id>[^/]+)/trigger")
def trigger_schedule(service: Service, request: Request, id: str, **_: str) -> Any:
    """Keep that a schedule was triggered; the stand-in only stores schedules."""
    service.thing("schedule", id)
    service.kept("triggered")[id] = request.json
    return {"scheduleActionType": "CreateJob", "submissionId": f"{id}-1"}


@route("DELETE", rf"{WS}/schedules/(?P<id>[^/]+)")
def delete_schedule(service: Service, request: Request, id: str, **_: str) -> Any:
    """Delete a schedule; one that is enabled is kept."""
    if service.thing("schedule", id)["properties"]["isEnabled"]:
        raise ServiceError(400, "UserError", "Disable the schedule before deleting it.")
    del service.kept("schedule")[id]
    return Answer(None, 200)
