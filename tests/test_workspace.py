from __future__ import annotations

import json
from pathlib import Path

import pytest

from designer.paths import default_workspace
from designer.records import DamagedRecordError, write_record
from designer.workspace import Workspace, WorkspaceError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def test_nothing_is_made_before_it_is_needed(workspace):
    assert not workspace.folder.exists()
    assert workspace.latest_run(Path("a.pipeline.json")) is None
    assert workspace.settings == {}
    assert workspace.store_folder.is_dir()


def test_the_environment_says_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "there"))
    assert Workspace().folder == tmp_path / "there"
    monkeypatch.delenv("MODELDESK_WORKSPACE")
    assert default_workspace().name == "modeldesk"


def test_settings_are_kept(workspace):
    workspace.change_settings(store_limit=10, other="x")
    workspace.change_settings(other=None)
    assert Workspace(workspace.folder).settings == {"store_limit": 10}


def test_damaged_settings_are_named_and_not_overwritten(workspace):
    workspace.change_settings(store_limit=10)
    path = workspace.folder / "workspace.json"
    path.write_text("{")
    for use in (lambda: workspace.settings, lambda: workspace.change_settings(tracking=False)):
        with pytest.raises(DamagedRecordError) as caught:
            use()
        assert str(path) in caught.value.message
        assert "default settings" in caught.value.hint
    assert path.read_text() == "{"


@pytest.mark.parametrize("limit", [0, -1, 1.5, "3 GB", True, [1]])
def test_a_wrong_memory_limit_is_named(workspace, limit):
    path = workspace.folder / "workspace.json"
    workspace.change_settings(store_limit=10)
    path.write_text(json.dumps({"memory_limit": limit}))
    with pytest.raises(DamagedRecordError) as caught:
        _ = workspace.settings
    assert caught.value.message.startswith(f"“{path}” is damaged: “memory_limit”: ")


def test_a_damaged_pointer_doesnt_hide_the_latest_run(workspace, tmp_path):
    one, two = tmp_path / "one.pipeline.json", tmp_path / "two.pipeline.json"
    runs = [workspace.new_run()[0] for _ in range(3)]
    for run, source in zip(runs, (one, one, two), strict=True):
        workspace.remember_run(run, {"run": run, "source": str(source)}, source)
    for pointer in (workspace.folder / "runs" / ".latest").iterdir():
        pointer.write_text("[" * 100_000)
    assert workspace.latest_run(one) == runs[1]
    assert workspace.latest_run(two) == runs[2]


def test_a_dataset_is_copied_and_found_by_its_name(workspace, tmp_path):
    source = tmp_path / "data.csv"
    source.write_text("a\n1\n")
    workspace.register_dataset("My data (2024)", source)
    copy = workspace.dataset("My data (2024)")
    source.unlink()
    assert copy.read_text() == "a\n1\n"
    assert workspace.datasets() == {"My data (2024)": copy}
    assert workspace.resolve("dataset:My data (2024)", tmp_path) == copy
    newer = tmp_path / "newer.csv"
    newer.write_text("b\n")
    workspace.register_dataset("My data (2024)", newer)
    assert workspace.dataset("My data (2024)").read_text() == "b\n"
    assert copy.read_text() == "a\n1\n"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../up",
        "a/b",
        ".hidden",
        "con:x",
        "dot.",
        " x",
        "a\nb",
        "con",
        "Aux.csv",
        "nul .x",
        "LPT1",
    ],
)
def test_a_name_that_no_file_could_have_is_refused(workspace, tmp_path, name):
    (tmp_path / "data.csv").write_text("a\n")
    with pytest.raises(ValueError, match="can't be the name"):
        workspace.register_dataset(name, tmp_path / "data.csv")
    assert workspace.datasets() == {}


@pytest.mark.parametrize("name", ["console", "com", "com10", "my con"])
def test_a_name_that_only_looks_like_a_device_is_taken(workspace, tmp_path, name):
    (tmp_path / "data.csv").write_text("a\n")
    workspace.register_dataset(name, tmp_path / "data.csv")
    assert list(workspace.datasets()) == [name]


def test_no_dataset_takes_the_place_of_one_with_other_capitals(workspace, tmp_path):
    (tmp_path / "data.csv").write_text("a\n")
    workspace.register_dataset("Iris", tmp_path / "data.csv")
    copy = workspace.dataset("Iris")
    with pytest.raises(ValueError, match="there is “Iris”"):
        workspace.register_dataset("iris", tmp_path / "data.csv")
    assert workspace.datasets() == {"Iris": copy}


