"""Runs compiled pipelines here: reads the YAML of SDK v2 or the graph of SDK v1 as a service would.

Knows nothing of the code under test: only the documented placeholders of the job files,
and what the SDK sends.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[3]


class Command(NamedTuple):
    """One job, ready to start."""

    name: str
    line: str
    outputs: dict[str, Path]


def v2_commands(
    folder: Path,
    results: Path,
    inputs: Mapping[str, Any] | None = None,
    data: Mapping[str, Path] | None = None,
) -> Iterator[Command]:
    """Yield the jobs of a pipeline.yml in an order that works.

    ``data`` says what registered data is, by its reference.
    """
    pipeline = yaml.safe_load((folder / "pipeline.yml").read_text("utf-8"))
    values = {**pipeline.get("inputs", {}), **(inputs or {})}
    scope = _Scope(folder, results, pipeline["jobs"], values, data or {})
    yield from scope.commands()


class _Scope:
    """The jobs of a pipeline, or of a job that is a pipeline component."""

    def __init__(
        self,
        folder: Path,
        results: Path,
        jobs: Mapping[str, Any],
        values: Mapping[str, Any],
        data: Mapping[str, Path],
        name: str = "",
    ) -> None:
        self._folder = folder
        self._results = results
        self._jobs = jobs
        self._values = values
        self._data = data
        self._name = name
        self._made: dict[tuple[str, str], Path] = {}

    def commands(self) -> Iterator[Command]:
        waiting = dict(self._jobs)
        while waiting:
            name = next(
                name
                for name, job in waiting.items()
                if not any(f"parent.jobs.{other}." in json.dumps(job) for other in waiting)
            )
            yield from self._commands_of(name, waiting.pop(name))

    def _commands_of(self, name: str, job: Mapping[str, Any]) -> Iterator[Command]:
        file = self._folder / job["component"]
        component = yaml.safe_load(file.read_text("utf-8"))
        given = {}
        for port, about in component.get("inputs", {}).items():
            source = job.get("inputs", {}).get(port, about.get("default"))
            if port not in job.get("inputs", {}):
                assert about.get("optional"), port
            value = self._value(source)
            if value is not None:
                given[port] = value
        assert set(job.get("inputs", {})) <= set(component.get("inputs", {}))
        path = f"{self._name}{name}"
        if component["type"] == "pipeline":
            inner = _Scope(
                file.parent, self._results, component["jobs"], given, self._data, f"{path}/"
            )
            yield from inner.commands()
            for port in component["outputs"]:
                (self._made[name, port],) = inner.outputs(port)
            return
        outputs = {port: self._results / path / port for port in component.get("outputs", {})}
        self._made |= {(name, port): place for port, place in outputs.items()}
        line = re.sub(
            r"\$\[\[(.*?)\]\]",
            lambda found: (
                found[1] if set(re.findall(r"inputs\.(\w+)", found[1])) <= given.keys() else ""
            ),
            component["command"],
        )
        line = re.sub(
            r"\$\{\{(inputs|outputs)\.(\w+)\}\}",
            lambda found: str((given if found[1] == "inputs" else outputs)[found[2]]),
            line,
        )
        assert "${{" not in line
        yield Command(path, line, outputs)

    def outputs(self, port: str) -> list[Path]:
        """Return where jobs write an output of the component that this is."""
        wanted = f"${{{{parent.outputs.{port}}}}}"
        return [
            self._made[name, inner]
            for name, job in self._jobs.items()
            for inner, target in job.get("outputs", {}).items()
            if target == wanted
        ]

    def _value(self, source: Any) -> str | None:
        if source is None:
            return None
        if isinstance(source, dict):
            known = self._data.get(source["path"])
            return str(known or (self._folder / source["path"]).resolve())
        text = str(source)
        if match := re.fullmatch(r"\$\{\{parent\.jobs\.(\w+)\.outputs\.(\w+)\}\}", text):
            return str(self._made[match[1], match[2]])
        if match := re.fullmatch(r"\$\{\{parent\.inputs\.(\w+)\}\}", text):
            found = self._values.get(match[1])
            return None if found is None else str(found)
        return text


def v1_commands(
    folder: Path,
    graph: Mapping[str, Any],
    results: Path,
    inputs: Mapping[str, Any] | None = None,
    data: Mapping[str, Path] | None = None,
) -> Iterator[Command]:
    """Yield the jobs of what SDK v1 submits, in an order that works."""
    submitted = graph["Submission"]
    values = {
        each["Name"]: each["DefaultValue"] for each in submitted["GraphInterface"]["Parameters"]
    }
    values |= inputs or {}
    uploaded = uploads_by_place(folder)
    fed = {
        (edge["DestinationInputPort"]["NodeId"], edge["DestinationInputPort"]["PortName"]): (
            edge["SourceOutputPort"]["NodeId"],
            edge["SourceOutputPort"]["PortName"],
        )
        for edge in submitted["Graph"]["Edges"]
    }
    waiting = [node["Id"] for node in submitted["Graph"]["ModuleNodes"]]
    while waiting:
        name = next(
            name
            for name in waiting
            if not any(to == name and source in waiting for (to, _), (source, _) in fed.items())
        )
        waiting.remove(name)
        module = graph["Modules"][name]
        outputs = {
            each["Name"]: results / name / each["Name"]
            for each in module["Outputs"]
            if not each["Name"].startswith("_")
        }
        given, mounted = {}, {}
        for port in (each["Name"] for each in module["Inputs"]):
            source, output = fed[name, port]
            if "SavedDataSetReference" in graph["DataSources"].get(source, {}):
                known = graph["DataSources"][source]["SavedDataSetReference"]["Id"]
                mounted[f"DatasetConsumptionConfig:{port}"] = str((data or {})[f"azureml:{known}"])
            elif source in graph["DataSources"]:
                reference = graph["DataSources"][source]["AzureBlobReference"]
                given[port] = uploaded[reference["RelativePath"]]
            else:
                given[port] = results / source / output
        kinds = {"Input": given, "Output": outputs, "Parameter": values}
        words = [
            mounted.get(each["Value"], each["Value"])
            if each["ValueType"] == "Literal"
            else str(kinds[each["ValueType"]][each["Value"]])
            for each in module["Arguments"]
        ]
        yield Command(name, shlex.join(["python", "run_step.py", *words]), outputs)


def uploads_by_place(folder: Path) -> dict[str, Path]:
    """Return the folders that the script's own upload function would put at each place."""
    places: dict[str, Path] = {}

    class Datastore:
        def upload(self, source: str, target_path: str, **_: Any) -> None:
            places[target_path] = Path(source)

    script: dict[str, Any] = {"__name__": "script", "__file__": str(folder / "pipeline.py")}
    exec(compile((folder / "pipeline.py").read_text("utf-8"), "pipeline.py", "exec"), script)
    script["upload"](Datastore())
    return places


