"""Endpoints in containers of Docker's, on this computer."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from designer.deployment import docker
from designer.deployment import http_client as asking
from designer.deployment.checking import UNTESTED, check_answer
from designer.deployment.http_client import HOST
from designer.deployment.local import add_version
from designer.deployment.naming import new_key
from designer.deployment.options import TargetOptions
from designer.deployment.place import Order, Ready
from designer.deployment.problem import ServingError
from designer.deployment.processes import LOG_LINES
from designer.deployment.records import Records
from designer.deployment.rollback import Undoing, undone_on_failure
from designer.deployment.status import Keys, State, Status
from designer.deployment.steps import Steps

_STATES: Mapping[str, State] = {
    "created": "starting",
    "restarting": "failed",
    "paused": "unresponsive",
    "exited": "stopped",
    "dead": "failed",
}


class DockerPlace:
    """Looks after endpoints in containers; a :class:`designer.deployment.place.Place`."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def check(self, name: str, options: TargetOptions, key: str | None) -> None:
        """Refuse if there is no Docker, or it does not answer."""
        if shutil.which(docker.PROGRAM) is None:
            raise ServingError(
                "Docker is not installed on this computer.",
                "Install it, or only write the files, for another computer.",
                remedy="files",
            )
        done = docker.run(["version", "--format", "{{.Server.Version}}"], check=False)
        if done.returncode:
            raise ServingError(f"Docker does not answer: {docker.last_line(done)}", "Start Docker.")

    def prepare(self, order: Order, steps: Steps) -> None:
        """Look for a free port."""
        steps.begin("compute", "Docker on this computer")
        port = order.options.port
        if port is not None and not self._mine(order.name, port) and not asking.is_free(port):
            raise ServingError(
                f"Port {port} is in use.", "Leave the port out to get the next that is free."
            )

    def deploy(self, order: Order, steps: Steps) -> Ready:
        """Build the image of the next version, run it and test it."""
        name, records = order.name, self._records
        with records.locked(name), undone_on_failure() as made:
            known = name in records.names()
            number = records.next_version(name)
            before = records.read(name) if known else {}
            steps.begin("deploy", "building the image")
            image = docker.image_of(name, number)
            made.add(f"the image “{image}”", lambda: docker.run(["rmi", "--force", image]))
            docker.build(image, order.package, steps.say)
            port = order.options.port or before.get("port") or self._free_port(name)
            record: dict[str, Any] = {
                "target": "docker",
                "port": port,
                "sizes": {"cores": order.options.cores, "memory": order.options.memory},
            }
            steps.say("starting the container")
            if known:
                keys = records.keys(name)
                keys = Keys(order.key or keys.primary, keys.secondary)
                self._keep(name, before, made)
            else:
                keys = Keys(order.key or new_key(), new_key())
                made.add(
                    f"the container “{docker.container_of(name)}”",
                    lambda: docker.remove(name),
                    "Nothing of it is left.",
                )
            docker.replace(name, {**record, "version": number}, keys)
            steps.begin("test")
            docker.wait(name, port)
            answer = check_answer(
                order.package,
                lambda body: asking.ask_with_key(
                    name, HOST, port, keys.primary, "POST", "/score", body
                ),
                lambda: docker.logs(name, LOG_LINES),
            )
            add_version(records, name, order.package, order.about, **record)
            records.keep_keys(name, primary=keys.primary, secondary=keys.secondary)
            records.change(name, version=number, **record)
        said = () if answer is not None else (UNTESTED,)
        return Ready(number, self.status(name).url, keys.primary, said=said)

    def status(self, name: str, *, ask: bool = False) -> Status:
        """Return the state of the container."""
        record = self._records.read(name)
        version, port = int(record["version"]), int(record["port"])
        return Status(
            name,
            self._state(name, port),
            version,
            self._records.versions(name),
            port,
            f"http://{HOST}:{port}/score",
            compiled=self._records.about(name, version).get("compiled"),
            target="docker",
        )

    def keys(self, name: str) -> Keys:
        """Return the keys."""
        return self._records.keys(name)

    def renew_key(self, name: str, which: str) -> None:
        """Replace one of the keys and the container, which holds them."""
        with self._records.locked(name):
            self._records.keep_keys(name, **{which: new_key()})
            self._replace(name, self._records.read(name))

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """Start the container, or another with what is asked for."""
        if host is not None and not asking.is_loopback(host):
            raise ServingError(
                "A container is reached from this computer alone.",
                "Put a server with TLS before it.",
            )
        with self._records.locked(name):
            record = self._records.read(name)
            changed = record | {
                "version": version or record["version"],
                "port": port or record["port"],
            }
            if changed == record:
                docker.run(["start", docker.container_of(name)])
            else:
                self._replace(name, changed)
                self._records.change(name, version=changed["version"], port=changed["port"])
        docker.wait(name, int(changed["port"]))

    def stop(self, name: str) -> None:
        """Stop the container."""
        with self._records.locked(name):
            docker.run(["stop", docker.container_of(name)])

    def rollback(self, name: str, version: int) -> None:
        """Run the image of an earlier version."""
        self.start(name, version=version)

    def delete(self, name: str) -> None:
        """Remove the container and the images."""
        with self._records.locked(name):
            docker.remove(name)
            for version in self._records.versions(name):
                with contextlib.suppress(ServingError):
                    docker.run(["rmi", "--force", docker.image_of(name, version)])

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of the log of the container."""
        self._records.folder(name)
        return docker.logs(name, lines).splitlines()

    def ask(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send one request with the key."""
        port = int(self._records.read(name)["port"])
        # The key goes to no other program that may have got the port.
        if self._state(name, port) != "running":
            raise ServingError(
                f"The endpoint “{name}” does not run.",
                "Start it.",
                remedy="start",
                subject=name,
                wrong_input=False,
            )
        key = self.keys(name).primary
        return asking.ask_with_key(name, HOST, port, key, method, path, body)

    def _state(self, name: str, port: int) -> State:
        if shutil.which(docker.PROGRAM) is None:
            return "stopped"
        state = docker.state_of(name)
        if state == "running":
            return "running" if docker.is_ready(port) else "unresponsive"
        return _STATES.get(state, "failed")

    def _mine(self, name: str, port: int) -> bool:
        return name in self._records.names() and self._records.read(name).get("port") == port

    def _free_port(self, name: str) -> int:
        reserved = self._records.reserved_ports(name)
        port = self._records.next_port(name)
        while port in reserved or not asking.is_free(port):
            port += 1
        return port

    def _keep(self, name: str, before: Mapping[str, Any], made: Undoing) -> None:
        """Remember how the container of now is put back, running or stopped as it is."""
        version = f"version {before['version']}"
        stopped = docker.state_of(name) != "running"
        again = "is the current one, and is stopped as before" if stopped else "answers again"

        def put_back() -> None:
            self._replace(name, before)
            if stopped:
                docker.run(["stop", docker.container_of(name)])

        made.add(version, put_back, f"{version.capitalize()} {again}.")

    def _replace(self, name: str, record: Mapping[str, Any]) -> None:
        docker.replace(name, record, self._records.keys(name))
