"""What a run does when steps are lost or cancelled; the workers are scripted."""

from __future__ import annotations

import queue
import threading

import pytest
from scripted_run import AGAIN, CHAIN, hang, lost, lost_before, statuses

from designer.engine import events
from designer.engine.executors.base import StepError
from designer.engine.executors.exit_errors import lost_result


@pytest.mark.parametrize("loss", [lost, lost_before])
def test_a_lost_step_runs_once_more_and_that_is_said(start, loss):
    running = start(CHAIN, {"b": [loss]})
    result = running.result()
    assert result.status == "completed"
    assert set(statuses(result).values()) == {"completed"}
    assert running.executor.nodes.count("b") == 2
    (line,) = running.of(events.LogLine)
    assert (line.node, line.text, line.stream) == ("b", AGAIN, "engine")
    assert running.told("b")[-2:] == ["Running", "Completed"]
    # What follows is told once: it was queued with the first result, and is so no more.
    assert running.told("c")[-1] == "Completed"


def test_a_step_that_is_lost_twice_fails(start):
    running = start(CHAIN, {"b": [lost, lost], "c": [lost_before]})
    result = running.result()
    assert running.executor.nodes.count("b") == 2
    assert result.nodes["b"].error == lost_result().error
    assert [line.text for line in running.of(events.LogLine) if line.node == "b"] == [AGAIN]
    assert statuses(result)["b"] == "failed"
    assert result.status == "failed"


def test_a_late_message_of_a_lost_attempt_changes_nothing(start):
    """It would end the second attempt, or be told twice."""

    def second(job):
        first = running.executor.jobs[1]
        assert first.task.node == "b"
        first.listener.running("1")
        first.listener.progress(0.5, "late")
        first.listener.line("output", "late")
        job.succeed()

    def after(event):
        if isinstance(event, events.Completed) and event.node == "a":
            listener = running.executor.jobs[0].listener
            listener.line("output", "the last line")
            listener.progress(1.0, "late")
            listener.running("1")

    running = start(CHAIN, {"b": [lost_before, second]}, listeners=[after])
    assert running.result().status == "completed"
    assert [event.node for event in running.of(events.Running)] == ["a", "b", "c"]
    assert running.of(events.Progress) == []
    # A line isn't lost that comes just after the end of its step.
    assert [line.text for line in running.of(events.LogLine)] == [AGAIN, "the last line"]


def test_what_a_step_says_is_told_with_its_node(start):
    def talks(job):
        job.listener.running("1")
        job.listener.progress(0.25, "a quarter")
        job.listener.line("output", "printed")
        job.succeed()

    running = start(CHAIN, {"b": [talks]})
    running.result()
    (progress,) = running.of(events.Progress)
    assert (progress.run, progress.node, progress.fraction, progress.text) == (
        "run-1",
        "b",
        0.25,
        "a quarter",
    )
    (line,) = running.of(events.LogLine)
    assert (line.node, line.text, line.stream) == ("b", "printed", "output")
    assert {event.run for event in running.events} == {"run-1"}
    (first,) = [event for event in running.of(events.Running) if event.node == "a"]
    assert first.threads == running.executor.jobs[0].task.threads == 2


def test_cancelling_while_a_step_waits_for_its_second_try_ends_the_run(start):
    def cancel(event):
        if isinstance(event, events.LogLine):
            running.runner.cancel()

    running = start(CHAIN, {"b": [lost_before]}, listeners=[cancel])
    result = running.result()
    assert statuses(result) == {"a": "completed", "b": "cancelled", "c": "cancelled"}
    assert result.status == "cancelled"
    assert running.executor.nodes.count("b") == 1
    assert [event.node for event in running.of(events.Cancelled)] == ["b", "c"]


@pytest.mark.parametrize("ends", ["by itself", "lost", "bad"])
def test_cancelling_lets_what_is_computed_be_stored(start, ends):
    """A result that is being stored is kept; what is lost meanwhile isn't tried again."""
    held = []

    def computed(job):
        job.compute()
        held.append(job)

    def cancel(event):
        if isinstance(event, events.Cancelled) and event.node == "c":
            (job,) = held
            if ends == "by itself":
                job.store()
            elif ends == "lost":
                job.future.set_exception(lost_result())
            else:
                job.future.set_exception(StepError({"code": "bad", "message": "It is bad."}))
        if isinstance(event, events.Running) and event.node == "c":
            running.runner.cancel()

    running = start(CHAIN, {"b": [computed], "c": [hang]}, listeners=[cancel])
    result = running.result()
    status = {"by itself": "completed", "lost": "cancelled", "bad": "failed"}[ends]
    assert statuses(result) == {"a": "completed", "b": status, "c": "cancelled"}
    assert result.status == "cancelled"
    assert running.executor.nodes == ["a", "b", "c"]
    assert running.executor.jobs[2].future.cancelled()
    assert running.told("c") == ["Queued", "Running", "Cancelled"]
    assert running.told("b")[-1] == {"lost": "Cancelled"}.get(ends, status.capitalize())


def test_a_run_is_not_cancelled_whose_steps_have_all_ended(start):
    def cancel(event):
        if isinstance(event, events.Completed) and event.node == "c":
            running.runner.cancel()

    running = start(CHAIN, {}, listeners=[cancel])
    assert running.result().status == "completed"


def test_a_run_that_waits_for_its_workers_hears_that_it_is_cancelled(start):
    class Messages(queue.SimpleQueue):
        def get(self):
            if self.empty():
                threading.Thread(target=running.runner.cancel).start()
            return super().get()

    running = start(CHAIN, {"b": [hang]})
    running.runner._messages = Messages()
    assert statuses(running.result()) == {"a": "completed", "b": "cancelled", "c": "cancelled"}


def test_a_run_that_is_cancelled_before_it_starts_runs_nothing(start):
    running = start(CHAIN, {})
    running.runner.cancel()
    result = running.result()
    assert set(statuses(result).values()) == {"cancelled"}
    assert running.executor.jobs == []
    assert running.told("a") == ["Cancelled"]
