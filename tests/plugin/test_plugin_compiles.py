"""A pipeline with the package compiles for both SDKs, and its jobs run where it isn't installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "azure" / "compile"))

from compiled_jobs import run_all, v1_commands, v2_commands  # noqa: E402

from designer.azure.compile.compiling import TARGETS  # noqa: E402
from modules.values import storage  # noqa: E402


@pytest.fixture(
    scope="module", params=[pytest.param(TARGETS[0], marks=pytest.mark.long), *TARGETS[1:]]
)
def compiled(request: pytest.FixtureRequest, desk: Any, ran: Any) -> Path:
    folder = desk.folder / request.param
    desk.designer("compile", desk.file, "--to", request.param, "-o", folder)
    return folder


@pytest.mark.long
def test_the_snapshot_has_its_code_and_the_environment_what_it_needs(
    compiled: Path, site: Path
) -> None:
    code = compiled / "snapshot"
    here, there = (
        {path.relative_to(folder) for path in (folder / "spectra").rglob("*.py")}
        for folder in (site, code)
    )
    assert here == there
    assert not list(code.rglob("__pycache__"))
    conda = yaml.safe_load((compiled / "environment" / "conda.yml").read_text("utf-8"))
    (pins,) = (each["pip"] for each in conda["dependencies"] if isinstance(each, dict))
    installed = {pin.partition("==")[0] for pin in pins}
    assert {"numpy", "scikit-learn"} <= installed
    assert not {"spectra", "modeldesk", "pyside6-essentials"} & installed


@pytest.mark.long
def test_its_steps_run_where_it_is_not_installed(
    compiled: Path, tmp_path: Path, expected: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH")
    if compiled.name == "azureml-v1":
        graph = json.loads((compiled / "graph.json").read_text("utf-8"))
        commands = list(v1_commands(compiled, graph, tmp_path))
    else:
        commands = list(v2_commands(compiled, tmp_path))
    run_all(commands, compiled / "snapshot")
    scored = storage.load(tmp_path / "score" / "scored_dataset").frame
    np.testing.assert_array_equal(scored["Scored Labels"], expected)
    assert storage.describe(tmp_path / "spectrum" / "spectrum")["type"] == "Spectrum"


@pytest.mark.long
def test_an_inference_pipeline_takes_the_code_that_its_saved_model_needs(
    desk: Any, ran: Any, tmp_path: Path
) -> None:
    file = desk.folder / "batch.pipeline.json"
    desk.designer("inference", desk.file, "--kind", "batch", "-o", file)
    desk.designer("compile", file, "--to", "azureml-v2", "-o", tmp_path / "batch")
    assert "calibration_regression" not in file.read_text("utf-8")
    assert (tmp_path / "batch" / "snapshot" / "spectra" / "forms.py").is_file()
