"""Trials that fail, end their process, or are too large: rows with reasons, and the same bytes."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from modules.automated_ml import _pool
from modules.automated_ml._outcome import HOPELESS, NO_MEMORY
from modules.automated_ml.automated_training import automated_training
from modules.contract import DataTable, Role
from modules.contract.context import ModuleWarning, Trial, listening_to_trials, using_threads
from modules.contract.installed import OWN
from modules.contract.registry.discovery import make_packages
from modules.values import storage
from modules.values.leaderboard import Leaderboard

WAYS = ("nothing", "ends", "raises", "needs much", "no numbers", "hopeless")

LEARNER = f'''
"""A learner of the user's own that fails in many ways."""

import os
from typing import Any, Literal

from modules.contract.registry.automated import Candidate
from modules.learning import learner

TURNS = {WAYS}


@learner(
    "Fragile",
    task="two-class",
    automated=Candidate(
        "Fragile", tuple((30 if way == "hopeless" else at, {{"way": way}})
        for at, way in enumerate(TURNS))
    ),
)
def fragile_learner(*, way: Literal[{WAYS}] = "nothing") -> Any:
    """Fail in a certain way.

    Parameters
    ----------
    way : str
        How.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression

    if way == "ends":
        os._exit(3)
    if way == "raises":
        raise RuntimeError("what a library says")
    if way == "needs much":
        bytearray(1_500_000_000)
    if way == "no numbers":
        return LogisticRegression(C=float("nan"))
    return DummyClassifier() if way == "hopeless" else LogisticRegression()
'''


NARROW = '''
"""A learner of the user's own that takes few rows only, or any number."""

from typing import Any

from sklearn.linear_model import LogisticRegression

from modules.contract.registry.automated import Candidate
from modules.learning import learner


class FewRows(LogisticRegression):
    def fit(self, matrix, label, **rest):
        if len(label) > 100:
            raise RuntimeError("these are too many rows")
        return super().fit(matrix, label, **rest)


@learner(
    "Narrow", task="two-class", automated=Candidate("Narrow", ((1, {"narrow": True}), (2, {})))
)
def narrow_learner(*, narrow: bool = False) -> Any:
    """Take few rows.

    Parameters
    ----------
    narrow : bool
        Whether it does.
    """
    return FewRows() if narrow else LogisticRegression()
'''


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[None]:
    """Learners in a folder of the user's own."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "fragile_learner.py").write_text(LEARNER)
    (folder / "narrow_learner.py").write_text(NARROW)
    package = f"{OWN}.fragile_{abs(hash(tmp_path))}"
    make_packages(package, folder)
    yield
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Choose the memory of all trials that run at once."""
    make = _pool.Pool.__init__

    def choose(total: int) -> None:
        monkeypatch.setattr(
            _pool.Pool,
            "__init__",
            lambda pool, problem, count: make(pool, problem, count, total // count),
        )

    return choose


def rows(count: int = 120) -> DataTable:
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.normal(size=(count, 2)), columns=["a", "b"])
    frame["y"] = np.where(frame["a"] + random.normal(size=count) * 0.5 > 0, "yes", "no")
    return DataTable(frame, {"y": Role.LABEL})


def searched(
    folder: Path, workers: int, heard: Callable[[Trial], None], **parameters: object
) -> tuple[Leaderboard, list[str]]:
    """Search and store the outputs; return the leaderboard and the warnings."""
    given = {"folds": 2, "trials": 20, "allowed_learners": "Fragile, Logistic Regression"}
    with (
        using_threads(workers),
        listening_to_trials(heard),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always", ModuleWarning)
        outputs = automated_training(rows(), **{**given, **parameters})
    for name, value in zip(("model", "board", "scored"), outputs, strict=True):
        storage.save(value, folder / name)
    ours = [each for each in caught if issubclass(each.category, ModuleWarning)]
    return outputs[1], [str(each.message) for each in ours]


def files_of(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(files)}


def reasons(board: Leaderboard) -> dict[str, str]:
    """Return why each way failed."""
    return {
        trial["learners"][0]["parameters"].get("way", "nothing"): trial["problem"]
        for trial in board.trials
        if trial["title"] == "Fragile"
    }


@pytest.mark.long
@pytest.mark.usefixtures("fragile")
@pytest.mark.parametrize("workers", [1, 3])
def test_each_way_to_fail_is_a_row_with_its_reason(tmp_path, memory, workers):
    memory(1_200_000_000)
    heard: list[Trial] = []
    board, texts = searched(tmp_path, workers, heard.append)
    found = reasons(board)
    assert set(found) == set(WAYS)
    assert "nan" in found.pop("no numbers")
    assert found == {
        "nothing": "",
        "ends": "The trial's process ended (exit status 3), perhaps out of memory",
        "raises": "RuntimeError: what a library says",
        "needs much": NO_MEMORY,
        "hopeless": HOPELESS,
    }
    # Each is shown once while it runs, whatever was tried again.
    assert sorted(each.number for each in heard) == list(range(1, 21))
    assert {each.number: each.problem for each in heard} == {
        trial["number"]: trial["problem"] for trial in board.trials if trial["number"]
    }
    assert "4 of 20 trials failed; the leaderboard shows why." in texts


@pytest.mark.long
@pytest.mark.usefixtures("fragile")
def test_the_bytes_are_the_same_for_one_two_and_three_workers(tmp_path, memory):
    """Also if a share of the memory isn't enough for a trial, but the memory of all is."""
    memory(1_800_000_000)
    for workers in (1, 2, 3):
        board, _ = searched(tmp_path / str(workers), workers, lambda _: None)
        assert reasons(board)["needs much"] == ""
        assert reasons(board)["hopeless"] == HOPELESS
        assert reasons(board)["ends"]
    one, two, three = (files_of(tmp_path / str(workers)) for workers in (1, 2, 3))
    assert one == two == three


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_processes_that_are_killed_by_the_system_change_nothing(tmp_path):
    given = {"allowed_learners": "Logistic Regression", "trials": 12}
    searched(tmp_path / "whole", 2, lambda _: None, **given)
    killed: list[psutil.Process] = []

    def kill(trial: Trial) -> None:
        if not killed:
            for child in psutil.Process().children():
                if any("learning.processes" in part for part in child.cmdline()):
                    child.kill()
                    killed.append(child)

    board, texts = searched(tmp_path / "disturbed", 2, kill, **given)
    assert killed
    assert not any(trial["problem"] not in ("", HOPELESS) for trial in board.trials)
    assert not any("failed" in text for text in texts)
    assert files_of(tmp_path / "disturbed") == files_of(tmp_path / "whole")


@pytest.mark.usefixtures("fragile")
def test_the_next_best_is_trained_if_the_best_cannot_be(tmp_path):
    """All rows may be too many where those of the folds were not."""
    board, texts = searched(
        tmp_path, 1, lambda _: None, trials=2, ensemble="none", allowed_learners="Narrow"
    )
    assert [trial["number"] for trial in board.trials] == [2, 1]
    why = "RuntimeError: these are too many rows"
    assert board.trials[1]["problem"] == f"Training on all rows failed: {why}"
    assert board.trials[1]["score"] is None
    assert f"Narrow was the best, but training it on all rows failed: {why}" in texts
    with pytest.raises(RuntimeError, match="too many rows"):
        searched(tmp_path, 1, lambda _: None, trials=1, allowed_learners="Narrow")
