"""Starts the step program inside a job of Azure ML; it is beside ``modules`` there.

SDK v1 starts a file, and gives each folder as a separate argument: ``--join 2
dataset= /mnt/x`` is joined to one argument, ``dataset=/mnt/x``. ``--secret NAME`` fetches
a secret from the key vault of the workspace, into this process only.
"""

from __future__ import annotations

import io
import os
import sys


def main(arguments: list[str]) -> int:
    """Fetch the secrets, then run the step program; return its exit status."""
    # What a step prints can be read while it runs.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)
    command = joined(arguments)
    while command[:1] == ["--secret"]:
        _fetch(command[1])
        command = command[2:]
    from modules.step import main as run_step

    return run_step(command)


def joined(arguments: list[str]) -> list[str]:
    """Return the arguments in which ``--join N`` joins the next N."""
    found = []
    index = 0
    while index < len(arguments):
        if arguments[index] == "--join":
            start = index + 2
            index = start + int(arguments[index + 1])
            found.append("".join(arguments[start:index]))
        else:
            found.append(arguments[index])
            index += 1
    return found


def _fetch(name: str) -> None:
    from modules.contract.secrets import variable_of

    variable = variable_of(name)
    if variable in os.environ:
        return
    from azureml.core import Run

    # A key vault accepts only letters, digits, and hyphens.
    value = Run.get_context().get_secret(name.replace("_", "-"))
    if value is not None:
        os.environ[variable] = value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
