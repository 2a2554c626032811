"""Azure's automated ML jobs of a pipeline, in place of the steps that search here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from designer.azure import write_mltable
from designer.azure.compile.steps import Description, Step
from designer.azure.sdk_v2.files import PIPELINE
from designer.azure.sdk_v2.jobs import COMPONENTS
from designer.packaging import snapshot

MODEL = "best_model"


def write_automl_jobs(description: Description, folder: Path) -> None:
    """Replace steps in compiled files by automated ML jobs, each after a job with its data.

    Azure's job reads an MLTable, which the job before it makes of a table.
    """
    steps = [step for step in description.steps if step.automl is not None]
    if not steps:
        return
    shutil.copyfile(Path(write_mltable.__file__), folder / snapshot.FOLDER / "write_mltable.py")
    pipeline = yaml.safe_load((folder / PIPELINE).read_text("utf-8"))
    outputs = pipeline.get("outputs", {})
    jobs: dict[str, Any] = {}
    for name, job in pipeline["jobs"].items():
        step = next((step for step in steps if step.id == name), None)
        if step is None:
            jobs[name] = job
            continue
        component = folder / job["component"]
        document = yaml.safe_load(component.read_text("utf-8"))
        others = [each for key, each in pipeline["jobs"].items() if key != name]
        if all(each.get("component") != job["component"] for each in others):
            component.unlink()
        tables = f"{name}_tables"
        _write(folder / COMPONENTS / f"{tables}.yml", _table_component(tables, step, document))
        inputs = {each.name: job["inputs"][each.name] for each in step.inputs}
        jobs[tables] = {
            "type": "command",
            "component": f"./{COMPONENTS}/{tables}.yml",
            "inputs": inputs,
        }
        output = f"{name}_{MODEL}"
        outputs[output] = {"type": "mlflow_model"}
        jobs[name] = _automl_job(step, tables, output)
        if "compute" in job:
            jobs[tables]["compute"] = jobs[name]["compute"] = job["compute"]
    pipeline |= {"outputs": outputs, "jobs": jobs}
    _write(folder / PIPELINE, pipeline)


def _table_component(name: str, step: Step, document: dict[str, Any]) -> dict[str, Any]:
    """Return the component that writes tables, from that of the step it is for."""
    ports = [each.name for each in step.inputs]
    words = [f"${{{{inputs.{port}}}}} ${{{{outputs.{port}_table}}}}" for port in ports]
    return {
        **{key: document[key] for key in ("$schema", "type", "version", "code", "environment")},
        "name": name,
        "display_name": f"Tables for {step.title}",
        "is_deterministic": True,
        "inputs": {port: {"type": "uri_folder"} for port in ports},
        "outputs": {f"{port}_table": {"type": "mltable"} for port in ports},
        "command": f"python write_mltable.py {' '.join(words)}",
    }


def _automl_job(step: Step, tables: str, output: str) -> dict[str, Any]:
    settings = dict(step.automl or {})
    names = ("training_data", "validation_data")
    data = {
        name: f"${{{{parent.jobs.{tables}.outputs.{each.name}_table}}}}"
        for name, each in zip(names, step.inputs, strict=False)
    }
    if "validation_data" in data:
        settings.pop("n_cross_validations", None)
        settings.pop("validation_data_size", None)
    outputs = {MODEL: f"${{{{parent.outputs.{output}}}}}"}
    return {**settings, **data, "outputs": outputs}


def _write(path: Path, document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)
    path.write_text(text, "utf-8", newline="\n")
