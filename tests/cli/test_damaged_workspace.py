"""A workspace with one damaged record: it is named, and its neighbours work as before."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.azure.runs.remote_record import open_runs
from designer.cli.main import main
from designer.deployment import Endpoints
from designer.records import DamagedRecordError, Moment, Record, read_record, write_record
from designer.workspace import Workspace

PROGRAM = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "damaged_workspace.py"))
DAMAGES = PROGRAM["DAMAGES"]
if sys.platform == "win32":
    DAMAGES.pop("pipe")

Invoke = Callable[..., tuple[str, str]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace with two of everything: “left” is to be damaged, “right” isn't."""
    made = Workspace(tmp_path / "workspace")
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", "utf-8")
    for name in ("left", "right"):
        made.register_dataset(name, data, description="Made here.")
        made.run_folder(name).mkdir(parents=True)
        result = {"run": name, "status": "completed", "seconds": 1.5, "nodes": {}, "metrics": {}}
        made.remember_run(name, result | {"started": 1e9, "source": None}, None)
        folder = made.endpoints_folder / name
        folder.mkdir()
        record = {"name": name, "version": 1, "wanted": False, "port": 5001, "host": "127.0.0.1"}
        write_record(folder / "endpoint.json", record)
        (folder / "versions").mkdir()
        about = {"version": 1, "added": 1e9, "compiled": True, "allowed": [], "run": "right"}
        write_record(folder / "versions" / "1.json", about)
        recovery = RecoveryFile(made.folder / "recovery")
        recovery.file = made.folder / "recovery" / f"{name}.recovery.json"
        recovery.write(None, lambda: "{}").result()
        recovery.close(keep=True)
    return made


@pytest.fixture
def designer(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(workspace.folder))

    def call(*arguments: str) -> tuple[str, str]:
        result = CliRunner().invoke(main, arguments)
        assert "Internal error" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.stdout, result.stderr

    return call


@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - {"gone", "object"}))
@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("datasets/left/1/dataset.json", "datasets"),
        ("runs/left/run.json", "runs"),
        ("endpoints/left/endpoint.json", "endpoints"),
        ("endpoints/left/versions/1.json", "endpoints"),
    ],
)
def test_a_list_names_what_is_damaged_and_has_the_rest(
    workspace: Workspace, designer: Invoke, file: str, command: str, damage: str
) -> None:
    whole, _ = designer(command, "list")
    (right,) = [line for line in whole.splitlines() if "right" in line]
    path = workspace.folder / file
    DAMAGES[damage](path, path.read_bytes())
    listed, errors = designer(command, "list")
    assert right in listed.splitlines()
    assert str(path) in listed + errors
    assert "is damaged" in listed + errors


@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - {"gone"}))
def test_work_of_other_crashes_is_offered_beside_a_damaged_one(
    workspace: Workspace, damage: str
) -> None:
    folder = workspace.folder / "recovery"
    path = folder / "left.recovery.json"
    DAMAGES[damage](path, path.read_bytes())
    damaged: list[DamagedRecordError] = []
    found = {each.file: each.damaged for each in find_recoveries(folder, damaged.append)}
    assert found.pop(folder / "right.recovery.json") == ()
    # What only its time is wrong of is offered, too, with that named.
    expected = {path: ("saved_at",)} if damage == "huge numbers" else {}
    assert found == expected
    assert [each.path for each in damaged] == [path for _ in range(1 - len(expected))]


def test_what_is_damaged_can_be_deleted(workspace: Workspace, designer: Invoke) -> None:
    for file in ("datasets/left/1/dataset.json", "endpoints/left/endpoint.json"):
        (workspace.folder / file).write_text("[" * 100_000, "utf-8")
    designer("datasets", "delete", "left")
    designer("endpoints", "delete", "left")
    assert list(workspace.datasets()) == ["right"]
    assert Endpoints(workspace).names() == ["right"]


def test_a_run_on_azure_that_is_damaged_is_named(workspace: Workspace) -> None:
    for name, content in (("a", "[" * 100_000), ("b", '{"destination": 1}'), ("c", "\xff")):
        workspace.run_folder(name).mkdir()
        (workspace.run_folder(name) / "azure.json").write_text(content, "latin-1")
    damaged: list[DamagedRecordError] = []
    assert open_runs(workspace, on_damage=damaged.append) == {}
    assert sorted(each.path.parent.name for each in damaged) == ["a", "b", "c"]


class _Shape(Record):
    name: str
    saved_at: Moment


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "x", "saved_at": 1e300}',
        '{"name": "x", "saved_at": 1' + "0" * 400 + "}",
        '{"name": "x", "saved_at": 1' + "0" * 5000 + "}",
        '{"name": "x", "saved_at": -1}',
        '{"name": "x", "saved_at": NaN}',
        '{"name": "x", "saved_at": Infinity}',
        '{"name": "x", "saved_at": "1"}',
        '{"name": "x", "saved_at": true}',
        '{"name": 1, "saved_at": 1}',
        '{"saved_at": 1}',
        '{"name": "x", "saved_at": 1, "more": ' + "[" * 500 + "]" * 500 + "}",
    ],
)
def test_a_record_of_another_shape_is_damaged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text('{"name": "x", "saved_at": 1.5, "more": [1]}', "utf-8")
    assert read_record(path, _Shape).plain() == {"name": "x", "saved_at": 1.5, "more": [1]}
    path.write_text(text, "utf-8")
    with pytest.raises(DamagedRecordError) as caught:
        read_record(path, _Shape, "Do this.")
    assert str(path) in caught.value.message
    assert caught.value.hint == "Do this."


def test_a_record_that_isnt_there_is_none(tmp_path: Path) -> None:
    assert read_record(tmp_path / "record.json", _Shape) is None
    assert read_record(tmp_path / "no" / "record.json", _Shape) is None


def test_odd_names_survive_in_a_record(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_record(path, {"name": "half \udcff é", "saved_at": 1})
    assert read_record(path, _Shape).name == "half \udcff é"
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600
