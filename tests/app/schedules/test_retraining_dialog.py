"""The retraining of an endpoint is switched on, changed, and switched off in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from designer.app.dialogs.buttons import Kind
from designer.app.schedules import retraining_dialog, retraining_page
from designer.app.shell.navigation import SCHEDULES
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline
from designer.private_files import make_folder
from designer.records import write_record
from designer.retraining.loop import Loop, Loops
from designer.scheduling.store import ScheduleStore

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton
NAME = "loans"


@pytest.fixture
def loops(window, tmp_path, monkeypatch):
    """A workspace with an endpoint that isn't running, and a dataset."""
    monkeypatch.setattr(retraining_page, "INTERVAL", 200)
    monkeypatch.setattr(retraining_dialog, "PAUSE", 10)
    loops = Loops(window.workspace)
    folder = make_folder(loops.records.root / NAME)
    write_record(folder / "endpoint.json", {"version": 1, "target": "local", "port": 5901})
    write_record(make_folder(folder / "versions") / "1.json", {"allowed": []})
    data = tmp_path / "loans.csv"
    data.write_text("income,region,paid\n1,north,yes\n")
    columns = [["income", "number"], ["region", "string"], ["paid", "string"]]
    window.workspace.register_dataset("loans", data, table={"rows": 1, "columns": columns})
    yield loops
    store = ScheduleStore(window.workspace)
    for entry in store.entries():
        store.remove(entry.name)
    loops.records.delete(NAME)
    window.workspace.dataset_store.remove("loans")


@pytest.fixture
def file(tmp_path):
    """A pipeline that reads the dataset."""
    return _pipeline(tmp_path / "loans.pipeline.json", "dataset:loans")


def _pipeline(path, data):
    write(edits.add_node(Pipeline(), "dataset", parameters={"path": data})[0], path)
    return path


def _opened(window, qtbot, press):
    """Press a button, and return the dialog that opens."""
    QTest.mouseClick(press, LEFT)
    qtbot.waitUntil(lambda: window.schedules.retraining.dialog is not None, timeout=LONG)
    dialog = window.schedules.retraining.dialog
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def _retype(field, text):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def _choose(combo: QComboBox, text: str) -> None:
    """Choose an entry with the keyboard."""
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.findText(text)):
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentText() == text


def _show(dialog, tab):
    bar = dialog.fields.tabBar()
    index = next(i for i in range(bar.count()) if bar.tabText(i) == tab)
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(index).center())
    assert dialog.fields.currentIndex() == index


