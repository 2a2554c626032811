"""The package's model is deployed, here and to its own target, and scored by its compiled form."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

from designer.tracking.model_folder import scoring_folder, trained_model, written

NAME = "light"


@pytest.fixture(scope="module")
def request_file(desk: Any) -> Path:
    rows = pd.read_csv(desk.data)[["red", "blue"]].to_dict("records")
    file = desk.folder / "request.json"
    file.write_text(json.dumps({"Inputs": {"input1": rows}}), "utf-8")
    return file


def scores(answer: Any) -> list[float]:
    answer = json.loads(answer) if isinstance(answer, str) else answer
    return [row["Scored Labels"] for row in answer["Results"]["output1"]]


def test_its_target_deploys_and_answers(
    desk: Any, ran: Any, request_file: Path, expected: list[float]
) -> None:
    shown = " ".join(desk.designer("deploy", "--help").split())
    assert "Telescope that the endpoint is for (observatory). Default: hale." in shown
    words = ("deploy", desk.file, "--target", "observatory", "--name", "star", "--no-register")
    made = json.loads(desk.designer(*words, "--telescope", "vlt", "--json"))
    assert (made["version"], made["url"]) == (1, "observatory:star")
    (listed,) = json.loads(desk.designer("endpoints", "list", "--json"))
    assert (listed["target"], listed["state"]) == ("observatory", "running")
    tested = ("endpoints", "test", "star", "--data", request_file, "--json")
    np.testing.assert_allclose(scores(json.loads(desk.designer(*tested))["answer"]), expected)
    desk.designer("endpoints", "delete", "star")


@pytest.fixture(scope="module")
def deployed(desk: Any, ran: Any) -> Iterator[dict[str, Any]]:
    words = ("deploy", desk.file, "--name", NAME, "--no-register", "--json")
    yield json.loads(desk.designer(*words))
    desk.designer("endpoints", "delete", NAME)


@pytest.fixture(scope="module")
def package(desk: Any, ran: Any) -> Path:
    out = desk.folder / "dry run"
    desk.designer("deploy", desk.file, "--name", NAME, "--dry-run", "-o", out)
    return out / "package"


class TestLocal:
    def test_it_answers_without_pandas_or_scikit_learn(
        self, deployed: dict[str, Any], request_file: Path, expected: list[float]
    ) -> None:
        request = urllib.request.Request(
            deployed["url"],
            request_file.read_bytes(),
            {"Authorization": f"Bearer {deployed['key']}", "Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as response:
            np.testing.assert_allclose(scores(json.loads(response.read())), expected)
        maps = psutil.Process(deployed["pid"]).memory_maps()
        mapped = {Path(each.path).as_posix() for each in maps}
        heavy = [path for path in mapped if "/pandas/" in path or "/sklearn/" in path]
        assert heavy == []
        assert any("/numpy/" in path for path in mapped)

    def test_it_is_known_as_compiled(self, desk: Any, deployed: dict[str, Any]) -> None:
        shown = json.loads(desk.designer("endpoints", "show", NAME, "--json"))
        assert shown["compiled"] is True

    @pytest.mark.long
    def test_a_file_is_scored(
        self, desk: Any, deployed: dict[str, Any], expected: list[float]
    ) -> None:
        out = desk.folder / "scored.csv"
        desk.designer("score", NAME, "--data", desk.data, "-o", out)
        np.testing.assert_allclose(pd.read_csv(out)["Scored Labels"], expected)


class TestPackage:
    """A scoring package scores where nothing of the plug-in is installed."""

    def test_it_scores_alone(
        self, package: Path, request_file: Path, tmp_path: Path, expected: list[float]
    ) -> None:
        there = tmp_path / "elsewhere"
        shutil.copytree(package, there)
        code = (
            "import sys, json, score\n"
            "score.init()\n"
            "answer = score.run(open(sys.argv[1]).read())\n"
            "import spectra\n"
            "heavy = [n for n in ('pandas', 'sklearn', 'skops') if n in sys.modules]\n"
            "print(json.dumps([answer, heavy, spectra.__file__]))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(request_file)],
            cwd=there,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        answer, heavy, file = json.loads(done.stdout)
        np.testing.assert_allclose(scores(answer), expected)
        assert heavy == []
        assert Path(file).is_relative_to(there)

    def test_its_environment_asks_no_index_for_it(self, package: Path) -> None:
        pins = (package / "environment" / "requirements.txt").read_text("utf-8").splitlines()
        names = {pin.partition("==")[0] for pin in pins}
        assert {"numpy", "scikit-learn"} <= names
        assert not {"spectra", "modeldesk"} & names

    def test_it_runs_no_code_that_has_to_be_allowed(self, desk: Any, package: Path) -> None:
        manifest = json.loads((package / "MANIFEST.json").read_text("utf-8"))
        assert manifest["compiled"]
        assert "--allow" not in (package / "Dockerfile").read_text("utf-8")

    @pytest.mark.long
    @pytest.mark.parametrize("kind", ["trained model", "inference pipeline"])
    def test_mlflow_loads_it_where_the_plug_in_is_not_installed(
        self, kind: str, package: Path, ran: Any, desk: Any, tmp_path: Path, expected: list[float]
    ) -> None:
        node = Path(ran["nodes"]["train"]["outputs"]["trained_model"]["path"])
        content = (
            scoring_folder(package / "model")
            if kind == "inference pipeline"
            else trained_model(node)
        )
        with written(content) as folder:
            shutil.copytree(folder, tmp_path / "model")
        frame = pd.read_csv(desk.data)[["red", "blue"]]
        # A trained model alone takes what it was trained with.
        (frame if kind == "inference pipeline" else frame - 1.0).to_csv(tmp_path / "rows.csv")
        code = (
            "import sys, json, mlflow.pyfunc, pandas as pd\n"
            "rows = pd.read_csv('rows.csv', index_col=0)\n"
            "found = mlflow.pyfunc.load_model('model').predict(rows)\n"
            "import spectra\n"
            "print(json.dumps([found['Scored Labels'].tolist(), spectra.__file__]))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found, file = json.loads(done.stdout.splitlines()[-1])
        np.testing.assert_allclose(found, expected)
        assert Path(file).is_relative_to(tmp_path / "model")
        pins = (tmp_path / "model" / "requirements.txt").read_text("utf-8")
        assert "numpy==" in pins
        assert "spectra" not in pins
        assert "modeldesk" not in pins

    @pytest.mark.long
    def test_a_package_from_elsewhere_is_scored_only_where_the_plug_in_is_installed(
        self, desk: Any, package: Path, expected: list[float]
    ) -> None:
        out = desk.folder / "elsewhere.csv"
        words = ("score", package, "--data", desk.data, "-o", out)
        refused = desk.process(*words, **desk.without_package())
        assert refused.returncode == 2
        assert not out.exists()
        # The code in the package isn't run, whatever is agreed to.
        assert "“spectra.spectroscopy.subtract_baseline” of “corrected” isn't" in refused.stderr
        allowed = desk.process(*words, "--allow", "code", **desk.without_package())
        assert allowed.returncode == 2
        assert "isn't installed" in allowed.stderr
        desk.designer(*words)
        np.testing.assert_allclose(pd.read_csv(out)["Scored Labels"], expected)
