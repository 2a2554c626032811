"""Functions of the tests as jobs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from designer.app.background.job import Job


@pytest.fixture
def start():
    """Start a job with a function of ``job_examples``, which only counts as one of designer."""
    jobs = []

    def go(function, arguments, callbacks=None) -> Job:
        job = Job(function, arguments, callbacks, (sys.executable, str(PROGRAM)))
        jobs.append(job)
        return job

    yield go
    for job in jobs:
        job.kill()
        job.thread.join(30)


PROGRAM = Path(__file__).parent / "job_examples.py"
