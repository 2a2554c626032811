"""Where trials run: in separate processes, or here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from typing import Self

from modules.automated_ml._outcome import Outcome
from modules.automated_ml._problem import Problem
from modules.automated_ml._trial import Proposal, evaluate
from modules.contract.context import using_threads
from modules.learning.processes.pool import ProcessEnded, Processes


class Pool:
    """Processes for the trials of one problem; use it in a ``with`` statement.

    Parameters
    ----------
    workers : int
        Trials at once.
    memory : int, optional
        Bytes that a trial may use; by default a share of what is available.
    """

    def __init__(self, problem: Problem, workers: int, memory: int | None = None) -> None:
        self._processes = Processes(problem, evaluate, workers, memory, _is_doubtful)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._processes.close()

    def run(
        self,
        proposals: Sequence[Proposal],
        on_outcome: Callable[[Proposal, Outcome], None],
        may_start: Callable[[], bool],
    ) -> dict[int, Outcome]:
        """Evaluate proposals, as many at once as there are processes.

        Parameters
        ----------
        on_outcome : callable
            Called on this thread for each, in the order in which they end.
        may_start : callable
            Asked before each one, on any thread; those that may not start are left out.

        Returns
        -------
        dict of int to Outcome
            By the number of the proposal.
        """
        futures = {self._processes.ask(proposal, may_start): proposal for proposal in proposals}
        found = {}
        for future in as_completed(futures):
            try:
                outcome = future.result()
            except ProcessEnded as error:
                outcome = Outcome(problem=f"The trial's {error}")
            if outcome is not None:
                proposal = futures[future]
                found[proposal.number] = outcome
                on_outcome(proposal, outcome)
        return found


class Here:
    """Runs trials in this process; like :class:`Pool` where one process would be no gain.

    If the only trial ends its process, there is no result anyway.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def run(
        self,
        proposals: Sequence[Proposal],
        on_outcome: Callable[[Proposal, Outcome], None],
        may_start: Callable[[], bool],
    ) -> dict[int, Outcome]:
        """Evaluate proposals one after the other; see :meth:`Pool.run`."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        found = {}
        for proposal in proposals:
            if not may_start():
                break
            with using_threads(1), threadpool_limits(1):
                found[proposal.number] = evaluate(self._problem, proposal)
            on_outcome(proposal, found[proposal.number])
        return found


def _is_doubtful(outcome: Outcome) -> bool:
    return outcome.is_doubtful
