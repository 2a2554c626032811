"""Which modules are listed first, and why. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass

from modules.contract import ModuleSpec


@dataclass(frozen=True)
class Preference:
    """An order of learners by their tasks; other modules aren't affected.

    Parameters
    ----------
    tasks : tuple of str
        Those of the learners that come first, in this order; empty for no preference.
    reason : str
        What is shown below the list.
    """

    tasks: tuple[str, ...] = ()
    reason: str = ""

    def rank(self, spec: ModuleSpec) -> int:
        """Return a number that is lower for modules that come earlier."""
        solved = {task for port in spec.outputs for task in port.tasks}
        if not solved or not self.tasks:
            return 0
        ranks = [self.tasks.index(task) for task in solved if task in self.tasks]
        return min(ranks, default=len(self.tasks))
