"""A process that evaluates one trial after the other; started by :mod:`_pool`.

It reads pickled proposals from its standard input and writes pickled outcomes to what was its
standard output. Both ends are this project's own processes.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path


def main() -> None:
    """Evaluate trials until the input ends."""
    settings = json.loads(sys.argv[1])
    replies = os.fdopen(os.dup(1), "wb")
    # What a library prints isn't a reply.
    os.dup2(2, 1)
    sys.path[:] = settings["path"]
    from modules.automated_ml._problem import Problem
    from modules.automated_ml._trial import evaluate
    from modules.contract.registry.discovery import make_packages

    for name, folder in settings["packages"].items():
        sys.dont_write_bytecode = True
        make_packages(name, Path(folder))
    import pyarrow

    pyarrow.set_cpu_count(1)
    problem = Problem.load(Path(settings["folder"]))
    _limit_memory(settings["memory"])
    while True:
        try:
            proposal = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the step itself
        except EOFError:
            return
        pickle.dump(evaluate(problem, proposal), replies)
        replies.flush()


def _limit_memory(allowed: int) -> None:
    """Let a trial that needs too much fail with a MemoryError, where the system can: on Linux."""
    if sys.platform != "linux":
        return
    import resource

    import psutil

    limit = psutil.Process().memory_info().data + allowed
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


if __name__ == "__main__":
    main()