def run_in_shell(command: Command, code: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run a job as a service does: a shell, in the code folder, with output folders made."""
    for output in command.outputs.values():
        output.mkdir(parents=True)
    return subprocess.run(
        command.line,
        shell=True,
        cwd=code,
        env=_environment(environment),
        capture_output=True,
        text=True,
    )


def run_all(commands: list[Command], code: Path) -> None:
    """Run jobs one after the other in one process, which saves the imports of each.

    With one thread: what is as small as in a sample is computed sooner than threads begin.
    """
    lines = []
    for command in commands:
        for output in command.outputs.values():
            output.mkdir(parents=True)
        words = shlex.split(command.line)
        assert words[0] == "python"
        lines.append(words[1:])
    done = subprocess.run(
        [sys.executable, "-c", _ALL, json.dumps(lines)],
        cwd=code,
        env=_environment({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


_ALL = """
import json, sys
sys.path[0] = ""
for words in json.loads(sys.argv[1]):
    if words[0] == "-m":
        assert words[1] == "modules.step"
        from modules.runtime.step import main
        status = main(words[2:])
    else:
        assert words[0] == "run_step.py"
        from run_step import main
        status = main(words[1:])
    assert status == 0, words
import modules, os
assert os.path.dirname(modules.__path__[0]) == os.getcwd()
assert "designer" not in sys.modules and "azureml" not in sys.modules
"""


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    # The interpreter of the tests is “python”; this checkout is not on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **more}
