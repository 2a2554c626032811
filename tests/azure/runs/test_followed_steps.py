"""What is told of the steps of a run on Azure ML, and of their failures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scripted_azure import CHAIN, ONE, Clock, Followed, Remote, at, record, step

from designer.azure.runs.remote import RemotePipelineState, RemoteStepState
from designer.azure.runs.run_follower import failure_message
from designer.engine import events


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (step("waiting"), []),
        (step("queued"), ["Queued"]),
        (step("running"), ["Queued", "Running"]),
        (step("running", reused=True), ["Queued", "Running"]),
        (step("completed"), ["Queued", "Running", "Completed"]),
        (step("completed", reused=True), ["Queued", "Reused"]),
        (step("failed"), ["Queued", "Running", "Failed"]),
        (step("failed", reused=True), ["Queued", "Running", "Failed"]),
        (step("cancelled"), ["Queued"]),
    ],
    ids=str,
)
def test_what_a_status_tells(
    clock: Clock, follow: Callable[..., Followed], state: RemoteStepState, told: list[str]
) -> None:
    def leave() -> RemotePipelineState:
        followed.follower.leave()
        return at(unknown="running", s1=state)

    followed = follow(Remote(clock, leave), record(*ONE))
    assert followed.follower.follow() is None
    assert followed.told("train") == told


def test_each_change_of_a_step_is_told_once(clock: Clock, follow: Callable[..., Followed]) -> None:
    remote = Remote(
        clock,
        at("waiting", s1="waiting", s2="waiting", unknown="running"),
        at("queued", s1="queued", s2="waiting"),
        at(s1="queued", s4=step("completed", reused=True)),
        at(s1="running", s2="queued"),
        at(s1="running", s4=step("completed", reused=True)),
        at(s1="completed", s2="running"),
        at("completed", s1="completed", s2="completed", s3="completed"),
    )
    remote.took = 2.5
    followed = follow(remote, record(*CHAIN))
    result = followed.result()
    assert followed.told("data") == ["Queued", "Running", "Completed"]
    assert followed.told("group/train") == ["Queued", "Running", "Completed"]
    assert followed.told("score") == ["Queued", "Running", "Completed"]
    assert followed.told("other") == ["Queued", "Reused"]
    assert {each.run for each in followed.events} == {"here-1"}
    (started,) = followed.of(events.RunStarted)
    assert started.nodes == ("data", "group/train", "score", "other")
    assert {each.seconds for each in followed.of(events.Completed)} == {2.5}
    assert result.id == "here-1"
    assert [each.seconds for each in result.nodes.values()] == [2.5, 2.5, 2.5, 0]
    assert list(result.nodes) == ["data", "group/train", "score", "other"]


def test_nodes_that_were_left_out_are_announced_with_the_reason(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    left = {"plot": "It is disabled.", "export": "What it needs is disabled."}
    remote = Remote(clock, at("completed", s1="completed"))
    followed = follow(remote, record(*ONE, left_out=left))
    result = followed.result()
    (started,) = followed.of(events.RunStarted)
    assert started.nodes == ("train", "plot", "export")
    assert {each.node: each.reason for each in followed.of(events.Skipped)} == left
    for node, reason in left.items():
        assert (result.nodes[node].status, result.nodes[node].reason) == ("skipped", reason)
        assert result.nodes[node].log is None


def test_what_needs_a_failed_step_is_skipped_for_that_reason(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    remote = Remote(clock, at("failed", s1="failed", s4="running"))
    remote.took, remote.error = 1.5, "Out of memory; see https://x?sig=abcdef%3D&se=1"
    followed = follow(remote, record(*CHAIN))
    result = followed.result()
    assert result.status == "failed"
    assert [each.status for each in result.nodes.values()] == [
        "failed",
        "skipped",
        "skipped",
        "cancelled",
    ]
    reasons = {each.node: each.reason for each in followed.of(events.Skipped)}
    assert reasons == {
        "group/train": "“data” failed.",
        "score": "“group/train” was skipped.",
    }
    assert {node: each.reason for node, each in result.nodes.items() if each.reason} == reasons
    (failed,) = followed.of(events.Failed)
    assert (failed.node, failed.seconds) == ("data", 1.5)
    assert result.nodes["data"].error == failed.error
    # What didn't run, or not to its end, took no time.
    assert [each.seconds for each in result.nodes.values()] == [1.5, 0, 0, 0]
    assert failed.error["code"] == "remote-step"
    assert failed.error["hint"] == "See the log for details."
    assert failed.error["message"].startswith("Out of memory; see https://x?")
    assert "abcdef" not in failed.error["message"]
    assert followed.told("other") == ["Queued", "Running", "Cancelled"]


def test_a_cancelled_run_skips_nothing(clock: Clock, follow: Callable[..., Followed]) -> None:
    remote = Remote(clock, at("cancelled", s1="failed", s4="cancelled"))
    result = follow(remote, record(*CHAIN)).result()
    statuses = [each.status for each in result.nodes.values()]
    assert statuses == ["failed", "cancelled", "cancelled", "cancelled"]


@pytest.mark.parametrize(
    ("log", "error", "message"),
    [
        (b"Traceback (most recent call last):\n  x\nValueError: 3\nNo rows.\n", "", "No rows."),
        (b"The disk is full\n", "from the service", "The disk is full"),
        (b"", "from the service", "from the service"),
        (b"", "", "The step failed."),
    ],
)
def test_a_failure_is_explained_by_the_log_else_by_the_service(
    clock: Clock, follow: Callable[..., Followed], log: bytes, error: str, message: str
) -> None:
    remote = Remote(clock, at("failed", s1="failed"))
    remote.texts, remote.error = {0: log}, error
    (failed,) = (followed := follow(remote, record(*ONE))).result().nodes.values()
    assert failed.error is not None
    assert failed.error["message"] == message
    assert followed.told("train")[-1] == "Failed"


TRACEBACK = ["Traceback (most recent call last):", '  File "step.py", line 3', "ValueError: 3"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], ""),
        (["", "  "], ""),
        (["one", "  two  ", ""], "two"),
        ([*TRACEBACK, "Column “x” is missing."], "Column “x” is missing."),
        # The log has the traceback first: what the step printed before comes after it.
        (
            [*TRACEBACK, "Column “x” is missing.", "printed. Before.", "rows"],
            "Column “x” is missing.",
        ),
        ([*TRACEBACK, "rows", "Really?", "Choose another!"], "Really?"),
        ([*TRACEBACK, "rows", "Choose another!", "Really?"], "Choose another!"),
        ([TRACEBACK[0], "ValueError: 3"], "ValueError: 3"),
        (["printed.", *TRACEBACK, "rows: 3"], "ValueError: 3"),
        (["printed.", *TRACEBACK], "ValueError: 3"),
        # The sentence of an exception isn't the step program's.
        ([*TRACEBACK[:2], "ValueError: It is 3.", "No rows.  "], "No rows."),
        ([*TRACEBACK, "First.", *TRACEBACK, "Second."], "Second."),
        (["printed.", TRACEBACK[0]], ""),
    ],
)
def test_the_sentence_of_a_failure_is_found_in_the_log(lines: list[str], sentence: str) -> None:
    assert failure_message(lines) == sentence
