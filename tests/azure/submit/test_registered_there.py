"""Data that is registered in the workspace is read there, and nothing is uploaded for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stand_in import data
from stand_in.service import Service

from designer.azure.errors import AzureError
from designer.azure.runs import submission
from designer.azure.runs.submission import SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.catalog import Catalog
from designer.engine.results import NodeResult
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace

pytestmark = pytest.mark.usefixtures("signed_in")
BOTH = pytest.mark.parametrize("target", submission.TARGETS)
# What takes the same way with both is tried with one SDK by make test.
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)
OLD = {"sales.csv": b"a,b\n1,2\n"}
NEW = {"sales.csv": b"a,b\n1,2\n3,4\n5,6\n"}

Read = Callable[..., NodeResult]


def a_file(service: Service) -> None:
    data.register(service, "sales", "1", OLD)
    data.register(service, "sales", "2", NEW)


def a_file_dataset(service: Service) -> None:
    data.register_dataset(service, "sales", "1", OLD)
    data.register_dataset(service, "sales", "2", NEW)


def a_table(service: Service) -> None:
    data.register_dataset(service, "sales", "1", OLD, table=True)
    data.register_dataset(service, "sales", "2", NEW, table=True)


@pytest.fixture
def read(catalog: Catalog, workspace: Workspace, config: WorkspaceConfig, tmp_path: Path) -> Read:
    """Submits a node that reads data, and returns its result."""

    def go(target: str, path: str, **options: Any) -> NodeResult:
        pipeline, _ = edits.add_node(
            Pipeline(), "dataset", parameters={"path": path, "format": "CSV"}, node_id="data"
        )
        handle = submission.start(
            pipeline,
            catalog,
            base=tmp_path,
            workspace=workspace,
            destination=SubmissionTarget(target, config, "tests", "cpu-cluster", "azure-cli"),
            poll=0.05,
            **options,
        )
        result = handle.wait(300)
        assert result is not None
        assert result.status == "completed", result.nodes["data"].error
        return result.nodes["data"]

    return go


@pytest.mark.long
@pytest.mark.parametrize(
    ("target", "register"),
    [
        ("azureml-v1", a_file_dataset),
        ("azureml-v1", a_table),
        ("azureml-v1", a_file),
        ("azureml-v2", a_file),
    ],
)
def test_the_step_reads_what_is_registered(
    target: str, register: Callable[[Service], None], read: Read, service: Service
) -> None:
    register(service)
    found = read(target, "dataset:here", registered={"here": "azureml:sales:1"})
    assert found.outputs["dataset"].rows == 1
    # SDK v1 finds the newest only of what it has registered itself.
    newest = "azureml:sales:2" if (target, register) == ("azureml-v1", a_file) else "azureml:sales"
    assert read(target, newest).outputs["dataset"].rows == 3
    uploaded = [each for each in service.door.requests if each.method == "PUT"]
    assert not any(b"a,b" in each.body for each in uploaded)


@pytest.mark.long
@ONE
def test_a_file_of_a_registered_folder(target: str, read: Read, service: Service) -> None:
    files = {"2025/all.csv": b"a\n1\n", "2026/all.csv": b"a\n1\n2\n"}
    data.register(service, "sales", "7", files, folder=True)
    assert read(target, "azureml:sales:7/2026/all.csv").outputs["dataset"].rows == 2


@pytest.mark.long
def test_a_folder_that_sdk_v1_has_registered(read: Read, service: Service) -> None:
    files = {"2025/all.csv": b"a\n1\n", "2026/all.csv": b"a\n1\n2\n"}
    data.register_dataset(service, "sales", "7", files)
    assert read("azureml-v1", "azureml:sales:7/2026/all.csv").outputs["dataset"].rows == 2


@ONE
@pytest.mark.parametrize("text", ["azureml:sales:4", "azureml:costs"])
def test_data_that_is_not_there_is_said_so(
    target: str, text: str, read: Read, service: Service
) -> None:
    a_file(service)
    with pytest.raises(AzureError) as caught:
        read(target, text)
    which = "no version 4 of the data “sales”" if "4" in text else "no data “costs”"
    assert caught.value.message == f"The workspace “desk” has {which}."
    assert ("Data" if "4" in text or target == "azureml-v2" else "version") in caught.value.hint
    assert not service.runs.all


def test_a_table_that_is_computed_is_refused_by_v1(read: Read, service: Service) -> None:
    data.register_dataset(service, "sales", "1", OLD, table=True, more=("FilterBlock",))
    with pytest.raises(AzureError, match="registered as a table that is more") as caught:
        read("azureml-v1", "azureml:sales:1")
    assert caught.value.hint == "Register its file or folder, and use that."
    assert not service.runs.all
