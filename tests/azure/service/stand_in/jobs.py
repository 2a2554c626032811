"""What the newer SDK sends through the resource manager: assets, jobs, schedules, endpoints."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stand_in.arm import WS
from stand_in.data import place_of_asset
from stand_in.models import keep_outputs
from stand_in.names import ACCOUNT, CONTAINER, SCOPE, now
from stand_in.routing import Answer, Request, Router, ServiceError
from stand_in.runs import Run, Work

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
KINDS = r"(?P<kind>environments|codes|components|data|models)"


@route("GET", rf"{WS}/{KINDS}/(?P<id>[^/]+)/versions/(?P<version>[^/]+)")
def asset(service: Service, request: Request, kind: str, id: str, version: str, **_: str) -> Any:
    """Return a version of an asset."""
    return service.thing(kind, f"{id}/{version}")


@route("PUT", rf"{WS}/{KINDS}/(?P<id>[^/]+)/versions/(?P<version>[^/]+)")
def new_asset(
    service: Service, request: Request, kind: str, id: str, version: str, **_: str
) -> Any:
    """Keep a version of an asset."""
    place = f"{SCOPE}/{kind}/{id}/versions/{version}"
    given = {"tags": {}, "properties": {}, **request.json["properties"]}
    if kind == "models":
        given.setdefault("flavors", {})
    made = resource(place, version, f"{kind}/versions", given)
    service.kept(kind)[f"{id}/{version}"] = made
    return Answer(made, 201)


@route("GET", rf"{WS}/{KINDS}/(?P<id>[^/]+)")
def container(service: Service, request: Request, kind: str, id: str, **_: str) -> Any:
    """Return what holds the versions of an asset; there is none before the first."""
    count = sum(key.startswith(f"{id}/") for key in service.kept(kind))
    if not count:
        raise ServiceError(404, "UserError", f"There is no {kind} {id}.")
    versions = {"latestVersion": str(count), "nextVersion": str(count + 1), "tags": {}}
    return resource(f"{SCOPE}/{kind}/{id}", id, kind, versions)


@route("GET", rf"{WS}/{KINDS}/(?P<id>[^/]+)/versions")
def assets(service: Service, request: Request, kind: str, id: str, **_: str) -> Any:
    """List the versions of an asset."""
    known = service.kept(kind)
    digest = request.query.get("hash")
    if digest is not None:
        # Code of the same content is uploaded once.
        found = [
            each
            for each in known.values()
            if (each["properties"].get("properties") or {}).get("hash_sha256") == digest
        ]
        return {"value": found}
    return {"value": [each for key, each in known.items() if key.startswith(f"{id}/")]}


@route("POST", rf"{WS}/{KINDS}/(?P<id>[^/]+)/versions/(?P<version>[^/]+)/startPendingUpload")
def pending_upload(
    service: Service, request: Request, kind: str, id: str, version: str, **_: str
) -> Any:
    """Say where the files of an asset go: a container of their own."""
    container = f"{id}-{version}".lower().replace("_", "-")[:60]
    place = f"https://{ACCOUNT}.blob.core.windows.net/{container}"
    return {
        "pendingUploadId": "1",
        "pendingUploadType": "TemporaryBlobReference",
        "blobReferenceForConsumption": {
            "blobUri": place,
            "storageAccountArmId": f"/storageAccounts/{ACCOUNT}",
            "credential": {"credentialType": "SAS", "sasUri": f"{place}?sv=2021-08-06&sig=none"},
        },
    }


@route("PUT", rf"{WS}/jobs/(?P<id>[^/]+)")
def new_job(service: Service, request: Request, id: str, **_: str) -> Any:
    """Take a job, and start it."""
    properties = request.json["properties"]
    if id in service.runs.all:
        raise ServiceError(409, "UserError", f"The job {id} exists.")
    start_job(service, id, properties)
    return Answer(plain_job(service, id), 201)


@route("GET", rf"{WS}/jobs/(?P<id>[^/]+)")
def job(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return a job."""
    return plain_job(service, id)


@route("GET", rf"{WS}/jobs")
def all_jobs(service: Service, request: Request, **_: str) -> Any:
    """List the jobs that a schedule has started."""
    found = service.kept("started by schedule").get(request.query["scheduleId"])
    return {"value": [] if found is None else [plain_job(service, found["run"])]}


@route("POST", rf"{WS}/jobs/(?P<id>[^/]+)/cancel")
def cancel(service: Service, request: Request, id: str, **_: str) -> Any:
    """End a job."""
    service.thing("job", id)
    service.runs.cancel(id)
    return Answer(None, 200)


