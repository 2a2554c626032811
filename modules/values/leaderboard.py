"""What Automated ML tried, best first, with how each trial is built as a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.contract.sheet import Sheet
from modules.contract.value import Summary, Value


@dataclass(frozen=True, eq=False)
class Leaderboard(
    Value,
    title="leaderboard",
    description="What Automated ML tried, best first; each row can be opened as a pipeline.",
    colors=("#8a4fb5", "#c79be8"),
    shape="pillar",
    icon="chart",
    view="leaderboard",
    is_report=True,
):
    """What Automated ML tried, best first.

    Parameters
    ----------
    task : str
        ``two-class``, ``multiclass``, ``regression`` or ``forecasting``.
    label : str
        The column that is predicted.
    metric : str
        The metric that decides.
    higher_is_better : bool
        Whether a larger value of it is better.
    trials : list of dict
        Best first: ``number`` in the order of the search, 0 for what was combined afterwards;
        ``title``, ``settings`` (a text), ``score`` and ``spread`` (None if there is none),
        ``metrics`` by name, ``problem`` (empty if there is none), and ``learners``: ``module``
        and ``parameters`` of each, and a module with parameters that it goes ``through`` or None;
        several if they are combined with ``combination``, a module with parameters.
    plan : dict
        What all trials have in common: ``left_out`` columns; ``steps`` that prepare the table,
        each with ``module``, ``parameters``, the output ``port`` of what it learned, and whether it
        is ``for_training`` only; the ``label``; the ``positive`` class; and the ``validation``.
    """

    task: str
    label: str
    metric: str
    higher_is_better: bool
    trials: Sequence[Mapping[str, Any]] = field(default_factory=list)
    plan: Mapping[str, Any] = field(default_factory=dict)

    fields_file = "leaderboard.json"

    def save(self, folder: Path) -> dict[str, Any]:
        """Write it as readable JSON."""
        super().save(folder)
        best = {f"{self.metric} (best)": self.trials[0]["score"]}
        return {"title": f"{len(self.trials)} trials", "metrics": {"": best}}

    def summary(self) -> LeaderboardSummary:
        """Return the trials as plain data."""
        sheets = {"Leaderboard": self.sheet()}
        return LeaderboardSummary(
            "Leaderboard", sheets, self.metric, self.higher_is_better, self.trials, self.plan
        )

    def sheet(self) -> Sheet:
        """Return a row for each trial: what was tried, its score, and the other metrics."""
        names = list(dict.fromkeys(name for trial in self.trials for name in trial["metrics"]))
        columns = ("Rank", "Trial", "Model", "Settings", self.metric, "Spread", *names, "Problem")
        rows = tuple(
            (
                rank,
                trial["number"] or None,
                trial["title"],
                trial["settings"],
                trial["score"],
                trial["spread"],
                *(trial["metrics"].get(name) for name in names),
                trial["problem"] or None,
            )
            for rank, trial in enumerate(self.trials, start=1)
        )
        return Sheet(columns, rows)


@dataclass(frozen=True)
class LeaderboardSummary(Summary):
    """A leaderboard as plain data; see :class:`Leaderboard`."""

    metric: str
    higher_is_better: bool
    trials: Sequence[Mapping[str, Any]]
    plan: Mapping[str, Any]
