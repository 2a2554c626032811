"""The pipelines service of the older SDK: modules, graphs, and what becomes of them."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stand_in.arm import WS
from stand_in.data import place_of_dataset
from stand_in.history import restore
from stand_in.names import CONTAINER
from stand_in.routing import Request, Router, ServiceError
from stand_in.runs import Run, Work

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
BASE = rf"/pipelines/v1\.0{WS}"

_DATASET = "DatasetConsumptionConfig:"
"""Begins the argument that stands for where a dataset is mounted."""

# What the service calls the statuses of steps and of pipelines.
_STEP_STATUS = {
    "NotStarted": "NotStarted",
    "Running": "Running",
    "Completed": "Finished",
    "Failed": "Failed",
    "Canceled": "Canceled",
}


@route("GET", rf"{BASE}/DataTypes")
def data_types(service: Service, request: Request, **_: str) -> Any:
    """List the data types."""
    return list(service.kept("data type").values())


@route("POST", rf"{BASE}/DataTypes")
def new_data_type(service: Service, request: Request, **_: str) -> Any:
    """Keep a data type."""
    plain = request.json
    service.kept("data type")[plain["Id"]] = plain
    return plain


@route("GET", rf"{BASE}/(?P<kind>Modules|DataSources)/Hash/(?P<digest>[^/]+)")
def by_hash(service: Service, request: Request, kind: str, digest: str, **_: str) -> Any:
    """Find a module or a data source by its hash."""
    for each in list(service.kept(kind).values()):
        if each.get("Data", each).get("IdentifierHash") == digest:
            return each
    raise ServiceError(404, "NotFound", "There is none.")


@route("POST", rf"{BASE}/Modules")
def new_module(service: Service, request: Request, **_: str) -> Any:
    """Keep a module."""
    given = request.json
    entity = {**given, "Id": str(uuid.uuid4()), "EntityStatus": "Active", "UploadState": "1"}
    entity["DataLocation"] = {"StorageId": given.get("StorageId")}
    # Written as an object, read as a text.
    entity["CloudSettings"] = None
    interface = _interface(given["StructuredInterface"])
    service.kept("Modules")[entity["Id"]] = {"Data": entity, "Interface": interface}
    return entity


@route("GET", rf"{BASE}/(?P<kind>Modules|DataSources)/(?P<id>[^/]+)")
def module(service: Service, request: Request, kind: str, id: str, **_: str) -> Any:
    """Return a module or a data source."""
    return service.thing(kind, id)


@route("POST", rf"{BASE}/DataSources")
def new_data_source(service: Service, request: Request, **_: str) -> Any:
    """Keep a data source: a path in a data store."""
    given = request.json
    place = {
        "RelativePath": given["PathOnDataStore"],
        "AmlDataStoreName": given["DataStoreName"],
    }
    entity = {
        **{name: given.get(name) for name in ("Name", "DataTypeId", "IdentifierHash")},
        "Id": str(uuid.uuid4()),
        "EntityStatus": "Active",
        "UploadState": "1",
        "DataLocation": {"DataReference": {"Type": "1", "AzureBlobReference": place}},
    }
    service.kept("DataSources")[entity["Id"]] = entity
    return entity


@route("POST", rf"{BASE}/PipelineRuns/Unsubmitted/CreationInfoWithGraph")
def new_run(service: Service, request: Request, **_: str) -> Any:
    """Keep a pipeline that is about to be submitted."""
    graph = request.json
    experiment = request.query.get("experimentName") or graph["CreationInfo"]["Description"]
    run = prepare(service, experiment, graph, graph["CreationInfo"].get("ParameterAssignments"))
    return plain_pipeline_run(service, run)


@route("POST", rf"{BASE}/PipelineRuns/Submit/(?P<id>[^/]+)")
def submit(service: Service, request: Request, id: str, **_: str) -> Any:
    """Execute a pipeline."""
    execute(service, service.runs.all[id])
    return None


@route("GET", rf"{BASE}/PipelineRuns/(?P<id>[^/]+)")
def pipeline_run(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return a pipeline's run."""
    return plain_pipeline_run(service, _run(service, id))