def start_job(service: Service, id: str, properties: dict[str, Any]) -> Run:
    """Make the runs of a job and execute them."""
    experiment = properties.get("experimentName") or "Default"
    kind = properties["jobType"]
    nodes = properties["jobs"] if kind == "Pipeline" else {}
    default = (properties.get("settings") or {}).get("default_compute")
    _check_computes(service, [properties.get("computeId") or default])
    _check_computes(service, [node.get("computeId") for node in nodes.values()])
    run = service.runs.new(
        experiment,
        id=id,
        name=properties.get("displayName") or id,
        kind="azureml.PipelineRun" if nodes else "commandjob",
        properties={"azureml.runsource": "azureml.PipelineRun", "runSource": "CLIv2"},
    )
    service.kept("job")[id] = properties
    if not nodes:
        folder = service.folder / "work" / id
        command = _command(service, run, properties, properties, Scope(run, {}, {}))
        work = Work(run, (), command, lambda: keep_outputs(service, run, folder))
        service.runs.start(run, [work])
        return run
    values = {
        name: each.get("value", each.get("uri"))
        for name, each in (properties.get("inputs") or {}).items()
    }
    force = bool((properties.get("settings") or {}).get("force_rerun"))
    works = _works(service, run, _scope(service, run, nodes, values), force)
    keep_going = bool((properties.get("settings") or {}).get("continue_on_step_failure"))
    service.runs.start(run, works, keep_going=keep_going)
    return run


@dataclass
class Scope:
    """The nodes of a pipeline, or of a node that is a pipeline component."""

    run: Run
    nodes: dict[str, dict[str, Any]]
    values: dict[str, Any]
    """Of its inputs: values, and where values come from with the scope that this is said in."""
    children: dict[str, Run | Scope] = field(default_factory=dict)

    def maker(self, job: str, output: str) -> tuple[Run, str]:
        """Return the step that makes an output of a node, and its name there."""
        child = self.children[job]
        if isinstance(child, Run):
            return child, output
        wanted = "${{parent.outputs." + output + "}}"
        for name, node in child.nodes.items():
            for inner, item in (node.get("outputs") or {}).items():
                if (item if isinstance(item, str) else item.get("value")) == wanted:
                    return child.maker(name, inner)
        raise ServiceError(400, "UserError", f"No node has the output {output} of {job}.")


def _scope(
    service: Service, run: Run, nodes: dict[str, dict[str, Any]], values: dict[str, Any]
) -> Scope:
    """Make the runs of all nodes, also of those in pipeline components."""
    scope = Scope(run, nodes, values)
    for name, node in nodes.items():
        component = _component(service, node)
        jobs = component.get("jobs") if component.get("type") == "pipeline" else None
        made = service.runs.new(
            run.experiment,
            parent=run.id,
            name=node.get("display_name") or name,
            node=name,
            kind="azureml.PipelineRun" if jobs else "azureml.StepRun",
            properties={
                "azureml.runsource": "azureml.PipelineRun" if jobs else "azureml.StepRun",
                "azureml.pipelinerunid": run.id,
                "azureml.isreused": "false",
            },
        )
        if not jobs:
            scope.children[name] = made
            continue
        given: dict[str, Any] = {}
        passed = node.get("inputs") or {}
        unknown = passed.keys() - component.get("inputs", {}).keys()
        if unknown:
            raise ServiceError(400, "UserError", f"{name} has no input {sorted(unknown)[0]}.")
        for key, about in component.get("inputs", {}).items():
            if key in passed:
                given[key] = (passed[key], scope)
            elif about.get("default") is not None:
                given[key] = about["default"]
            elif not about.get("optional"):
                raise ServiceError(400, "UserError", f"The input {key} of {name} is required.")
        scope.children[name] = _scope(service, made, jobs, given)
    return scope


def _works(service: Service, top: Run, scope: Scope, force: bool) -> list[Work]:
    works = []
    for name, node in scope.nodes.items():
        child = scope.children[name]
        if isinstance(child, Scope):
            works += _works(service, top, child, force)
            continue
        component = _component(service, node)
        above = [
            found.id
            for each in (node.get("inputs") or {}).values()
            for found in _above(each, scope)
        ]
        command = _command(service, child, component, node, scope)
        deterministic = component.get("is_deterministic") and not force
        key = _key(service, node, scope) if deterministic else None
        works.append(Work(child, tuple(above), command, key=key))
    return works


def _above(item: Any, scope: Scope) -> list[Run]:
    """Return the step that an input waits for, wherever it is."""
    value = str(item.get("value")) if isinstance(item, dict) else str(item)
    if found := _PARENT_JOB.fullmatch(value):
        return [scope.maker(found[1], found[2])[0]]
    if (found := _PARENT_INPUT.fullmatch(value)) and isinstance(scope.values.get(found[1]), tuple):
        return _above(*scope.values[found[1]])
    return []


def _component(service: Service, node: dict[str, Any]) -> dict[str, Any]:
    key = node["componentId"].split("/components/")[-1].replace("/versions/", "/")
    spec: dict[str, Any] = service.thing("components", key)["properties"]["componentSpec"]
    return spec


