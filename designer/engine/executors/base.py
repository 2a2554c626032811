"""The interface between runner and executor, whichever computer it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from designer.engine.store.entry import Manifest
from modules.contract.context import Trial


@dataclass(frozen=True)
class InputValue:
    """An input of a task: the output ``port`` of the entry ``key``."""

    key: str
    port: str


@dataclass(frozen=True)
class Task:
    """A step with everything that a worker needs to run it; plain and picklable.

    Parameters
    ----------
    node : str
        For messages only.
    key, base : str
        The entry to write, and the fingerprint it belongs to.
    module : str
        Dotted name of the module.
    module_file : str or None
        Where it is, if it can't be imported by its name.
    function : str
        The name of its function.
    arguments : mapping
        Plain JSON parameters.
    inputs : mapping of str to InputValue
        By port; an absent optional one is missing.
    wanted : frozenset of str
        Output ports that another step will read.
    threads : int
        For numeric libraries.
    fresh_inputs : bool
        Read every input from the store, because the step may change it.
    replace : bool
        Replace an entry of the same key.
    about : mapping
        More to keep in the entry's manifest.
    folder : str
        The working folder of the step: the pipeline's.
    leftovers : str
        Where the step may leave files for a user to look at if it fails.
    stop_file : str
        The user wants the step to stop, and to keep what it has, once this file exists.
    """

    node: str
    key: str
    base: str
    module: str
    module_file: str | None
    function: str
    arguments: Mapping[str, Any]
    inputs: Mapping[str, InputValue]
    wanted: frozenset[str] = frozenset()
    threads: int = 1
    fresh_inputs: bool = False
    replace: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ""
    leftovers: str = ""
    stop_file: str = ""


@dataclass(frozen=True)
class Computed:
    """A step's function has returned; its outputs are on their way to the store.

    Parameters
    ----------
    ports : frozenset of str
        Outputs that are present.
    key : str
        The entry that they go to if it isn't that of the task, because the step was stopped.
    memory : int
        Bytes that the worker had written at most; 0 if unknown.
    """

    ports: frozenset[str]
    seconds: float
    warnings: tuple[str, ...] = ()
    key: str = ""
    memory: int = 0


class StepError(Exception):
    """A step has failed; ``error`` is plain data, ``lost`` means that it can be retried."""

    def __init__(self, error: Mapping[str, Any], *, lost: bool = False) -> None:
        super().__init__(error.get("message", ""))
        self.error = dict(error)
        self.lost = lost


def plain_error(error: BaseException) -> Mapping[str, Any]:
    """Return the plain data of a step's error, or of one inside the engine."""
    if isinstance(error, StepError):
        return error.error
    return {"code": "engine", "message": f"The engine failed: {error}"}


@dataclass(frozen=True)
class TaskListener:
    """Receives the progress of a task, on any thread; ``running`` accepts the worker's name."""

    running: Callable[[str], None]
    progress: Callable[[float, str], None]
    computed: Callable[[Computed], None]
    line: Callable[[str, str], None]
    trial: Callable[[Trial], None]


class Executor(Protocol):
    """Runs tasks somewhere."""

    def submit(self, task: Task, log: Path, listener: TaskListener) -> Future[Manifest]:
        """Run a task as soon as it can be.

        An input's entry must be stored, or computed by this executor before.

        Returns
        -------
        Future
            The manifest of the entry once it is stored, or :class:`StepError`.
            Cancelling it ends the step for good, wherever it is.
        """

    def forget(self, keys: frozenset[str]) -> None:
        """Drop values that were kept in memory and that no step will read any more."""

    def close(self) -> None:
        """End all workers."""
