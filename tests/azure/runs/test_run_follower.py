"""How a run on Azure ML is followed: time, failures, logs; the service is scripted."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from designer.azure.errors import AzureError
from designer.azure.runs import run_follower
from designer.azure.runs.remote import RemotePipelineState, RemoteStepState
from designer.azure.runs.remote_record import RemoteRecord, RemoteStep
from designer.azure.runs.run_follower import RunFollower, failure_message
from designer.azure.submission_target import SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.engine import events
from designer.engine.results import RunResult

WHERE = SubmissionTarget("azureml-v2", WorkspaceConfig("s", "g", "w"), "e", None, "azure-cli")
SILENT = AzureError("No response.", "Check the network.", passing=True)


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    fake = SimpleNamespace(monotonic=made, perf_counter=made)
    monkeypatch.setattr(run_follower, "time", fake)
    return made


def step(status: str, **facts: Any) -> RemoteStepState:
    return RemoteStepState("run-of-it", status, **facts)


def at(status: str = "running", **steps: str | RemoteStepState) -> RemotePipelineState:
    return RemotePipelineState(
        status,
        {name: step(each) if isinstance(each, str) else each for name, each in steps.items()},
    )


class Remote:
    """A run on Azure ML with one scripted answer for each poll."""

    id = "remote-1"
    url = "https://ml.azure.com/remote-1"

    def __init__(self, clock: Clock, *answers: Any, pause: float = 1.0) -> None:
        self.polls = 0
        self.cancels = 0
        self.texts: dict[int, bytes] = {}
        self.refusals: list[AzureError] = []
        self.took = 0.0
        self.error = ""
        self.values: Mapping[str, Callable[[Path], None]] = {}
        self._clock = clock
        self._answers = answers
        self._pause = pause

    def state(self) -> RemotePipelineState:
        self._clock.now += self._pause
        answer = self._answers[min(self.polls, len(self._answers) - 1)]
        self.polls += 1
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, RemotePipelineState)
        return answer

    def ended(self, state: RemoteStepState) -> RemoteStepState:
        if self.refusals:
            raise self.refusals.pop()
        return RemoteStepState(state.key, state.status, state.reused, self.took, self.error)

    def log(self, state: RemoteStepState, start: int) -> bytes:
        whole = b"".join(text for poll, text in self.texts.items() if poll <= self.polls)
        return whole[start:]

    def download(self, state: RemoteStepState, outputs: Mapping[str, Path]) -> None:
        for name, folder in outputs.items():
            self.values[name](folder)

    def cancel(self) -> None:
        self.cancels += 1
        if self.refusals:
            raise self.refusals.pop()


def record(*steps: RemoteStep, **facts: Any) -> RemoteRecord:
    return RemoteRecord(WHERE, Remote.id, Remote.url, steps, **facts)


ONE = (RemoteStep("s1", "train"),)
CHAIN = (
    RemoteStep("s1", "data"),
    RemoteStep("s2", "group/train", ("s1",)),
    RemoteStep("s3", "score", ("s2",)),
    RemoteStep("s4", "other"),
)


class Followed:
    """A follower with what it has told."""

    def __init__(self, folder: Path, remote: Remote, kept: RemoteRecord, **more: Any) -> None:
        self.events: list[events.Event] = []
        more = {"on_event": self.events.append, "poll": 0.0} | more
        self.follower = RunFollower("here-1", remote, kept, folder, **more)

    def result(self) -> RunResult:
        found = self.follower.follow()
        assert found is not None
        return found

    def told(self, node: str = "") -> list[str]:
        return [type(event).__name__ for event in self.events if event.node == node]

    def of(self, kind: type[events.Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def follow(tmp_path: Path) -> Callable[..., Followed]:
    return lambda remote, kept, **more: Followed(tmp_path, remote, kept, **more)


# In time.


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
    # The run goes on, so nothing is told of its end.
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


# The steps.


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


# Logs and outputs.


def test_a_log_is_read_on_from_where_it_was_and_without_secrets(
    clock: Clock, follow: Callable[..., Followed], tmp_path: Path
) -> None:
    remote = Remote(
        clock, at(s2="running"), at(s2="running"), at("completed", s2="completed", s4="cancelled")
    )
    remote.texts = {1: b"first\n", 2: b"Bearer abcdefgh1234\n", 3: "größer\n".encode() + b"\xff\n"}
    followed = follow(remote, record(CHAIN[1], CHAIN[3]))
    result = followed.result()
    log = tmp_path / "logs" / "group.train.log"
    assert log.read_text("utf-8") == "first\nBearer ***\ngrößer\n�\n"
    assert [each.text for each in followed.of(events.LogLine)] == [
        "first",
        "Bearer ***",
        "größer",
        "�",
    ]
    assert {each.node for each in followed.of(events.LogLine)} == {"group/train"}
    assert result.nodes["group/train"].log == log
    # One that never ran has none.
    assert result.nodes["other"].log is None
    # The last lines are told before the end of the step.
    assert followed.told("group/train")[-1] == "Completed"


@pytest.mark.parametrize("whole", ["größer\n", "Bearer abcdefgh1234\n", "password=hunter22 x\n"])
@pytest.mark.parametrize("end", ["completed", "left"])
def test_neither_a_character_nor_a_secret_is_cut_between_two_polls(
    clock: Clock, follow: Callable[..., Followed], tmp_path: Path, whole: str, end: str
) -> None:
    def leave() -> RemotePipelineState:
        followed.follower.leave()
        return at(s1="running")

    content = whole.encode()
    log = tmp_path / "logs" / "train.log"
    expected = whole.replace("abcdefgh1234", "***").replace("hunter22", "***")
    for cut in range(1, len(content)):
        last = leave if end == "left" else at("completed", s1="completed")
        remote = Remote(clock, at(s1="running"), last)
        remote.texts = {1: b"first\n" + content[:cut], 2: content[cut:] + b"the end"}
        followed = follow(remote, record(*ONE), again=True)
        followed.follower.follow()
        assert log.read_text("utf-8") == f"first\n{expected}the end"
        assert [each.text for each in followed.of(events.LogLine)] == [
            "first",
            expected.strip(),
            "the end",
        ]


@pytest.mark.parametrize(
    ("again", "before", "content"),
    [(True, "old\n", "new\n"), (False, "old\n", "old\nnew\n"), (True, None, "new\n")],
)
def test_a_run_that_is_followed_again_writes_its_logs_again(
    clock: Clock,
    follow: Callable[..., Followed],
    tmp_path: Path,
    again: bool,
    before: str | None,
    content: str,
) -> None:
    log = tmp_path / "logs" / "train.log"
    if before is not None:
        log.parent.mkdir()
        log.write_text(before)
    remote = Remote(clock, at("completed", s1="completed"))
    remote.texts = {0: b"new\n"}
    followed = follow(remote, record(*ONE), **({"again": True} if again else {}))
    followed.result()
    assert log.read_text() == content


@pytest.mark.parametrize("end", ["completed", "left", "sign-in"])
def test_the_end_of_a_log_is_on_the_disk_however_the_following_ends(
    clock: Clock, follow: Callable[..., Followed], tmp_path: Path, end: str
) -> None:
    def leave() -> RemotePipelineState:
        followed.follower.leave()
        return at(s1="running")

    ends = {
        "completed": at("completed", s1="completed"),
        "left": leave,
        "sign-in": AzureError("The sign-in expired."),
    }
    remote = Remote(clock, at(s1="running"), ends[end])
    # Its end is kept in memory until it is closed, and so is a line without an end.
    remote.texts = {0: b"x" * (1 << 20) + b"\nthe end"}
    followed = follow(remote, record(*ONE))
    try:
        followed.follower.follow()
    except AzureError:
        assert end == "sign-in"
    assert (tmp_path / "logs" / "train.log").read_bytes().endswith(b"x\nthe end")
    assert followed.of(events.LogLine)[-1].text == "the end"


@pytest.mark.parametrize("end", ["completed", "failed"])
def test_the_log_of_a_step_is_whole_when_its_end_is_told(
    clock: Clock, follow: Callable[..., Followed], tmp_path: Path, end: str
) -> None:
    content = b"x" * (1 << 20) + b"\nthe end"
    found: list[bytes] = []

    def on_event(event: events.Event) -> None:
        if isinstance(event, events.Completed | events.Failed):
            found.append((tmp_path / "logs" / "train.log").read_bytes())

    remote = Remote(clock, at(s1=end), at("failed", s1=end))
    remote.texts = {0: content}
    follow(remote, record(*ONE), on_event=on_event).follower.follow()
    assert found == [content]


def table(folder: Path) -> None:
    import pandas as pd

    from modules.contract import DataTable
    from modules.values import storage

    storage.save(DataTable(pd.DataFrame({"x": [1, 2, 3]})), folder)


def evaluation(folder: Path) -> None:
    from modules.values import Evaluation, Report, storage

    storage.save(Evaluation((Report("m", "regression", {"Error": 0.5}),)), folder)


OUTPUTS = {"table": ("t", "DataTable"), "report": ("r", "Evaluation"), "none": ("n", "DataTable")}


@pytest.mark.parametrize(
    ("fetch", "ports"), [("all", ["table", "report"]), ("reports", ["report"]), ("none", [])]
)
@pytest.mark.parametrize("reused", [False, True])
def test_outputs_are_fetched_as_wanted(
    clock: Clock,
    follow: Callable[..., Followed],
    tmp_path: Path,
    fetch: str,
    ports: list[str],
    reused: bool,
) -> None:
    state = step("completed", reused=reused, seconds=9.0)
    remote = Remote(clock, at("completed", s1=state))
    remote.took = 9
    remote.values = {"t": table, "r": evaluation, "n": lambda folder: folder.mkdir()}
    made = RemoteStep("s1", "group/data", (), OUTPUTS)
    old = tmp_path / "outputs" / "group.data" / "old"
    old.mkdir(parents=True)
    followed = follow(remote, record(made, fetch=fetch))
    result = followed.result()
    node = result.nodes["group/data"]
    assert list(node.outputs) == ports
    assert (node.status, node.seconds) == (("reused", 0) if reused else ("completed", 9))
    folder = tmp_path / "outputs" / "group.data"
    assert [each.path for each in node.outputs.values()] == [folder / port for port in ports]
    if "table" in ports:
        assert (node.outputs["table"].type, node.outputs["table"].rows) == ("DataTable", 3)
        assert node.outputs["table"].columns == 1
    assert result.metrics == ({"group/data": {"Error": 0.5}} if "report" in ports else {})
    (told,) = followed.of(events.Reused if reused else events.Completed)
    assert told.outputs == node.outputs
    # Neither what was there before nor an output that wasn't given.
    assert not old.exists()
    assert not (folder / "none").exists()


def test_outputs_that_can_not_be_stored_are_a_warning(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    remote = Remote(clock, at("completed", s1="completed"))
    remote.values = {"t": full}
    made = RemoteStep("s1", "data", (), {"table": OUTPUTS["table"]})
    node = follow(remote, record(made)).result().nodes["data"]
    assert node.status == "completed"
    assert node.warnings == ("The outputs can't be stored here: No space left on device.",)
    assert node.outputs == {}


def test_a_listener_that_fails_harms_nothing(
    clock: Clock, follow: Callable[..., Followed], caplog: pytest.LogCaptureFixture
) -> None:
    def fails(event: events.Event) -> None:
        raise ValueError

    remote = Remote(clock, at("completed", s1="completed"))
    assert follow(remote, record(*ONE), on_event=fails).result().status == "completed"
    assert "A listener failed at RunStarted." in caplog.text
    assert follow(remote, record(*ONE), on_event=None).result().status == "completed"
