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
    waiting = dict(pipeline["jobs"])
    while waiting:
        name = next(
            name
            for name, job in waiting.items()
            if not any(f"parent.jobs.{other}." in json.dumps(job) for other in waiting)
        )
        job = waiting.pop(name)
        component = yaml.safe_load((folder / job["component"]).read_text("utf-8"))
        outputs = {port: results / name / port for port in component.get("outputs", {})}
        given = {}
        for port, about in component.get("inputs", {}).items():
            source = job.get("inputs", {}).get(port, about.get("default"))
            if port not in job.get("inputs", {}):
                assert about.get("optional"), port
                if source is not None:
                    given[port] = str(source)
                continue
            if isinstance(source, dict):
                known = (data or {}).get(source["path"])
                given[port] = str(known or (folder / source["path"]).resolve())
            elif not isinstance(source, str):
                given[port] = str(source)
            elif match := re.fullmatch(r"\$\{\{parent\.jobs\.(\w+)\.outputs\.(\w+)\}\}", source):
                given[port] = str(results / match[1] / match[2])
            elif match := re.fullmatch(r"\$\{\{parent\.inputs\.(\w+)\}\}", source):
                given[port] = str(values[match[1]])
            else:
                given[port] = source
        assert set(job.get("inputs", {})) <= set(component.get("inputs", {}))
        line = re.sub(
            r"\$\[\[(.*?)\]\]",
            lambda found: (
                found[1]
                if set(re.findall(r"inputs\.(\w+)", found[1])) <= given.keys()  # noqa: B023
                else ""
            ),
            component["command"],
        )
        line = re.sub(
            r"\$\{\{(inputs|outputs)\.(\w+)\}\}",
            lambda found: str((given if found[1] == "inputs" else outputs)[found[2]]),  # noqa: B023
            line,
        )
        assert "${{" not in line
        yield Command(name, line, outputs)


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
    """Run jobs one after the other in one process, which saves the imports of each."""
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
        env=_environment({}),
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
