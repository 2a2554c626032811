"""Which files are a pipeline's own, and which paths name another computer."""

from __future__ import annotations

from pathlib import Path

import pytest

from designer.catalog import load_catalog
from designer.engine.accesses import accesses
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.pipeline.validation import validate
from designer.workspace import Workspace

SPECS = load_catalog()
UNC = (
    "//host/share/t.csv",
    r"\\host\share\t.csv",
    r"\/host\share\t.csv",
    r"\\?\UNC\host\share\t.csv",
    r"\\.\COM1",
    " //host/share/t.csv",
)


def reading(path: str) -> Pipeline:
    return edits.add_node(Pipeline(), "dataset", parameters={"path": path})[0]


def outside(path: str, base: Path, tmp_path: Path) -> bool:
    return bool(accesses(reading(path), SPECS, base, Workspace(tmp_path / "workspace")))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../t.csv", "a/../../t.csv", "~/t.csv", "//host/t.csv", "file:///t.csv"]
)
def test_a_file_elsewhere_is_outside(tmp_path, path):
    assert outside(path, tmp_path / "project", tmp_path)


@pytest.mark.parametrize("path", ["t.csv", "data/t.csv", "./a/../t.csv", "dataset:Prices"])
def test_a_file_below_the_pipelines_folder_is_its_own(tmp_path, path):
    assert not outside(path, tmp_path / "project", tmp_path)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_the_home_folder_and_those_above_are_not_a_project(tmp_path, depth):
    base = [Path.home(), *Path.home().parents][min(depth, len(Path.home().parents))]
    assert outside("t.csv", base, tmp_path)


def test_links_are_followed_only_as_far_as_they_stay(tmp_path):
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    for name, target in {
        "own": "data/t.csv",
        "out": "../t.csv",
        "circle": "circle",
        "twice": "own",
        "out_twice": "out",
        "folder": "data",
    }.items():
        (project / name).symlink_to(target)
    for name, expected in {
        "own": False,
        "twice": False,
        "folder/t.csv": False,
        "out": True,
        "out_twice": True,
        "circle": True,
    }.items():
        assert outside(name, project, tmp_path) is expected, name


@pytest.mark.parametrize("path", UNC)
def test_no_check_asks_another_computer_for_a_file(tmp_path, path):
    """Of a missing file on this computer the same check says so."""
    assert not validate(reading(path), SPECS, base=tmp_path)
    assert validate(reading("missing.csv"), SPECS, base=tmp_path)


def test_a_changed_parameter_is_other_content(tmp_path):
    def content(**parameters: object) -> bytes:
        pipeline, _ = edits.add_node(Pipeline(), "import_data", parameters=parameters)
        (access,) = accesses(pipeline, SPECS, tmp_path, Workspace(tmp_path / "workspace"))
        return access.digest

    first = content(source="URL", url="https://a.example/t.csv")
    assert first == content(source="URL", url="https://a.example/t.csv")
    assert first != content(source="URL", url="https://b.example/t.csv")
    assert first != content(source="database", url="https://a.example/t.csv")


def test_a_target_has_no_password(tmp_path):
    pipeline, _ = edits.add_node(
        Pipeline(),
        "import_data",
        parameters={"source": "database", "connection": "postgresql://ann:secret@db.example/x"},
    )
    (access,) = accesses(pipeline, SPECS, tmp_path, Workspace(tmp_path / "workspace"))
    assert access.targets == ("postgresql://ann:***@db.example/x",)
