"""The installed package's modules are listed, run in other processes, stored and read back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract.errors import ModuleError
from modules.values import storage

MODULES = {"calibration_regression", "list_peaks", "record_spectrum", "subtract_baseline"}


def test_the_command_line_lists_its_modules(desk: Any) -> None:
    listed = {each["id"]: each for each in json.loads(desk.designer("modules", "--json"))}
    of_it = {name for name, each in listed.items() if each["category"] == "Spectroscopy"}
    assert of_it == MODULES
    assert listed["record_spectrum"]["outputs"] == [{"name": "spectrum", "type": "Spectrum"}]
    assert listed["calibration_regression"]["available"]
    (levels,) = listed["calibration_regression"]["parameters"]
    assert (levels["minimum"], levels["maximum"], levels["default"]) == (1, 100, 4)
    assert "Turn two columns" in desk.designer("modules", "Record Spectrum")


def test_a_pipeline_with_it_is_valid_here_and_names_what_is_missing_elsewhere(desk: Any) -> None:
    assert json.loads(desk.designer("validate", desk.file, "--json"))["valid"]
    said = desk.process("validate", desk.file, **desk.without_package())
    assert said.returncode == 2
    assert "The module “calibration_regression” isn't installed" in said.stdout


def test_it_runs_as_a_process_and_gives_what_arithmetic_gives(
    desk: Any, ran: dict[str, Any], expected: list[float]
) -> None:
    assert {each["status"] for each in ran["nodes"].values()} == {"completed"}
    (output,) = ran["nodes"]["score"]["outputs"].values()
    scores = storage.load(Path(output["path"])).frame["Scored Labels"]
    np.testing.assert_array_equal(scores, expected)
    again = json.loads(desk.designer("run", desk.file, "--json"))
    assert {each["status"] for each in again["nodes"].values()} == {"reused"}


@pytest.mark.long
def test_a_change_of_its_source_is_noticed(desk: Any, ran: dict[str, Any], site: Path) -> None:
    file = site / "spectra" / "spectrum.py"
    before = file.read_text("utf-8")
    file.write_text(before + "\n# another line\n", "utf-8")
    try:
        nodes = json.loads(desk.designer("run", desk.file, "--json"))["nodes"]
    finally:
        file.write_text(before, "utf-8")
    status = {name: each["status"] for name, each in nodes.items()}
    # What imports the changed file runs again, and nothing else.
    assert status.pop("spectrum") == "completed"
    assert status.pop("peaks") == "completed"
    assert set(status.values()) == {"reused"}


def test_its_port_type_is_stored_and_shown(desk: Any, ran: dict[str, Any]) -> None:
    (output,) = ran["nodes"]["spectrum"]["outputs"].values()
    assert output["type"] == "Spectrum"
    found = storage.load(Path(output["path"]))
    frame = pd.read_csv(desk.data)
    np.testing.assert_array_equal(found.wavelengths, frame["red"] - 1.0)
    assert found.unit == "nm"
    assert "spectrum" in desk.designer("show", desk.file, "spectrum")
    peaks = json.loads(desk.designer("show", desk.file, "peaks", "--rows", 80, "--json"))
    heights = (frame["blue"] - 1.0).to_numpy()
    inside = (heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])
    assert len(peaks["data"]) == inside.sum() > 0


class TestTrust:
    """Its estimator is read because its own learner declares the type, and only then."""

    @pytest.fixture
    def model(self, ran: dict[str, Any]) -> Path:
        return Path(ran["nodes"]["train"]["outputs"]["trained_model"]["path"])

    def test_with_the_package(self, model: Path, expected: list[float], desk: Any) -> None:
        loaded = storage.load(model)
        assert type(loaded.final_estimator).__module__ == "spectra.estimators"
        corrected = pd.read_csv(desk.data)[["red", "blue"]] - 1.0
        np.testing.assert_array_equal(loaded.estimator.predict(corrected.to_numpy()), expected)

    def test_without_the_package(
        self, model: Path, site: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(site)])
        with pytest.raises(ModuleError) as caught:
            storage.load(model)
        assert "spectra.spectroscopy.calibration_regression" in caught.value.message
        assert "isn't installed" in caught.value.message
        assert "spectra" in caught.value.hint

    @pytest.mark.long
    def test_as_the_command_line_says_it(self, desk: Any, model: Path) -> None:
        shown = desk.process("show", desk.file, "train", **desk.without_package())
        assert shown.returncode == 2
        assert "calibration_regression” isn't installed" in shown.stderr
        assert "Traceback" not in shown.stderr

    def test_what_its_learner_does_not_declare(
        self, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from spectra.spectroscopy.calibration_regression import calibration_regression

        monkeypatch.setitem(calibration_regression.__module_options__, "trusted", ())
        with pytest.raises(ModuleError, match="doesn't declare"):
            storage.load(model)
