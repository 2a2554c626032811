"""What a compiled folder holds, and that both SDKs and a person can work with it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from chosen_samples import CHOSEN, SAMPLES
from golden_files import GOLDEN, outline, texts

from designer.azure.compile.compiling import TARGETS, compile_pipeline
from designer.azure.compile.describing import describe
from designer.azure.compile.steps import Description
from designer.azure.sdk_v1 import build_offline, graph_document
from designer.azure.sdk_v1.private import PythonScriptStep, offline, offline_datastore
from designer.azure.sdk_v2.building import build as build_job
from designer.catalog import Catalog
from designer.pipeline.model import Node, Pipeline, PipelineParameter

Compiled = Callable[[str, str], Path]


def _each(*quick: str) -> pytest.MarkDecorator:
    """Try each sample, and in make test the quick ones alone."""
    cells = [pytest.param(name, marks=() if name in quick else pytest.mark.long) for name in CHOSEN]
    return pytest.mark.parametrize("sample", cells)


each_sample = _each("credit_risk", "training_size")
"""In make test one with a query and a script, and one with a card."""

each_sample_of_v1 = _each("credit_risk")
"""SDK v1 knows no cards."""

HOW = "If the change is meant: python tests/azure/compile/regenerate_compiled.py"


@each_sample
def test_golden_files(sample: str, compiled: Compiled) -> None:
    found = texts(*(compiled(sample, target) for target in TARGETS))
    assert set(found) == {path.name for path in (GOLDEN / sample).iterdir()}
    for name, text in found.items():
        assert text == (GOLDEN / sample / name).read_text("utf-8"), f"{name}. {HOW}"


@pytest.mark.parametrize("target", TARGETS)
def test_twice_the_same_bytes_wherever_it_is_written(
    target: str, described: Callable[[str], Description], compiled: Compiled, tmp_path: Path
) -> None:
    first = compiled("credit_risk", target)
    compile_pipeline(described("credit_risk"), target, tmp_path / "elsewhere")
    assert _contents(tmp_path / "elsewhere") == _contents(first)


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_of_this_computer_is_in_it(target: str, compiled: Compiled) -> None:
    here = str(Path(__file__).resolve().parents[3])
    for name, content in _contents(compiled("credit_risk", target)).items():
        assert here.encode() not in content, name
        assert str(Path.home()).encode() not in content or str(Path.home()) == "/", name


def test_the_code_is_the_modules_and_no_more(compiled: Compiled) -> None:
    code = compiled("automobile_price", "azureml-v2") / "snapshot"
    assert {path.name for path in code.iterdir()} == {"modules", "run_step.py"}
    for path in code.rglob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"^\s*(import|from) (designer|PySide6|azure\.ai)\b", text, re.M), path
        if path.name != "run_step.py":
            assert "azure" not in re.findall(r"^\s*(?:import|from) (\w+)", text, re.M)
    assert not list(code.rglob("__pycache__"))


def test_the_environment_has_exact_versions_and_no_address(compiled: Compiled) -> None:
    text = (compiled("credit_risk", "azureml-v1") / "environment" / "conda.yml").read_text("utf-8")
    assert "://" not in text
    document = yaml.safe_load(text)
    python, pip, packages = document["dependencies"]
    assert python == f"python={sys.version_info.major}.{sys.version_info.minor}"
    assert pip == "pip"
    pins = dict(each.split("==") for each in packages["pip"])
    from importlib.metadata import version

    for name in ("numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops", "pydantic"):
        assert pins[name] == version(name)
    assert not {"pyside6-essentials", "azureml-core", "azure-ai-ml"} & set(pins)


@each_sample_of_v1
def test_sdk_v1_finds_nothing_wrong(
    sample: str, described: Callable[[str], Description], compiled: Compiled
) -> None:
    folder = compiled(sample, "azureml-v1")
    pipeline = build_offline(described(sample), compute="cpu-cluster", folder=folder)
    assert pipeline.validate() == []
    names = [node.name for node in pipeline.graph.module_nodes]
    assert sorted(names) == sorted(step.id for step in described(sample).steps)


@each_sample_of_v1
def test_the_script_builds_what_was_compiled(sample: str, compiled: Compiled, graph) -> None:
    """pipeline.py, run against the SDK's own stand-in of the service."""
    folder = compiled(sample, "azureml-v1")
    script: dict[str, Any] = {"__name__": "script", "__file__": str(folder / "pipeline.py")}
    exec(compile((folder / "pipeline.py").read_text("utf-8"), "pipeline.py", "exec"), script)
    workspace, datastore, provider = offline()
    targets = {"cpu-cluster": ("cpu-cluster", "AmlCompute")}
    pipeline = script["build"](workspace, datastore, targets, _workflow_provider=provider)
    assert pipeline.validate() == []
    assert outline(graph_document(pipeline)) == outline(graph(folder))
    built = graph_document(pipeline)["Submission"]["Graph"]["ModuleNodes"]
    assert built == graph(folder)["Submission"]["Graph"]["ModuleNodes"]


