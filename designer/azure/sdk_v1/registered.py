"""Registered data for SDK v1: a step gets its file or folder, however it is registered."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from azureml.core import Dataset, Workspace
from azureml.data import TabularDataset
from azureml.exceptions import UserErrorException

from designer.azure.compile.data_references import no_data
from designer.azure.errors import AzureError
from designer.azure.sdk_v1.private import data_asset, dataflow_of


@dataclass(frozen=True)
class DatastorePath:
    """Data on a datastore: the name of that, and the path of a file or folder there."""

    datastore: str
    path: str


def registered(workspace: Workspace, name: str, version: str) -> Any:
    """Return registered data as a ``FileDataset``, which is mounted, or its location.

    What SDK v2 or the studio has registered, and tables that are read from one file,
    can't be mounted by SDK v1 without hundreds of megabytes more; their path can.

    Raises
    ------
    AzureError
        If there is no such data, or it can't be passed to a step as a file.
    """
    try:
        dataset = Dataset.get_by_name(workspace, name, version or "latest")
    except ImportError:
        # It isn't one of SDK v1, which would read such data with azureml-dataprep.
        return _datastore_path(name, str(data_asset(workspace, name, version)["dataUri"]))
    except UserErrorException as error:
        if "cannot find dataset" not in str(error).lower():
            raise
        newest = "" if version else f"For data of SDK v2, name the version: azureml:{name}:1."
        raise no_data(workspace.name, name, version, newest) from None
    if isinstance(dataset, TabularDataset):
        return _source(name, dataflow_of(dataset))
    return dataset


def _datastore_path(name: str, uri: str) -> DatastorePath:
    found = re.fullmatch(r"azureml://(?:.*/)?datastores/(?P<store>[^/]+)/paths/(?P<path>.+)", uri)
    if found is None:
        raise AzureError(
            f"“{name}” is outside the workspace's datastores, which SDK v1 can't access.",
            "Submit the pipeline with SDK v2.",
        )
    return DatastorePath(found["store"], found["path"].rstrip("/"))


_PARSED = re.compile(r"Microsoft\.DPrep\.(?:(?:Parse|Read)\w*|DropColumns|SetColumnTypes)Block")
"""Blocks that define how a file is read, which a node of the pipeline does itself."""


def _source(name: str, dataflow: str) -> DatastorePath:
    """Return the one file that a table is read from."""
    try:
        first, *rest = json.loads(dataflow)["blocks"]
        (store,) = first["arguments"]["datastores"]
        found = DatastorePath(store["datastoreName"], store["path"])
        single = not set(found.path) & set("*?[")
        plain = all(_PARSED.fullmatch(block["type"]) for block in rest)
    except (AttributeError, KeyError, TypeError, ValueError):
        single = plain = False
    if not single or not plain:
        raise AzureError(
            f"“{name}” is registered as a table that is more than one file read as it is; "
            "SDK v1 can pass only files to a step.",
            "Register its file or folder, and use that.",
        )
    return found
