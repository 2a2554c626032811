"""A run on Azure ML whose service falls silent: when that is reported, and how one comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from scripted_azure import ONE, SILENT, Clock, Followed, Remote, at, record

from designer.azure.errors import AzureError
from designer.azure.runs import response_watch
from designer.azure.runs.remote import RemotePipelineState

GONE = AzureError("Azure can't be reached: there is no host “x”.", once_reached=True)


@pytest.fixture(autouse=True)
def only_polls_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass by polls alone; the thread that watches real requests never wakes."""
    monkeypatch.setattr(response_watch, "CHECK", 3600)


def test_silence_is_reported_after_ten_seconds_and_every_minute(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    reports: list[tuple[float, str]] = []
    began = clock.now
    answers = [SILENT] * 40 + [at("completed", s1="completed")]
    remote = Remote(clock, *answers, pause=5)
    followed = follow(
        remote, record(*ONE), notify=lambda text: reports.append((clock.now - began, text))
    )
    assert followed.result().status == "completed"
    assert [seconds for seconds, _ in reports] == [10, 60, 120, 180, 205]
    first = reports[0][1]
    assert first.startswith("Azure ML hasn't responded for 10 s. No response.")
    assert "“designer runs follow here-1”" in first
    assert "open the pipeline again" in first
    assert reports[2][1].startswith("Azure ML hasn't responded for 2 min.")
    assert reports[-1][1] == "Azure ML responds again."


def test_short_silences_are_not_reported(clock: Clock, follow: Callable[..., Followed]) -> None:
    reports: list[str] = []
    answers = [SILENT, at(s1="running")] * 20 + [at("completed", s1="completed")]
    remote = Remote(clock, *answers, pause=4)
    follow(remote, record(*ONE), notify=reports.append).result()
    assert reports == []


def test_a_request_that_waits_is_reported_while_it_waits(
    clock: Clock, follow: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_watch, "CHECK", 0.001)
    reported = threading.Event()

    def waits() -> RemotePipelineState:
        clock.now += 30
        # The SDK returns only after it was reported that it doesn't.
        assert reported.wait(60)
        return at("completed", s1="completed")

    texts: list[str] = []

    def notify(text: str) -> None:
        texts.append(text)
        reported.set()

    followed = follow(Remote(clock, waits), record(*ONE), notify=notify)
    assert followed.result().status == "completed"
    assert texts[0].startswith("Azure ML hasn't responded for 31 s. The run continues there")
    assert texts[-1] == "Azure ML responds again."


def test_a_host_that_was_there_before_may_come_back(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    remote = Remote(clock, at(), GONE, GONE, at("completed", s1="completed"))
    assert follow(remote, record(*ONE)).result().status == "completed"


def test_a_host_that_was_never_there_ends_the_following_at_once(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    remote = Remote(clock, GONE)
    with pytest.raises(AzureError, match="there is no host “x”"):
        follow(remote, record(*ONE)).follower.follow()
    assert remote.polls == 1


def test_why_a_whole_pipeline_failed_is_in_its_result(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    remote = Remote(clock, at("failed"))
    remote.error = "The quota of the cluster is used up. AccountKey=canary;"
    result = follow(remote, record(*ONE)).result()
    assert result.status == "failed"
    assert result.error.startswith("The quota of the cluster is used up.")
    assert "canary" not in result.error
    assert result.to_json()["error"] == result.error


def test_a_failed_step_explains_the_pipeline(clock: Clock, follow: Callable[..., Followed]) -> None:
    remote = Remote(clock, at("failed", s1="failed"))
    remote.error = "It failed."
    result = follow(remote, record(*ONE)).result()
    assert result.error == ""
    assert "error" not in result.to_json()