def test_the_script_is_one_that_a_person_would_write(compiled: Compiled) -> None:
    path = compiled("credit_risk", "azureml-v1") / "pipeline.py"
    rules = ["check", "--isolated", "--select", "E,F,W,I,UP", "--line-length", "99"]
    done = subprocess.run([sys.executable, "-m", "ruff", *rules, str(path)], capture_output=True)
    assert done.returncode == 0, done.stdout.decode()
    names = re.findall(r"^\s*from (azureml\S*) import", path.read_text("utf-8"), re.M)
    assert [name for name in names if "._" in name] == [
        "azureml.pipeline.core._python_script_step_base"
    ]


@each_sample
def test_sdk_v2_loads_it_and_it_round_trips(
    sample: str, described: Callable[[str], Description], compiled: Compiled, tmp_path: Path
) -> None:
    from azure.ai.ml import load_job

    folder = compiled(sample, "azureml-v2")
    description = described(sample)
    job = build_job(description, compute=None, folder=folder)
    assert job._validate().passed
    nodes = _nodes(job)
    assert sorted(nodes) == sorted(step.id for step in description.steps)
    for step in description.steps:
        assert nodes[step.id].component.is_deterministic is step.deterministic
    if description.cards:
        # The SDK reads pipeline components from files of their own only.
        return
    again = tmp_path / "again.yml"
    again.write_text(str(job), "utf-8")
    loaded = load_job(again)
    assert loaded._validate().passed
    assert _commands(loaded) == _commands(job)
    assert str(loaded.settings.default_compute) == str(job.settings.default_compute)


def test_private_names_of_each_sdk_are_in_one_file() -> None:
    root = Path(__file__).resolve().parents[3] / "designer"
    private = re.compile(r"azureml[\w.]*\._\w+|azure\.ai\.ml[\w.]*\._\w+")
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if any(
            private.search(line)
            for line in path.read_text("utf-8").splitlines()
            if line.startswith(("from azure", "import azure", "    from azure"))
        )
    }
    # script.py has it in the text of the script, where the public name is tried first.
    private_files = {f"azure/sdk_v{number}/private.py" for number in (1, 2)}
    assert found <= {*private_files, "azure/sdk_v1/script.py"}


def test_the_private_step_is_the_body_of_the_public_one() -> None:
    """A new release may change it; then this says so before a person finds out."""
    import inspect
    from importlib.metadata import version

    assert version("azureml-core") == "1.61.0.post4"
    assert version("azureml-pipeline-core") == "1.62.0"
    accepted = set(inspect.signature(PythonScriptStep.__init__).parameters)
    assert accepted >= {
        "name", "script_name", "arguments", "compute_target", "runconfig", "inputs", "outputs",
        "source_directory", "allow_reuse",
    }  # fmt: skip


def test_pipeline_parameters_stay_parameters(
    build: Callable[..., Pipeline], catalog: Catalog, tmp_path: Path, graph
) -> None:
    pipeline = build(
        {
            "table": ("enter_data_manually", {"data": "x,y\n1,2\n"}),
            "split": (
                "split_data",
                {"fraction": {"$parameter": "part"}, "random_seed": {"$parameter": "seed"}},
            ),
        },
        "table.dataset > split.dataset",
        parameters={
            "part": PipelineParameter("part", "number", 0.7),
            "seed": PipelineParameter("seed", "integer", 3),
            "unused": PipelineParameter("unused", "text", "x"),
        },
    )
    spec = catalog["split_data"]
    names = {"fraction": "part"} | {
        each.name: "seed" for each in spec.parameters if each.name in ("seed", "random_seed")
    }
    nodes = dict(pipeline.nodes)
    nodes["split"] = Node(
        "split", "split_data", parameters={k: {"$parameter": v} for k, v in names.items()}
    )
    pipeline = Pipeline(nodes=nodes, links=pipeline.links, parameters=pipeline.parameters)
    description = describe(pipeline, catalog, base=tmp_path, parameters={"part": 0.6})
    for target in TARGETS:
        compile_pipeline(description, target, tmp_path / target)
    v1 = outline(graph(tmp_path / "azureml-v1"))
    assert v1["parameters"] == {"part": "0.6", "seed": "3"}
    assert "<parameter part>" in v1["modules"]["split"]["arguments"]
    job = yaml.safe_load((tmp_path / "azureml-v2" / "pipeline.yml").read_text("utf-8"))
    assert job["inputs"] == {"part": 0.6, "seed": 3}
    assert job["jobs"]["split"]["inputs"]["fraction"] == "${{parent.inputs.part}}"
    changed = build_job(
        description, compute="other", parameters={"part": 0.5}, folder=tmp_path / "azureml-v2"
    )
    assert changed._validate().passed
    assert changed.inputs["part"]._data == 0.5
    assert "other" in str(changed.settings.default_compute)


