"""Shared modules with SDK v2: which components they become, and what cards pass to them."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.append(str(Path(__file__).parents[1] / "service"))

from shared_files import PIPELINE, write_files

from designer.azure.compile.compiling import TARGETS, compile_pipeline
from designer.azure.compile.describing import describe
from designer.catalog import Catalog
from designer.pipeline.file import read

Compile = Callable[..., tuple[dict[str, Any], dict[str, dict[str, Any]]]]


@pytest.fixture
def compile_v2(catalog: Catalog, tmp_path: Path) -> Compile:
    """Compile the pipeline of shared_files with changed cards; return the job and components."""

    def go(target: str = "azureml-v2", **changes: Any) -> Any:
        pipeline = copy.deepcopy(PIPELINE)
        for section, more in changes.items():
            pipeline[section] = {**pipeline.get(section, {}), **more}
        file = write_files(tmp_path / "files", pipeline)
        description = describe(read(file), catalog, base=file.parent, name="shared")
        folder = tmp_path / "compiled"
        compile_pipeline(description, target, folder)
        if target == "azureml-v1":
            return [step.id for step in description.steps]
        return read_compiled(folder)

    return go


def pipelines(components: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, each in components.items() if each["type"] == "pipeline"}


def test_one_component_for_each_module_with_its_ports_and_parameters(
    compile_v2: Compile, tmp_path: Path
) -> None:
    from azure.ai.ml import load_component

    job, components = compile_v2()
    assert pipelines(components) == {"prepare", "take_a_part"}
    assert set(job["jobs"]) == {"data", "one", "two", "both"}
    assert job["jobs"]["one"]["component"] == job["jobs"]["two"]["component"]
    assert "share" not in job["jobs"]["one"]["inputs"]
    assert job["jobs"]["two"]["inputs"]["share"] == 0.75
    assert job["jobs"]["both"]["inputs"] == {
        "dataset1": "${{parent.jobs.one.outputs.prepared}}",
        "dataset2": "${{parent.jobs.two.outputs.prepared}}",
    }
    # As the unmodified SDK reads it.
    loaded: Any = load_component(tmp_path / "compiled" / "components" / "prepare.yml")
    assert loaded._validate().passed
    assert loaded.display_name == "Prepare"
    share = loaded.inputs["share"]
    assert (share.type, float(share.default), float(share.max)) == ("number", 0.5, 1.0)
    assert set(loaded.inputs) == {"table", "share", "columns_parameters"}
    assert set(loaded.outputs) == {"prepared"}
    assert loaded.jobs["part"].type == "pipeline"


def test_a_value_that_no_input_can_have_travels_in_a_file(compile_v2: Compile) -> None:
    wanted = {"rules": [{"include": "names", "values": ["c"]}]}
    groups = {"two": {"module": "prepare", "parameters": {"columns": wanted}}}
    job, components = compile_v2(groups=groups)
    assert pipelines(components) == {"prepare", "take_a_part"}
    files = {
        name: job["jobs"][name]["inputs"]["columns_parameters"]["path"]
        for name in job["jobs"]
        if name in ("one", "two")
    }
    assert files["one"] != files["two"]


def test_a_value_of_the_pipeline_reaches_the_step_in_the_card(compile_v2: Compile) -> None:
    groups = {"two": {"module": "prepare", "parameters": {"share": {"$parameter": "some"}}}}
    parameters = {"some": {"type": "number", "default": 0.25}}
    job, components = compile_v2(groups=groups, parameters=parameters)
    assert pipelines(components) == {"prepare", "take_a_part"}
    assert job["jobs"]["two"]["inputs"]["share"] == "${{parent.inputs.some}}"
    part = components["prepare"]["jobs"]["part"]
    assert part["inputs"]["share"] == "${{parent.inputs.share}}"
    assert (
        components["take_a_part"]["jobs"]["split"]["inputs"]["fraction"]
        == "${{parent.inputs.share}}"
    )


def test_a_module_named_like_one_of_the_palette_has_another_name(
    compile_v2: Compile, catalog: Catalog, tmp_path: Path
) -> None:
    file = write_files(tmp_path / "other")
    modules = file.parent / "shared.modules"
    (modules / "prepare.module.json").rename(modules / "add_rows.module.json")
    file.write_text(file.read_text("utf-8").replace('"prepare"', '"add_rows"'), "utf-8")
    description = describe(read(file), catalog, base=file.parent)
    assert {card.name for card in description.cards} == {"add_rows_module", "take_a_part"}


def test_a_disabled_card_has_no_component(compile_v2: Compile) -> None:
    job, components = compile_v2(groups={"two": {"module": "prepare", "disabled": True}})
    assert "two" not in job["jobs"]
    assert pipelines(components) == {"prepare", "take_a_part"}


def test_a_card_with_an_automated_ml_job_of_azure_stays_in_the_pipeline(
    catalog: Catalog, tmp_path: Path
) -> None:
    """Azure's pipeline components can't contain such a job."""
    node = {
        "module": "automated_training",
        "version": 1,
        "parameters": {"label_column": ["c"], "task": "classification"},
        "azure": {"automl_job": True},
    }
    inputs = {"rows": {"to": ["best.dataset"]}}
    job, components = compiled_with(catalog, tmp_path, {"best": node}, {"inputs": inputs})
    assert set(job["jobs"]) == {"data", "own__best_tables", "own__best"}
    assert not pipelines(components)


def test_a_file_that_a_step_in_a_card_writes_is_an_output_of_the_job(
    catalog: Catalog, tmp_path: Path
) -> None:
    node = {"module": "export_data", "version": 1, "parameters": {"path": "rows.csv"}}
    inputs = {"rows": {"to": ["save.dataset"]}}
    job, components = compiled_with(catalog, tmp_path, {"save": node}, {"inputs": inputs})
    assert set(components["own"]["outputs"]) == {"save_path"}
    assert set(job["outputs"]) == {"own_save_path"}
    assert job["jobs"]["own"]["outputs"] == {"save_path": "${{parent.outputs.own_save_path}}"}


def test_a_value_that_a_card_resets_is_the_default_of_the_step(
    catalog: Catalog, tmp_path: Path
) -> None:
    node = {"module": "split_data", "version": 1, "parameters": {"fraction": 0.25}}
    interface = {
        "inputs": {"rows": {"to": ["split.dataset"]}},
        "parameters": {"share": {"of": "split.fraction"}},
    }
    own = {"parameters": {"share": {"$default": True}}}
    job, components = compiled_with(catalog, tmp_path, {"split": node}, interface, **own)
    assert components["own"]["inputs"]["share"]["default"] == 0.25
    assert job["jobs"]["own"]["inputs"]["share"] == 0.5


def compiled_with(
    catalog: Catalog, folder: Path, nodes: dict[str, Any], interface: dict[str, Any], **own: Any
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Compile rows that are typed in, and a card of a module with these nodes."""
    start = {"format": "modeldesk-pipeline", "version": 1}
    module = start | {"interface": interface, "nodes": nodes}
    pipeline = start | {
        "nodes": {"data": PIPELINE["nodes"]["data"]},
        "groups": {"own": {"module": "own"} | own},
        "links": [{"from": "data.dataset", "to": "own.rows"}],
    }
    (folder / "own.module.json").write_text(json.dumps(module), "utf-8")
    file = folder / "own.pipeline.json"
    file.write_text(json.dumps(pipeline), "utf-8")
    compile_pipeline(describe(read(file), catalog, base=folder), "azureml-v2", folder / "compiled")
    return read_compiled(folder / "compiled")


def read_compiled(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    components = {
        path.stem: yaml.safe_load(path.read_text("utf-8"))
        for path in (folder / "components").iterdir()
    }
    return yaml.safe_load((folder / "pipeline.yml").read_text("utf-8")), components


def test_sdk_v1_has_the_steps_of_the_cards(compile_v2: Compile) -> None:
    assert set(compile_v2(TARGETS[0])) == {
        "data", "one__columns", "one__part__split", "two__columns", "two__part__split", "both",
    }  # fmt: skip
