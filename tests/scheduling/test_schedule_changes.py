"""Triggers by change: settled files, datasets, databases, and drift."""

from __future__ import annotations

import os
import shutil
import sqlite3

import pytest
from schedule_desk import at, shown, wait_until

from designer.catalog import load_catalog
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.scheduling.creating import create
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Schedule
from designer.scheduling.triggers import DataDrift, FileChange, NewVersion, QueryAnswer
from designer.scheduling.watching import Watcher


@pytest.fixture
def incoming(tmp_path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "old.csv").write_text("a\n1\n")
    return folder


def on_change(desk, path, settle=10.0, **fields):
    return desk.add(FileChange(path=str(path), settle=settle, every=5), **fields)


def test_a_file_that_is_written_slowly_starts_one_run_when_it_is_complete(desk, incoming):
    on_change(desk, incoming)
    assert desk.tick(60) == 0
    with (incoming / "new.csv").open("w") as file:
        for number in range(20):
            file.write(f"{number}\n")
            file.flush()
            # Slower than the server looks, faster than a file settles.
            assert desk.tick(7) == 0
    assert desk.tick(4) == 0
    assert sum(desk.tick(5) for _ in range(20)) == 1


def test_a_file_is_changed_deleted_or_replaced(desk, incoming):
    file = incoming / "old.csv"
    on_change(desk, file)
    on_change(desk, incoming, name="folder")
    for change in (
        lambda: file.write_text("a\n2\n"),
        lambda: (incoming / "other").write_text("x") and os.replace(incoming / "other", file),
        lambda: (incoming / "below").mkdir() or (incoming / "below" / "deep.csv").write_text("1"),
        lambda: (incoming / "below" / "deep.csv").unlink(),
    ):
        before = len(desk.started)
        change()
        for _ in range(8):
            desk.tick(5)
        started = {each.schedule for each in desk.started[before:]}
        assert "folder" in started
        assert len(desk.started) - before == len(started)
    assert [each.schedule for each in desk.started].count("nightly") == 2


def test_a_change_during_a_run_starts_another_one_after_it(desk, incoming):
    desk.outcome = None
    on_change(desk, incoming)
    (incoming / "one.csv").write_text("1")
    assert [desk.tick(6) for _ in range(4)] == [0, 0, 1, 0]
    (incoming / "two.csv").write_text("2")
    assert sum(desk.tick(6) for _ in range(10)) == 0
    desk.end()
    desk.outcome = "completed"
    assert sum(desk.tick(6) for _ in range(10)) == 1


def test_a_folder_that_vanishes_is_reported_once_and_may_come_again(desk, incoming):
    on_change(desk, incoming)
    kept = incoming.with_name("kept")
    incoming.rename(kept)
    assert sum(desk.tick(6) for _ in range(10)) == 0
    assert desk.states() == ["attention"]
    assert "incoming” doesn't exist" in desk.store.entry("nightly").problem
    kept.rename(incoming)
    # It is as it was: nothing to run.
    assert sum(desk.tick(6) for _ in range(10)) == 0
    assert desk.store.entry("nightly").problem == ""
    shutil.rmtree(incoming)
    desk.tick(6)
    incoming.mkdir()
    (incoming / "new.csv").write_text("1")
    assert sum(desk.tick(6) for _ in range(10)) == 1


@pytest.mark.parametrize(("missed", "count"), [("once", 1), ("skip", 0)])
def test_a_change_while_nothing_was_served(desk, incoming, missed, count):
    on_change(desk, incoming, missed=missed)
    desk.tick(6)
    (incoming / "new.csv").write_text("1")
    desk.now = at("2026-01-03 12:00")
    desk.server = desk.new_server()
    assert sum(desk.tick(6) for _ in range(10)) == count
    assert desk.states() == (["completed"] if count else ["skipped"])
    (incoming / "later.csv").write_text("1")
    assert sum(desk.tick(6) for _ in range(10)) == 1


def test_two_servers_start_one_run_for_one_change(desk, incoming):
    on_change(desk, incoming)
    other = desk.new_server()
    (incoming / "new.csv").write_text("1")
    for _ in range(10):
        desk.now += 6
        desk.server.tick()
        other.tick()
    assert len(desk.started) == 1


def test_the_system_reports_changes_of_what_is_watched(incoming, tmp_path):
    watcher = Watcher()
    file = tmp_path / "alone.csv"
    file.write_text("1")
    (tmp_path / "other").mkdir()
    watcher.watch([incoming, file])
    try:
        wait_until(lambda: _touched(watcher, incoming / "deep" / "x.csv", [incoming]))
        before = watcher.count([file])
        # Saved as editors do it: by a file that replaces the old one.
        wait_until(lambda: _touched(watcher, tmp_path / "fresh", [file], file, before))
        seen = watcher.count([incoming, file])
        (tmp_path / "other" / "x.csv").write_text("1")
        assert watcher.count([incoming, file]) == seen
    finally:
        watcher.close()
    assert not any(thread.is_alive() for thread in watcher._threads)


