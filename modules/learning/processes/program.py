"""A process that answers one question after the other; started by :mod:`.pool`.

It reads pickled questions from its standard input and writes pickled answers to what was its
standard output. Both ends are this project's own processes.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    """Answer until the input ends."""
    settings = json.loads(sys.argv[1])
    replies = os.fdopen(os.dup(1), "wb")
    # What a library prints isn't a reply.
    os.dup2(2, 1)
    sys.path[:] = settings["path"]
    from modules.contract.context import using_threads
    from modules.contract.registry.discovery import make_packages

    for name, folder in settings["packages"].items():
        sys.dont_write_bytecode = True
        make_packages(name, Path(folder))
    import pyarrow

    pyarrow.set_cpu_count(1)
    problem = _named(settings["problem"]).load(Path(settings["folder"]))
    answer = _named(settings["answer"])
    _limit_memory(settings["memory"])
    with using_threads(1):
        while True:
            try:
                question = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the step itself
            except EOFError:
                return
            pickle.dump(answer(problem, question), replies)
            replies.flush()


def _named(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def _limit_memory(allowed: int) -> None:
    """Let what needs too much fail with a MemoryError, where the system can: on Linux."""
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
