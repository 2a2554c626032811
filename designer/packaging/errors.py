"""Why code, environment or pipeline can't be packed, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from designer.pipeline.problem import Problem


class PackagingError(Exception):
    """Something can't be packed.

    Parameters
    ----------
    problems : iterable of Problem
        All problems, at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems))
