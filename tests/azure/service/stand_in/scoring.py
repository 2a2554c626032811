"""The containers that deployed web services run in, and the front that asks for the key."""

from __future__ import annotations

import contextlib
import http.client
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stand_in.names import clean_environment
from stand_in.processes import processes
from stand_in.routing import Answer, Request

if TYPE_CHECKING:
    from stand_in.service import Service

SERVER = Path(__file__).with_name("inference_server.py")


class DidNotStartError(Exception):
    """The entry script of a container failed; the log says how."""


@dataclass
class Container:
    """A process that really serves the files that were uploaded."""

    name: str
    log: Path
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def text(self) -> str:
        """Return what it has printed."""
        return self.log.read_text() if self.log.is_file() else ""


@dataclass
class Front:
    """What stands before the containers of a web service and holds its keys.

    Parameters
    ----------
    traffic : dict
        How much of the requests each container gets, in per cent.
    """

    keys: dict[str, str]
    containers: dict[str, Container] = field(default_factory=dict)
    traffic: dict[str, int] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        """Let a container answer, if the key is right."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in self.keys.values():
            return Answer({"message": "The key is not valid."}, 401)
        wanted = request.headers.get("azureml-model-deployment")
        chosen = wanted or max(self.traffic, key=self.traffic.__getitem__, default="")
        container = self.containers.get(chosen)
        if container is None:
            return Answer({"message": "No deployment has traffic."}, 404)
        connection = http.client.HTTPConnection("127.0.0.1", container.port, timeout=120)
        with contextlib.closing(connection):
            connection.request(request.method, "/score", request.body)
            response = connection.getresponse()
            return Answer(response.read(), response.status, {"Content-Type": "application/json"})


class Scoring:
    """All web services, by the host that they answer at."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.fronts: dict[str, Front] = {}
        self._running: list[Container] = []

    def start(
        self, code: Path, entry: str, models: Path, variables: Mapping[str, str]
    ) -> Container:
        """Start a container and wait until it serves.

        Raises
        ------
        DidNotStartError
            If its entry script fails.
        """
        if self._service.loses_models:
            self._service.loses_models -= 1
            shutil.rmtree(models)
        name = f"container-{secrets.token_hex(6)}"
        folder = self._service.folder / "containers" / name
        folder.mkdir(parents=True)
        container = Container(name, folder / "log.txt")
        port_file = folder / "port.txt"
        environment = {
            **clean_environment(),
            **variables,
            "AZUREML_MODEL_DIR": str(models),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        words = [sys.executable, str(SERVER), str(code / entry), str(port_file)]

        def serve() -> None:
            processes().run(name, words, folder, environment, container.log)
            container.ended.set()

        threading.Thread(target=serve, daemon=True).start()
        self._running.append(container)
        end = time.monotonic() + 300
        while not port_file.is_file():
            if container.ended.wait(0.02) or time.monotonic() > end:
                raise DidNotStartError(container.text())
        container.port = int(port_file.read_text())
        return container

    def stop(self, container: Container) -> None:
        """End a container."""
        processes().kill(container.name)
        container.ended.wait(10)
        self._running.remove(container)

    def close(self) -> None:
        """End all containers."""
        for container in list(self._running):
            self.stop(container)


def new_keys() -> dict[str, str]:
    """Return a primary and a secondary key; canaries, since they are random."""
    return {"primaryKey": secrets.token_hex(16), "secondaryKey": secrets.token_hex(16)}
