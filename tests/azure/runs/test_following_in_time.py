"""How long a run on Azure ML is followed, and how that ends; the service is scripted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scripted_azure import ONE, SILENT, Clock, Followed, Remote, at, record

from designer.azure.errors import AzureError
from designer.azure.runs import run_follower
from designer.azure.runs.remote import RemotePipelineState
from designer.azure.runs.remote_record import RemoteStep
from designer.azure.runs.run_follower import RunFollower
from designer.engine import events


def test_an_expired_sign_in_ends_the_following_at_once(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    remote = Remote(clock, at(s1="running"), AzureError("The sign-in expired.", "Sign in."))
    followed = follow(remote, record(*ONE))
    with pytest.raises(AzureError) as caught:
        followed.follower.follow()
    assert remote.polls == 2
    assert caught.value.message == (
        f"The sign-in expired. The run keeps running on Azure ML: {Remote.url}"
    )
    assert caught.value.hint == "Sign in."
    assert not caught.value.passing
    # The run continues, so its end isn't reported.
    assert followed.told() == ["RunStarted"]


def test_silence_ends_the_following_after_ten_minutes(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    assert run_follower.PATIENCE == 600
    remote = Remote(clock, SILENT, pause=60)
    with pytest.raises(AzureError, match=f"No response. .* keeps running .*{Remote.url}") as caught:
        follow(remote, record(*ONE)).follower.follow()
    assert caught.value.hint == "Check the network."
    # Ten are ten minutes, the next is more.
    assert remote.polls == 11


def test_an_answer_ends_the_silence(clock: Clock, follow: Callable[..., Followed]) -> None:
    silence = [SILENT] * 10
    answers = [*silence, at(s1="running"), *silence, at("completed", s1="completed")]
    remote = Remote(clock, *answers, pause=60)
    assert follow(remote, record(*ONE)).result().status == "completed"
    assert remote.polls == len(answers)


def test_the_next_poll_waits_for_its_time_unless_it_is_woken(
    clock: Clock, follow: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert RunFollower("r", Remote(clock), record(), Path())._poll == 5
    waited = []
    remote = Remote(clock, at(), at(), at("completed"))
    followed = follow(remote, record(), poll=7.5)
    monkeypatch.setattr(followed.follower._wake, "wait", waited.append)
    followed.result()
    assert waited == [7.5, 7.5]


@pytest.mark.parametrize("how", ["leave", "cancel"])
def test_who_leaves_or_cancels_does_not_wait_for_the_next_poll(
    clock: Clock, follow: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def asked() -> RemotePipelineState:
        getattr(followed.follower, how)()
        return at(s1="running")

    remote = Remote(clock, at(), asked, at(), at("cancelled", s1="cancelled"))
    followed = follow(remote, record(*ONE))
    wake = followed.follower._wake
    woken: list[bool] = []
    monkeypatch.setattr(wake, "wait", lambda seconds: woken.append(wake.is_set()))
    followed.follower.follow()
    # And once only.
    assert woken == {"leave": [False, True], "cancel": [False, True, False]}[how]


def test_a_run_that_is_left_has_no_end_here(clock: Clock, follow: Callable[..., Followed]) -> None:
    def leave() -> RemotePipelineState:
        followed.follower.leave()
        return at(s1="running")

    remote = Remote(clock, leave)
    followed = follow(remote, record(*ONE))
    assert followed.follower.follow() is None
    assert remote.polls == 1
    assert followed.told() == ["RunStarted"]
    assert followed.told("train") == ["Queued", "Running"]


def test_a_cancellation_is_sent_once_and_again_if_azure_did_not_hear_it(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    def cancel() -> RemotePipelineState:
        remote.refusals.append(SILENT)
        followed.follower.cancel()
        return at(s1="running")

    ends = (at(s1="running"), at("cancelled", s1="cancelled"))
    remote = Remote(clock, cancel, *ends)
    followed = follow(remote, record(*ONE, RemoteStep("s2", "next", ("s1",))))
    result = followed.result()
    assert remote.cancels == 2
    assert remote.polls == 3
    assert result.status == "cancelled"
    assert {node: each.status for node, each in result.nodes.items()} == {
        "train": "cancelled",
        "next": "cancelled",
    }
    assert followed.told("train") == ["Queued", "Running", "Cancelled"]
    assert followed.told("next") == ["Cancelled"]
    assert followed.told() == ["RunStarted", "RunFinished"]


@pytest.mark.parametrize(("again", "seconds"), [(False, 3.0), (True, 42.0)])
def test_the_duration_is_azures_if_the_run_was_not_followed_all_the_time(
    clock: Clock, follow: Callable[..., Followed], again: bool, seconds: float
) -> None:
    remote = Remote(clock, at(), at(), at("completed"))
    remote.took = 42
    followed = follow(remote, record(), again=again)
    assert followed.result().seconds == seconds
    (finished,) = followed.of(events.RunFinished)
    assert (finished.seconds, finished.status) == (seconds, "completed")


def test_an_unknown_duration_harms_nothing(clock: Clock, follow: Callable[..., Followed]) -> None:
    remote = Remote(clock, at("completed"))
    remote.refusals.append(AzureError("It is gone."))
    assert follow(remote, record(), again=True).result().seconds == 0
