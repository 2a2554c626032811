"""The logs and outputs of the steps of a run on Azure ML."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted_azure import CHAIN, ONE, Clock, Followed, Remote, at, record, step

from designer.azure.errors import AzureError
from designer.azure.runs.remote import RemotePipelineState
from designer.azure.runs.remote_record import RemoteStep
from designer.engine import events


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


def test_a_failure_is_reported_although_its_line_has_no_end(
    clock: Clock, follow: Callable[..., Followed]
) -> None:
    remote = Remote(clock, at("failed", s1="failed"))
    remote.texts = {0: b"so far\nout of memory"}
    followed = follow(remote, record(*ONE))
    error = followed.result().nodes["train"].error
    assert error is not None
    assert error["message"] == "out of memory"
    assert [each.text for each in followed.of(events.LogLine)] == ["so far", "out of memory"]


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
    from modules.values import Evaluation, EvaluationReport, storage

    storage.save(Evaluation((EvaluationReport("m", "regression", {"Error": 0.5}),)), folder)


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
