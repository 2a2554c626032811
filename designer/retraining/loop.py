"""The retraining loop of an endpoint, its rounds, and where they are stored.

In the folder of the endpoint, so that both are deleted together::

    retraining/loop.json       the loop
    retraining/rounds/N.json   a round: its data, its decision with the numbers, what followed
    retraining/rounds/N/       its tables, the pipeline that was run, and the challenger's package
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.private_files import make_file, make_folder
from designer.records import DamagedRecordError, Moment, Record, read_record, write_record
from designer.retraining.comparison import MetricName
from designer.workspace import Workspace

KEPT_ROUNDS = 20
"""Rounds whose tables and packages are kept; their records are never deleted."""

STEP = "step:"
"""The prefix of a source that is a step of the pipeline."""

R = TypeVar("R", bound=Record)

Share = Annotated[float, Field(ge=0, le=1)]

State = Literal[
    "running", "failed", "kept", "waiting", "rejected", "staged", "deployed", "rolled-back"
]

LABELS: dict[str, str] = {
    "running": "In progress",
    "failed": "Failed",
    "kept": "Champion kept",
    "waiting": "Waiting for approval",
    "rejected": "Rejected",
    "staged": "In stages",
    "deployed": "Deployed",
    "rolled-back": "Rolled back",
}


class Loop(Record):
    """How an endpoint is retrained.

    Parameters
    ----------
    pipeline : str
        The training pipeline's file, absolute.
    dataset : str
        The registered dataset that it reads; a new version of it starts a round.
    source : str
        A file, absolute, or ``step:ID``, whose content becomes versions of the dataset by itself;
        empty if others register them. See :mod:`designer.retraining.sources`.
    read_hours : float
        Time between two looks at what a step reads.
    metric : str or None
        See :data:`designer.retraining.comparison.METRICS`; None for accuracy of classes and the
        mean absolute error of numbers.
    margin : float
        Improvement that a challenger needs, in the unit of the metric.
    significance : float
        The largest p-value of the improvement.
    group : str
        A column; in none of its groups may the challenger be significantly worse. Empty for none.
    label : str
        The column that is predicted; empty for that of the trained model.
    held : float
        Share of the rows that no model is trained on.
    stages : tuple of float
        Shares of the requests that a challenger answers, one after the other: 0 is shadow, 1 the
        deployment.
    approve : bool
        Whether the user decides before the first stage.
    stage_hours, stage_requests : float, int
        How long a stage lasts at least, and how many requests it has at least.
    watch_hours : float
        How long a version is watched after its deployment.
    most_errors : float
        Share of failed requests beyond which the champion returns.
    most_drift : float
        Population stability index beyond which a column has drifted; see
        :mod:`designer.retraining.health`.
    register_model : bool
        Whether the models of deployed challengers are registered in the workspace's registry.
    since : str
        Hash of the version of the dataset that the loop was switched on with.
    mark : str
        What is known of the file that the dataset was made of last.
    read_at : float
        When the step was read last, in seconds since 1970.
    """

    endpoint: str
    pipeline: str
    dataset: str
    source: str = ""
    read_hours: Annotated[float, Field(ge=0.01)] = 24.0
    metric: MetricName | None = None
    margin: Annotated[float, Field(ge=0)] = 0.0
    significance: Annotated[float, Field(gt=0, le=1)] = 0.05
    group: str = ""
    label: str = ""
    held: Annotated[float, Field(ge=0.01, le=0.9)] = 0.25
    stages: Annotated[tuple[Share, ...], Field(min_length=1, strict=False)] = (1.0,)
    approve: bool = False
    stage_hours: Annotated[float, Field(ge=0)] = 24.0
    stage_requests: Annotated[int, Field(ge=0)] = 100
    watch_hours: Annotated[float, Field(ge=0)] = 72.0
    most_errors: Share = 0.02
    most_drift: Annotated[float, Field(ge=0)] = 0.25
    register_model: bool = True
    created: Moment = 0.0
    since: str = ""
    mark: str = ""
    read_at: Moment = 0.0

    @property
    def step(self) -> str:
        """The step that reads the data; empty for a dataset or a file."""
        return self.source.removeprefix(STEP) if self.source.startswith(STEP) else ""

    @property
    def data_title(self) -> str:
        """What the data is called: the dataset, or the name of the file or step."""
        return self.step or Path(self.source).name or self.dataset


class Event(Record):
    """Something that happened in a round; the text is a sentence."""

    time: Moment
    text: str


class Round(Record):
    """One round of the loop: a challenger, the decision about it, and what followed.

    Parameters
    ----------
    data : mapping
        Name, version, and hash of the dataset; rows for training and held rows.
    champion : int
        The version of the endpoint that was compared with.
    version : int
        The version that the challenger became; 0 as long as it is none.
    run : str
        The id of the run that trained the challenger.
    metric : str
        What was compared.
    comparison, groups : mapping, list
        See :class:`designer.retraining.comparison.Compared`; the groups with their ``group``.
    reason : str
        The decision in one or two sentences.
    stage : int
        The index of the present stage.
    stage_since : float
        When it began, in seconds since 1970.
    process : mapping or None
        The challenger's process; see :class:`designer.deployment.processes.Process`.
    champion_errors : float
        Share of requests that the champion failed before it was replaced.
    health : mapping
        The latest figures of the challenger in use; see :mod:`designer.retraining.health`.
    """

    number: Annotated[int, Field(ge=1)]
    state: State
    started: Moment
    data: dict[str, Any] = Field(default_factory=dict)
    champion: int = 0
    version: int = 0
    run: str = ""
    allowed: list[str] = Field(default_factory=list)
    metric: str = ""
    comparison: dict[str, Any] = Field(default_factory=dict)
    groups: list[dict[str, Any]] = Field(default_factory=list)
    reason: str = ""
    stage: int = 0
    stage_since: Moment = 0.0
    process: dict[str, Any] | None = None
    champion_errors: float = 0.0
    health: dict[str, Any] = Field(default_factory=dict)
    events: list[Event] = Field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it has a challenger that isn't decided on finally."""
        return self.state in ("waiting", "staged")

    @property
    def summary(self) -> str:
        """Its result, in a few sentences."""
        last = self.events[-1].text if self.events and self.state != "failed" else ""
        text = last or self.reason
        return f"Round {self.number}: {LABELS[self.state].lower()}. {text}".strip()

    def note(self, now: float, text: str) -> None:
        """Write down what happened."""
        self.events.append(Event(time=now, text=text))

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return self.model_dump(mode="json", exclude={"process"})


