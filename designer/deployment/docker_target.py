"""Endpoints in Docker containers on this computer."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from designer.deployment import docker, http_client
from designer.deployment.checking import UNTESTED, check_response
from designer.deployment.http_client import HOST
from designer.deployment.naming import new_key
from designer.deployment.options import CORES, MEMORY, PORT
from designer.deployment.problem import ServingError, not_running
from designer.deployment.processes import LOG_LINES
from designer.deployment.rollback import Rollback, rolled_back_on_failure
from designer.deployment.status import Keys, State, Status
from designer.deployment.steps import Steps, steps_of
from designer.deployment.target import (
    PACKAGE,
    DeploymentTarget,
    DeployRequest,
    DeployResult,
    readme,
)
from designer.deployment.texts.package_texts import PORT as SERVER_PORT
from designer.pipeline.problem import Problem

_STATES: Mapping[str, State] = {
    "created": "starting",
    "restarting": "failed",
    "paused": "unresponsive",
    "exited": "stopped",
    "dead": "failed",
}


class DockerTarget(DeploymentTarget):
    """Runs endpoints in containers."""

    name = "docker"
    title = "Docker"
    summary = "Builds an image and starts a container that only this computer can reach."
    files_summary = (
        "Writes the scoring package with a Dockerfile, and a script that builds the image and "
        "starts the container."
    )
    rank = 10
    options = (PORT, CORES, MEMORY)
    steps = steps_of("compute", "register", "deploy", "test")

    @classmethod
    def needs(cls) -> list[Problem]:
        """Return that Docker isn't installed, if so."""
        if shutil.which(docker.PROGRAM) is not None:
            return []
        return [
            Problem(
                "error",
                "Docker isn't installed on this computer.",
                "Install it.",
                code="docker-missing",
            )
        ]

    @classmethod
    def leftovers(cls, name: str) -> str:
        """Return what may remain of a deployment that was ended by force."""
        return f"A container and an image of “{name}” may remain. Delete them with Docker."

    def check(self, request: DeployRequest) -> None:
        """Raise if Docker isn't running."""
        done = docker.run(["version", "--format", "{{.Server.Version}}"], check=False)
        if done.returncode:
            raise ServingError(
                f"Docker isn't responding: {docker.last_line(done)}", "Start Docker."
            )

    def files(self, request: DeployRequest) -> Mapping[str, str]:
        """Return a script and a Compose file that build the image and start a container."""
        name, options = request.name, request.options
        cores, memory = f"{options['cores']:g}", f"{_megabytes(options)}m"
        ports = f"{HOST}:{options['port'] or SERVER_PORT}:{SERVER_PORT}"
        return {
            "compose.yaml": f"""\
services:
  {name}:
    build: ./{PACKAGE}
    image: {name}
    ports:
      - "{ports}"
    environment:
      MODELDESK_ENDPOINT_KEY: ${{MODELDESK_ENDPOINT_KEY:?set it to the key}}
      MODELDESK_ENDPOINT_HOSTS: ${{MODELDESK_ENDPOINT_HOSTS:-}}
    read_only: true
    cpus: {cores}
    mem_limit: {memory}
    restart: unless-stopped
""",
            "deploy.sh": f"""\
#!/bin/sh
# Builds the image and starts a container, with the key in MODELDESK_ENDPOINT_KEY.
set -e
cd "$(dirname "$0")"
docker build --tag {name} ./{PACKAGE}
docker run --detach --name {name} --restart unless-stopped --read-only \\
  --cpus {cores} --memory {memory} \\
  --publish {ports} --env MODELDESK_ENDPOINT_KEY --env MODELDESK_ENDPOINT_HOSTS {name}
""",
            "README.txt": readme(name, "MODELDESK_ENDPOINT_KEY=... sh deploy.sh"),
        }

    def prepare(self, request: DeployRequest, steps: Steps) -> None:
        """Look for a free port."""
        steps.begin("compute", "Docker on this computer")
        port = request.options["port"]
        if port is not None and not self._is_own_container(request.name, port):
            http_client.check_free(port)

    def deploy(self, request: DeployRequest, steps: Steps) -> DeployResult:
        """Build the image of the next version, run it and test it."""
        name, records = request.name, self.records
        with records.locked(name), rolled_back_on_failure() as made:
            known = name in records.names()
            number = records.next_version(name)
            before = records.read(name) if known else {}
            steps.begin("deploy", "building the image")
            image = docker.image_of(name, number)
            made.add(f"the image “{image}”", lambda: docker.run(["rmi", "--force", image]))
            docker.build(image, request.package, steps.notify)
            chosen = request.options["port"] or before.get("port")
            port = chosen or self._free_port(name)
            record: dict[str, Any] = {
                "target": self.name,
                "port": port,
                "sizes": {"cores": request.options["cores"], "memory": request.options["memory"]},
            }
            steps.notify("starting the container")
            if known:
                keys = records.keys(name)
                keys = Keys(request.key or keys.primary, keys.secondary)
                self._keep(name, before, made)
            else:
                keys = Keys(request.key or new_key(), new_key())
                made.add(
                    f"the container “{docker.container_of(name)}”",
                    lambda: docker.remove(name),
                    "It was removed completely.",
                )
            while True:
                try:
                    docker.replace(name, {**record, "version": number}, keys)
                    break
                except http_client.PortInUse:
                    if chosen:
                        raise
                    # Another program got it meanwhile, or a container where Docker has a
                    # virtual machine with ports that can't be seen from here.
                    port = record["port"] = self._free_port(name, port + 1)
            steps.begin("test")
            docker.wait(name, port)
            response = check_response(
                request.package,
                lambda body: http_client.send_with_key(
                    name, HOST, port, keys.primary, "POST", "/score", body
                ),
                lambda: docker.logs(name, LOG_LINES),
            )
            records.add_local(name, request.package, request.about, **record)
            records.keep_keys(name, primary=keys.primary, secondary=keys.secondary)
            records.change(name, version=number, **record)
        messages = () if response is not None else (UNTESTED,)
        url = self.status(name).url
        return DeployResult(name, self.name, number, url, keys.primary, messages=messages)

    def status(self, name: str, *, refresh: bool = False) -> Status:
        """Return the state of the container."""
        record = self.records.read(name)
        version, port = int(record["version"]), int(record["port"])
        return Status(
            name,
            self._state(name, port),
            version,
            self.records.versions(name),
            port,
            f"http://{HOST}:{port}/score",
            compiled=self.records.about(name, version).get("compiled"),
            target=self.name,
        )

    def renew_key(self, name: str, which: str) -> None:
        """Replace one of the keys and the container, which contains them."""
        with self.records.locked(name):
            self.records.keep_keys(name, **{which: new_key()})
            self._replace(name, self.records.read(name))

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Start the container, or another with the requested options."""
        if host is not None and not http_client.is_loopback(host):
            raise ServingError(
                "A container can be reached from this computer only.",
                "Put a server with TLS in front of it.",
            )
        with self.records.locked(name):
            record = self.records.read(name)
            changed = record | {
                "version": version or record["version"],
                "port": port or record["port"],
            }
            if changed == record:
                docker.run(["start", docker.container_of(name)])
            else:
                self._replace(name, changed)
                self.records.change(name, version=changed["version"], port=changed["port"])
        docker.wait(name, int(changed["port"]))

    def stop(self, name: str) -> None:
        """Stop the container."""
        with self.records.locked(name):
            docker.run(["stop", docker.container_of(name)])

    def rollback(self, name: str, version: int) -> None:
        """Run the image of an earlier version."""
        self.start(name, version=version)

    def delete(self, name: str) -> None:
        """Remove the container and the images."""
        with self.records.locked(name):
            docker.remove(name)
            for version in self.records.versions(name):
                with contextlib.suppress(ServingError):
                    docker.run(["rmi", "--force", docker.image_of(name, version)])

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of the log of the container."""
        self.records.folder(name)
        return docker.logs(name, lines).splitlines()

    def send(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send one request with the key."""
        port = int(self.records.read(name)["port"])
        # The key goes to no other program that may have got the port.
        if self._state(name, port) != "running":
            raise not_running(name)
        key = self.keys(name).primary
        return http_client.send_with_key(name, HOST, port, key, method, path, body)

    def _state(self, name: str, port: int) -> State:
        if shutil.which(docker.PROGRAM) is None:
            return "stopped"
        state = docker.state_of(name)
        if state == "running":
            return "running" if docker.is_ready(port) else "unresponsive"
        return _STATES.get(state, "failed")

    def _is_own_container(self, name: str, port: int) -> bool:
        return name in self.records.names() and self.records.read(name).get("port") == port

    def _free_port(self, name: str, lowest: int = 0) -> int:
        reserved = self.records.reserved_ports(name)
        port = max(lowest, self.records.next_port(name))
        while port in reserved or not http_client.is_free(port):
            port += 1
        return port

    def _keep(self, name: str, before: Mapping[str, Any], made: Rollback) -> None:
        """Record how to restore the current container, running or stopped."""
        version = f"version {before['version']}"
        stopped = docker.state_of(name) != "running"
        again = "is the current one, and is stopped as before" if stopped else "is active again"

        def restore_container() -> None:
            self._replace(name, before)
            if stopped:
                docker.run(["stop", docker.container_of(name)])

        made.add(version, restore_container, f"{version.capitalize()} {again}.")

    def _replace(self, name: str, record: Mapping[str, Any]) -> None:
        docker.replace(name, record, self.records.keys(name))


def _megabytes(options: Mapping[str, Any]) -> int:
    return round(float(options["memory"]) * 1024)
