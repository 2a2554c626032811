"""Errors of schedules as the command line reports them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from designer.cli.errors import InputError


@contextlib.contextmanager
def schedule_errors() -> Iterator[None]:
    """Report an error of a schedule as wrong input."""
    from designer.cli.run_report import ProblemsError
    from designer.scheduling import consent
    from designer.scheduling.errors import ScheduleError

    try:
        yield
    except consent.ProblemsError as error:
        raise ProblemsError(error.problems) from None
    except ScheduleError as error:
        raise InputError(error.message, error.hint) from None
