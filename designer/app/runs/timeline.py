"""When the steps of a run waited and worked, and which of them decided how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from designer.engine.results import NodeResult
from designer.pipeline.model import Pipeline


@dataclass(frozen=True)
class Span:
    """A step of a run in time; all times in seconds, from the start of the run.

    Parameters
    ----------
    status : str
        As in :class:`NodeResult`, and ``queued`` and ``running``.
    started : float
        When it began to work.
    waited, seconds : float
        How long it waited for a worker before that, and worked after it.
    worker : str
    memory : int
        Bytes at most; 0 if unknown.
    critical : bool
        Whether the run would have been shorter without it.
    """

    node: str
    status: str
    started: float
    waited: float
    seconds: float
    worker: str = ""
    memory: int = 0
    critical: bool = False

    @property
    def ended(self) -> float:
        """When it ended."""
        return self.started + self.seconds


def spans_of(results: Mapping[str, NodeResult], pipeline: Pipeline) -> list[Span]:
    """Return the steps of a run by their workers and starts; those without a worker last."""
    critical = set(critical_path(results, pipeline))
    spans = [
        Span(
            node,
            result.status,
            result.started,
            result.waited,
            result.seconds,
            result.worker,
            result.memory,
            node in critical,
        )
        for node, result in results.items()
    ]
    return sorted(spans, key=lambda span: (not span.worker, span.worker, span.started))


def critical_path(results: Mapping[str, NodeResult], pipeline: Pipeline) -> list[str]:
    """Return the steps that the end of a run waited for, from the first to the last.

    Back from the step that ended last, each time to the input that was made last. Steps
    that were reused take no time, so the path begins after them.
    """
    ends = {node: each.started + each.seconds for node, each in results.items() if each.worker}
    if not ends:
        return []
    path = [max(ends, key=lambda node: ends[node])]
    while True:
        feeding = pipeline.inputs_of(path[-1]).values() if path[-1] in pipeline.nodes else ()
        above = [end.node for end in feeding if end.node in ends and end.node not in path]
        if not above:
            return path[::-1]
        path.append(max(above, key=lambda node: ends[node]))