def test_a_dataset_that_can_not_be_copied_leaves_nothing(workspace, tmp_path):
    with pytest.raises(OSError, match="no such"):
        workspace.register_dataset("x", tmp_path / "no such file")
    assert list(workspace.datasets_folder.iterdir()) == []


def test_an_unknown_dataset_is_said_by_name(workspace, tmp_path):
    with pytest.raises(KeyError, match="“nothing”"):
        workspace.resolve("dataset:nothing", tmp_path)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_dataset_is_removed_and_what_it_was_copied_from_stays(workspace, tmp_path, kind):
    source = tmp_path / "data"
    if kind == "file":
        source.write_text("a\n1\n")
    else:
        source.mkdir()
        (source / "part").write_text("a\n1\n")
    workspace.register_dataset("one", source)
    workspace.register_dataset("two", source)
    other = workspace.dataset("two")
    workspace.dataset_store.remove("one")
    assert workspace.datasets() == {"two": other}
    assert source.exists()
    assert [path.name for path in workspace.datasets_folder.glob("[!.]*")] == ["two"]


@pytest.mark.parametrize("name", ["nothing", "", ".", "..", "../runs"])
def test_only_a_dataset_can_be_removed(workspace, tmp_path, name):
    (tmp_path / "data.csv").write_text("a\n")
    workspace.register_dataset("one", tmp_path / "data.csv")
    workspace.new_run()
    with pytest.raises(KeyError, match="no registered dataset"):
        workspace.dataset_store.remove(name)
    assert list(workspace.datasets()) == ["one"]
    assert len(list(workspace.runs_folder.iterdir())) == 1


def test_looking_makes_nothing(workspace, tmp_path):
    assert workspace.datasets() == {}
    assert workspace.runs() == []
    assert workspace.run_record("20260101-000000-abcdef") == {}
    assert workspace.latest_run(tmp_path / "x.pipeline.json") is None
    assert not workspace.folder.exists()


def test_a_folder_that_can_not_be_made_is_said_with_its_name(tmp_path):
    (tmp_path / "file").write_text("")
    workspace = Workspace(tmp_path / "file" / "w")
    for use in (
        workspace.new_run,
        lambda: workspace.store_folder,
        lambda: workspace.change_settings(store_limit=5),
        lambda: workspace.register_dataset("one", tmp_path / "file"),
    ):
        with pytest.raises(WorkspaceError, match="can't be used: not a directory") as raised:
            use()
        assert str(workspace.folder) in raised.value.message
    assert workspace.datasets() == {}


def test_the_folder_of_own_modules_is_never_made(workspace):
    assert workspace.own_modules == ()
    assert not workspace.folder.exists()
    (workspace.folder / "modules").mkdir(parents=True)
    assert workspace.own_modules == (workspace.folder / "modules",)
    more = workspace.folder / "team"
    workspace.change_settings(module_folders=[str(more)])
    assert workspace.own_modules == (workspace.folder / "modules", more)


def test_paths_start_from_the_pipelines_folder(workspace, tmp_path):
    assert workspace.resolve("data/../x.csv", tmp_path) == tmp_path / "x.csv"
    assert workspace.resolve(str(tmp_path / "y.csv"), Path("/elsewhere")) == tmp_path / "y.csv"


def test_the_latest_run_of_a_file_is_the_last_one_recorded(workspace, tmp_path):
    one, two = tmp_path / "one.pipeline.json", tmp_path / "two.pipeline.json"
    runs = [workspace.new_run()[0] for _ in range(3)]
    for run, source in zip(runs, (one, two, one), strict=True):
        workspace.remember_run(run, {"run": run}, source)
    assert workspace.latest_run(one) == runs[2]
    assert workspace.latest_run(tmp_path / "." / "two.pipeline.json") == runs[1]
    assert workspace.latest_run(tmp_path / "three.pipeline.json") is None
    assert set(workspace.runs()) == set(runs)
    assert workspace.run_record(runs[0]) == {"run": runs[0]}
    assert workspace.run_record("no such run") == {}


def test_writing_json_leaves_the_old_file_if_it_fails(tmp_path):
    path = tmp_path / "x.json"
    write_record(path, {"a": 1})
    with pytest.raises(TypeError):
        write_record(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_runs_of_one_second_are_in_the_order_they_began(tmp_path):
    workspace = Workspace(tmp_path)
    made = [workspace.new_run()[0] for _ in range(50)]
    assert made == sorted(set(made))
