"""An inference pipeline in the making, and the run that it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from designer.pipeline.model import Endpoint, Link, Node

ORIGIN = "origin"
"""Field of a node: the output of the training pipeline that it stands for."""


Kind = Literal["real-time", "batch"]
"""Whether requests or a whole dataset are scored."""


class StoredOutput(Protocol):
    """An output of a run; ``designer.engine.results.Output`` is one."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> Path: ...  # noqa: D102
    @property
    def rows(self) -> int | None: ...  # noqa: D102


class StepResult(Protocol):
    """What came of one step; ``designer.engine.results.NodeResult`` is one."""

    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def outputs(self) -> Mapping[str, Any]: ...  # noqa: D102


class Run(Protocol):
    """A finished run; ``designer.engine.results.RunResult`` is one."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def nodes(self) -> Mapping[str, Any]: ...  # noqa: D102


class InferenceError(ValueError):
    """There is no inference pipeline to be made; one sentence, and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass
class Entry:
    """A place where the rows of a request come in.

    Parameters
    ----------
    node : str
        The node of the new pipeline that stands for the rows.
    origin : Endpoint
        The output of the training pipeline that gave them.
    name : str
        Of the Web Service Input.
    """

    node: str
    origin: Endpoint
    name: str
    comment: str = ""


@dataclass
class Draft:
    """An inference pipeline in the making.

    Parameters
    ----------
    links : list of Link
        Those from an entry's node stand for both the sample and the request.
    values : dict of str to Endpoint
        Nodes that hold a value of the run: which one.
    fitted : dict of str to str
        Nodes that apply a transformation: the node that holds it.
    scorers : dict of str to Endpoint
        Scoring nodes in the new pipeline, and their output that is sent back.
    said : list of str
        What was done and why.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    values: dict[str, Endpoint] = field(default_factory=dict)
    fitted: dict[str, str] = field(default_factory=dict)
    scorers: dict[str, Endpoint] = field(default_factory=dict)
    outputs: dict[str, Endpoint] = field(default_factory=dict)
    output_names: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def feeding(self, node: str) -> dict[str, Endpoint]:
        """Return what feeds each input of a node."""
        return {link.target.port: link.source for link in self.links if link.target.node == node}
