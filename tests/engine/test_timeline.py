"""Runs in time: who waited and worked when, what decided the end, branches, going on."""

from __future__ import annotations

import pytest
from scripted_run import CHAIN, Job, Running, bad, hang

from designer.app.runs.timeline import critical_path, spans_of
from designer.engine import Engine
from designer.engine.results import NodeResult
from designer.workspace import Workspace

FORK = (
    {"a": "numbers", "b": "add", "c": "add", "d": "add"},
    "a.numbers > b.first",
    "a.numbers > c.first",
    "c.sums > d.first",
)


def ran(started: float, seconds: float, worker: str = "1") -> NodeResult:
    return NodeResult("completed", seconds, started=started, worker=worker)


def test_the_critical_path_is_what_the_end_waited_for(build):
    pipeline = build(*FORK)
    results = {"a": ran(0, 2), "b": ran(2, 9, "2"), "c": ran(2, 5), "d": ran(7, 1)}
    # b ends at 11, d at 8.
    assert critical_path(results, pipeline) == ["a", "b"]
    results["d"] = ran(7, 5)
    assert critical_path(results, pipeline) == ["a", "c", "d"]
    spans = spans_of(results, pipeline)
    assert [(span.worker, span.node, span.critical) for span in spans] == [
        ("1", "a", True), ("1", "c", True), ("1", "d", True), ("2", "b", False),
    ]  # fmt: skip
    reused = {"a": NodeResult("reused"), "b": ran(0, 1), "c": ran(0, 2), "d": NodeResult("skipped")}
    assert critical_path(reused, pipeline) == ["c"]
    assert critical_path({"a": NodeResult("reused")}, pipeline) == []


def test_a_run_knows_worker_times_and_memory_of_its_steps(catalog, build, tmp_path):
    with Engine(Workspace(tmp_path / "w"), catalog, workers=1) as engine:
        result = engine.run(build(*FORK), base=tmp_path)
        again = engine.run(build(*FORK), base=tmp_path)
    nodes = result.nodes
    assert {node.worker for node in nodes.values()} == {"1"}
    assert all(node.memory > 1_000_000 for node in nodes.values())
    assert nodes["d"].started >= nodes["c"].started + nodes["c"].seconds
    # On one worker, one of the two that could begin together waits for the other.
    first, second = sorted((nodes["b"], nodes["c"]), key=lambda node: node.started)
    assert second.started >= first.started + first.seconds
    assert second.started - second.waited <= first.started + first.seconds
    for node in again.nodes.values():
        assert (node.status, node.worker, node.waited, node.memory) == ("reused", "", 0, 0)
    assert type(result).from_json(result.to_json()).nodes["d"].worker == "1"


def test_a_step_ends_before_the_next_begins_though_its_message_is_late(start, clock):
    def late(job: Job) -> None:
        clock.now += 4
        job.compute(seconds=3)
        job.store()

    nodes = start(CHAIN, {"a": [late], "b": [late]}).result().nodes
    assert [(nodes[name].started, nodes[name].seconds) for name in "ab"] == [(1, 3), (5, 3)]


def test_a_canceled_branch_ends_and_the_others_continue(catalog, build, tmp_path):
    def cancel(job: Job) -> None:
        hang(job)
        run.runner.cancel_branch("c")

    run = Running(tmp_path, catalog, build(*FORK), {"c": [cancel]})
    result = run.result()
    assert result.status == "cancelled"
    statuses = {name: node.status for name, node in result.nodes.items()}
    assert statuses == {"a": "completed", "b": "completed", "c": "cancelled", "d": "skipped"}
    assert result.nodes["d"].reason == "“c” was canceled."


def test_a_step_that_waits_can_be_canceled_and_one_that_is_done_cannot(catalog, build, tmp_path):
    def cancel(job: Job) -> None:
        run.runner.cancel_branch("a")
        run.runner.cancel_branch("d")
        job.succeed()

    run = Running(tmp_path, catalog, build(*FORK), {"c": [cancel]})
    statuses = {name: node.status for name, node in run.result().nodes.items()}
    assert statuses == {"a": "completed", "b": "completed", "c": "completed", "d": "cancelled"}


@pytest.mark.parametrize("resume", [(), ("a",)])
def test_a_run_goes_on_with_what_another_run_would_read_again(catalog, build, tmp_path, resume):
    pipeline = build({"a": "dice", "b": "add"}, "a.numbers > b.first")
    first = Running(tmp_path, catalog, pipeline, {"b": [bad]})
    assert first.result().status == "failed"
    second = Running(tmp_path, catalog, pipeline, {}, resume=resume)
    result = second.result()
    assert result.status == "completed"
    assert result.nodes["a"].status == ("reused" if resume else "completed")
