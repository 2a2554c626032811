"""What a notification reports: a run has ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.pipeline.file import SUFFIX
from designer.scheduling.entry import LABELS, Occurrence, iso


@dataclass(frozen=True)
class News:
    """A run has ended.

    Parameters
    ----------
    schedule, pipeline : str
        The name of the schedule, empty without one, and the file of the pipeline.
    status : str
        ``completed``, ``failed``, ``interrupted``, or ``attention``.
    run : str
        The id of the run; empty if none was started.
    reason : str
        Why it didn't complete.
    ended : float
        Seconds since 1970.
    """

    schedule: str
    pipeline: str
    status: str
    run: str = ""
    reason: str = ""
    ended: float | None = None

    @property
    def title(self) -> str:
        """One line."""
        name = Path(self.pipeline).name.removesuffix(SUFFIX)
        schedule = f" (schedule {self.schedule})" if self.schedule else ""
        return f"{LABELS[self.status]}: {name}{schedule}"

    @property
    def details(self) -> str:
        """Why, and which run."""
        return self.reason or f"Run {self.run}"

    def variables(self) -> dict[str, str]:
        """Return environment variables for a command."""
        return {
            "MODELDESK_TITLE": self.title,
            "MODELDESK_DETAILS": self.details,
            "MODELDESK_SCHEDULE": self.schedule,
            "MODELDESK_PIPELINE": self.pipeline,
            "MODELDESK_STATUS": self.status,
            "MODELDESK_RUN": self.run,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the document of a webhook; chat services show its ``text``."""
        return {
            "text": f"{self.title}\n{self.details}",
            "schedule": self.schedule,
            "pipeline": self.pipeline,
            "status": self.status,
            "run": self.run,
            "reason": self.reason,
            "ended": iso(self.ended),
        }


def news_of(occurrence: Occurrence, pipeline: str) -> News:
    """Return what is to be reported about a run."""
    return News(
        occurrence.schedule,
        pipeline,
        occurrence.state,
        occurrence.run,
        occurrence.reason,
        occurrence.ended,
    )
