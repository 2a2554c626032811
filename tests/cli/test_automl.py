"""``designer automl``: a data file or a pipeline, and the best model as a pipeline."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from designer.automl.dataset_pipeline import for_file
from designer.catalog import load_catalog
from designer.cli.commands.automl import _print_board
from designer.engine.accesses import ALLOWED, accesses
from designer.pipeline.file import read, write
from designer.pipeline.model import Node, Pipeline
from designer.trust import Trust
from designer.workspace import Workspace
from modules.values import storage
from modules.values.leaderboard import Leaderboard

ROOT = Path(__file__).parents[2]
FORECASTING = "automated_forecasting"
QUICK = ("--set", "allowed_learners=Logistic Regression", "--set", "folds=2")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.normal(size=(60, 2)), columns=["a", "b"])
    frame["y"] = np.where(frame["a"] + random.normal(size=60) > 0, "yes", "no")
    path = tmp_path / "rows.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_data_file_gives_a_pipeline_that_is_sound(designer, data, tmp_path):
    best = tmp_path / "best.pipeline.json"
    arguments = ("automl", data, "--label", "y", "--trials", 1, *QUICK, "-o", best)
    result = designer(*arguments, "--json", "--workspace", tmp_path / "w")
    assert result.exit_code == 0, result.output
    first, *_, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert first["event"] == "trial"
    assert (first["number"], first["total"]) == (1, 1)
    assert first["title"] == "Two-Class Logistic Regression"
    assert last["event"] == "result"
    assert last["trials"][0]["score"] == first["score"]
    assert last["file"] == str(best)
    modules = {node.module for node in read(best).nodes.values()}
    assert {"dataset", "cross_validate_model", "train_model"} <= modules
    assert designer("validate", best).exit_code == 0


@pytest.mark.long
def test_the_pipeline_may_read_the_file_that_was_named(designer, data, tmp_path):
    """The window doesn't ask whether it may: the pipeline was made here, of this file."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    best, workspace = folder / "best.pipeline.json", Workspace(tmp_path / "w")
    arguments = ("automl", data, "--label", "y", "--trials", 1, *QUICK, "-o", best)
    result = designer(*arguments, "--workspace", workspace.folder)
    assert result.exit_code == 0, result.output
    pipeline, catalog = read(best), load_catalog()
    (access,) = accesses(pipeline, catalog, folder, workspace)
    assert access.file == data
    assert Trust(workspace.folder).given(ALLOWED, access.digest)
    other = replace(pipeline.nodes["dataset"], parameters={"path": "../other.csv"})
    changed = replace(pipeline, nodes={**pipeline.nodes, "dataset": other})
    (access,) = accesses(changed, catalog, folder, workspace)
    assert not Trust(workspace.folder).given(ALLOWED, access.digest)


def test_a_card_in_a_pipeline_is_run_and_its_leaderboard_shown(designer, data, tmp_path):
    parameters = {"label_column": ["y"], "folds": 2, "allowed_learners": "Logistic Regression"}
    pipeline, node = for_file(data.name, parameters, load_catalog())
    file, best = tmp_path / "people.pipeline.json", tmp_path / "best.pipeline.json"
    write(pipeline, file)
    workspace = ("--workspace", tmp_path / "w")
    result = designer("automl", file, "--trials", 1, "-o", best, *workspace)
    assert result.exit_code == 0, result.output
    assert "Row 1 is in" in result.stdout
    shown = designer("show", file, f"{node}.leaderboard", *workspace)
    assert shown.exit_code == 0, shown.output
    assert "Two-Class Logistic Regression" in shown.stdout
    assert "AUC weighted" in shown.stdout


@pytest.mark.long
def test_the_command_the_card_and_the_written_pipeline_give_the_same_numbers(
    designer, data, tmp_path
):
    workspace = ("--workspace", tmp_path / "w")
    learners = "Logistic Regression, Nearest Neighbors"
    parameters = {"label_column": ["y"], "folds": 3, "allowed_learners": learners, "trials": 4}
    pipeline, node = for_file(data.name, parameters, load_catalog())
    card, best = tmp_path / "card.pipeline.json", tmp_path / "best.pipeline.json"
    write(pipeline, card)
    settings = ("--set", f"allowed_learners={learners}", "--set", "folds=3")
    command = ("automl", data, "--label", "y", "--trials", 4, *settings, "-o", best, "--json")
    result = designer(*command, *workspace)
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout.splitlines()[-1])["trials"]
    assert designer("run", card, *workspace).exit_code == 0
    shown = designer("show", card, f"{node}.leaderboard", "--json", *workspace)
    board = storage.load(Path(json.loads(shown.stdout)["path"]))
    assert isinstance(board, Leaderboard)
    for key in ("title", "settings", "score", "metrics"):
        assert [row[key] for row in rows] == [trial[key] for trial in board.trials], key
    assert designer("run", best, *workspace).exit_code == 0
    port = "cross_validate_model.evaluation_results_by_fold"
    shown = designer("show", best, port, "--json", *workspace)
    metrics = storage.load(Path(json.loads(shown.stdout)["path"])).metrics
    assert rows[0]["metrics"]
    for name, value in rows[0]["metrics"].items():
        assert metrics[f"{name} (mean)"] == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("kind", ["data", "link to data", "pipeline"])
