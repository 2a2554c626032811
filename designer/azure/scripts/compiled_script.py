"""A run configuration as files for Azure ML: code, environment, data, and the job."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.azure.compile.compiling import RECORD, replaced_folder
from designer.azure.errors import AzureError
from designer.azure.scripts.script import CONDA, OUTPUTS, Script
from designer.azure.scripts.script_environment import conda_of
from designer.packaging import environment
from designer.records import write_record
from designer.scripts.configuration import AT_AZURE, PLACEHOLDER, ScriptConfiguration
from designer.workspace import Workspace

CODE = "code"
JOB = "job.yml"
SUBMIT = "submit.py"
INPUTS = "inputs"

_REGISTERED = re.compile(r"azureml:(?P<name>[\w.-]+?)(?::(?P<version>[\w.-]+))?")
_LEFT_OUT = ("__pycache__", "node_modules", "mlruns", OUTPUTS)
_LARGEST = 300_000_000
"""Bytes of code that Azure ML accepts."""


@dataclass(frozen=True)
class CompiledScript:
    """Files of a script's job.

    Parameters
    ----------
    script : Script
        What SDK v1 sends, without data that is registered on Azure.
    registered : tuple of (str, str, str)
        For SDK v1: a placeholder in the arguments, and name and version of the data that
        replaces it; empty for the latest version.
    """

    folder: Path
    script: Script
    registered: tuple[tuple[str, str, str], ...] = ()


def compile_script(
    configuration: ScriptConfiguration,
    workspace: Workspace,
    target: str,
    folder: Path,
    *,
    compute: str = "",
    force: bool = False,
) -> CompiledScript:
    """Write the job of a script; needs no network and no sign-in.

    ``code`` has the script's folder. For SDK v2 ``job.yml`` is a command job with inputs and
    outputs; for SDK v1 ``submit.py`` has a ScriptRunConfig with an Environment.

    Parameters
    ----------
    target : str
        ``azureml-v1`` or ``azureml-v2``.
    compute : str
        The compute target; default: that of the configuration.
    force : bool
        Write into a folder that contains other files.

    Raises
    ------
    AzureError
        If the target can't run it.
    FolderError
        If the folder can't be written.
    PackagingError
        If the environment isn't known.
    ScriptError
        If the environment file can't be read.
    """
    compute = compute or configuration.address or "cpu-cluster"
    with replaced_folder(folder, force) as fresh:
        _copy_code(configuration.script.parent, fresh / CODE)
        conda = conda_of(configuration)
        (fresh / CONDA).write_text(conda, "utf-8", newline="\n")
        if target == "azureml-v1":
            compiled = _compile_v1(configuration, workspace, fresh, folder, compute, conda)
        else:
            compiled = _compile_v2(configuration, workspace, fresh, folder, compute, conda)
        write_record(fresh / RECORD, {"compiled": target, "script": configuration.script.name})
    return compiled


def _compile_v2(
    configuration: ScriptConfiguration,
    workspace: Workspace,
    fresh: Path,
    folder: Path,
    compute: str,
    conda: str,
) -> CompiledScript:
    import yaml

    inputs: dict[str, Any] = {}
    for name, value in configuration.inputs.items():
        if value.startswith(AT_AZURE):
            inputs[name] = {"type": "uri_folder", "path": value}
            continue
        copy, is_file = _copy_input(name, value, workspace, fresh / INPUTS)
        inputs[name] = {
            "type": "uri_file" if is_file else "uri_folder",
            "path": f"./{INPUTS}/{copy.relative_to(fresh / INPUTS).as_posix()}",
        }
    document: dict[str, Any] = {
        "$schema": "https://azuremlschemas.azureedge.net/latest/commandJob.schema.json",
        "type": "command",
        "display_name": configuration.name,
        "experiment_name": _experiment(configuration),
        "code": f"./{CODE}",
        "command": _command(configuration),
        "environment": {"image": environment.IMAGE, "conda_file": f"./{CONDA}"},
        "environment_variables": {"PYTHONUNBUFFERED": "1"},
        "compute": f"azureml:{compute}",
        "inputs": inputs,
        "outputs": {name: {"type": "uri_folder"} for name in configuration.outputs},
    }
    if configuration.timeout is not None:
        document["limits"] = {"timeout": max(1, int(configuration.timeout))}
    kept = {key: value for key, value in document.items() if value != {}}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=96)
    (fresh / JOB).write_text(text, "utf-8", newline="\n")
    script = Script(folder / CODE, configuration.script.name, (), conda)
    return CompiledScript(folder, script)


def _compile_v1(
    configuration: ScriptConfiguration,
    workspace: Workspace,
    fresh: Path,
    folder: Path,
    compute: str,
    conda: str,
) -> CompiledScript:
    paths: dict[tuple[str, str], str] = {}
    registered = []
    for name, value in configuration.inputs.items():
        if value.startswith(AT_AZURE):
            found = _REGISTERED.fullmatch(value)
            if found is None:
                raise AzureError(
                    f"The input “{name}” is “{value}”, which SDK v1 can't read.",
                    "Use azureml:NAME:VERSION, or compute on azureml-v2.",
                )
            registered.append((f"${{{{inputs.{name}}}}}", found["name"], found["version"] or ""))
            continue
        copy, _ = _copy_input(name, value, workspace, fresh / CODE / INPUTS)
        paths["inputs", name] = copy.relative_to(fresh / CODE).as_posix()
    for name, written in configuration.outputs.items():
        if written and written.split("/")[0] != OUTPUTS:
            raise AzureError(
                f"SDK v1 keeps only what is written into {OUTPUTS}, and the output “{name}” is "
                f"“{written}”.",
                f"Pass ${{{{outputs.{name}}}}} in an argument and name no folder, or use "
                "compute on azureml-v2.",
            )
        paths["outputs", name] = written or f"{OUTPUTS}/{name}"
    known = {placeholder for placeholder, _, _ in registered}
    arguments = [
        each
        if _normal(each) in known
        else PLACEHOLDER.sub(lambda found: _path(paths, found[1], found[2]), each)
        for each in configuration.arguments
    ]
    arguments = [_normal(each) for each in arguments]
    text = _SUBMIT.format(
        name=configuration.script.name,
        script=json.dumps(configuration.script.name, ensure_ascii=False),
        arguments=_lines(arguments),
        compute=json.dumps(compute),
        experiment=json.dumps(_experiment(configuration), ensure_ascii=False),
        image=json.dumps(environment.IMAGE),
        environment=json.dumps(environment.NAME),
        conda=json.dumps(CONDA),
        data=json.dumps({key: [name, version] for key, name, version in registered}),
        seconds=int(configuration.timeout or 30 * 24 * 3600),
    )
    (fresh / SUBMIT).write_text(text, "utf-8", newline="\n")
    script = Script(folder / CODE, configuration.script.name, tuple(arguments), conda)
    return CompiledScript(folder, script, tuple(registered))


def _path(paths: dict[tuple[str, str], str], kind: str, name: str) -> str:
    if (kind, name) not in paths:
        raise AzureError(
            f"The data of the input “{name}” is registered on Azure, so it has to be an argument "
            "of its own with SDK v1.",
            f"Pass ${{{{inputs.{name}}}}} alone, or use compute on azureml-v2.",
        )
    return paths[kind, name]


def _normal(argument: str) -> str:
    return PLACEHOLDER.sub(lambda found: f"${{{{{found[1]}.{found[2]}}}}}", argument)


def _command(configuration: ScriptConfiguration) -> str:
    """Return the shell command of SDK v2: outputs that the script names itself are copied."""
    words = ["python", configuration.script.name, *configuration.arguments]
    parts = [" ".join(_word(each, configuration) for each in words)]
    for name, folder in configuration.outputs.items():
        if folder:
            parts.append(f'cp -r {shlex.quote(folder)}/. "${{{{outputs.{name}}}}}"')
    return " && ".join(parts)


def _word(text: str, configuration: ScriptConfiguration) -> str:
    if not PLACEHOLDER.search(text):
        return shlex.quote(text)
    # Double quotes, since a placeholder may become a variable of the shell.
    parts = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        parts.append(re.sub(r'([\\"$`])', r"\\\1", text[end : found.start()]))
        folder = configuration.outputs.get(found[2], "") if found[1] == "outputs" else ""
        parts.append(folder or f"${{{{{found[1]}.{found[2]}}}}}")
        end = found.end()
    parts.append(re.sub(r'([\\"$`])', r"\\\1", text[end:]))
    return f'"{"".join(parts)}"'


def _experiment(configuration: ScriptConfiguration) -> str:
    """Return a name that Azure ML accepts."""
    clean = re.sub(r"[^A-Za-z0-9_-]+", "-", configuration.name).strip("-")
    return clean[:200] or "script"


def _copy_input(name: str, value: str, workspace: Workspace, folder: Path) -> tuple[Path, bool]:
    source = workspace.resolve(value, Path.cwd())
    copy = folder / name / source.name
    copy.parent.mkdir(parents=True)
    if source.is_dir():
        shutil.copytree(source, copy)
    else:
        shutil.copyfile(source, copy)
    return copy, source.is_file()


def _copy_code(source: Path, folder: Path) -> None:
    size = 0
    for file in _code_files(source):
        size += file.stat().st_size
        if size > _LARGEST:
            raise AzureError(
                f"The folder “{source}” is too large to be sent: more than "
                f"{_LARGEST // 1_000_000} MB.",
                "Put the script into a folder with its code only, and pass data as inputs.",
            )
        copy = folder / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _code_files(folder: Path) -> Iterator[Path]:
    """Yield the files that travel: no hidden ones, no environments, nothing that is made."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _LEFT_OUT or path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not (path / "pyvenv.cfg").exists():
            yield from _code_files(path)