def test_compute_of_a_node_in_both(
    build: Callable[..., Pipeline], catalog: Catalog, tmp_path: Path, graph
) -> None:
    rows = {"data": "x,y\n1,2\n"}
    extra = {"azure": {"compute": "big-cluster"}}
    big = Node("big", "enter_data_manually", parameters=rows, extra=extra)
    pipeline = build({"small": ("enter_data_manually", rows), "big": big})
    description = describe(pipeline, catalog, base=tmp_path)
    for target in TARGETS:
        compile_pipeline(description, target, tmp_path / target, compute="mine")
    nodes = graph(tmp_path / "azureml-v1")["Submission"]["Graph"]["ModuleNodes"]
    targets = {
        node["Id"]: each["Value"]
        for node in nodes
        for each in node["ModuleParameters"]
        if each["Name"] == "Target"
    }
    assert targets == {"small": "mine", "big": "big-cluster"}
    job = yaml.safe_load((tmp_path / "azureml-v2" / "pipeline.yml").read_text("utf-8"))
    assert job["settings"]["default_compute"] == "azureml:mine"
    assert job["jobs"]["big"]["compute"] == "azureml:big-cluster"
    assert "compute" not in job["jobs"]["small"]
    assert 'on="big-cluster"' in (tmp_path / "azureml-v1" / "pipeline.py").read_text("utf-8")


def test_data_on_a_datastore_in_both(
    build: Callable[..., Pipeline], catalog: Catalog, tmp_path: Path, graph
) -> None:
    place = "azureml://datastores/lake/paths/2026/sales"
    data = Node(
        "data",
        "dataset",
        parameters={"path": "sales.csv"},
        extra={"azure": {"data": {"path": f"{place}/all.csv"}}},
    )
    description = describe(build({"data": data}), catalog, base=tmp_path)
    for target in TARGETS:
        compile_pipeline(description, target, tmp_path / target)
        assert not (tmp_path / target / "data").exists()
    sources = graph(tmp_path / "azureml-v1")["DataSources"]
    assert sources["data__path"]["AzureBlobReference"] == {
        "AmlDataStoreName": "lake",
        "RelativePath": "2026/sales",
    }
    job = yaml.safe_load((tmp_path / "azureml-v2" / "pipeline.yml").read_text("utf-8"))
    assert job["jobs"]["data"]["inputs"]["path"] == {"type": "uri_folder", "path": place}
    script: dict[str, Any] = {
        "__name__": "script",
        "__file__": str(tmp_path / "azureml-v1" / "pipeline.py"),
    }
    exec((tmp_path / "azureml-v1" / "pipeline.py").read_text("utf-8"), script)
    workspace, datastore, provider = offline()

    class Datastores:
        get = staticmethod(offline_datastore)

    script["Datastore"] = Datastores
    targets = {"cpu-cluster": ("cpu-cluster", "AmlCompute")}
    pipeline = script["build"](workspace, datastore, targets, _workflow_provider=provider)
    assert outline(graph_document(pipeline)) == outline(graph(tmp_path / "azureml-v1"))


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _commands(job: Any) -> dict[str, str]:
    return {name: node.component.command for name, node in _nodes(job).items()}


def _nodes(pipeline: Any, within: str = "") -> dict[str, Any]:
    """Return the commands of a pipeline, also those in pipeline components."""
    found = {}
    for name, node in pipeline.jobs.items():
        if node.type == "pipeline":
            found |= _nodes(node.component, f"{within}{name}__")
        else:
            found[f"{within}{name}"] = node
    return found


def test_the_record_says_what_it_is(compiled: Compiled) -> None:
    record = json.loads(
        (compiled("automobile_price", "azureml-v1") / "modeldesk.json").read_text("utf-8")
    )
    assert record == {"compiled": "azureml-v1", "pipeline": "automobile-price"}


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_that_the_sdks_say_gets_through(target: str, tmp_path: Path) -> None:
    file = SAMPLES / "iris_clustering.pipeline.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "designer.cli.main", "compile"),
            *(str(file), "--to", target, "-o", str(tmp_path / "out")),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
