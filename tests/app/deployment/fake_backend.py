"""Endpoints that are only remembered: what the window sees of them, without their processes."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from dataclasses import replace

from designer.app.background.errors import Cancelled, Killed, UserError
from designer.app.background.job import Job
from designer.app.deployment.backend import Backend
from designer.app.deployment.types import EndpointInfo, Interface, Response
from designer.deployment.batch.batch import Batch
from designer.deployment.target import DeployResult

KEY = "a-key-of-the-tests"

COLUMNS = [
    {"name": "age", "kind": "integer"},
    {"name": "height", "kind": "number", "missing": True},
    {"name": "colour", "kind": "string", "values": ["red", "green"]},
    {"name": "member", "kind": "boolean"},
    {"name": "note", "kind": "string", "optional": True},
]
ROWS = [
    {"age": 30, "height": 1.8, "colour": "green", "member": True},
    {"age": 41, "height": None, "colour": "red", "member": False},
]


class FakeJob(Job):
    """Works on a thread, and is told what a person wants by events."""

    def __init__(self, function) -> None:
        self.future = Future()
        self.asked, self.left, self.killed = (threading.Event() for _ in range(3))

        def work() -> None:
            try:
                self.future.set_result(function(self))
            except Exception as error:
                self.future.set_exception(error)

        threading.Thread(target=work, name="fake job", daemon=True).start()

    def cancel(self) -> None:
        self.asked.set()

    def leave(self) -> None:
        self.left.set()

    def kill(self) -> None:
        self.killed.set()


class FakeBackend:
    """Doubles the age; everything else as the real backend promises it."""

    def __init__(self) -> None:
        self.infos: dict[str, EndpointInfo] = {}
        self.models_: dict[str, list[dict]] = {}
        self.logs: dict[str, str] = {}
        self.inputs = ["input1"]
        self.deployed: list = []
        self.scored: list = []
        self.fails: dict[str, UserError] = {}
        self.obstacles: dict[str, str] = {}
        self.said: dict[str, tuple[str, str]] = {}
        self.refreshed: list[str] = []
        self.removed: list[str] = []
        self.takes_long = False
        """Whether rolling back takes until somebody ends it."""
        self.hold = threading.Event()
        self.hold.set()
        self.factor: float = 2
        self.added: dict[str, object] = {}
        self.holds_answers = threading.Event()
        self.holds_answers.set()

    def add(
        self,
        name: str,
        state: str = "running",
        versions: tuple[int, ...] = (1,),
        target: str = "local",
    ) -> None:
        cloud = target not in ("local", "docker")
        running = state == "running" and not cloud
        self.infos[name] = EndpointInfo(
            name,
            state,
            versions[-1],
            versions,
            None if cloud else 5001,
            f"http://127.0.0.1:5001/{name}/score",
            requests=0 if running else None,
            errors=0 if running else None,
            target=target,
            checked=1_700_000_000.0 if cloud else None,
            portal=f"https://ml.azure.com/endpoints/{name}" if cloud else "",
        )

    def problem_with_name(self, name, target):
        return "" if name.isalpha() and name.islower() else f"“{name}” can't be a name."

    def note_on_name(self, name):
        return f"“{name}” already exists." if name in self.infos else ""

    def obstacle(self, target):
        return self.obstacles.get(target, "")

    steps = Backend.steps

    def deploy(self, request, prepared, on_step):
        self.deployed.append((request, prepared))
        return FakeJob(lambda job: self._deploy(job, request, on_step))

    def _deploy(self, job, request, on_step):
        steps = list(self.steps(request))
        for step in steps[:2]:
            on_step(step, "running", "")
        while not self.hold.wait(0.02):
            if job.killed.is_set() or job.left.is_set():
                raise Killed("It was stopped before everything was rolled back.")
            if job.asked.is_set() and not self.takes_long:
                self._fail("rolling back")
                raise Cancelled("Canceled; everything was rolled back.")
        self._fail("deploy")
        for step in steps:
            on_step(step, *self.said.get(step, ("completed", "")))
        if request.folder is not None:
            return ("Read README.txt.",)
        name, target = request.name, request.target
        versions = self.infos[name].versions if name in self.infos else ()
        self.add(name, "running", (*versions, len(versions) + 1), target=target)
        info = self.infos[name]
        key = request.key or KEY
        more = {"portal": info.portal, "messages": ("Compiled.",)}
        return DeployResult(name, target, info.version, info.url, key, **more)

    def endpoints(self):
        self._fail("endpoints")
        return [self.infos[name] for name in sorted(self.infos)]

    def refresh(self, name):
        self._fail("refresh")
        self.refreshed.append(name)
        self._change(name, checked=1_700_000_060.0)
        return self.infos[name]

    def key(self, name):
        return KEY

    def start(self, name):
        self._fail("start")
        self._change(name, state="running", requests=0, errors=0)

    def stop(self, name):
        self._change(name, state="stopped", requests=None, errors=None, latency=None)

    def restart(self, name):
        self.start(name)

    def delete(self, name):
        del self.infos[name]

    def remove(self, name):
        self.removed.append(name)
        del self.infos[name]

    def roll_back(self, name, version):
        self._change(name, version=version)

    def log(self, name):
        return self.logs.get(name, "")

    def metrics(self, name):
        info = self.infos[name]
        latency = {"p50": 1.5 if info.requests else None, "p99": 2.5 if info.requests else None}
        return {
            "requests": info.requests,
            "errors": info.errors,
            "uptime_seconds": 61.0,
            "latency_ms": latency,
        }

    def interface(self, name):
        return Interface(dict.fromkeys(self.inputs, COLUMNS), dict.fromkeys(self.inputs, ROWS), {})

    def send(self, name, body):
        self.holds_answers.wait(30)
        info = self.infos[name]
        document = json.loads(body)
        self._change(name, requests=info.requests + 1)
        rows = document["Inputs"]["input1"]
        if not all(isinstance(row.get("age"), int) for row in rows):
            self._change(name, errors=info.errors + 1)
            error = {"code": "wrong-type", "message": "“age” isn't an integer.", "hint": "Fix it."}
            return Response(422, json.dumps({"error": error}), 0.002)
        results = [{**row, "Scored Labels": row["age"] * self.factor, **self.added} for row in rows]
        return Response(200, json.dumps({"Results": {"output1": results}}), 0.0031)

    def languages(self):
        return {"python": "Python", "curl": "curl"}

    def code(self, language, info, sample, key):
        return f"{language} {info.url} {sample} {key or 'ENDPOINT_KEY'}"

    def score_file(self, name, sources, target, bad_rows, on_progress):
        def score(job):
            on_progress(1, 2)
            while not self.hold.wait(0.02):
                if job.asked.is_set() or job.left.is_set():
                    raise Cancelled("Canceled.")
            self._fail("score")
            self.scored.append((name, sources, target, bad_rows))
            on_progress(2, 2)
            return Batch({"output1": target}, 2 if bad_rows == "keep" else 1, 1, 1)

        return FakeJob(score)

    def models(self):
        self._fail("models")
        return [
            {"name": name, "versions": len(versions), "latest": versions[0]}
            for name, versions in sorted(self.models_.items())
        ]

    def model(self, name):
        return {"name": name, "versions": self.models_[name]}

    def compare_versions(self, name):
        self._fail("compare_versions")
        return [
            {
                "version": each["version"],
                "data": {"dataset.path": f"{name}@{each['version']}"},
                "hashes": {"dataset.path": "ab" * 32},
                "metrics": each["metrics"],
            }
            for each in reversed(self.models_[name])
        ]

    def model_card(self, name, version):
        self._fail("model_card")
        return f"# {name}, version {version}\n"

    def delete_model(self, name, version):
        kept = [v for v in self.models_[name] if version and v["version"] != version]
        self.models_[name] = kept
        if not kept:
            del self.models_[name]

    def _change(self, name, **changes):
        self.infos[name] = replace(self.infos[name], **changes)

    def _fail(self, what):
        if what in self.fails:
            raise self.fails[what]


def version(name: str, number: str, **more) -> dict:
    return {
        "name": name,
        "version": number,
        "aliases": [],
        "created": 1_700_000_000.0,
        "run": f"run-{number}",
        "kind": "inference pipeline",
        "pipeline": "cars.pipeline.json",
        "metrics": {"evaluate_model.RMSE": 2.5},
        "data": {},
        **more,
    }
