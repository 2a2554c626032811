"""Registered data: as the newer SDK has it, and as the datasets of the older one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stand_in.arm import WS
from stand_in.names import CONTAINER, SCOPE
from stand_in.routing import Request, Router, ServiceError

if TYPE_CHECKING:
    from stand_in.service import Service

route = Router()
_STORE = "workspaceblobstore"
_TYPES = {"uri_file": "UriFile", "uri_folder": "UriFolder", "mltable": "MLTable"}


def register(
    service: Service, name: str, version: str, files: Mapping[str, bytes], *, folder: bool = False
) -> None:
    """Register a file, or a folder, as the newer SDK and the studio do."""
    place = _put(service, name, version, files)
    path = place if folder else f"{place}/{next(iter(files))}"
    kind = "uri_folder" if folder else "uri_file"
    uri = f"azureml:/{SCOPE}/datastores/{_STORE}/paths/{path}"
    uri = uri.replace("azureml:/", "azureml://", 1).replace(
        "/providers/Microsoft.MachineLearningServices", ""
    )
    service.kept("data")[f"{name}/{version}"] = {
        "id": f"{SCOPE}/data/{name}/versions/{version}",
        "name": version,
        "type": "Microsoft.MachineLearningServices/workspaces/data/versions",
        "properties": {
            "dataType": kind, "dataUri": uri, "description": "", "tags": {}, "properties": {},
            "isArchived": False, "isAnonymous": False,
        },
    }  # fmt: skip


def register_dataset(
    service: Service,
    name: str,
    version: str,
    files: Mapping[str, bytes],
    *,
    table: bool = False,
    more: tuple[str, ...] = (),
) -> None:
    """Register files, or a table that is read from one, as the older SDK does.

    Parameters
    ----------
    more : tuple of str
        What else is done to the table when it is read.
    """
    place = _put(service, name, version, files)
    path = f"{place}/{next(iter(files))}" if len(files) == 1 else f"{place}/**"
    store = {"datastoreName": _STORE, "path": path}
    blocks = [{"type": "Microsoft.DPrep.GetDatastoreFilesBlock", "arguments": {}}]
    blocks[0]["arguments"] = {"datastores": [store]}
    if table:
        kinds = ("ParseDelimitedBlock", "DropColumnsBlock", "SetColumnTypesBlock", *more)
        blocks += [{"type": f"Microsoft.DPrep.{kind}", "arguments": {}} for kind in kinds]
    service.kept("dataset")[f"{name}/{version}"] = {
        "datasetId": f"id-of-{name}",
        "name": name,
        "datasetType": "tabular" if table else "file",
        "isVisible": True,
        "latest": {
            "datasetId": f"id-of-{name}",
            "versionId": version,
            "dataflow": json.dumps({"blocks": blocks}),
            "savedDatasetId": f"saved-{name}-{version}",
            "properties": {},
        },
    }


def place_of_asset(service: Service, name: str, version: str) -> Path:
    """Return where the files of registered data lie: of a single one, that file."""
    uri = service.thing("data", f"{name}/{version}")["properties"]["dataUri"]
    return service.blob_folder / CONTAINER / uri.split("/paths/")[-1]


def place_of_dataset(service: Service, reference: Mapping[str, Any]) -> Path:
    """Return where the files of a dataset of the older SDK are mounted."""
    for dataset in service.kept("dataset").values():
        known = dataset["latest"]["savedDatasetId"], dataset["datasetId"]
        if reference["Id"] in known and reference.get("Version") in (
            None,
            dataset["latest"]["versionId"],
        ):
            block = json.loads(dataset["latest"]["dataflow"])["blocks"][0]
            path = block["arguments"]["datastores"][0]["path"].removesuffix("/**")
            return service.blob_folder / CONTAINER / path
    raise ServiceError(404, "UserError", f"There is no dataset {reference['Id']}.")


@route("GET", rf"/dataset/v1\.0{WS}/datasets/query/name=(?P<dataset>[^/]+)")
def dataset_by_name(service: Service, request: Request, dataset: str, **_: str) -> Any:
    """Return a dataset of the older SDK."""
    return service.thing("dataset", _key(service, "dataset", dataset, _version(request)))


@route("GET", rf"/data/v1\.0{WS}/dataversion/(?P<id>[^/]+)/versions/(?P<version>[^/]+)")
def data_version(service: Service, request: Request, id: str, version: str, **_: str) -> Any:
    """Return registered data as the older SDK asks for it, or how a dataset is read."""
    if id.startswith("unregistered-"):
        return {"legacyDataflow": "paths: []\n"}
    about = service.thing("data", _key(service, "data", id, version))["properties"]
    version_of = {"dataUri": about["dataUri"], "dataType": _TYPES[about["dataType"]]}
    return {"dataVersion": version_of}


def _version(request: Request) -> str:
    return request.query.get("versionId") or request.query.get("version") or "latest"


def _key(service: Service, kind: str, name: str, version: str) -> str:
    if version != "latest":
        return f"{name}/{version}"
    numbers = [int(key.rpartition("/")[2]) for key in service.kept(kind) if key.startswith(name)]
    return f"{name}/{max(numbers, default=0)}"


def _put(service: Service, name: str, version: str, files: Mapping[str, bytes]) -> str:
    place = f"registered/{name}/{version}"
    for file, content in files.items():
        path = service.blob_folder / CONTAINER / place / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place
