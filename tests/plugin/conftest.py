"""Installs the package beside these tests, as a person would, for this and all other processes."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from designer.catalog import Catalog, load_catalog
from designer.cli.main import main
from designer.deployment.targets import targets
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = HERE / "package"


def install(site: Path) -> None:
    """Put the package into a folder of packages, with the metadata that its wheel would have."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text("utf-8"))["project"]
    name, version = project["name"], project["version"]
    shutil.copytree(SOURCE / name, site / name, ignore=shutil.ignore_patterns("__pycache__"))
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    requires = "".join(f"Requires-Dist: {each}\n" for each in project["dependencies"])
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}", "utf-8"
    )
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (info / "RECORD").write_text(
        "".join(f"{each.relative_to(site)},,\n" for each in site.rglob("*") if each.is_file())
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of packages that holds the installed package."""
    folder = tmp_path_factory.mktemp("site")
    install(folder)
    sys.path.append(str(folder))
    importlib.invalidate_caches()
    targets.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(folder)]))
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        yield folder
    sys.path.remove(str(folder))
    for name in [each for each in sys.modules if each.partition(".")[0] == "spectra"]:
        del sys.modules[name]
    targets.cache_clear()


@pytest.fixture(scope="module")
def catalog(site: Path) -> Catalog:
    found = load_catalog()
    assert not found.problems
    return found


class Desk:
    """A workspace, a pipeline with the package's modules, and ``designer``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder / "workspace"
        self.file = folder / "light.pipeline.json"
        self.data = folder / "light.csv"
        draw = np.random.default_rng(5)
        concentration = np.round(draw.uniform(0, 10, 80), 3)
        rows = {
            "red": np.round(concentration * 2 + draw.normal(0, 0.1, 80) + 1, 4),
            "blue": np.round(draw.uniform(0, 1, 80) + 1, 4),
            "concentration": concentration,
        }
        pd.DataFrame(rows).to_csv(self.data, index=False)
        write(_pipeline(), self.file)

    def designer(self, *words: object) -> str:
        """Call the command in this process and return what it printed."""
        done = CliRunner().invoke(main, [str(each) for each in words], env=self._variables())
        assert done.exit_code == 0, done.output
        return done.stdout

    def process(self, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "designer", *map(str, words)],
            cwd=self.folder,
            env={**os.environ, **self._variables(), **environment},
            capture_output=True,
            text=True,
        )

    def _variables(self) -> dict[str, str]:
        return {"MODELDESK_WORKSPACE": str(self.workspace), "MODELDESK_TRACKING": "off"}

    def without_package(self) -> dict[str, str]:
        """Return the environment of a process where the package isn't installed."""
        return {"PYTHONPATH": str(ROOT)}


def _pipeline() -> Pipeline:
    pipeline = Pipeline()

    def add(module: str, name: str, *links: str, **parameters: Any) -> None:
        nonlocal pipeline
        pipeline, node = edits.add_node(pipeline, module, node_id=name, parameters=parameters)
        for text in links:
            port, _, source = text.partition("=")
            pipeline = edits.connect(pipeline, Endpoint(*source.split(".")), Endpoint(node, port))

    add("dataset", "light", path="light.csv")
    add("subtract_baseline", "corrected", "dataset=light.dataset", columns=["red", "blue"])
    add("calibration_regression", "learner", levels=6)
    add(
        "train_model",
        "train",
        "untrained_model=learner.untrained_model",
        "dataset=corrected.corrected",
        label_column=["concentration"],
    )
    add(
        "score_model",
        "score",
        "trained_model=train.trained_model",
        "dataset=corrected.corrected",
    )
    add("record_spectrum", "spectrum", "dataset=corrected.corrected")
    add("list_peaks", "peaks", "spectrum=spectrum.spectrum")
    return pipeline


@pytest.fixture(scope="module")
def desk(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def ran(desk: Desk) -> dict[str, Any]:
    """Run the pipeline as a process; return what it reports."""
    done = desk.process("run", desk.file, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


Expected = Callable[[pd.DataFrame], list[float]]


@pytest.fixture(scope="module")
def expected(desk: Desk) -> list[float]:
    """Return the scores by plain arithmetic: nothing of the project computes them."""
    frame = pd.read_csv(desk.data)
    features = frame[["red", "blue"]].to_numpy() - 1.0
    label = frame["concentration"].to_numpy()
    groups = np.array_split(np.argsort(label, kind="stable"), 6)
    centers = np.array([features[group].mean(axis=0) for group in groups])
    values = np.array([label[group].mean() for group in groups])
    nearest = ((features[:, None, :] - centers) ** 2).sum(axis=2).argmin(axis=1)
    return values[nearest].tolist()
