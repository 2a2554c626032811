"""Metrics of runs: MLflow's own protocol, by which scripts log, and the service's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stand_in.arm import WS
from stand_in.names import SCOPE
from stand_in.routing import Request, Router, ServiceError

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
MLFLOW = rf"/mlflow/v1\.0{WS}/api/2\.0/mlflow"
METRICS = rf"/metric/v2\.0{WS}/runs/(?P<run>[^/]+)"


def variables(service: Service, run: str) -> dict[str, str]:
    """Return the environment variables by which a script logs into its run."""
    return {
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{service.door.port}/mlflow/v1.0{SCOPE}",
        "MLFLOW_TRACKING_TOKEN": service.new_token(),
        "MLFLOW_EXPERIMENT_ID": "1",
        "MLFLOW_RUN_ID": run,
    }


@route("GET", rf"{MLFLOW}/runs/get")
def get_run(service: Service, request: Request, **_: str) -> Any:
    """Return a run with the latest value of each metric."""
    return {"run": _run(service, request.query["run_id"])}


@route("POST", rf"{MLFLOW}/runs/update")
def update_run(service: Service, request: Request, **_: str) -> Any:
    """Take note of a status."""
    return {"run_info": _run(service, request.json["run_id"])["info"]}


@route("POST", rf"{MLFLOW}/runs/log-metric")
def log_metric(service: Service, request: Request, **_: str) -> Any:
    """Keep a value."""
    _keep(service, request.json["run_id"], request.json)
    return {}


@route("POST", rf"{MLFLOW}/runs/log-batch")
def log_batch(service: Service, request: Request, **_: str) -> Any:
    """Keep several values."""
    for each in request.json.get("metrics", ()):
        _keep(service, request.json["run_id"], each)
    return {}


@route("POST", rf"{MLFLOW}/runs/(?:set-tag|log-parameter)")
def other(service: Service, request: Request, **_: str) -> Any:
    """Take note of something else."""
    return {}


@route("GET|POST", rf"{METRICS}/list")
def names(service: Service, request: Request, run: str, **_: str) -> Any:
    """List the metrics of a run."""
    found = service.kept("metrics").get(run, {})
    keys = [{"metricKey": {"name": name}, "columns": {name: "Double"}} for name in found]
    return {"value": keys, "continuationToken": None}


@route("GET|POST", rf"{METRICS}/full")
def values(service: Service, request: Request, run: str, **_: str) -> Any:
    """Return all values of a metric."""
    name = request.json["metricName"]
    found = service.kept("metrics").get(run, {}).get(name, [])
    return {
        "dataContainerId": f"dcid.{run}",
        "name": name,
        "columns": {name: "Double"},
        "value": [{"data": {name: each["value"]}, "step": each["step"]} for each in found],
        "properties": {"uxMetricType": "azureml.v1.scalar"},
        "continuationToken": None,
    }


def _keep(service: Service, run: str, metric: dict[str, Any]) -> None:
    kept = service.kept("metrics").setdefault(run, {})
    value = {"timestamp": metric["timestamp"], "step": metric.get("step", 0)}
    kept.setdefault(metric["key"], []).append({"value": metric["value"], **value})


def _run(service: Service, run: str) -> dict[str, Any]:
    if run not in service.runs.all:
        raise ServiceError(404, "RESOURCE_DOES_NOT_EXIST", f"There is no run {run}.")
    info = {
        "run_id": run,
        "run_uuid": run,
        "experiment_id": "1",
        "status": "RUNNING",
        "start_time": 0,
        "artifact_uri": "",
        "lifecycle_stage": "active",
    }
    latest = [
        {"key": name, **values[-1]} for name, values in service.kept("metrics").get(run, {}).items()
    ]
    return {"info": info, "data": {"metrics": latest, "params": [], "tags": []}}
