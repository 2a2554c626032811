"""The private names of azureml-core and azureml-pipeline-core that are used, all of them.

The two are pinned exactly, and a test checks these names.

``PythonScriptStep`` itself is in azureml-pipeline-steps, which requires hundreds of
megabytes and old pins of numpy; its whole body is this base class. The service that
the SDK's own tests use instead of Azure lets a pipeline be built without a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from azureml._restclient.service_context import ServiceContext, _ServiceKeys
from azureml.core import Model, Workspace
from azureml.core.authentication import TokenAuthentication
from azureml.data._dataset import _DatasetRegistration
from azureml.data._dataset_rest_helper import _fetch_v2_data_asset
from azureml.data.azure_storage_datastore import AzureBlobDatastore
from azureml.data.file_dataset import FileDataset
from azureml.data.tabular_dataset import TabularDataset
from azureml.pipeline.core import Pipeline
from azureml.pipeline.core._aeva_provider import _AevaWorkflowProvider
from azureml.pipeline.core._python_script_step_base import (
    _PythonScriptStepBase as PythonScriptStep,
)
from azureml.pipeline.core._restclients.aeva.dryrun_service_caller import DryRunServiceCaller

__all__ = [
    "PythonScriptStep",
    "creation",
    "creation_document",
    "data_asset",
    "data_documents",
    "dataflow_of",
    "module_documents",
    "offline",
    "offline_dataset",
    "offline_datastore",
    "plain",
    "register_model",
]

_NOWHERE = "http://127.0.0.1:9"
_INTERFACE = {"Arguments": "arguments", "Inputs": "inputs", "Outputs": "outputs"}
_ID = "00000000-0000-0000-0000-000000000000"


def offline() -> tuple[Workspace, AzureBlobDatastore, _AevaWorkflowProvider]:
    """Return a workspace, a datastore and a workflow provider that call no service.

    Nothing is sent anywhere; the token is none. What is built with them can be
    validated and serialized, and can't be submitted.
    """
    # With a cloud named, the authentication doesn't fetch the list of clouds.
    offline = TokenAuthentication(lambda audience: "offline", cloud="AzureCloud")
    context = _OfflineContext(_ID, "offline", "offline", _ID, f"{_NOWHERE}/discovery", offline)
    workspace = Workspace._from_service_context(context, "local")
    datastore = offline_datastore(workspace, "workspaceblobstore")
    provider = _AevaWorkflowProvider(DryRunServiceCaller(), _NoUpload(), workspace)
    return workspace, datastore, provider


def offline_datastore(workspace: Workspace, name: str) -> AzureBlobDatastore:
    """Return a datastore that wasn't looked up in the service."""
    return AzureBlobDatastore(workspace, name, "container", "account")


def offline_dataset(workspace: Workspace, name: str, version: str) -> FileDataset:
    """Return a registered dataset that wasn't looked up in the service."""
    number = int(version) if version.isdigit() else None
    about = _DatasetRegistration(workspace, f"{name}:{version or 'latest'}", None, name, number)
    return FileDataset._create(definition="{}", registration=about)


def data_asset(workspace: Workspace, name: str, version: str) -> dict[str, Any]:
    """Return the service's record of data that SDK v2 or the studio has registered."""
    response = _fetch_v2_data_asset(workspace=workspace, name=name, version=version)
    found = response.json()["dataVersion"]
    return found if isinstance(found, dict) else {}


def dataflow_of(dataset: TabularDataset) -> str:
    """Return how a registered table is read, as JSON."""
    return dataset._original_dataflow_json or ""


def creation_document(pipeline: Pipeline, parameters: dict[str, Any] | None = None) -> Any:
    """Return what submitting a pipeline sends to the service, as plain JSON."""
    return plain(creation(pipeline, parameters))


def creation(pipeline: Pipeline, parameters: dict[str, Any] | None = None) -> Any:
    """Return what submitting a pipeline sends to the service, as the SDK's own object."""
    pipeline._set_experiment_name("offline")
    return pipeline.graph._get_pipeline_run_creation_info_with_graph(
        pipeline_parameters=parameters or {}, regenerate_outputs=False
    )


def module_documents(pipeline: Pipeline) -> dict[str, Any]:
    """Return by id what matters of the modules of a pipeline that was built offline."""
    made = _service_of(pipeline)._module_entities
    return {
        key: {
            "Name": entity.name,
            "IsDeterministic": entity.is_deterministic,
            "StepType": entity.step_type,
            **{
                name: [plain(each) for each in getattr(entity.structured_interface, field)]
                for name, field in _INTERFACE.items()
            },
        }
        for key, entity in made.items()
    }


def data_documents(pipeline: Pipeline) -> dict[str, Any]:
    """Return by id what was sent to make the data sources of a pipeline built offline."""
    made = _service_of(pipeline)._datasource_entities
    return {key: plain(entity) for key, entity in made.items()}


def plain(value: Any, kind: str = "") -> Any:
    """Return an object of the SDK as the JSON that it sends.

    The SDK's own way checks and copies every field of every object with regular
    expressions, which takes longer than building the pipeline.

    Parameters
    ----------
    kind : str
        What the SDK calls the type: ``str``, ``[str]``, ``{str}``.
    """
    if isinstance(value, Enum):
        value = value.value
    fields = getattr(value, "_attribute_map", None)
    if fields is not None:
        return {
            about["key"]: plain(field, about["type"])
            for name, about in fields.items()
            if (field := getattr(value, name)) is not None
        }
    if isinstance(value, list):
        return [plain(each, kind[1:-1]) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each, kind[1:-1]) for key, each in value.items()}
    return str(value) if kind == "str" and value is not None else value


def _service_of(pipeline: Pipeline) -> DryRunServiceCaller:
    return pipeline.graph._context.workflow_provider._service_caller


def register_model(workspace: Workspace, name: str, folder: Path, tags: Mapping[str, str]) -> str:
    """Register a folder as a model and return its id.

    ``Model.register`` does the same, but only with what is below the current folder.
    """
    asset = Model._create_asset(workspace.service_context, str(folder.absolute()), name)
    made = Model._register_with_asset(workspace, name, asset.id, dict(tags))
    return str(made.id)


class _OfflineContext(ServiceContext):
    def _fetch_endpoints(self) -> dict[str, str]:
        return dict.fromkeys(_ServiceKeys.get_discovery_keys(), _NOWHERE)


class _NoUpload:
    """Replaces the upload of the code."""

    def upload(self, directory: str) -> str:
        return _ID