@route("DELETE", rf"{BASE}/PipelineRuns/(?P<id>[^/]+)/Execution")
def cancel(service: Service, request: Request, id: str, **_: str) -> Any:
    """End a pipeline's run."""
    service.runs.cancel(_run(service, id).id)
    return None


@route("POST", rf"{BASE}/PipelineRuns/(?P<id>[^/]+)/Graph/(?P<what>AllNodes|Node)/(?P<form>\w+)")
def node_statuses(
    service: Service, request: Request, id: str, what: str, form: str, **_: str
) -> Any:
    """Return the statuses of one node or of all."""
    statuses = {}
    for run in service.runs.children(id):
        code = _STEP_STATUS[run.status]
        statuses[run.node] = (
            code
            if form == "StatusCode"
            else {"StatusCode": code, "RunId": run.id, "CreationTime": run.created}
        )
    if what == "AllNodes":
        return statuses
    node = request.json
    return statuses[node[-1] if isinstance(node, list) else node]


@route("POST", rf"{BASE}/PipelineRuns/(?P<id>[^/]+)/Graph/Shareable/(?P<what>\w+)")
def node_log(service: Service, request: Request, id: str, what: str, **_: str) -> Any:
    """Return what a node has printed: all of it as its standard output."""
    node = request.json
    run = _node_run(service, id, node)
    log = service.runs.log(run.id)
    return log.read_text("utf-8") if what.lower() == "stdout" and log.exists() else ""


@route("POST", rf"{BASE}/PipelineRuns/(?P<id>[^/]+)/Outputs")
def node_outputs(service: Service, request: Request, id: str, **_: str) -> Any:
    """Return where the outputs of a node are."""
    run = _node_run(service, id, request.json)
    outputs = service.thing("outputs", run.id)
    return {
        name: {
            "DataTypeId": "AnyDirectory",
            "DataLocation": {
                "DataReference": {
                    "Type": "AzureBlob",
                    "AzureBlobReference": {
                        "RelativePath": place,
                        "AmlDataStoreName": "workspaceblobstore",
                    },
                }
            },
        }
        for name, place in outputs.items()
    }


def prepare(
    service: Service,
    experiment: str,
    graph: Mapping[str, Any],
    values: Mapping[str, str] | None,
    **about: Any,
) -> Run:
    """Make the run of a graph and of each of its nodes; nothing starts."""
    _check_graph(service, graph)
    run = service.runs.new(
        experiment,
        kind="azureml.PipelineRun",
        properties={"azureml.runsource": "azureml.PipelineRun", "runSource": "SDK"},
        **about,
    )
    for node in graph["Graph"]["ModuleNodes"]:
        data = service.thing("Modules", node["ModuleId"])["Data"]
        parameters = {each["Name"]: each.get("Value") for each in node["ModuleParameters"]}
        service.runs.new(
            experiment,
            parent=run.id,
            node=node["Id"],
            name=data["Name"],
            target=parameters.get("Target") or "",
            tags={"azureml.nodeid": node["Id"], "azureml.pipeline": run.id},
            properties={
                "azureml.moduleid": node["ModuleId"],
                "azureml.runsource": "azureml.StepRun",
                "azureml.nodeid": node["Id"],
                "StepType": data.get("StepType") or "",
                "azureml.pipelinerunid": run.id,
            },
            definition=json.loads(node["Runconfig"]) if node.get("Runconfig") else None,
        )
    service.kept("graph")[run.id] = {**graph, "values": dict(values or {})}
    return run


