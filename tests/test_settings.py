"""Settings: one list over two files, checked before they are written; nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from designer.catalog import load_catalog
from designer.engine.engine import Engine
from designer.records import DamagedRecordError
from designer.settings import SettingError, StoredSettings, all_settings, find, size_text
from designer.stored_settings import UserSettings, chosen_workspace, read_settings, write_settings
from designer.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def stored(workspace: Workspace, tmp_path: Path) -> StoredSettings:
    return StoredSettings(workspace, tmp_path / "user" / "settings.json")


def test_every_setting_has_its_default_and_texts(stored):
    for name, setting in all_settings().items():
        assert stored.is_default(name)
        assert setting.about.title
        assert setting.about.help.endswith(".")
        setting.shown(setting.default)


@pytest.mark.parametrize(
    ("name", "texts", "value"),
    [
        ("theme", ["dark"], "dark"),
        ("text_size", ["125 %"], 125),
        ("autosave", ["off"], False),
        ("autosave_seconds", ["30 s"], 30),
        ("cores", ["2"], 2),
        ("memory_limit", ["1.5 GB"], 1_500_000_000),
        ("store_limit", ["500mb"], 500_000_000),
        ("tracking", ["no"], False),
        ("tracking_uri", ["https://host/mlflow"], "https://host/mlflow"),
    ],
)
def test_a_value_is_written_read_again_and_reset(stored, workspace, tmp_path, name, texts, value):
    stored.set(name, find(name).read(texts))
    again = StoredSettings(workspace, tmp_path / "user" / "settings.json")
    assert again.value(name) == value
    assert not again.is_default(name)
    again.reset(name)
    assert stored.is_default(name)


@pytest.mark.parametrize(
    ("name", "texts", "part"),
    [
        ("theme", ["pink"], "one of: system, light"),
        ("text_size", ["300"], "from 50 to 200"),
        ("text_size", ["large"], "from 50 to 200"),
        ("autosave", ["perhaps"], "on or off"),
        ("store_limit", ["7"], "20GB"),
        ("memory_limit", ["0GB"], "positive"),
        ("cores", ["0"], "from 1 to 1024"),
        ("tracking_uri", ["https://me:secret@host"], "Omit the password"),
        ("module_folders", ["/no/such/folder"], "that exists"),
        ("theme", ["dark", "light"], "one value"),
        ("colour", ["red"], "Use one of"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_changes(stored, name, texts, part):
    with pytest.raises(SettingError) as caught:
        stored.set(name, find(name).read(texts))
    assert part in f"{caught.value.message} {caught.value.hint}"
    assert all(map(stored.is_default, all_settings()))


def test_folders_of_modules_are_checked(stored, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    stored.set("module_folders", [str(tmp_path / "a")])
    with pytest.raises(SettingError, match="twice"):
        stored.set("module_folders", [str(tmp_path / "a"), str(tmp_path / "link")])
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="isn't a folder"):
        stored.set("module_folders", [str(tmp_path / "file")])
    with pytest.raises(SettingError, match="full path"):
        stored.set("module_folders", ["a"])
    assert stored.value("module_folders") == [str(tmp_path / "a")]


def test_other_values_and_unknown_fields_stay(stored, tmp_path):
    path = tmp_path / "user" / "settings.json"
    path.parent.mkdir()
    path.write_text('{"theme": "dark", "of_a_newer_version": 1}')
    stored.set("text_size", 150)
    stored.reset("theme")
    assert json.loads(path.read_text()) == {"of_a_newer_version": 1, "text_size": 150}


@pytest.mark.parametrize(
    ("text", "theme"),
    [("{", "system"), ("[1]", "system"), ('{"theme": "dark", "text_size": "big"}', "dark")],
)
def test_a_damaged_file_is_reported_and_kept_and_what_is_sound_is_used(tmp_path, text, theme):
    path = tmp_path / "settings.json"
    reports: list[str] = []
    for number in (1, 2):
        path.write_text(text)
        assert read_settings(path, reports.append).theme == theme
        kept = tmp_path / f"settings.damaged-{number}.json"
        assert kept.read_text() == text
        assert str(kept) in reports[-1]
        # The next start reports nothing.
        assert read_settings(path, reports.append).theme == theme
        assert len(reports) == number


def test_a_file_that_cant_be_opened_stays(tmp_path):
    path = tmp_path / "settings.json"
    path.mkdir()
    reports: list[str] = []
    assert read_settings(path, reports.append) == UserSettings()
    assert len(reports) == 1
    assert path.is_dir()


def test_damaged_settings_of_the_workspace_are_never_overwritten(stored, workspace):
    workspace.folder.mkdir()
    path = workspace.folder / "workspace.json"
    path.write_text('{"cores": "many"}')
    for act in (lambda: stored.set("cores", 2), lambda: stored.reset("cores")):
        with pytest.raises(DamagedRecordError, match="cores"):
            act()
    assert path.read_text() == '{"cores": "many"}'


def test_commands_use_the_workspace_that_was_chosen_in_the_window(monkeypatch, tmp_path):
    monkeypatch.delenv("MODELDESK_WORKSPACE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    assert chosen_workspace() is None
    write_settings(UserSettings(workspace=str(tmp_path / "mine")))
    assert Workspace().folder == tmp_path / "mine"
    assert Workspace(tmp_path / "other").folder == tmp_path / "other"
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "named"))
    assert Workspace().folder == tmp_path / "named"


def test_a_run_has_as_many_workers_as_the_setting_says(workspace):
    workspace.change_settings(cores=3)
    with Engine(workspace, {}) as engine:
        assert engine._workers == 3
    with Engine(workspace, {}, workers=1) as engine:
        assert engine._workers == 1


def test_modules_come_from_every_folder_and_the_first_of_an_id_counts(tmp_path):
    text = (
        "from modules.contract import DataTable, module\n\n"
        '@module("{title}", outputs=("dataset",))\n'
        "def mine(dataset: DataTable) -> DataTable:\n"
        '    """Return the dataset.\n    """\n'
        "    return dataset\n"
    )
    for name, file in (("one", "mine"), ("two", "mine"), ("two", "other")):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / f"{file}.py").write_text(text.format(title=f"{file} of {name}"))
    catalog = load_catalog(tmp_path / "one", tmp_path / "two")
    assert catalog["mine"].title == "mine of one"
    assert catalog["other"].title == "other of two"
    assert any("“mine” is taken" in problem.message for problem in catalog.problems)
    assert load_catalog(tmp_path / "two", tmp_path / "one")["mine"].title == "mine of two"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1_500_000, "1.5 MB"), (20 * 10**9, "20 GB")]
)
def test_sizes_are_readable(size, text):
    assert size_text(size) == text
