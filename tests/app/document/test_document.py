"""The document: edits, undo, files, recovery."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QFileSystemWatcher, Qt, QTimer

from designer.app.document.document import Document
from designer.app.document.recovery import find_recoveries
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline


@pytest.fixture
def document(qapp, tmp_path):
    document = Document(recovery_folder=tmp_path / "recovery", autosave_seconds=0.01)
    yield document
    document.close()


def add(module: str = "split_data"):
    return lambda p: edits.add_node(p, module)[0]


def test_an_edit_is_undone_and_done_again(document):
    assert document.apply("Add Split Data", add())
    assert list(document.pipeline.nodes) == ["split_data"]
    assert document.undo_stack.undoText() == "Add Split Data"
    document.undo_stack.undo()
    assert document.pipeline == Pipeline()
    document.undo_stack.redo()
    assert list(document.pipeline.nodes) == ["split_data"]


def test_an_edit_that_changes_nothing_is_no_step(document):
    assert not document.apply("Nothing", lambda p: p)
    assert not document.undo_stack.count()
    assert not document.dirty


def test_an_edit_that_fails_changes_nothing(document):
    document.apply("Add", add())
    before = document.pipeline
    with pytest.raises(edits.EditError):
        document.apply("Set", lambda p: edits.set_parameter(p, "absent", "x", 1))
    assert document.pipeline is before
    assert document.undo_stack.count() == 1


def test_edits_with_one_merge_key_are_one_step(document):
    document.apply("Add", add())
    for value in ("0", "0.", "0.7"):
        document.apply(
            "Set fraction",
            lambda p, value=value: edits.set_parameter(p, "split_data", "fraction", value),
            merge=("split_data", "fraction"),
        )
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.pipeline.nodes["split_data"].parameters == {}


def test_edits_do_not_merge_over_an_end_another_key_or_a_save(document, tmp_path):
    document.apply("Add", add())

    def set_seed(value, key="seed"):
        document.apply(
            "Set", lambda p: edits.set_parameter(p, "split_data", "seed", value), merge=key
        )

    set_seed(1)
    document.end_merge()
    set_seed(2)
    assert document.undo_stack.count() == 3
    set_seed(3, key="other")
    assert document.undo_stack.count() == 4
    document.save(tmp_path / "a.pipeline.json")
    set_seed(4, key="other")
    assert document.undo_stack.count() == 5
    document.undo_stack.undo()
    assert document.pipeline.nodes["split_data"].parameters == {"seed": 3}
    assert not document.dirty


def test_dirty_follows_save_and_undo(document, tmp_path, qtbot):
    path = tmp_path / "a.pipeline.json"
    document.apply("Add", add())
    assert document.dirty
    document.save(path)
    assert not document.dirty
    assert document.path == path
    assert document.title == "a"
    assert document.base == tmp_path
    document.undo_stack.undo()
    assert document.dirty
    document.undo_stack.redo()
    assert not document.dirty


def test_opening_what_is_no_pipeline_leaves_the_document_as_it_was(document, tmp_path):
    document.apply("Add", add())
    bad = tmp_path / "bad.pipeline.json"
    bad.write_text("not json")
    with pytest.raises(pipeline_file.PipelineFileError):
        document.open(bad)
    assert list(document.pipeline.nodes) == ["split_data"]
    assert document.path is None
    assert document.dirty


def test_a_failed_save_loses_nothing(document, tmp_path, qtbot):
    document.apply("Add", add())
    with qtbot.waitSignal(document._autosave.timeout):
        pass
    folder = tmp_path / "folder.pipeline.json"
    folder.mkdir()
    with pytest.raises((OSError, pipeline_file.PipelineFileError)):
        document.save(folder)
    assert document.dirty
    assert document.path is None
    document.close(keep_recovery=True)
    assert len(find_recoveries(tmp_path / "recovery")) == 1


def test_work_is_recovered_after_a_crash(qapp, qtbot, tmp_path):
    path = tmp_path / "a.pipeline.json"
    pipeline_file.write(Pipeline(), path)
    crashed = Document(recovery_folder=tmp_path / "recovery", autosave_seconds=0.01)
    crashed.open(path)
    with qtbot.waitSignal(crashed._autosave.timeout):
        crashed.apply("Add", add())
    # A session that still runs is not offered.
    crashed._recovery._thread.submit(lambda: None).result(timeout=10)
    assert find_recoveries(tmp_path / "recovery") == []
    crashed.close(keep_recovery=True)

    (found,) = find_recoveries(tmp_path / "recovery")
    assert found.path == path
    document = Document(recovery_folder=tmp_path / "recovery")
    document.restore(found)
    found.discard()
    assert list(document.pipeline.nodes) == ["split_data"]
    assert document.path == path
    assert document.dirty
    document.save()
    document.close()
    assert find_recoveries(tmp_path / "recovery") == []
    assert list(pipeline_file.read(path).nodes) == ["split_data"]


def test_saving_removes_the_recovery_file(document, tmp_path, qtbot):
    with qtbot.waitSignal(document._autosave.timeout):
        document.apply("Add", add())
    document.save(tmp_path / "a.pipeline.json")
    document.close()
    assert list((tmp_path / "recovery").glob("*.json")) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "modeldesk-recovery"}', "\x00\xff"])
def test_a_damaged_recovery_file_is_not_offered(tmp_path, text):
    (tmp_path / "x.recovery.json").write_text(text)
    assert find_recoveries(tmp_path) == []


def test_a_file_that_changed_on_disk_is_noticed_and_reloaded(document, tmp_path, qtbot):
    path = tmp_path / "a.pipeline.json"
    document.apply("Add", add())
    document.save(path)
    theirs, _ = edits.add_node(document.pipeline, "score_model")
    with qtbot.waitSignal(document.disk_changed, timeout=10_000):
        pipeline_file.write(theirs, path)
    assert document.changed_on_disk()
    document.reload()
    assert set(document.pipeline.nodes) == {"split_data", "score_model"}
    assert not document.dirty
    assert not document.changed_on_disk()
    document.undo_stack.undo()
    assert list(document.pipeline.nodes) == ["split_data"]
    assert document.dirty


def test_a_change_is_reported_once_whatever_else_changes_in_the_folder(document, tmp_path, qtbot):
    path = tmp_path / "a.pipeline.json"
    document.apply("Add", add())
    document.save(path)
    with qtbot.waitSignal(document.disk_changed, timeout=10_000):
        path.unlink()
    seen: list[bool] = []
    document.disk_changed.connect(lambda: seen.append(True))
    with qtbot.waitSignal(document._watcher.directoryChanged, timeout=10_000):
        (tmp_path / "other.txt").write_text("x")
    assert not seen
    theirs, _ = edits.add_node(document.pipeline, "score_model")
    with qtbot.waitSignal(document.disk_changed, timeout=10_000):
        pipeline_file.write(theirs, path)


def test_own_saves_are_no_foreign_changes(document, tmp_path, qtbot):
    path = tmp_path / "a.pipeline.json"
    document.apply("Add", add())
    document.save(path)
    with qtbot.assertNotEmitted(document.disk_changed, wait=200):
        document.apply("Add", add())
        document.save()


def test_keeping_mine_makes_the_document_differ_from_the_file(document, tmp_path):
    path = tmp_path / "a.pipeline.json"
    document.apply("Add", add())
    document.save(path)
    pipeline_file.write(Pipeline(), path)
    os.utime(path, ns=(1, 1))
    assert document.changed_on_disk()
    document.keep_own_version()
    assert not document.changed_on_disk()
    assert document.dirty


def test_saving_elsewhere_keeps_relative_paths_meaning_the_same(qapp, tmp_path):
    from modules.contract import PathOf, module
    from modules.contract.specification import specification

    namespace = {"module": module, "PathOf": PathOf}
    exec(
        "from typing import Annotated\n"
        "@module('Load')\n"
        "def load(*, path: Annotated[str, PathOf()]) -> None:\n"
        "    '''Load.'''\n",
        namespace,
    )
    function = namespace["load"]
    function.__module__ = "modules.data_input_output.load"
    specs = {"load": specification(function)}
    (tmp_path / "one" / "data").mkdir(parents=True)
    (tmp_path / "deep" / "two").mkdir(parents=True)
    (tmp_path / "one" / "data" / "cars.csv").write_text("a\n1\n")
    document = Document(specs)
    document.save(tmp_path / "one" / "a.pipeline.json")
    document.apply(
        "Add", lambda p: edits.add_node(p, "load", parameters={"path": "data/cars.csv"})[0]
    )
    document.save(tmp_path / "deep" / "two" / "b.pipeline.json")
    stored = document.pipeline.nodes["load"].parameters["path"]
    assert (document.base / stored).resolve() == tmp_path / "one" / "data" / "cars.csv"
    document.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.sampled_from(["add", "remove", "move", "undo", "redo", "merge", "comment"]), max_size=25
    )
)
def test_undoing_everything_leads_back_and_redoing_forth(qapp, steps):
    document = Document()
    for number, step in enumerate(steps):
        names = list(document.pipeline.nodes)
        if step == "undo":
            document.undo_stack.undo()
        elif step == "redo":
            document.undo_stack.redo()
        elif step == "add" or not names:
            document.apply("Add", add())
        elif step == "remove":
            document.apply("Remove", lambda p, n=names[0]: edits.remove(p, [n]))
        elif step == "move":
            document.apply("Move", lambda p, n=names[0], x=number: edits.move(p, {n: (x, 0)}))
        else:
            document.apply(
                "Comment",
                lambda p, n=names[0], x=number % 2: edits.set_comment(p, n, "x" * x),
                merge="comment" if step == "merge" else None,
            )
    while document.undo_stack.canRedo():
        document.undo_stack.redo()
    last = document.pipeline
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.pipeline == Pipeline()
    while document.undo_stack.canRedo():
        document.undo_stack.redo()
    assert document.pipeline == last
    document.close()


def test_the_recovery_file_is_plain_json(document, tmp_path, qtbot):
    with qtbot.waitSignal(document._autosave.timeout):
        document.apply("Add", add())
    document.close(keep_recovery=True)
    (file,) = Path(tmp_path / "recovery").glob("*.json")
    data = json.loads(file.read_text())
    assert pipeline_file.loads(data["pipeline"]) == document.pipeline


@pytest.mark.parametrize("seconds", [1, 2.5, 600])
def test_the_autosave_setting_is_in_seconds(qapp, tmp_path, seconds):
    made = Document(recovery_folder=tmp_path / "recovery", autosave_seconds=seconds)
    (timer,) = made.findChildren(QTimer)
    assert timer.interval() == seconds * 1000
    made.set_autosave_seconds(3)
    assert timer.interval() == 3000
    made.apply("Add", add())
    assert timer.isActive()
    made.close()
    assert not timer.isActive()


def test_file_watches_that_are_no_longer_needed_go(document, tmp_path):
    # That of the shared modules is a child of its own.
    (watcher,) = document.findChildren(
        QFileSystemWatcher, options=Qt.FindChildOption.FindDirectChildrenOnly
    )
    places = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        places.append(tmp_path / name / "a.pipeline.json")
        pipeline_file.write(Pipeline(), places[-1])
    for place in places:
        document.open(place)
        assert watcher.files() == [str(place)]
        assert watcher.directories() == [str(place.parent)]
    document.save(places[0])
    assert watcher.files() == [str(places[0])]
    assert watcher.directories() == [str(places[0].parent)]
    document.new()
    assert watcher.files() + watcher.directories() == []
    document.open(places[1])
    document.close()
    assert watcher.files() + watcher.directories() == []
