"""A scripted run on Azure ML, and a follower of it that remembers what it has told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from designer.azure.errors import AzureError
from designer.azure.runs.remote import RemotePipelineState, RemoteStepState
from designer.azure.runs.remote_record import RemoteRecord, RemoteStep
from designer.azure.runs.run_follower import RunFollower
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

    def state(self, cards: Collection[str] = ()) -> RemotePipelineState:
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