def test_what_is_read_is_not_replaced(designer, data, tmp_path, kind):
    file = target = data
    if kind == "link to data":
        target = tmp_path / "best.pipeline.json"
        target.symlink_to(data)
    elif kind == "pipeline":
        file = target = tmp_path / "people.pipeline.json"
        write(for_file(data.name, {"label_column": ["y"]}, load_catalog())[0], file)
    before = file.read_bytes()
    result = designer("automl", file, "--label", "y", "--trials", 1, *QUICK, "-o", target)
    assert result.exit_code == 2
    assert f"would replace “{file}”" in result.stderr
    assert file.read_bytes() == before


def test_a_pipeline_with_several_datasets_is_an_error(designer, tmp_path):
    nodes = {name: Node(name, "dataset", parameters={"path": f"{name}.csv"}) for name in "ab"}
    file = tmp_path / "two.pipeline.json"
    write(Pipeline(nodes=nodes), file)
    result = designer("automl", file, "-o", tmp_path / "best.pipeline.json")
    assert result.exit_code == 2
    assert "“a”, “b”" in result.stderr
    assert "Hint: Link a card of Automated ML to it." in result.stderr


@pytest.mark.long
def test_series_are_forecast_by_the_best_of_several(designer, tmp_path):
    t = np.arange(48)
    frame = pd.DataFrame(
        {
            "month": pd.date_range("2020-01", periods=48, freq="MS"),
            "sold": 20 + 5 * np.sin(2 * np.pi * t / 12) + np.random.default_rng(1).normal(size=48),
        }
    )
    data, best = tmp_path / "sales.csv", tmp_path / "best.pipeline.json"
    pd.concat([frame.assign(shop=shop) for shop in "ab"]).to_csv(data, index=False)
    arguments = ("--task", "forecasting", "--label", "sold", "--time", "month", "--series", "shop")
    more = ("--horizon", 6, "--trials", 1, "--json", "-o", best, "--workspace", tmp_path / "w")
    result = designer("automl", data, *arguments, *more)
    assert result.exit_code == 0, result.output
    last = json.loads(result.stdout.splitlines()[-1])
    assert last["metric"] == "Normalized root mean squared error"
    modules = {node.module: node.parameters for node in read(best).nodes.values()}
    assert modules["back_test_forecast"]["horizon"] == 6
    assert modules["train_forecasting_model"]["series_columns"] == ["shop"]
    assert designer("validate", best).exit_code == 0
    # The card of a pipeline says what is searched for.
    card = for_file(data.name, modules["train_forecasting_model"], load_catalog(), FORECASTING)[0]
    write(card, tmp_path / "card.pipeline.json")
    again = ("automl", tmp_path / "card.pipeline.json", "--trials", 1, "--horizon", 6)
    result = designer(*again, "-o", best, "--workspace", tmp_path / "w")
    assert result.exit_code == 0, result.output
    assert "Normalized root mean squared error, the best first (1 in all)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("rows.csv", "--horizon", "3", "-o", "best.pipeline.json"),
            "--horizon is for forecasting only",
        ),
        (("gone.csv", "-o", "best.pipeline.json"), "There is no file “gone.csv”."),
        (("rows.csv", "-o", "none/best.pipeline.json"), "There is no folder"),
        (
            ("rows.csv", "--set", "trails=3", "-o", "best.pipeline.json"),
            "trails",
        ),
    ],
)
def test_wrong_input_ends_before_a_run(designer, data, monkeypatch, arguments, message):
    monkeypatch.chdir(data.parent)
    result = designer("automl", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_reasons_of_failed_trials_are_printed_however_many_succeed(capsys):
    """A failed trial is the last of its leaderboard, far below the ten rows that are printed."""

    def trial(number, score, problem=""):
        return {"title": f"Learner {number}", "settings": "", "score": score, "problem": problem}

    rows = [trial(number, 1 - number / 100) for number in range(12)]
    rows += [trial(number, None, "Not enough memory") for number in (12, 13)]
    rows.append(trial(14, None, "RuntimeError: no"))
    _print_board(Leaderboard("two-class", "y", "Accuracy", True, rows), 1, Path("best.json"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 14
    assert lines[0] == "Accuracy, the best first (15 in all):"
    assert lines[11:] == [
        "  2 more without a score: Not enough memory",
        "  1 more without a score: RuntimeError: no",
        "Row 1 is in “best.json”.",
    ]


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_the_first_interrupt_keeps_the_best(data, tmp_path):
    best = tmp_path / "best.pipeline.json"
    arguments = ["automl", data, "--label", "y", "--trials", "10000", *QUICK, "-o", best]
    process = subprocess.Popen(
        [sys.executable, "-m", "designer", *map(str, arguments)],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off"}
        | {"MODELDESK_WORKSPACE": str(tmp_path / "w")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "best so far" in line:
            process.send_signal(signal.SIGINT)
            break
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert "Stopping the search" in errors
    assert "It was stopped." in errors
    assert "Row 1 is in" in output
    assert best.exists()
