"""Options for when something runs, of the commands that schedule it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from designer.cli.errors import InputError

if TYPE_CHECKING:
    from designer.scheduling.schedule import Trigger

F = TypeVar("F", bound=Callable[..., Any])


def trigger_options(function: F) -> F:
    """Add the options of every trigger to a command; :func:`read_trigger` reads them."""
    return reduce(lambda made, add: add(made), reversed(_TIMES + _CHANGES), function)


def change_options(function: F) -> F:
    """Add the options of triggers by change only, without those of times."""
    return reduce(lambda made, add: add(made), reversed(_CHANGES), function)


def read_trigger(
    now: float,
    *,
    cron: str | None = None,
    every: str | None = None,
    on_change: str | None,
    on_dataset: str | None,
    on_query: str | None,
    on_drift: str | None,
    timezone: str | None = None,
    settle: float,
    connection: str | None,
    password: str,
    reference: str | None,
    threshold: float,
    check_every: str | None,
) -> Trigger:
    """Return the trigger that the options describe.

    Raises
    ------
    InputError, ScheduleError
        If there isn't exactly one, or it is wrong.
    """
    given = {
        "--cron": cron,
        "--every": every,
        "--on-change": on_change,
        "--on-dataset": on_dataset,
        "--on-query": on_query,
        "--on-drift": on_drift,
    }
    from designer.scheduling.times import local_timezone, read_cron, read_interval
    from designer.scheduling.triggers import DataDrift, FileChange, NewVersion, QueryAnswer

    chosen = {option: value for option, value in given.items() if value is not None}
    if len(chosen) != 1:
        *most, last = given
        raise InputError(
            f"A schedule has one trigger, not {len(chosen)}.", f"Use {', '.join(most)}, or {last}."
        )
    ((option, value),) = chosen.items()
    if option == "--cron":
        return read_cron(value, timezone or local_timezone())
    if option == "--every":
        return read_interval(value, now)
    if option == "--on-change":
        return FileChange(path=str(Path(value).expanduser().absolute()), settle=settle)
    if option == "--on-dataset":
        return NewVersion(name=value)
    pause: dict[str, Any] = {}
    if check_every is not None:
        pause = {"every": float(read_interval(check_every, now).seconds)}
    if option == "--on-query":
        if connection is None:
            raise InputError("--on-query needs --connection.", "Use sqlite:///sales.db.")
        return QueryAnswer(
            connection=_absolute(connection), password=password, query=value, **pause
        )
    if reference is None:
        raise InputError("--on-drift needs --reference.", "Use a file, or dataset:NAME.")
    return DataDrift(
        reference=_table(reference), current=_table(value), threshold=threshold, **pause
    )


def _absolute(connection: str) -> str:
    """Return the URL of an SQLite file with its whole path: the server has another folder."""
    scheme, slashes, path = connection.partition(":///")
    if scheme.partition("+")[0] != "sqlite" or not slashes or path in ("", ":memory:"):
        return connection
    return f"{scheme}:///{Path(path).absolute()}"


def _table(path: str) -> str:
    from designer.workspace import DATASET_PREFIX

    return path if path.startswith(DATASET_PREFIX) else str(Path(path).expanduser().absolute())


_TIMES: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--cron",
        metavar="'M H D M W'",
        help="At the times of a cron line: minute, hour, day of the month, month, day of the week.",
    ),
    click.option("--every", metavar="INTERVAL", help="At an interval: 30m, 2h, 1d, or 1w."),
    click.option(
        "--timezone", metavar="NAME", help="With --cron: time zone. Default: that of this computer."
    ),
)

_CHANGES: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--on-change", metavar="PATH", help="When a file, or a file in a folder, has changed."
    ),
    click.option(
        "--on-dataset", metavar="NAME", help="When a registered dataset gets a new version."
    ),
    click.option("--on-query", metavar="SQL", help="When the answer of a database changes."),
    click.option("--on-drift", metavar="TABLE", help="When a table drifts from --reference."),
    click.option(
        "--settle",
        metavar="SECONDS",
        type=click.FloatRange(0, 86_400),
        default=10.0,
        show_default=True,
        help="With --on-change: time without a change after which a file counts as complete.",
    ),
    click.option(
        "--connection", metavar="URL", help="With --on-query: SQLAlchemy URL without a password."
    ),
    click.option(
        "--password",
        metavar="SECRET",
        default="",
        help="With --on-query: secret with the password.",
    ),
    click.option(
        "--reference",
        metavar="TABLE",
        help="With --on-drift: file or dataset:NAME to compare with.",
    ),
    click.option(
        "--threshold",
        type=click.FloatRange(0, 100),
        default=0.2,
        show_default=True,
        help="With --on-drift: population stability index above which a column has drifted.",
    ),
    click.option(
        "--check-every",
        metavar="INTERVAL",
        help="Interval between two checks. Default: 5m with --on-query, 1h with --on-drift.",
    ),
)