def plain_job(service: Service, id: str) -> dict[str, Any]:
    """Return a job as the resource manager writes it."""
    run = service.runs.all.get(id)
    if run is not None and run.parent is not None:
        # Steps are no resources; only the run history knows them.
        return {**resource(f"{SCOPE}/jobs/{id}", id, "jobs", {}), "properties": None}
    if run is None or id not in service.kept("job"):
        raise ServiceError(404, "UserError", f"Job {id} not found.")
    studio = {
        "jobServiceType": "Studio",
        "endpoint": f"https://ml.azure.com/runs/{id}?wsid={SCOPE}",
        "status": None,
    }
    properties = {
        **service.thing("job", id),
        "status": run.status,
        "services": {"Studio": studio},
        "isArchived": False,
        "tags": {},
        "properties": run.properties,
    }
    return resource(f"{SCOPE}/jobs/{id}", id, "jobs", properties)


def _command(
    service: Service,
    run: Run,
    component: dict[str, Any],
    node: dict[str, Any],
    scope: Scope,
) -> Callable[[], tuple[Sequence[str], Path, Mapping[str, str]]]:
    outputs = component.get("outputs") or {}
    service.kept("outputs")[run.id] = {name: f"azureml/{run.id}/{name}/" for name in outputs}

    def command() -> tuple[Sequence[str], Path, Mapping[str, str]]:
        given = {
            name: _value(service, each, scope) for name, each in (node.get("inputs") or {}).items()
        }
        # An input that is one of the pipeline component has no value where that has none.
        given = {name: value for name, value in given.items() if value is not None}
        for name, each in (component.get("inputs") or {}).items():
            default = each.get("default") if isinstance(each, dict) else each
            if name not in given and default is not None:
                given[name] = default
        places = {}
        for name in outputs:
            # A mounted output is there before the step begins.
            places[name] = service.blob_folder / CONTAINER / f"azureml/{run.id}/{name}"
            places[name].mkdir(parents=True, exist_ok=True)

        def put(match: re.Match[str]) -> str:
            return str((given if match[1] == "inputs" else places)[match[2]])

        def keep(match: re.Match[str]) -> str:
            used = re.findall(r"inputs\.(\w+)", match[1])
            return match[1] if set(used) <= given.keys() else ""

        line = re.sub(r"\$\[\[(.*?)\]\]", keep, component["command"])
        line = re.sub(r"\$\{\{\s*(inputs|outputs)\.(\w+)\s*\}\}", put, line)
        folder = service.folder / "work" / run.id
        folder.mkdir(parents=True)
        code = component.get("code") or component.get("codeId")
        if code:
            key = code.split("/codes/")[-1].replace("/versions/", "/")
            uri = service.thing("codes", key)["properties"]["codeUri"]
            source = service.blob_folder / urlsplit(uri).path.lstrip("/")
            shutil.copytree(source, folder, dirs_exist_ok=True)
        variables = {
            **(component.get("environmentVariables") or {}),
            **(component.get("environment_variables") or {}),
        }
        return [line], folder, {name: str(value) for name, value in variables.items()}

    return command


def _key(service: Service, node: dict[str, Any], scope: Scope) -> Callable[[], str]:
    """Return what says what the result of a node depends on."""

    def key() -> str:
        inputs = {
            name: str(_value(service, each, scope))
            for name, each in sorted((node.get("inputs") or {}).items())
        }
        return json.dumps([node["componentId"], inputs])

    return key


def _value(service: Service, item: Any, scope: Scope) -> Any:
    if not isinstance(item, dict):
        item = {"value": item}
    registered = _REGISTERED.search(item.get("uri") or "")
    if registered:
        return place_of_asset(service, registered[1], registered[2])
    if item.get("uri"):
        return service.blob_folder / CONTAINER / item["uri"].split("/paths/")[-1]
    value = item.get("value")
    found = _PARENT_JOB.fullmatch(str(value))
    if found:
        run, output = scope.maker(found[1], found[2])
        place = service.thing("outputs", run.id)[output]
        return service.blob_folder / CONTAINER / place.rstrip("/")
    found = _PARENT_INPUT.fullmatch(str(value))
    if not found:
        return value
    given = scope.values.get(found[1])
    return _value(service, *given) if isinstance(given, tuple) else given


def _check_computes(service: Service, computes: Sequence[str | None]) -> None:
    for each in computes:
        name = (each or "").rpartition("/")[2]
        if name and name not in service.computes:
            raise ServiceError(400, "UserError", f"Compute {name} was not found.")


_PARENT_JOB = re.compile(r"\$\{\{parent\.jobs\.(\w+)\.outputs\.(\w+)\}\}")
_REGISTERED = re.compile(r"(?:/data/|azureml:)([\w.-]+)(?:/versions/|:)([\w.-]+)$")
_PARENT_INPUT = re.compile(r"\$\{\{parent\.inputs\.(\w+)\}\}")


def resource(place: str, name: str, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return a resource as the resource manager writes it."""
    return {
        "id": place,
        "name": name,
        "type": f"Microsoft.MachineLearningServices/workspaces/{kind}",
        "properties": {**properties, "provisioningState": "Succeeded"},
        "systemData": {
            "createdAt": now(),
            "createdBy": "A Person",
            "createdByType": "User",
            "lastModifiedAt": now(),
            "lastModifiedBy": "A Person",
            "lastModifiedByType": "User",
        },
    }