def _touched(watcher, path, paths, target=None, before=0):
    path.parent.mkdir(exist_ok=True)
    path.write_text(str(os.urandom(4)))
    if target is not None:
        os.replace(path, target)
    return watcher.count(paths) > before


def test_a_dataset_gets_a_new_version(desk, tmp_path):
    table = tmp_path / "prices.csv"
    table.write_text("a\n1\n")
    workspace = desk.store.workspace
    workspace.register_dataset("prices", table)
    desk.add(NewVersion(name="prices"))
    assert desk.tick(6) == 0
    table.write_text("a\n1\n2\n")
    assert desk.tick(6) == 0
    workspace.register_dataset("prices", table)
    assert [desk.tick(6) for _ in range(3)] == [1, 0, 0]
    assert desk.store.history("nightly")[0].note == "Version 2 of “prices”."
    with pytest.raises(ScheduleError, match="no registered dataset “absent”"):
        NewVersion(name="absent").observe(workspace)


@pytest.mark.long
def test_the_answer_of_a_database_changes(desk, tmp_path):
    path = tmp_path / "sales.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE sales (id INTEGER, at TEXT)")
    database.commit()
    query = "SELECT count(*), max(id) FROM sales"
    trigger = QueryAnswer(connection=f"sqlite:///{path}", query=query)
    mark = trigger.observe(desk.store.workspace).mark
    desk.store.add(
        Schedule(name="nightly", file=str(tmp_path / "x"), trigger=trigger, notify=()),
        mark=mark,
        now=desk.now,
    )
    database.execute("INSERT INTO sales VALUES (7, 'now')")
    database.commit()
    database.close()
    assert desk.tick(60) == 0
    assert desk.tick(301) == 1
    assert desk.store.history("nightly")[0].note == "The answer is [[1, 7]]."
    wrong = QueryAnswer(connection="sqlite://user:pass@x/y", query="SELECT 1")
    with pytest.raises(ScheduleError, match="contains a password"):
        wrong.observe(desk.store.workspace)


@pytest.mark.long
def test_a_table_drifts_beyond_a_threshold(desk, tmp_path):
    # Index by hand: shares 1/2, 1/2 against 9/10, 1/10: 0.4 ln 1.8 - 0.4 ln 0.2 = 0.879.
    reference, current = tmp_path / "reference.csv", tmp_path / "current.csv"
    reference.write_text("make\n" + "a\n" * 50 + "b\n" * 50)
    current.write_text("make\n" + "a\n" * 52 + "b\n" * 48)
    trigger = DataDrift(reference=str(reference), current=str(current), threshold=0.8, settle=0)
    found = trigger.observe(desk.store.workspace)
    assert (found.starts, found.note) == (False, "")
    schedule = Schedule(name="nightly", file=str(tmp_path / "x"), trigger=trigger, notify=())
    desk.store.add(schedule, mark=found.mark, now=desk.now)
    current.write_text("make\n" + "a\n" * 90 + "b\n" * 10)
    assert desk.tick(3601) == 1
    assert desk.store.history("nightly")[0].note == "Beyond 0.8: “make” (0.879)."
    # The same drifted table starts no other run.
    assert desk.tick(3601) == 0
    strict = trigger.model_copy(update={"threshold": 0.9})
    assert not strict.observe(desk.store.workspace).starts


def test_a_run_mustnt_write_where_a_change_starts_it(desk, incoming, small):
    pipeline, data = edits.add_node(
        Pipeline(), "dataset", parameters={"path": str(incoming / "old.csv")}
    )
    pipeline, export = edits.add_node(
        pipeline, "export_data", parameters={"path": str(incoming / "out" / "result.csv")}
    )
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(export, "dataset"))
    write(pipeline, small)
    wanted = Schedule(name="loop", file=str(small), trigger=FileChange(path=str(incoming)))
    with pytest.raises(ScheduleError, match="would start the next run"):
        create(wanted, desk.store.workspace, load_catalog())
    assert desk.store.entries() == []


def test_one_schedule_that_cant_be_served_doesnt_stop_others(desk, incoming, monkeypatch):
    def look(self, workspace):
        raise ValueError("broken driver")

    on_change(desk, incoming, name="a broken one")
    desk.add("* * * * *", zone="UTC", name="b later")
    monkeypatch.setattr(FileChange, "observe", look)
    assert desk.tick(61) == 1
    assert desk.states("a broken one") == ["attention"]
    assert "ValueError" in desk.store.entry("a broken one").problem


def test_a_file_with_an_old_date_counts_too(desk, incoming):
    on_change(desk, incoming)
    shutil.copy2(incoming / "old.csv", incoming / "copy.csv")
    assert sum(desk.tick(6) for _ in range(5)) == 1
    assert shown(desk.started[0].due).startswith("01-01 12:00")