def execute(service: Service, run: Run) -> None:
    """Start the steps of a prepared run."""
    graph = service.thing("graph", run.id)
    children = {child.node: child for child in service.runs.children(run.id)}
    edges: dict[str, dict[str, tuple[str, str]]] = {node: {} for node in children}
    for edge in graph["Graph"]["Edges"]:
        source, target = edge["SourceOutputPort"], edge["DestinationInputPort"]
        edges[target["NodeId"]][target["PortName"]] = (source["NodeId"], source["PortName"])
    works = [
        Work(
            children[node["Id"]],
            tuple(
                children[source].id
                for source, _ in edges[node["Id"]].values()
                if source in children
            ),
            _command(service, graph, node, children, edges[node["Id"]]),
            key=_key(service, graph, node, children, edges[node["Id"]]),
        )
        for node in graph["Graph"]["ModuleNodes"]
    ]
    about = graph.get("CreationInfo", graph)
    flags = ("ContinueRunOnStepFailure", "ContinueExperimentOnNodeFailure")
    keep_going = any(about.get(flag) for flag in flags)
    service.runs.start(run, works, keep_going=keep_going)


def plain_pipeline_run(service: Service, run: Run) -> dict[str, Any]:
    """Return a pipeline's run as the service writes it."""
    code = "Finished" if run.status == "Completed" else run.status
    return {
        "Id": run.id,
        "EntityStatus": "Active",
        "RunHistoryExperimentName": run.experiment,
        "Status": {"StatusCode": code, "StatusDetail": run.error or None},
        "GraphId": run.id,
        "IsSubmitted": run.status != "NotStarted",
        "TotalRunSteps": len(service.runs.children(run.id)),
        "RunSource": "SDK",
        "RunType": "SDK",
    }


def _key(
    service: Service,
    graph: Mapping[str, Any],
    node: Mapping[str, Any],
    children: Mapping[str, Run],
    sources: Mapping[str, tuple[str, str]],
) -> Callable[[], str] | None:
    """Return what says what the result of a node depends on; None if it always runs."""
    data = service.thing("Modules", node["ModuleId"])["Data"]
    if not data["IsDeterministic"] or node.get("RegenerateOutput"):
        return None

    def key() -> str:
        datasets = {
            each["Id"]: each.get("DatasetId") or json.dumps(each["DataSetDefinition"])
            for each in graph["Graph"]["DatasetNodes"]
        }
        inputs = {
            name: service.thing("outputs", children[source].id)[port]
            if source in children
            else datasets[source]
            for name, (source, port) in sorted(sources.items())
        }
        values = [graph["values"].get(each.get("Value")) for each in node["ModuleParameters"]]
        return json.dumps([node["ModuleId"], inputs, values])

    return key


