"""A script on a worker of a Dask cluster that sees the workspace and the script's folder."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.engine.executors.cluster import ClusterError, connect
from designer.scripts.process import supervise
from designer.workspace import Workspace

_POLL = 0.2
_CLOSING = 10


def supervise_there(
    address: str,
    workspace: Workspace,
    command: Sequence[str],
    folder: str,
    variables: Mapping[str, str],
    log: Path,
    *,
    timeout: float | None,
    is_cancelled: Callable[[], bool],
    on_output: Callable[[bytes], object],
) -> tuple[int, str]:
    """Run a program on a worker; see :func:`designer.scripts.process.supervise`.

    Raises
    ------
    ClusterError
        If the cluster can't be used, or loses the script.
    """
    client = connect(address, workspace.store_folder)
    stop = log.with_suffix(".cancel")
    try:
        remote = client.submit(
            supervise_until,
            list(command),
            folder,
            dict(variables),
            str(log),
            timeout,
            str(stop),
            key=f"script-{secrets.token_hex(8)}",
            pure=False,
            retries=0,
        )
        outcome = _follow(remote, log, stop, is_cancelled, on_output)
    finally:
        stop.unlink(missing_ok=True)
        client.close(timeout=_CLOSING)
    return outcome


def supervise_until(
    command: list[str],
    folder: str,
    variables: dict[str, str],
    log: str,
    timeout: float | None,
    stop: str,
) -> tuple[int, str]:
    """Run a program on this worker until it ends, or a file appears that cancels it."""
    return supervise(
        command, folder, variables, log, timeout=timeout, is_cancelled=Path(stop).exists
    )


def _follow(
    remote: Any,
    log: Path,
    stop: Path,
    is_cancelled: Callable[[], bool],
    on_output: Callable[[bytes], object],
) -> tuple[int, str]:
    done = threading.Event()
    remote.add_done_callback(lambda _: done.set())
    read = 0
    while True:
        ended = done.wait(_POLL)
        with log.open("rb") as file:
            file.seek(read)
            content = file.read()
        if content:
            read += len(content)
            on_output(content)
        if ended:
            break
        if is_cancelled():
            stop.touch()
    try:
        code, reason = remote.result()
    except OSError:
        raise
    except Exception as error:
        raise ClusterError(
            f"The cluster couldn't run the script: {error}", "Check the workers of the cluster."
        ) from error
    return int(code), str(reason)