def _lines(arguments: list[str]) -> str:
    return "".join(f"\n    {json.dumps(each, ensure_ascii=False)}," for each in arguments)


_SUBMIT = '''\
"""{name} for Azure Machine Learning, SDK v1.

Written by ModelDesk, to be run or edited: put the config.json of your workspace beside
it, then call python submit.py. It needs azureml-core.
"""

from pathlib import Path

from azureml.core import Dataset, Environment, Experiment, ScriptRunConfig, Workspace

HERE = Path(__file__).parent

SCRIPT = {script}
ARGUMENTS = [{arguments}
]
COMPUTE = {compute}
EXPERIMENT = {experiment}
# Arguments that are replaced by data on Azure: its name and version.
DATA = {data}


def configuration(workspace=None):
    """Return what is submitted; a workspace is needed for data on Azure only."""
    environment = Environment.from_conda_specification({environment}, str(HERE / {conda}))
    environment.docker.base_image = {image}
    arguments = []
    for each in ARGUMENTS:
        if each in DATA:
            name, version = DATA[each]
            each = Dataset.get_by_name(workspace, name, version or "latest").as_mount()
        arguments.append(each)
    return ScriptRunConfig(
        source_directory=str(HERE / "code"),
        script=SCRIPT,
        arguments=arguments,
        compute_target=COMPUTE,
        environment=environment,
        max_run_duration_seconds={seconds},
    )


if __name__ == "__main__":
    workspace = Workspace.from_config(str(HERE))
    run = Experiment(workspace, EXPERIMENT).submit(configuration(workspace))
    print(run.get_portal_url())
    run.wait_for_completion(show_output=True)
'''