def _command(
    service: Service,
    graph: Mapping[str, Any],
    node: Mapping[str, Any],
    children: Mapping[str, Run],
    sources: Mapping[str, tuple[str, str]],
) -> Callable[[], tuple[Sequence[str], Path, Mapping[str, str]]]:
    data = service.thing("Modules", node["ModuleId"])["Data"]
    store = service.blob_folder / CONTAINER
    run = children[node["Id"]]
    structure = data["StructuredInterface"]
    outputs = {
        each["Name"]: f"azureml/{run.id}/{each['Name']}"
        for each in structure["Outputs"]
        if not each.get("SkipProcessing")
    }
    service.kept("outputs")[run.id] = outputs

    def input_place(name: str) -> str:
        source, port = sources[name]
        if source in children:
            return str(store / service.thing("outputs", children[source].id)[port])
        dataset = next(each for each in graph["Graph"]["DatasetNodes"] if each["Id"] == source)
        if "DataSetDefinition" in dataset:
            value = dataset["DataSetDefinition"]["Value"]
            reference = value.get("SavedDataSetReference") or value["DataSetReference"]
            return str(place_of_dataset(service, reference))
        location = service.thing("DataSources", dataset["DatasetId"])["DataLocation"]
        return str(store / location["DataReference"]["AzureBlobReference"]["RelativePath"])

    def values() -> dict[str, str]:
        defaults = {
            each["Name"]: each.get("DefaultValue")
            for each in graph["GraphInterface"].get("Parameters") or ()
        }
        given = defaults | graph["values"]
        return {
            each["Name"]: given[each["Value"]] if each["ValueType"] == "1" else each.get("Value")
            for each in node["ModuleParameters"]
        }

    def command() -> tuple[Sequence[str], Path, Mapping[str, str]]:
        folder = service.folder / "work" / run.id
        restore(service, data["StorageId"], folder)
        assigned = values()
        words = [sys.executable, assigned["Script"]]
        for argument in structure["Arguments"]:
            kind, value = argument["ValueType"], argument["Value"]
            if kind == "Input":
                words.append(input_place(value))
            elif kind == "Output":
                words.append(str(store / outputs[value]))
            elif kind == "Parameter":
                words.append(assigned[value])
            elif value.startswith(_DATASET):
                words.append(input_place(value.removeprefix(_DATASET)))
            else:
                words.append(value)
        # A mounted data store has the folder of the run, not yet that of the output.
        (store / "azureml" / run.id).mkdir(parents=True, exist_ok=True)
        definition = run.definition or {}
        variables = definition.get("environmentVariables") or {}
        variables |= (definition.get("environment") or {}).get("environmentVariables") or {}
        return words, folder, {name: str(value) for name, value in variables.items()}

    return command


def _check_graph(service: Service, graph: Mapping[str, Any]) -> None:
    """Refuse what Azure would refuse: computes that are not there, loose inputs."""
    for node in graph["Graph"]["ModuleNodes"]:
        parameters = {each["Name"]: each.get("Value") for each in node["ModuleParameters"]}
        target = parameters.get("Target")
        if target not in service.computes:
            raise ServiceError(400, "UserError", f"Unknown compute target '{target}'.")
        data = service.thing("Modules", node["ModuleId"])["Data"]
        linked = {
            edge["DestinationInputPort"]["PortName"]
            for edge in graph["Graph"]["Edges"]
            if edge["DestinationInputPort"]["NodeId"] == node["Id"]
        }
        for each in data["StructuredInterface"]["Inputs"]:
            if each["Name"] not in linked and not each.get("IsOptional"):
                message = f"Input {each['Name']} of {data['Name']} is not connected."
                raise ServiceError(400, "UserError", message)


def _run(service: Service, name: str) -> Run:
    try:
        return service.runs.all[name]
    except KeyError:
        raise ServiceError(404, "UserError", f"Pipeline run {name} was not found.") from None


def _node_run(service: Service, id: str, path: Any) -> Run:
    node = path[-1] if isinstance(path, list) else path
    for run in service.runs.children(id):
        if run.node == node:
            return run
    raise ServiceError(404, "UserError", f"Node {node} was not found.")


def _interface(structure: dict[str, Any]) -> dict[str, Any]:
    def parameters(kind: str) -> list[dict[str, Any]]:
        return [
            {
                "Name": each["Name"],
                "DefaultValue": each.get("DefaultValue"),
                "IsOptional": each.get("IsOptional"),
                "Type": each.get("ParameterType"),
            }
            for each in structure.get(kind) or ()
        ]

    inputs = [
        {
            "Name": each["Name"],
            "DataTypesIds": each.get("DataTypeIdsList"),
            "IsOptional": each.get("IsOptional"),
        }
        for each in structure.get("Inputs") or ()
    ]
    outputs = [
        {"Name": each["Name"], "DataTypeId": each.get("DataTypeId")}
        for each in structure.get("Outputs") or ()
    ]
    return {
        "Parameters": parameters("Parameters"),
        "MetadataParameters": parameters("MetadataParameters"),
        "Ports": {"Inputs": inputs, "Outputs": outputs},
    }