class Loops:
    """The retraining loops of a workspace.

    Parameters
    ----------
    workspace : Workspace
        Nothing is created before a loop is switched on.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.records = Records(workspace)

    def names(self) -> list[str]:
        """Return the endpoints that have a loop."""
        return [name for name in self.records.names() if self._file(name).is_file()]

    def get(self, name: str) -> Loop:
        """Return the loop of an endpoint.

        Raises
        ------
        ServingError
            If it has none, or its file is damaged.
        """
        self.records.folder(name)
        found = _read(self._file(name), Loop)
        if found is None:
            raise ServingError(
                f"The endpoint “{name}” isn't retrained.",
                "Switch it on: designer retraining on.",
            )
        return found

    def version(self, name: str) -> int:
        """Return the current version of an endpoint."""
        return int(self.records.read(name)["version"])

    def put(self, loop: Loop) -> None:
        """Store a loop; the rounds of an earlier one stay."""
        make_folder(self.folder(loop.endpoint) / "rounds")
        write_record(self._file(loop.endpoint), loop.model_dump(mode="json"))

    def remove(self, name: str) -> None:
        """Switch a loop off; its rounds stay."""
        self.get(name)
        self._file(name).unlink()

    def folder(self, name: str) -> Path:
        """Return the folder of a loop."""
        return self.records.root / name / "retraining"

    def round_folder(self, name: str, number: int) -> Path:
        """Return the folder with the tables and the package of a round."""
        return self.folder(name) / "rounds" / str(number)

    def rounds(self, name: str) -> list[Round]:
        """Return the rounds, the newest first."""
        files = (self.folder(name) / "rounds").glob("*.json")
        numbers = sorted((int(file.stem) for file in files if file.stem.isdigit()), reverse=True)
        found = (_read(self.folder(name) / "rounds" / f"{each}.json", Round) for each in numbers)
        return [each for each in found if each is not None]

    def latest(self, name: str) -> Round | None:
        """Return the newest round; None before the first."""
        return next(iter(self.rounds(name)), None)

    def save(self, name: str, round: Round) -> None:
        """Store a round."""
        file = self.folder(name) / "rounds" / f"{round.number}.json"
        write_record(file, round.model_dump(mode="json"))

    def begin(self, name: str, now: float) -> Round:
        """Make the next round, and delete the tables and packages of old ones."""
        last = self.latest(name)
        made = Round(number=last.number + 1 if last else 1, state="running", started=now)
        make_folder(self.round_folder(name, made.number))
        self.save(name, made)
        shutil.rmtree(self.round_folder(name, made.number - KEPT_ROUNDS), ignore_errors=True)
        return made

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Let one program at a time change a loop and its rounds; the lock ends with the program.

        Raises
        ------
        ServingError
            If another program does.
        """
        with _lock(self._lock_file(name, ".lock"), 10) as is_free:
            if not is_free:
                raise ServingError(
                    f"Another program is changing the retraining of “{name}”.",
                    "Wait until it has finished.",
                    wrong_input=False,
                )
            yield

    @contextlib.contextmanager
    def training(self, name: str) -> Iterator[None]:
        """Let one program at a time do a round; what is in use can be rolled back meanwhile.

        Raises
        ------
        ServingError
            If another program does one.
        """
        with _lock(self._lock_file(name, ".training"), 0) as is_free:
            if not is_free:
                raise ServingError(
                    f"A round of “{name}” is in progress.",
                    "Wait until it has finished.",
                    wrong_input=False,
                )
            yield

    def is_training(self, name: str) -> bool:
        """Return whether a program does a round."""
        with _lock(self._lock_file(name, ".training"), 0) as is_free:
            return not is_free

    def _lock_file(self, name: str, file: str) -> Path:
        return make_file(make_folder(self.folder(name)) / file)

    def _file(self, name: str) -> Path:
        return self.folder(name) / "loop.json"


@contextlib.contextmanager
def _lock(file: Path, seconds: float) -> Iterator[bool]:
    """Lock a file, and yield whether that was possible within some seconds."""
    database = sqlite3.connect(file, timeout=seconds, isolation_level=None)
    try:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            yield False
        else:
            yield True
    finally:
        database.close()


def _read(path: Path, shape: type[R]) -> R | None:
    try:
        return read_record(path, shape)
    except DamagedRecordError as error:
        raise ServingError(error.message, error.hint, wrong_input=False) from error
