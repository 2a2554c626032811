"""Paths of the store and the logs: Windows has 260 characters, the workspace's own among them."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import modules
from designer.catalog import load_catalog
from designer.engine.fingerprints import digest
from designer.engine.logs import log_name
from designer.engine.store import entry as entries
from designer.engine.store.store import Store
from designer.workspace import Workspace
from modules.contract import DataTable
from modules.learning import SklearnLearner
from modules.python_language._pictures import file_name, free_name
from modules.values import Evaluation, EvaluationReport, Transformation, storage

STORE = 120
"""What a path may have inside of the store, except for files of a person's own that it copies."""

RUN = 160
"""What a path may have inside of the workspace's folder of a run."""


def file_names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def stored_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all files that values are stored in."""
    folder = tmp_path_factory.mktemp("values")
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [0, 1, 0, 1]})
    report = EvaluationReport(
        "R",
        "two-class",
        {},
        thresholds=frame,
        confusion=frame,
        residuals=frame,
        table=frame,
    )
    learner = SklearnLearner("L", "two-class", estimator=LogisticRegression())
    for number, value in enumerate(
        [
            DataTable(frame),
            learner,
            learner.fit(DataTable(frame), "y"),
            Evaluation((report,) * 11),
        ]
    ):
        storage.save(value, folder / str(number))
    names = file_names(folder)
    for found in pkgutil.walk_packages(modules.__path__, "modules."):
        if found.name.count(".") == 2:
            importlib.import_module(found.name)
    kinds = [Transformation]
    for kind in kinds:
        kinds += kind.__subclasses__()
        if dataclasses.is_dataclass(kind):
            names |= {f"{field.name}.npy" for field in dataclasses.fields(kind)}
    assert len(kinds) > 5
    return names | {"transformation.json"}


def inside(store: Path, name: str, *parts: str) -> int:
    folder = entries.entry_folder(store, digest(name))
    return len(str(folder.joinpath(*parts).relative_to(store)))


def test_no_path_in_the_store_is_long(tmp_path: Path, stored_names: set[str]) -> None:
    ports = {port.name for spec in load_catalog().values() for port in spec.outputs}
    longest = max(
        (inside(tmp_path, "a", port, name), port, name) for port in ports for name in stored_names
    )
    assert longest[0] <= STORE, longest


def test_no_picture_of_a_script_has_a_long_path(tmp_path: Path) -> None:
    name = file_name(f"{'long ' * 40}name.jpeg")
    taken = {name: b""}
    for _ in range(49):
        taken[free_name(name, taken)] = b""
    longest = max(taken, key=len)
    assert inside(tmp_path, "a", "pictures", "files", longest) <= STORE
    logs = Workspace(tmp_path).new_run()[1] / "logs"
    left = logs / Path(log_name("group/" * 40 + "node")).with_suffix(".pictures") / longest
    assert len(str(left.relative_to(tmp_path))) <= RUN


def test_what_is_written_or_removed_has_no_longer_path_meanwhile(tmp_path: Path) -> None:
    """Entries are written, and taken away, under another name."""
    seen: list[Path] = []

    def save(value: object, folder: Path) -> dict[str, object]:
        seen.append(folder)
        folder.mkdir()
        return {"type": "Files"}

    store = Store(tmp_path)
    key = digest("a")
    entries.write_entry(tmp_path, key, {"out": 1}, save, {"base": "a"})
    store.close()
    (before,) = seen
    # The longest number that a process can have.
    spare = len("4194304") - len(before.parent.name.split("-")[1])
    assert len(str(before)) + spare <= len(str(entries.entry_folder(tmp_path, key) / "out"))
