"""Shared modules in the window: made of a group, used, changed, kept, opened, undone."""

from __future__ import annotations

import json
import shutil
from itertools import combinations
from pathlib import Path

import pytest
from modal_desk import in_dialog
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from window_desk import linked

from designer import paths
from designer.app.library.module_dialog import ModuleDialog
from designer.app.panels.shared_page import SharedPage
from designer.pipeline import edits, grouping
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint
from designer.pipeline.shared.library import save_module

CARD = "take_a_part"
INSIDE = f"{CARD}/split_data"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of data that is split in a group."""
    pipeline, _ = grouping.group(linked(), ["split_data"], "Take a Part")
    path = tmp_path / "work" / "parts.pipeline.json"
    path.parent.mkdir()
    pipeline_file.write(pipeline, path)
    return path


def row(dialog: ModuleDialog, side: int, title: str):
    top = dialog.tree.topLevelItem(side)
    assert top is not None
    return next(top.child(n) for n in range(top.childCount()) if top.child(n).text(0) == title)


def turn(desk, path: Path, scope: str = "pipeline") -> None:
    """Open the file, and turn its group into a module with one parameter."""
    desk.files.open_path(path)
    desk.canvas.select([CARD])

    def act(dialog: ModuleDialog) -> None:
        assert dialog.title.text() == "Take a Part"
        row(dialog, 2, "Fraction of rows in the first output dataset").setCheckState(
            0, Qt.CheckState.Checked
        )
        dialog.scope.setCurrentIndex(dialog.scope.findData(scope))
        QTest.keyClick(dialog.title, Qt.Key.Key_Return)

    in_dialog(ModuleDialog, act)
    desk.actions_by_id["turn_into_module"].trigger()


def module_of(path: Path) -> Path:
    return path.parent / "parts.modules" / f"{CARD}.module.json"


def scene_click(desk, point: QPointF, *, double: bool = False) -> None:
    viewer = desk.canvas.viewer
    at = viewer.to_view(point).toPoint()
    click = QTest.mouseDClick if double else QTest.mouseClick
    click(viewer.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_a_group_is_turned_into_a_module_and_back_by_undo(desk, path):
    turn(desk, path)
    assert module_of(path).is_file()
    frame = desk.canvas.graph.frames.items[CARD]
    assert frame.shared
    assert frame.collapsed
    assert [port.name for port in frame.face.inputs] == ["dataset"]
    assert f"{CARD}.module.json" in desk.palette_panel.visible_modules()
    desk.files.save()
    card = json.loads(path.read_text("utf-8"))["groups"][CARD]
    assert card["module"] == CARD
    assert "nodes" not in card
    desk.edits.undo()
    assert not desk.canvas.graph.frames.items[CARD].shared
    desk.edits.redo()
    assert desk.canvas.graph.frames.items[CARD].shared


def test_a_value_in_the_properties_is_the_card_s_own(desk, path):
    turn(desk, path)
    desk.canvas.select([CARD])
    page = desk.properties.page
    assert isinstance(page, SharedPage)
    (field,) = page.fields.values()
    field.focus_editor()
    editor = field.editor.focusProxy() or field.editor
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, "0.25")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert desk.document.pipeline.nodes[INSIDE].parameters["fraction"] == 0.25
    assert isinstance(desk.properties.page, SharedPage)
    desk.files.save()
    card = json.loads(path.read_text("utf-8"))["groups"][CARD]
    assert card["parameters"] == {field.parameter.name: 0.25}
    field.reset.click()
    assert "fraction" not in desk.document.pipeline.nodes[INSIDE].parameters


def test_what_is_inside_is_changed_in_the_module_only(desk, path):
    turn(desk, path)
    before = desk.document.pipeline
    desk.edits.apply("Set", lambda p: edits.set_parameter(p, INSIDE, "seed", 9))
    assert desk.document.pipeline is before
    assert "“Take a Part” is a shared module." in desk.statusBar().currentMessage()
    desk.canvas.select([CARD])
    desk.actions_by_id["fold"].trigger()
    assert desk.canvas.graph.frames.items[CARD].collapsed


def test_a_double_click_opens_the_module_and_the_trail_leads_back(desk, path):
    turn(desk, path)
    desk.files.save()
    center = desk.canvas.graph.frames.items[CARD].card_rect().center()
    scene_click(desk, center, double=True)
    assert desk.document.path == module_of(path)
    trail = desk.shared.trail
    assert trail.isVisible()
    assert trail.here.text() == "Take a Part"
    desk.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "seed", 9))
    desk.files.save()
    trail.steps[0].click()
    assert desk.document.path == path
    assert not trail.isVisible()
    assert desk.document.pipeline.nodes[INSIDE].parameters["seed"] == 9


def test_the_trail_leads_back_to_where_a_sample_was_saved(desk, path, answer, monkeypatch):
    turn(desk, path)
    desk.files.save()
    monkeypatch.setattr(desk.files, "_samples", path.parent)
    own = path.parents[1] / "mine" / "own.pipeline.json"
    own.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(own), ""))
    desk.edits.apply("Comment", lambda p: edits.set_comment(p, "enter_data_manually", "Mine"))
    center = desk.canvas.graph.frames.items[CARD].card_rect().center()
    asked = answer("Save")
    scene_click(desk, center, double=True)
    assert asked == ["“parts” has unsaved changes."]
    # It's the module of that file, and not of the sample.
    assert desk.document.path == own.parent / "own.modules" / f"{CARD}.module.json"
    desk.shared.trail.steps[0].click()
    assert desk.document.path == own
    assert desk.document.pipeline.nodes["enter_data_manually"].comment == "Mine"


@pytest.mark.parametrize("saved", [True, False])
def test_a_group_of_a_sample_becomes_a_module_of_an_own_file(desk, path, monkeypatch, saved):
    monkeypatch.setattr(desk.files, "_samples", path.parent)
    own = path.parents[1] / "mine" / "own.pipeline.json"
    own.parent.mkdir()
    chosen = str(own) if saved else ""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    if saved:
        turn(desk, path)
        assert desk.document.path == own
        assert (own.parent / "own.modules" / f"{CARD}.module.json").is_file()
    else:
        desk.files.open_path(path)
        desk.canvas.select([CARD])
        desk.actions_by_id["turn_into_module"].trigger()
        assert desk.document.path == path
        assert not desk.document.dirty
    assert not module_of(path).exists()


def test_a_change_of_the_file_comes_into_an_open_window(desk, path, qtbot):
    turn(desk, path)
    definition = pipeline_file.read(module_of(path))
    with qtbot.waitSignal(desk.document.modules.changed):
        save_module(edits.set_parameter(definition, "split_data", "seed", 7), module_of(path))
    assert desk.document.pipeline.nodes[INSIDE].parameters["seed"] == 7
    desk.edits.undo()
    assert "seed" not in desk.document.pipeline.nodes[INSIDE].parameters
    desk.edits.redo()
    assert desk.document.pipeline.nodes[INSIDE].parameters["seed"] == 7


def test_a_kept_version_stays_until_the_newest_is_taken(desk, path):
    turn(desk, path)
    desk.canvas.select([CARD])
    desk.properties.page.buttons["keep_version"].click()
    definition = pipeline_file.read(module_of(path))
    save_module(edits.set_parameter(definition, "split_data", "seed", 7), module_of(path))
    desk.document.modules.refresh()
    assert "seed" not in desk.document.pipeline.nodes[INSIDE].parameters
    assert "is kept" in desk.properties.page.version.text()
    desk.properties.page.buttons["take_newest"].click()
    assert desk.document.pipeline.nodes[INSIDE].parameters["seed"] == 7


def test_a_module_of_the_palette_is_added_and_linked_at_its_port(desk, path):
    turn(desk, path, "folder")
    desk.palette_panel.module_chosen.emit(f"{CARD}.module.json")
    card = f"{CARD}_2"
    assert desk.canvas.selection() == [card]
    frame = desk.canvas.graph.frames.items[card]
    rect, port = frame.card_rect(), frame.face.inputs[0]
    source = desk.canvas.graph.nodes["enter_data_manually"]
    start, end = source.center_of(source.outputs[0]), rect.topLeft() + port.center
    desk.canvas.fit()
    viewer = desk.canvas.viewer
    left = Qt.MouseButton.LeftButton
    first, last = (viewer.to_view(point).toPoint() for point in (start, end))
    QTest.mousePress(viewer.viewport(), left, Qt.KeyboardModifier.NoModifier, first)
    QTest.mouseMove(viewer.viewport(), (first + last) / 2)
    QTest.mouseMove(viewer.viewport(), last)
    QTest.mouseRelease(viewer.viewport(), left, Qt.KeyboardModifier.NoModifier, last)
    linked_to = desk.document.pipeline.inputs_of(f"{card}/split_data")
    assert linked_to["dataset"] == Endpoint("enter_data_manually", "dataset")


def test_a_missing_file_is_told_on_the_card_and_saving_loses_nothing(desk, path, qtbot):
    turn(desk, path)
    desk.files.save()
    text = path.read_text("utf-8")
    module_of(path).unlink()
    desk.files.open_path(path)
    frame = desk.canvas.graph.frames.items[CARD]
    qtbot.waitUntil(lambda: frame.face.severity == "error")
    assert "can't be found" in frame.face.problems[0].message
    desk.files.save()
    assert path.read_text("utf-8") == text


def test_ungrouping_leaves_a_copy(desk, path):
    turn(desk, path)
    desk.canvas.select([CARD])
    desk.actions_by_id["ungroup"].trigger()
    assert "split_data" in desk.document.pipeline.nodes
    desk.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "seed", 9))
    assert desk.document.pipeline.nodes["split_data"].parameters["seed"] == 9


def test_the_ports_of_an_open_module_are_chosen_again(desk, path):
    turn(desk, path)
    desk.files.save()
    desk.shared.open_card(CARD)

    def act(dialog: ModuleDialog) -> None:
        row(dialog, 2, "Random seed").setCheckState(0, Qt.CheckState.Checked)
        dialog.accept_button.click()

    in_dialog(ModuleDialog, act)
    desk.shared.trail.ports.click()
    interface = desk.document.pipeline.interface
    assert [each.end.port for each in interface.parameters] == ["fraction", "seed"]
    desk.files.save()
    desk.shared.trail.steps[0].click()
    desk.canvas.select([CARD])
    assert len(desk.properties.page.fields) == 2


def test_a_card_stays_in_its_place_when_the_module_grows(desk, path, qtbot):
    turn(desk, path)
    card = desk.canvas.graph.frames.items[CARD]
    before = card.card_rect()
    assert before.topLeft().toTuple() == desk.document.pipeline.nodes[INSIDE].position
    definition = pipeline_file.read(module_of(path))
    for position in ((900.0, 700.0), (-900.0, -700.0)):
        definition, _ = edits.add_node(definition, "split_data", position=position)
        with qtbot.waitSignal(desk.document.modules.changed):
            save_module(definition, module_of(path))
        assert card.card_rect() == before


def test_arranged_cards_and_modules_are_clear_of_each_other(desk, tmp_path):
    name = "training_size"
    shutil.copy(paths.samples() / f"{name}.pipeline.json", tmp_path)
    shutil.copytree(paths.samples() / f"{name}.modules", tmp_path / f"{name}.modules")
    desk.files.open_path(tmp_path / f"{name}.pipeline.json")
    desk.canvas.select([])
    desk.actions_by_id["layout"].trigger()
    graph = desk.canvas.graph
    shown = [item for item in graph.nodes.values() if item.isVisible()]
    cards = [graph.frames.items[card] for card in ("few_rows", "all_rows")]
    rects = [item.card_rect() for item in (*shown, *cards)]
    assert len(rects) == 6
    for first, second in combinations(rects, 2):
        assert not first.intersects(second)


def test_a_sample_that_is_saved_elsewhere_takes_its_module_along(desk, tmp_path, monkeypatch):
    target = tmp_path / "mine" / "size.pipeline.json"
    target.parent.mkdir()
    assert desk.files.open_path(paths.samples() / "training_size.pipeline.json")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    desk.actions_by_id["save_as"].trigger()
    module = target.parent / "size.modules" / "train_on_a_share.module.json"
    original = paths.samples() / "training_size.modules" / module.name
    assert module.read_text("utf-8") == original.read_text("utf-8")
    uses = [group.shared.name for group in pipeline_file.read(target).groups.values()]
    assert uses == ["train_on_a_share", "train_on_a_share"]
    # Its data is still found.
    path = pipeline_file.read(target).nodes["concrete"].parameters["path"]
    assert (target.parent / path).resolve() == (paths.samples() / "data/concrete.csv").resolve()
