"""Preferences: what is changed is written and takes effect at once, or says when it does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QMessageBox
from window_desk import warm

from designer.app.preferences.dialog import Preferences
from designer.app.shell import motion, theme
from designer.app.shell.settings import Settings
from designer.app.widgets.text_scale import set_text_size, text_scale
from designer.engine.store import entry as entries
from designer.engine.store.store import Store
from designer.settings import StoredSettings, all_settings
from designer.trust import Agreement, Trust

pytestmark = pytest.mark.allow_leaks


@pytest.fixture(scope="module", autouse=True)
def warm_engine(engine):
    """Start again the workers that a change of modules has ended, before the next file's tests."""
    yield
    warm(engine)


@pytest.fixture
def used(window, qtbot):
    """Call a function with the dialog of Ctrl+, and leave no setting behind."""
    window.workspace.change_settings(**dict.fromkeys(window.workspace.settings))
    errors: list[BaseException] = []

    def use(function):
        called: list[Preferences] = []

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, Preferences)
            called.append(dialog)
            try:
                qtbot.waitUntil(dialog.isActiveWindow)
                function(dialog)
            except BaseException as error:
                errors.append(error)
            finally:
                dialog.reject()

        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.canvas.setFocus()
        QTimer.singleShot(0, look)
        qtbot.keyClick(window.canvas, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
        if errors:
            raise errors[0]
        assert called

    yield use
    window.workspace.change_settings(**dict.fromkeys(window.workspace.settings))
    set_text_size(100)
    motion.choose("system")
    theme.apply(QApplication.instance(), "light")


def stored(window) -> dict:
    return json.loads(window.settings.user_path.read_text())


def pick(qtbot, dialog, name: str, row: int) -> None:
    """Choose a value in a list with the keyboard."""
    dialog.search.setText("")
    dialog.open_section(all_settings()[name].about.section)
    box = dialog.rows[name].editor.field
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    for _ in range(row):
        qtbot.keyClick(box, Qt.Key.Key_Down)


def test_the_theme_changes_at_once(window, used, qtbot):
    used(lambda dialog: pick(qtbot, dialog, "theme", 2))
    assert theme.current().name == "dark"
    assert stored(window)["theme"] == "dark"
    assert window.actions_by_id["theme_dark"].isChecked()
    window.views.theme_light()
    assert stored(window)["theme"] == "light"


def test_text_is_larger_at_once_and_the_canvas_with_it(window, used, qtbot):
    usual = QFont(QApplication.font()).pointSizeF()
    zoom, scale = window.canvas.viewer.zoom(), text_scale()

    def use(dialog) -> None:
        dialog.open_section("Appearance")
        box = dialog.rows["text_size"].editor.field
        box.selectAll()
        qtbot.keyClicks(box, "150")
        qtbot.keyClick(box, Qt.Key.Key_Return)
        label = dialog.findChild(QLabel)
        assert QApplication.font().pointSizeF() == pytest.approx(usual * 1.5)
        assert label.font().pointSizeF() == pytest.approx(usual * 1.5)

    used(use)
    assert window.canvas.viewer.zoom() == pytest.approx(zoom * text_scale() / scale)
    assert stored(window)["text_size"] == 150


def test_autosave_is_delayed_or_off(window, used, qtbot):
    def later(dialog) -> None:
        dialog.open_section("General")
        box = dialog.rows["autosave_seconds"].editor.field
        box.selectAll()
        qtbot.keyClicks(box, "30")
        qtbot.keyClick(box, Qt.Key.Key_Return)

    used(later)
    timer = window.document._autosave
    assert timer.interval() == 30_000
    window.modules.add_note()
    assert timer.isActive()
    used(lambda dialog: dialog.rows["autosave"].editor.field.click())
    assert not timer.isActive()
    window.edits.select_all()
    window.edits.delete()
    assert not timer.isActive()
    used(lambda dialog: dialog.rows["autosave"].editor.field.click())
    assert Settings(window.settings.path).autosave_seconds == 30


def test_what_another_window_changes_takes_effect_here(window, used):
    used(lambda dialog: None)
    StoredSettings(window.workspace, window.settings.user_path).set("autosave_seconds", 45)
    window.settings.announce("autosave_seconds")
    assert window.document._autosave.interval() == 45_000


def test_motion_follows_the_user(window, used, qtbot):
    used(lambda dialog: pick(qtbot, dialog, "motion", 1))
    assert motion.reduced_motion()
    used(lambda dialog: pick(qtbot, dialog, "motion", 2))
    assert not motion.reduced_motion()


def test_what_needs_a_restart_is_named(window, used, qtbot):
    def use(dialog) -> None:
        assert dialog.restart.isHidden()
        dialog.open_section("Runs")
        box = dialog.rows["memory_limit"].editor.field
        box.selectAll()
        qtbot.keyClicks(box, "3")
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert dialog.isVisible()
        assert dialog.restart.text() == "Restart ModelDesk to apply: Memory limit per step."
        assert dialog.restart.isVisible()

    used(use)
    assert window.workspace.settings["memory_limit"] == 3_000_000_000


def test_a_changed_setting_is_reset_by_its_button(window, used, qtbot):
    pressed = []

    def use(dialog) -> None:
        pick(qtbot, dialog, "theme", 2)
        row = dialog.rows["theme"]
        assert row.reset.isVisible()
        qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
        assert not row.reset.isVisible()
        pressed.append(row.editor.field.currentText())

    used(use)
    assert pressed == ["Follow the system"]
    assert "theme" not in stored(window)


def test_the_search_finds_settings_of_every_section(window, used, qtbot):
    def shown(dialog) -> set[str]:
        return {name for name, row in dialog.rows.items() if row.isVisible()}

    def use(dialog) -> None:
        assert dialog.search.hasFocus()
        qtbot.keyClicks(dialog.search, "memory")
        assert shown(dialog) == {"memory_limit"}
        dialog.search.clear()
        qtbot.keyClicks(dialog.search, "high contrast")
        assert shown(dialog) == {"theme"}
        dialog.search.clear()
        qtbot.keyClicks(dialog.search, "zzz")
        assert shown(dialog) == set()
        assert dialog.empty.isVisible()
        dialog.search.clear()
        assert "language" in shown(dialog)
        assert "theme" not in shown(dialog)

    used(use)


def test_a_wrong_value_is_shown_beside_its_field_and_not_written(window, used, qtbot):
    def use(dialog) -> None:
        dialog.open_section("Advanced")
        row = dialog.rows["tracking_uri"]
        row.editor.field.setFocus()
        qtbot.keyClicks(row.editor.field, "https://me:secret@host")
        qtbot.keyClick(row.editor.field, Qt.Key.Key_Return)
        assert "password" in row.error.text()
        assert row.error.isVisible()

    used(use)
    assert window.workspace.settings == {}


def test_damaged_settings_of_the_workspace_are_shown_and_stay(window, used, qtbot):
    path = window.workspace.folder / "workspace.json"

    def use(dialog) -> None:
        path.write_text("{")
        dialog.open_section("Runs")
        dialog.rows["tracking"].editor.field.click()
        assert "is damaged" in dialog.rows["tracking"].error.text()

    used(use)
    assert path.read_text() == "{"
    path.unlink()


@pytest.mark.long
def test_folders_of_modules_are_added_ordered_and_removed(
    window, used, qtbot, tmp_path, monkeypatch
):
    folders = [tmp_path / "one", tmp_path / "two"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        (folder / f"mine_{number}.py").write_text(
            "from modules.contract import DataTable, module\n\n\n"
            '@module("Mine", outputs=("dataset",))\n'
            f"def mine_{number}(dataset: DataTable) -> DataTable:\n"
            '    """Return the dataset."""\n'
            "    return dataset\n"
        )
    window.module_watch.start()
    chosen = iter(map(str, [*folders, folders[0]]))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(chosen))

    def use(dialog) -> None:
        dialog.open_section("Folders")
        row = dialog.rows["module_folders"]
        field = row.editor.field
        for _ in range(2):
            qtbot.mouseClick(field.add, Qt.MouseButton.LeftButton)
        assert field.folders() == list(map(str, folders))
        qtbot.mouseClick(field.add, Qt.MouseButton.LeftButton)
        assert "twice" in row.error.text()
        field.list.setCurrentRow(1)
        qtbot.mouseClick(field.up, Qt.MouseButton.LeftButton)
        assert field.folders() == list(map(str, reversed(folders)))
        field.list.setCurrentRow(0)
        qtbot.mouseClick(field.remove, Qt.MouseButton.LeftButton)

    before = dict(window.catalog)
    used(use)
    assert window.workspace.settings["module_folders"] == [str(folders[0])]
    assert "mine_0" in window.catalog
    assert "mine_1" not in window.catalog
    window.workspace.change_settings(module_folders=None)
    window.module_watch.refresh()
    assert dict(window.catalog).keys() == before.keys()


def test_consent_is_listed_by_file_and_withdrawn(window, used, qtbot, monkeypatch):
    trust = Trust(window.workspace.folder)
    trust.remove(trust.agreements())
    trust.give("x", b"one", Agreement("/p/prices.pipeline.json", "read", ("https://host/a.csv",)))
    trust.give("x", b"two", Agreement("/p/prices.pipeline.json", "code"))
    trust.give("x", b"three", Agreement("/p/cars.pipeline.json", "code"))

    def one(dialog) -> None:
        dialog.open_section("Privacy")
        consents = dialog.consents
        assert consents.isVisible()
        items = {
            consents.list.topLevelItem(row).text(0): consents.list.topLevelItem(row)
            for row in range(consents.list.topLevelItemCount())
        }
        prices = items["prices.pipeline.json"]
        shown = {prices.child(row).text(0) for row in range(prices.childCount())}
        assert shown == {"Reads: https://host/a.csv", "Runs code"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", prices.child(0).text(1))
        consents.list.setCurrentItem(prices)
        qtbot.mouseClick(consents.withdraw, Qt.MouseButton.LeftButton)
        assert consents.message.text() == "2 entries withdrawn."

    used(one)
    assert not trust.given("x", b"one")
    assert not trust.given("x", b"two")
    assert trust.given("x", b"three")

    def everything(dialog) -> None:
        dialog.open_section("Privacy")
        QTimer.singleShot(0, confirm)
        qtbot.mouseClick(dialog.consents.withdraw_all, Qt.MouseButton.LeftButton)
        assert dialog.consents.message.text() == "1 entry withdrawn."
        assert not dialog.consents.withdraw_all.isEnabled()

    used(everything)
    assert trust.agreements() == []


def confirm() -> None:
    """Press the button of the question that isn't Cancel."""
    box = QApplication.activeModalWidget()
    if not isinstance(box, QMessageBox):
        QTimer.singleShot(20, confirm)
        return
    next(each for each in box.buttons() if "Cancel" not in each.text()).click()


def test_what_is_withdrawn_no_longer_counts_in_the_open_pipeline(window):
    from designer.pipeline import edits

    script = {"script": "def azureml_main(a, b):\n    return a, b\n"}
    window.document.apply(
        "Add", lambda p: edits.add_node(p, "execute_python_script", parameters=script)[0]
    )
    pipeline, base = window.document.pipeline, window.document.base
    agreements = window.agreements
    agreements.saved()
    assert agreements.missing(pipeline, base) == []
    agreements.withdraw(agreements.given())
    assert [each.kind for each in agreements.missing(pipeline, base)] == ["code"]


def test_locations_have_sizes_and_are_copied(window, used, qtbot):
    (window.workspace.folder / "datasets").mkdir(exist_ok=True)

    def use(dialog) -> None:
        dialog.open_section("Folders")
        where = dialog.locations
        lines = [line for line in dialog.findChildren(QLineEdit) if line.isVisible()]
        # The field for a search is above the list of sections.
        begins = {line.mapTo(dialog, line.rect().topLeft()).x() for line in lines} - {
            min(line.mapTo(dialog, line.rect().topLeft()).x() for line in lines)
        }
        assert len(begins) == 1
        qtbot.waitUntil(lambda: all(each.text() != "…" for each in where.sizes.values()))
        assert "B" in where.sizes["Workspace"].text()
        button = next(
            each
            for each in where.findChildren(type(dialog.rows["theme"].reset))
            if each.accessibleName() == "Copy path: Workspace"
        )
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert QGuiApplication.clipboard().text() == str(window.workspace.folder)

    used(use)


def test_stored_results_are_deleted_after_a_question(window, used, qtbot):
    folder = window.workspace.store_folder
    store = Store(folder)
    key = "0" * 64
    store.add(entries.write_entry(folder, key, {"out": b"x" * 5_000}, _save, {"base": "mine"}))
    store.close()
    assert store.path(key).exists()

    def use(dialog) -> None:
        dialog.open_section("Folders")
        QTimer.singleShot(0, confirm)
        qtbot.mouseClick(dialog.locations.clear, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(
            lambda: dialog.locations.message.text().endswith("deleted."), timeout=10_000
        )

    used(use)
    assert not store.path(key).exists()


def _save(value: bytes, folder: Path) -> dict[str, object]:
    folder.mkdir()
    (folder / "data").write_bytes(value)
    return {"type": "Files"}


def test_every_field_of_every_section_has_a_name(window, used, qtbot):
    def use(dialog) -> None:
        for name, row in dialog.rows.items():
            title = all_settings()[name].about.title
            names = [
                each.accessibleName()
                for each in row.findChildren(object)
                if hasattr(each, "accessibleName")
            ]
            assert title in names

    used(use)
