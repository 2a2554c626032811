"""What is told and kept of the steps of a run, well ended or failed; the workers are scripted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest
from scripted_run import CHAIN, bad, hang, lost, statuses

from designer.engine import events
from designer.engine.executors.base import StepError


def test_a_failed_step_has_the_duration_from_its_start(start, clock):
    def slow(job):
        clock.now += 5
        job.listener.running("1")

        def later():
            clock.now += 2.5
            job.future.set_exception(StepError({"code": "bad", "message": "It is bad."}))

        pending.append(later)

    def ends(event):
        if isinstance(event, events.Running) and event.node == "b":
            pending.pop()()

    pending: list[Callable[[], None]] = []
    running = start(CHAIN, {"b": [slow]}, listeners=[ends])
    result = running.result()
    (failed,) = running.of(events.Failed)
    assert failed.node == "b"
    assert failed.seconds == result.nodes["b"].seconds == 2.5
    assert failed.error == {"code": "bad", "message": "It is bad."} == result.nodes["b"].error
    (finished,) = running.of(events.RunFinished)
    assert finished.seconds == result.seconds == 7.5
    assert finished.status == result.status == "failed"


def test_a_step_that_fails_before_it_starts_took_no_time(start, clock):
    running = start(({"b": "add"},), {})
    result = running.result()
    assert result.nodes["b"].error["code"] == "input-missing"
    (failed,) = running.of(events.Failed)
    assert (failed.seconds, result.nodes["b"].seconds) == (0, 0)
    assert result.nodes["b"].threads == 0


def test_what_follows_a_failed_step_is_skipped_with_the_reason(start):
    pipeline = (
        {"a": "numbers", "b": "add", "c": "add", "d": "numbers"},
        "a.numbers > b.first",
        "b.sums > c.first",
    )
    running = start(pipeline, {"a": [bad]})
    result = running.result()
    assert statuses(result) == {"a": "failed", "b": "skipped", "c": "skipped", "d": "completed"}
    reasons = {"b": "“a” failed.", "c": "“b” was skipped."}
    assert {event.node: event.reason for event in running.of(events.Skipped)} == reasons
    assert {node: each.reason for node, each in result.nodes.items() if each.reason} == reasons
    assert [event.node for event in running.of(events.Skipped)] == ["b", "c"]


def test_a_disabled_step_is_skipped_with_the_reason(start):
    from dataclasses import replace

    from designer.pipeline.model import Node

    off = replace(Node("b", "add"), disabled=True)
    running = start(({"a": "numbers", "b": off, "c": "add"}, *CHAIN[1:]), {})
    result = running.result()
    assert result.status == "completed"
    assert {event.node: event.reason for event in running.of(events.Skipped)} == {
        "b": "It is disabled.",
        "c": "“b” is disabled.",
    }


def test_a_file_that_can_not_be_read_fails_its_step(start, tmp_path):
    file = tmp_path / "lines.txt"
    file.touch()
    running = start(({"r": ("read_lines", {"path": "lines.txt"})},), {})
    file.unlink()
    result = running.result()
    assert result.nodes["r"].error == {
        "code": "file-unreadable",
        "message": f"“{file}” can't be read: No such file or directory.",
    }


def test_an_error_of_the_engine_is_a_failure_of_the_step(start):
    running = start(CHAIN, {"b": [lambda job: job.future.set_exception(ValueError("a bug"))]})
    result = running.result()
    assert result.nodes["b"].error == {"code": "engine", "message": "The engine failed: a bug"}


def test_a_completed_step_is_told_with_its_result(start, clock):
    running = start(CHAIN, {"a": [lambda job: (job.compute(1.25, ("Early.",)), job.store())]})
    result = running.result()
    (told,) = [event for event in running.of(events.Completed) if event.node == "a"]
    assert told.seconds == result.nodes["a"].seconds == 1.25
    assert told.outputs == result.nodes["a"].outputs
    assert told.outputs["numbers"].rows == 3
    assert result.nodes["a"].warnings == ("Mind the gap.",)
    assert result.nodes["a"].log == running.logs / "a.log"
    assert result.id == "run-1"
    assert running.told() == ["RunStarted", "RunFinished"]
    (started,) = running.of(events.RunStarted)
    assert started.nodes == ("a", "b", "c")
    again = start(CHAIN, {})
    found = again.result()
    assert set(statuses(found).values()) == {"reused"}
    assert {event.node for event in again.of(events.Reused)} == {"a", "b", "c"}
    assert again.of(events.Reused)[0].outputs == found.nodes["a"].outputs == told.outputs
    assert again.executor.jobs == []


def test_values_are_dropped_from_memory_as_soon_as_no_step_needs_them(start):
    running = start(CHAIN, {})
    running.result()
    a, b, c = (job.task.key for job in running.executor.jobs)
    # “a” when “b” has read it, …; at the end all, whatever happened.
    dropped = running.executor.forgotten
    assert dropped.index(frozenset({a})) < dropped.index(frozenset({b, c}))
    assert dropped[-1] == {a, b, c}


@pytest.mark.parametrize("script", [{}, {"b": [bad]}, {"b": [lost, lost]}])
def test_a_run_that_is_over_keeps_nothing_for_itself(start, script):
    running = start(CHAIN, script)
    sizes = []
    release, tidy = running.store.release, running.store.tidy

    def released(owner):
        sizes.append("release")
        release(owner)

    def tidied():
        sizes.append("tidy")
        return tidy()

    running.store.release, running.store.tidy = released, tidied
    running.store.limit = 0
    pinned = []
    submit = running.executor.submit

    def submitted(task, *rest):
        pins = running.store._index.rows("SELECT key FROM pins WHERE owner = 'run-1'")
        pinned.append((task.key,) in pins)
        return submit(task, *rest)

    running.executor.submit = submitted
    running.result()
    # Each was kept while the run needed it, and all could go with its end.
    assert all(pinned)
    assert sizes == ["release", "tidy"]
    assert not any((running.store.folder / "entries").glob("*/*"))


def test_an_internal_error_leaves_no_step_running(start, monkeypatch):
    class Bug(Exception):
        pass

    running = start(({"a": "numbers", "d": "numbers"},), {"a": [hang]})
    submit = running.executor.submit

    def submitted(task, *rest):
        if task.node == "d":
            raise Bug
        return submit(task, *rest)

    running.executor.submit = submitted
    with pytest.raises(Bug):
        running.runner.run()
    (job,) = running.executor.jobs
    assert job.future.cancelled()
    assert running.store._index.rows("SELECT key FROM pins") == []
    running.store.close()


def test_a_listener_that_fails_harms_nothing(start):
    def fails(event):
        raise ValueError

    running = start(CHAIN, {}, listeners=[fails])
    assert running.result().status == "completed"
    assert running.told()[-1] == "RunFinished"


def test_without_reuse_every_step_runs_again(start):
    assert start(CHAIN, {}).result().status == "completed"
    running = start(CHAIN, {}, reuse=False)
    assert set(statuses(running.result()).values()) == {"completed"}
    assert running.executor.nodes == ["a", "b", "c"]
    assert all(job.task.replace for job in running.executor.jobs)


@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_a_stored_result_that_a_step_would_read_is_made_again(start, harm):
    first = start(CHAIN, {})
    stored = first.result().nodes
    for node in "ab":
        (output,) = stored[node].outputs.values()
        data = output.path / "data"
        before = data.stat()
        data.write_text(node.upper())
        os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
        if harm == "gone":
            shutil.rmtree(output.path.parent)
    nodes = {"a": "numbers", "b": "add", "c": ("add", {"amount": 5.0})}
    again = start((nodes, *CHAIN[1:]), {})
    result = again.result()
    assert set(statuses(result).values()) == {"completed"}
    assert sorted(again.executor.nodes) == ["a", "b", "c"]
    for node in "ab":
        (output,) = result.nodes[node].outputs.values()
        assert (output.path / "data").read_text() == node
    told = {line.node: line.text for line in again.of(events.LogLine)}
    if harm == "damaged":
        assert "is damaged, so the step runs again: “" in told["b"]
        assert told["b"].startswith("The stored result of “Add” (b)")
    else:
        assert told == {}
