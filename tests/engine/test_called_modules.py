"""Results of a module that finds others by itself, and of values whose code has changed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from designer.catalog import load_catalog
from designer.engine import Engine, fingerprints
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.workspace import Workspace
from modules.contract.registry.discovery import automated_modules
from modules.values import storage

LEARNER = '''
from modules.contract.registry.automated import Candidate
from modules.learning import learner

TRIALS = Candidate("Constant", [(0, {})])


@learner("Constant", task="regression", automated=TRIALS)
def constant_regression():
    """Predict a number."""
    from sklearn.dummy import DummyRegressor

    return DummyRegressor(strategy="constant", constant=VALUE)
'''


@pytest.fixture
def own(tmp_path: Path):
    """The folder of the user's own modules, with a learner that Automated ML tries."""
    folder = tmp_path / "own"
    folder.mkdir()
    write_learner(folder, 1.0)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "user_modules"]:
        del sys.modules[name]


def write_learner(folder: Path, value: float) -> None:
    (folder / "constant_regression.py").write_text(LEARNER.replace("VALUE", str(value)))


def write_rows(folder: Path) -> None:
    rows = np.arange(30.0)
    pd.DataFrame({"a": rows % 7, "y": rows}).to_csv(folder / "rows.csv", index=False)


def run(folder: Path, own: Path, pipeline: Pipeline):
    with Engine(Workspace(folder / "workspace"), load_catalog(own), workers=1) as engine:
        result = engine.run(pipeline, base=folder)
        assert result.status == "completed", result.nodes
        return result


def linked(nodes: dict[str, Node], *links: str) -> Pipeline:
    pairs = [link.split(" > ") for link in links]
    made = [Link(Endpoint(*one.split(".")), Endpoint(*two.split("."))) for one, two in pairs]
    return Pipeline(nodes=nodes, links=tuple(made))


@pytest.mark.long
def test_automated_ml_runs_again_after_a_learner_that_it_tries_has_changed(tmp_path, own):
    write_rows(tmp_path)
    settings = {
        "label_column": ["y"],
        "trials": 1,
        "allowed_learners": "Constant",
        "validation": "share of rows",
    }
    pipeline = linked(
        {
            "data": Node("data", "dataset", parameters={"path": "rows.csv"}),
            "best": Node("best", "automated_training", parameters=settings),
        },
        "data.dataset > best.dataset",
    )

    def prediction() -> tuple[str, float]:
        node = run(tmp_path, own, pipeline).nodes["best"]
        scored = storage.load(node.outputs["scored_folds"].path)
        return node.status, scored.frame["Scored Labels"].iloc[0]

    assert prediction() == ("completed", 1.0)
    assert prediction() == ("reused", 1.0)
    write_learner(own, 2.0)
    assert prediction() == ("completed", 2.0)


@pytest.mark.parametrize("extra", [{}, {"reuse": False}], ids=["reused", "regenerated"])
def test_a_learner_counts_by_its_source_where_it_is_linked(tmp_path, own, extra):
    """Also if the learner's output is generated in every run, and counts by its content."""
    write_rows(tmp_path)
    pipeline = linked(
        {
            "data": Node("data", "dataset", parameters={"path": "rows.csv"}),
            "learner": Node("learner", "constant_regression", extra=extra),
            "check": Node(
                "check",
                "cross_validate_model",
                parameters={"label_column": ["y"], "folds": 2},
            ),
        },
        "learner.untrained_model > check.untrained_model",
        "data.dataset > check.dataset",
    )

    def prediction() -> tuple[str, float]:
        node = run(tmp_path, own, pipeline).nodes["check"]
        scored = storage.load(node.outputs["scored_results"].path)
        return node.status, scored.frame["Scored Labels"].iloc[0]

    assert prediction() == ("completed", 1.0)
    assert prediction() == ("reused", 1.0)
    write_learner(own, 2.0)
    assert prediction() == ("completed", 2.0)


def test_a_saved_value_counts_with_the_code_that_reads_it(tmp_path, own):
    write_rows(tmp_path)
    train = linked(
        {
            "data": Node("data", "dataset", parameters={"path": "rows.csv"}),
            "learner": Node("learner", "constant_regression"),
            "model": Node("model", "train_model", parameters={"label_column": ["y"]}),
        },
        "learner.untrained_model > model.untrained_model",
        "data.dataset > model.dataset",
    )
    saved = run(tmp_path, own, train).nodes["model"].outputs["trained_model"].path
    pipeline = linked({"kept": Node("kept", "saved_model", parameters={"path": str(saved)})})

    def status() -> str:
        return run(tmp_path, own, pipeline).nodes["kept"].status

    assert [status(), status()] == ["completed", "reused"]
    write_learner(own, 2.0)
    assert status() == "completed"


def test_the_libraries_of_a_learner_that_may_be_tried_count(monkeypatch):
    spec = load_catalog()["automated_training"]
    learners = {need for each in automated_modules() for need in each.requires}
    assert "lightgbm" in learners - {*spec.requires}
    before = fingerprints.module_digest(spec)
    assert fingerprints.module_digest(spec) == before
    real = fingerprints.installed_version
    monkeypatch.setattr(
        fingerprints,
        "installed_version",
        lambda name: "0.0" if name == "lightgbm" else real(name),
    )
    fingerprints._versions.cache_clear()
    try:
        assert fingerprints.module_digest(spec) != before
    finally:
        fingerprints._versions.cache_clear()


@pytest.mark.parametrize("line", ["raise SystemExit(3)", "import nowhere_to_be_found"])
def test_a_broken_module_of_the_user_leaves_the_others_usable(own: Path, line: str) -> None:
    (own / "broken.py").write_text(f"{line}\n")
    load_catalog(own)
    assert "constant_regression" in {each.id for each in automated_modules()}
