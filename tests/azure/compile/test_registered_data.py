"""Datasets that are registered in the workspace of Azure ML are referred to, not uploaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from compiled_jobs import run_all, v1_commands, v2_commands

from designer.azure.compile.compiling import compile_pipeline
from designer.azure.compile.data_references import data_at_azure, registered_datasets
from designer.azure.compile.describing import describe
from designer.azure.compile.problems import CompileError
from designer.azure.compile.step_ports import Asset, DatastoreFolder, Input
from designer.azure.compile.steps import Description
from designer.azure.errors import AzureError
from designer.catalog import Catalog
from designer.pipeline.model import Node, Pipeline
from modules.values import storage

Build = Callable[..., Pipeline]
LINK = "data.dataset > split.dataset"


def nodes(path: str, **more: Any) -> dict[str, Any]:
    data = Node("data", "dataset", parameters={"path": path, "format": "CSV"}, **more)
    return {"data": data, "split": ("split_data", {"fraction": 0.5})}


@pytest.fixture
def described(build: Build, catalog: Catalog, tmp_path: Path) -> Callable[..., Description]:
    def make(path: str, registered: dict[str, str] | None = None, **more: Any) -> Description:
        return describe(
            build(nodes(path, **more), LINK),
            catalog,
            base=tmp_path,
            name="p",
            resolve=lambda path, base: base / path,
            datasets=list(registered or {}),
            registered=registered,
        )

    return make


# By an option, by the parameter, and by what the node has for Azure.
WAYS: tuple[tuple[str, dict[str, str] | None, dict[str, Any]], ...] = (
    ("dataset:sales", {"sales": "azureml:sales-eu:3"}, {}),
    ("azureml:sales-eu:3", None, {}),
    ("here.csv", None, {"azure": {"data": {"path": "azureml:sales-eu:3"}}}),
)


@pytest.mark.long
@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
def test_a_registered_file_is_what_the_step_reads(
    target: str,
    described: Callable[..., Description],
    graph: Callable[[Path], Any],
    tmp_path: Path,
) -> None:
    file = tmp_path / "sales.csv"
    file.write_text("a,b\n1,2\n3,4\n")
    there = {"azureml:sales-eu:3": file}
    commands = []
    for number, (path, registered, extra) in enumerate(WAYS):
        folder, results = tmp_path / f"out{number}", tmp_path / f"results{number}"
        compile_pipeline(described(path, registered, extra=extra), target, folder)
        assert not (folder / "data").exists()
        if target == "azureml-v2":
            job = yaml.safe_load((folder / "pipeline.yml").read_text("utf-8"))["jobs"]["data"]
            assert job["inputs"]["path"] == {"type": "uri_file", "path": "azureml:sales-eu:3"}
            commands += v2_commands(folder, results, data=there)
        else:
            assert '"azureml:sales-eu:3"' in (folder / "pipeline.py").read_text("utf-8")
            commands += v1_commands(folder, graph(folder), results, data=there)
        # The jobs of all are run with the code of the first.
        assert contents(folder / "snapshot") == contents(tmp_path / "out0" / "snapshot")
    # A job that is given the file where the dataset is mounted reads it.
    run_all(commands, tmp_path / "out0" / "snapshot")
    for number in range(len(WAYS)):
        split = tmp_path / f"results{number}" / "split"
        frames = [storage.load(split / f"results_dataset{n}").frame for n in (1, 2)]
        assert sorted(int(frame["a"].iloc[0]) for frame in frames) == [1, 3]


def contents(folder: Path) -> dict[Path, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_a_file_in_a_registered_folder(
    described: Callable[..., Description], tmp_path: Path
) -> None:
    description = described("azureml:sales/2026/jan.csv")
    compile_pipeline(description, "azureml-v2", tmp_path / "out")
    job = yaml.safe_load((tmp_path / "out" / "pipeline.yml").read_text("utf-8"))["jobs"]["data"]
    assert job["inputs"]["path"] == {"type": "uri_folder", "path": "azureml:sales@latest"}
    assert job["inputs"]["path_file"] == "2026/jan.csv"


@pytest.mark.parametrize(
    ("text", "source", "inside"),
    [
        ("azureml:a:1", Asset("a", "1", is_file=True), ""),
        ("azureml:a", Asset("a", "", is_file=True), ""),
        ("azureml:a@latest", Asset("a", "", is_file=True), ""),
        ("azureml:a:1/", Asset("a", "1"), ""),
        ("azureml:a:v1.2/b/c.csv", Asset("a", "v1.2"), "b/c.csv"),
        ("azureml://datastores/s/paths/a/b.csv", DatastoreFolder("s", "a"), "b.csv"),
        ("azureml://datastores/s/paths/a/", DatastoreFolder("s", "a"), ""),
    ],
)
def test_how_data_at_azure_is_written(
    text: str, source: Asset | DatastoreFolder, inside: str
) -> None:
    found = data_at_azure("x", text)
    kind = {"asset": source} if isinstance(source, Asset) else {"location": source}
    assert found == (Input("x", **kind), inside)


@pytest.mark.parametrize(
    "text", ["azureml:", "azureml:a:1/../b", "azureml:a b", "azureml:a:1?x", "azureml://x/a", 3]
)
def test_what_is_no_data_at_azure(text: object) -> None:
    with pytest.raises(ValueError, match="isn't data in Azure ML"):
        data_at_azure("x", text)


def test_wrong_words_are_told_with_the_right_ones(described: Callable[..., Description]) -> None:
    with pytest.raises(CompileError) as caught:
        described("azureml:a b")
    (problem,) = caught.value.problems
    assert (problem.node, problem.parameter) == ("data", "path")
    assert "azureml:NAME:VERSION" in problem.hint


@pytest.mark.parametrize("text", ["sales", "=azureml:a:1", "sales=here.csv", "sales=azureml:"])
def test_options_that_name_no_dataset(text: str) -> None:
    with pytest.raises(AzureError, match="doesn't map a dataset to a dataset registered"):
        registered_datasets([text])


def test_the_option_is_read() -> None:
    assert registered_datasets(["my sales = azureml:a:1"]) == {"my sales": "azureml:a:1"}


def test_the_graph_of_v1_names_the_dataset(
    described: Callable[..., Description], graph: Callable[[Path], Any], tmp_path: Path
) -> None:
    compile_pipeline(described("azureml:sales:3"), "azureml-v1", tmp_path / "out")
    assert "sales:3" in json.dumps(graph(tmp_path / "out")["DataSources"])