def test_retraining_is_switched_on_changed_and_off(window, qtbot, loops, file, tmp_path, answer):
    window.actions_by_id["show_retraining"].trigger()
    center = window.schedules.center
    assert center.retraining.pages.currentWidget() is center.retraining.empty
    dialog = _opened(window, qtbot, center.retrain)
    fields, ok = dialog.fields, dialog.buttons.button(Kind.Ok)
    assert (dialog.endpoint.currentText(), ok.text()) == (NAME, "Switch on")
    assert "“Training pipeline” is empty." in dialog.problem.text()
    assert not ok.isEnabled()
    # What only reading the pipeline shows.
    other = _pipeline(tmp_path / "other.pipeline.json", "dataset:loans@1")
    _retype(fields.pipeline.line, str(other))
    qtbot.waitUntil(
        lambda: "doesn't read the latest version" in dialog.problem.text(), timeout=LONG
    )
    assert not ok.isEnabled()
    _retype(fields.pipeline.line, str(file))
    qtbot.waitUntil(lambda: "records no requests" in dialog.summary.text(), timeout=LONG)
    assert ok.isEnabled()
    assert "is deployed at once." in dialog.summary.text()
    _show(dialog, "Rounds")
    _retype(fields.cron, "0 25 * * *")
    assert "the hour must be from 0 to 23" in dialog.problem.text()
    _retype(fields.cron, "0 5 * * 1")
    _show(dialog, "Comparison")
    _choose(fields.compared_by, "AUC")
    _retype(fields.margin.lineEdit(), "0.01")
    _choose(fields.group, "region")
    _show(dialog, "Deployment")
    QTest.mouseClick(fields.approve, LEFT, pos=QPoint(8, fields.approve.height() // 2))
    assert fields.approve.isChecked()
    _retype(fields.stages, "shadow, 10")
    assert "“10” isn't a stage." in dialog.problem.text()
    assert not ok.isEnabled()
    _choose(fields.preset, "Shadow, then all requests")
    fields.preset.activated.emit(fields.preset.currentIndex())
    assert fields.stages.text() == "shadow, 100%"
    _show(dialog, "Rolling back")
    _retype(fields.most_errors.lineEdit(), "5")
    _show(dialog, "Recording")
    _retype(fields.record.lineEdit(), "20")
    _retype(fields.leave_out, "region")
    qtbot.waitUntil(
        lambda: "approval and is deployed in stages: shadow, 100%" in dialog.summary.text()
    )
    QTest.mouseClick(ok, LEFT)

    page = center.retraining
    qtbot.waitUntil(lambda: window.schedules.retraining.dialog is None, timeout=LONG)
    qtbot.waitUntil(lambda: page.list.topLevelItemCount() == 1, timeout=LONG)
    made = loops.get(NAME)
    assert made.created > 0
    assert made == Loop(
        endpoint=NAME, pipeline=str(file), dataset="loans", metric="auc", margin=0.01,
        group="region", stages=(0.0, 1.0), approve=True, most_errors=0.05,
        created=made.created, since=made.since,
    )  # fmt: skip
    store = ScheduleStore(window.workspace)
    assert [e.name for e in store.entries()] == ["retraining loans", "retraining loans by time"]
    recording = {"share": 0.2, "keep_days": 30, "leave_out": ["region"]}
    assert loops.records.recording(NAME) == recording

    dialog = _opened(window, qtbot, page.buttons["edit"])
    assert dialog.buttons.button(Kind.Ok).text() == "Change"
    assert dialog.fields.stages.text() == "shadow, 100%"
    assert dialog.fields.record.value() == 20
    _show(dialog, "Rounds")
    _retype(dialog.fields.cron, "")
    QTest.keyClick(dialog.fields.cron, Qt.Key.Key_Delete)
    _show(dialog, "Deployment")
    QTest.keyClick(dialog.fields.approve, Qt.Key.Key_Space)
    QTest.mouseClick(dialog.buttons.button(Kind.Ok), LEFT)
    qtbot.waitUntil(lambda: window.schedules.retraining.dialog is None, timeout=LONG)
    # Everything else is as it was.
    assert loops.get(NAME) == made.model_copy(update={"approve": False})
    assert [entry.name for entry in store.entries()] == ["retraining loans"]

    asked = answer("Switch off")
    QTest.mouseClick(page.buttons["off"], LEFT)
    assert asked == ["Stop retraining “loans”?"]
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty, timeout=LONG)
    assert (loops.names(), store.entries()) == ([], [])


def test_a_file_and_another_trigger_are_chosen_kept_and_left_again(
    window, qtbot, loops, tmp_path, answer
):
    data = tmp_path / "new.csv"
    data.write_text("income,region,paid\n1,north,yes\n")
    file = _pipeline(tmp_path / "file.pipeline.json", "new.csv")
    window.actions_by_id["show_retraining"].trigger()
    center = window.schedules.center
    dialog = _opened(window, qtbot, center.retrain)
    fields, ok = dialog.fields, dialog.buttons.button(Kind.Ok)
    _retype(fields.pipeline.line, str(file))
    qtbot.waitUntil(lambda: "doesn't read" in dialog.problem.text(), timeout=LONG)
    _retype(fields.source.line, "new.csv")
    qtbot.waitUntil(lambda: "records no requests" in dialog.summary.text(), timeout=LONG)
    assert "A round begins when “new.csv” has new data." in dialog.summary.text()
    _retype(fields.read_every, "soon")
    assert "“soon” isn't an interval." in dialog.problem.text()
    _retype(fields.read_every, "6h")
    _show(dialog, "Rounds")
    assert not fields.also.fields.isVisible()
    _choose(fields.also.kind, "When a file or folder changes")
    assert "“File or folder” is empty." in dialog.problem.text()
    _retype(fields.also.fields.path, str(tmp_path))
    qtbot.waitUntil(lambda: f"When “{tmp_path}” changes" in dialog.summary.text(), timeout=LONG)
    QTest.mouseClick(ok, LEFT)

    page = center.retraining
    qtbot.waitUntil(lambda: window.schedules.retraining.dialog is None, timeout=LONG)
    qtbot.waitUntil(lambda: page.list.topLevelItemCount() == 1, timeout=LONG)
    made = loops.get(NAME)
    assert (made.source, made.dataset, made.read_hours) == (str(data), "loans data", 6.0)
    assert page.list.topLevelItem(0).text(1) == "new.csv"
    store = ScheduleStore(window.workspace)
    assert [e.name for e in store.entries()] == ["retraining loans", "retraining loans by change"]

    dialog = _opened(window, qtbot, page.buttons["edit"])
    assert dialog.fields.source.text == str(data)
    assert dialog.fields.read_every.text() == "6h"
    # The columns of the file are known by now.
    assert dialog.fields.group.findData("region") > 0
    assert dialog.fields.also.fields.path.text() == str(tmp_path)
    _show(dialog, "Rounds")
    _choose(dialog.fields.also.kind, "Nothing else begins a round")
    QTest.mouseClick(dialog.buttons.button(Kind.Ok), LEFT)
    qtbot.waitUntil(lambda: window.schedules.retraining.dialog is None, timeout=LONG)
    assert [entry.name for entry in store.entries()] == ["retraining loans"]
    assert loops.get(NAME) == made
    answer("Switch off")
    QTest.mouseClick(page.buttons["off"], LEFT)
    qtbot.waitUntil(lambda: loops.names() == [], timeout=LONG)
    window.workspace.dataset_store.remove("loans data")


def test_the_page_of_an_endpoint_opens_the_dialog_for_it(window, qtbot, loops, file):
    window.files.open_path(file)
    window.deployment.show_endpoints()
    detail = window.deployment.center.endpoints.detail
    qtbot.waitUntil(lambda: detail.info is not None and detail.retrain.isVisible(), timeout=LONG)

    dialog = _opened(window, qtbot, detail.retrain)

    assert dialog.endpoint.currentText() == NAME
    # The open pipeline is proposed, as it isn't known which one was deployed.
    assert dialog.fields.pipeline.text == str(file)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.schedules.retraining.dialog is None
    assert loops.names() == []


def test_what_is_wrong_when_it_is_switched_on_stays_in_the_dialog(window, qtbot, loops, file):
    window.actions_by_id["show_retraining"].trigger()
    assert window.navigation.page == SCHEDULES
    dialog = _opened(window, qtbot, window.schedules.center.retrain)
    _retype(dialog.fields.pipeline.line, str(file))
    qtbot.waitUntil(lambda: "records no requests" in dialog.summary.text(), timeout=LONG)
    file.unlink()

    QTest.mouseClick(dialog.buttons.button(Kind.Ok), LEFT)

    qtbot.waitUntil(lambda: dialog.problem.isVisible(), timeout=LONG)
    assert "loans.pipeline.json" in dialog.problem.text()
    assert dialog.buttons.button(Kind.Ok).isEnabled()
    assert loops.names() == []
    dialog.reject()
