"""A stand-in for the program ``docker``: no containers, but what the Dockerfile starts runs.

It does what the endpoint's own calls need. An image is a copy of the folder that was built;
a container is a process with the image's command, the published port and the variables that
were passed, and nothing else of the caller's environment.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PLACE = Path(os.environ["DOCKER_STAND_IN"])

PORT_TAKEN = 3
"""Status of the endpoint's server where another program listens on its port."""


def main(words: list[str]) -> int:
    """Carry out one command."""
    with (PLACE / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(words) + "\n")
    if (PLACE / "down").exists():
        return fail("Cannot connect to the Docker daemon. Is the docker daemon running?")
    return COMMANDS[words[0]](words[1:])


def version(words: list[str]) -> int:
    print("27.0.1")
    return 0


def build(words: list[str]) -> int:
    tag, source = words[words.index("--tag") + 1], words[-1]
    print("Step 1/12 : FROM python")
    if (PLACE / "broken").exists():
        return fail("ERROR: No matching distribution found for numpy==99")
    shutil.copytree(source, image(tag))
    print(f"Successfully tagged {tag}")
    return 0


def run(words: list[str]) -> int:
    name, tag = words[words.index("--name") + 1], words[-1]
    if container(name).exists():
        return fail(f'The container name "{name}" is already in use.')
    if not image(tag).exists():
        return fail(f"Unable to find image '{tag}' locally.")
    variables = [words[at + 1] for at, word in enumerate(words) if word == "--env"]
    container(name).mkdir()
    plain = {
        "image": tag,
        "publish": words[words.index("--publish") + 1],
        "variables": {each: os.environ[each] for each in variables if each in os.environ},
    }
    (container(name) / "container.json").write_text(json.dumps(plain))
    if (PLACE / "allocated").exists():
        (PLACE / "allocated").unlink()
        return port_in_use(plain["publish"])
    return start([name])


def start(words: list[str]) -> int:
    folder = container(words[0])
    plain = json.loads((folder / "container.json").read_text())
    package = image(plain["image"])
    host, port, inner = plain["publish"].split(":")
    text = (package / "Dockerfile").read_text()
    command = json.loads(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[-1])
    assert command[0] == "python"
    assert f"EXPOSE {inner}" in text
    outside = {"/package": str(package), "0.0.0.0": host, inner: port}
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *(outside.get(word, word) for word in command[1:])],
            cwd=package,
            env={**plain["variables"], "PYTHONPATH": str(package), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (folder / "pid").write_text(str(process.pid))
    # Docker itself has the port before the container starts, or fails.
    while process.poll() is None and not listens(process.pid, int(port)):
        time.sleep(0.02)
    if process.returncode == PORT_TAKEN:
        return port_in_use(plain["publish"])
    print(words[0])
    return 0


def port_in_use(publish: str) -> int:
    outside = publish.rpartition(":")[0]
    return fail(
        "docker: Error response from daemon: driver failed programming external connectivity: "
        f"Bind for {outside} failed: port is already allocated."
    )


def listens(pid: int, port: int) -> bool:
    """Tell whether a process itself listens on a port."""
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = {
        f"socket:[{each[9]}]"
        for each in sockets
        if each[1].endswith(f":{port:04X}") and each[3] == "0A"
    }
    try:
        opened = {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return False
    return bool(ours & opened)


def inspect(words: list[str]) -> int:
    folder = container(words[-1])
    if not folder.exists():
        return fail(f"Error: No such object: {words[-1]}")
    print("running" if alive(folder) else "exited")
    return 0


def logs(words: list[str]) -> int:
    lines = (container(words[-1]) / "log.txt").read_text().splitlines()
    print("\n".join(lines[-int(words[words.index("--tail") + 1]) :]))
    return 0


def stop(words: list[str]) -> int:
    folder = container(words[-1])
    if alive(folder):
        pid = int((folder / "pid").read_text())
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + 60
        while alive(folder) and time.monotonic() < end:
            time.sleep(0.02)
    return 0


def remove(words: list[str]) -> int:
    if not container(words[-1]).exists():
        return fail(f"Error: No such container: {words[-1]}")
    stop(words)
    shutil.rmtree(container(words[-1]))
    return 0


def remove_image(words: list[str]) -> int:
    if not image(words[-1]).exists():
        return fail(f"Error: No such image: {words[-1]}")
    shutil.rmtree(image(words[-1]))
    return 0


def image(tag: str) -> Path:
    return PLACE / "images" / tag.replace(":", "@")


def container(name: str) -> Path:
    (PLACE / "containers").mkdir(exist_ok=True)
    return PLACE / "containers" / name


def alive(folder: Path) -> bool:
    try:
        pid = int((folder / "pid").read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


COMMANDS = {
    "version": version,
    "build": build,
    "run": run,
    "start": start,
    "inspect": inspect,
    "logs": logs,
    "stop": stop,
    "rm": remove,
    "rmi": remove_image,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
