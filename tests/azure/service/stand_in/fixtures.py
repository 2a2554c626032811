"""What tests of Azure ML get: a service of their own, and no way past it."""

from __future__ import annotations

import ipaddress
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stand_in import earlier, processes
from stand_in.service import Service

_peers: list[str] | None = None


class NotLoopbackError(OSError):
    """Somebody tried to reach a computer other than this one."""


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _peers is None:
        return
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "127.0.0.1"
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host or "127.0.0.1"
    _peers.append(host)
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopbackError(f"{event} {host}")


# A hook can't be taken away again; without a list to write to, it does nothing.
sys.addaudithook(_watch)


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """End the machines when all tests are done."""
    yield
    processes.close()
    earlier.close()


@pytest.fixture
def service(tmp_path: Path, cluster: None) -> Iterator[Service]:
    """Return a service with a workspace that has nothing but code of earlier tests."""
    folder = tmp_path / "service"
    folder.mkdir()
    made = Service(folder)
    earlier.earlier().give(made)
    yield made
    made.close()
    earlier.earlier().take(made)
    assert made.door.peers <= {"127.0.0.1"}
    assert not made.door.unknown, made.door.unknown
    assert not made.door.failures, "\n".join(made.door.failures)


@pytest.fixture
def peers(service: Service, tmp_path: Path) -> Iterator[list[str]]:
    """Lead the SDKs of this process to the service; return all that it connects to."""
    global _peers
    home = tmp_path / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("AZURE_", "AZUREML_", "MSI_", "IDENTITY_", "AZ_")):
                patch.delenv(name)
        for name, value in service.environment(home).items():
            patch.setenv(name, value)
        # Between two questions the SDKs wait for seconds, which here nobody has.
        patch.setattr(
            "azure.core.pipeline.transport.HttpTransport.sleep", lambda *_: time.sleep(0.02)
        )
        _peers = []
        try:
            yield _peers
        finally:
            # Only this machine was asked for anything.
            assert set(_peers) <= {"127.0.0.1", "localhost", "::1"}
            _peers = None
