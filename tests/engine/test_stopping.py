"""A step that searches is asked to stop, and its outputs so far are its result."""

from __future__ import annotations

import threading

from designer.engine import events
from modules.contract import DataTable
from modules.contract.context import Stop, Trial, stop_requested, stopping
from modules.values import storage


def values(result, node, port):
    table = storage.load(result.nodes[node].outputs[port].path)
    assert isinstance(table, DataTable)
    return table.frame["x"].tolist()


def test_a_stopped_search_keeps_what_it_has_and_the_run_goes_on(
    new_engine, build, tmp_path, recorder
):
    engine = new_engine()
    pipeline = build({"s": "search", "a": "add"}, "s.best > a.first")
    begun = threading.Event()

    def on_event(event):
        recorder(event)
        if isinstance(event, events.TrialEnded):
            begun.set()

    handle = engine.start(pipeline, base=tmp_path, on_event=on_event)
    assert begun.wait(60)
    assert handle.stop()
    result = handle.wait(60)
    assert result is not None
    assert result.status == "completed"
    assert values(result, "s", "best") == [1.0]
    assert values(result, "a", "sums") == [2.0]
    assert not handle.stop()
    first = recorder.of(events.TrialEnded, "s")[0]
    assert first.trial == Trial(1, 9, "Guess", "side: 6", "Luck", 1.0, seconds=0.5)


def test_what_was_stopped_is_not_reused_and_neither_is_what_follows(new_engine, build, tmp_path):
    engine = new_engine()
    begun = threading.Event()
    parameters = {"counter": str(tmp_path / "count")}
    pipeline = build({"s": ("search", parameters), "a": ("add", parameters)}, "s.best > a.first")
    for _ in range(2):
        begun.clear()
        handle = engine.start(
            pipeline,
            base=tmp_path,
            on_event=lambda event: isinstance(event, events.TrialEnded) and begun.set(),
        )
        assert begun.wait(60)
        handle.stop()
        result = handle.wait(60)
        assert result is not None
        assert {node.status for node in result.nodes.values()} == {"completed"}
    assert (tmp_path / "count").read_text().split("\n")[:4] == ["search", "add 1"] * 2


def test_a_search_that_ended_by_itself_is_reused(new_engine, build, tmp_path):
    engine = new_engine()
    pipeline = build({"s": ("search", {"endless": False}), "a": "add"}, "s.best > a.first")
    first = engine.run(pipeline, base=tmp_path)
    again = engine.run(pipeline, base=tmp_path)
    assert values(first, "a", "sums") == [8.0]
    assert {node.status for node in again.nodes.values()} == {"reused"}


def test_a_step_that_does_not_search_cannot_be_stopped(new_engine, build, tmp_path):
    engine = new_engine()
    begun, answers = threading.Event(), []

    def on_event(event):
        if isinstance(event, events.Progress):
            begun.set()

    handle = engine.start(build({"p": "progresses"}), base=tmp_path, on_event=on_event)
    assert begun.wait(60)
    answers.append(handle.stop())
    handle.wait(60)
    assert answers == [False]


def test_a_module_learns_of_a_stop_only_where_somebody_can_ask_for_it():
    assert not stop_requested()
    asked = Stop(lambda: True)
    with stopping(asked):
        assert stop_requested()
    assert asked.heeded
    assert not stop_requested()
