"""A schedule: which pipeline runs when, with what, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from designer.azure.submission_target import TARGETS
from designer.records import Moment, Record
from designer.scheduling.errors import ScheduleError
from designer.scheduling.times import Cron, Interval
from designer.scheduling.triggers import (
    DataDrift,
    FileChange,
    NewVersion,
    QueryAnswer,
    RetrainingDue,
)
from designer.scripts.configuration_file import SUFFIXES

Trigger = Annotated[
    Cron | Interval | FileChange | NewVersion | QueryAnswer | DataDrift | RetrainingDue,
    Field(discriminator="kind"),
]

Missed = Literal["once", "skip"]
"""What to do with times at which nothing could run: run once as soon as possible, or not at all."""

UNATTENDED_SIGN_INS = ("azure-cli", "managed-identity", "environment")
"""Ways to sign in to Azure that wait for no one."""


class Schedule(Record):
    """A pipeline that runs by itself.

    Parameters
    ----------
    name : str
        Identifies it in its workspace.
    file : str
        The pipeline's file, or the run configuration of a script (YAML); absolute.
    trigger : Cron or Interval or FileChange or NewVersion or QueryAnswer or DataDrift \
            or RetrainingDue
        When it runs.
    settings : tuple of str
        Parameters of nodes, each ``NODE.PARAM=VALUE``.
    parameters : tuple of str
        Values of pipeline parameters, each ``NAME=VALUE``.
    target : str
        ``local``, ``dask:ADDRESS``, or an Azure SDK with a compute target,
        ``azureml-v2:cpu-cluster``; empty for that of the run configuration.
    sign_in : str
        How to sign in to Azure; see :data:`UNATTENDED_SIGN_INS`.
    config : str
        The config.json of the Azure ML workspace; empty for the one beside the file.
    retraining : str
        The endpoint that is retrained, instead of running the pipeline alone; empty for none.
    missed : str
        See :data:`Missed`.
    notify : tuple of str or None
        Names of notifications; None for those that are the default.
    created : float
        Seconds since 1970.
    """

    name: str
    file: str
    trigger: Trigger
    settings: tuple[str, ...] = Field(default=(), strict=False)
    parameters: tuple[str, ...] = Field(default=(), strict=False)
    target: str = "local"
    sign_in: str = UNATTENDED_SIGN_INS[0]
    config: str = ""
    retraining: str = ""
    missed: Missed = "once"
    notify: tuple[str, ...] | None = Field(default=None, strict=False)
    created: Moment = 0.0

    @property
    def is_script(self) -> bool:
        """Whether it runs a script, by its run configuration."""
        return Path(self.file).suffix in SUFFIXES


def check_schedule(schedule: Schedule) -> None:
    """Check what a user has written, without looking at the pipeline.

    Raises
    ------
    ScheduleError
        With the first thing that is wrong.
    """
    if not re.fullmatch(r"\w[\w .-]{0,59}", schedule.name) or schedule.name.endswith((" ", ".")):
        raise ScheduleError(
            f"“{schedule.name}” can't be the name of a schedule.",
            "Use at most 60 letters, digits, spaces, periods, and hyphens.",
        )
    if schedule.is_script:
        if schedule.settings or schedule.parameters:
            raise ScheduleError(
                "A run configuration has no nodes and pipeline parameters.",
                "Change its arguments instead of using --set or --param.",
            )
        if not schedule.target:
            return
    azure = azure_target(schedule.target)
    if azure is None:
        kind, _, address = schedule.target.partition(":")
        if schedule.target != "local" and not (kind == "dask" and address):
            raise ScheduleError(
                f"“{schedule.target}” isn't a compute target.",
                "Use local, dask:ADDRESS, azureml-v2:COMPUTE, or azureml-v1:COMPUTE.",
            )
        return
    if schedule.settings:
        raise ScheduleError(
            "A run on Azure ML can't change single nodes.",
            "Use pipeline parameters (--param) instead of --set.",
        )
    if schedule.sign_in not in UNATTENDED_SIGN_INS:
        raise ScheduleError(
            f"The sign-in “{schedule.sign_in}” needs you at the computer.",
            f"Use {', '.join(UNATTENDED_SIGN_INS[:-1])}, or {UNATTENDED_SIGN_INS[-1]}.",
        )


def azure_target(target: str) -> tuple[str, str] | None:
    """Return SDK and compute target of a target on Azure ML; None for any other."""
    sdk, _, compute = target.partition(":")
    return (sdk, compute) if sdk in TARGETS and compute else None


def free_name(file: Path, names: Iterable[str]) -> str:
    """Return a name for a schedule of a pipeline that no other has."""
    stem = re.sub(r"[^\w .-]+", "-", file.name.partition(".")[0])[:50].strip(" .-") or "schedule"
    taken, name, number = set(names), stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name
