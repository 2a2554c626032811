"""A single script, or one module, with all that it needs to run as a job."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from designer.azure import run_step
from designer.azure.errors import AzureError
from designer.packaging import environment, plug_ins, snapshot
from designer.pipeline.model import Json
from modules.contract import ModuleSpec

OUTPUTS = "outputs"
"""The folder whose content Azure ML keeps."""

CONDA = "conda.yml"
"""The environment of a script, beside it, where its author has one."""


@dataclass(frozen=True)
class Script:
    """What is sent.

    Parameters
    ----------
    folder : Path
        Everything in it travels.
    file : str
        The script, relative to the folder.
    arguments : tuple of str
        Plain text.
    conda : str
        The content of a conda file.
    """

    folder: Path
    file: str
    arguments: tuple[str, ...] = ()
    conda: str = ""


def script_of_file(
    file: Path, arguments: Sequence[str] = (), *, requires: Sequence[str] = ()
) -> Script:
    """Describe a training script; its folder travels with it.

    Parameters
    ----------
    requires : sequence of str
        Distributions that it needs beyond those of the modules, with the versions that
        are installed here. Not used where a ``conda.yml`` is beside the script.

    Raises
    ------
    AzureError
        If there is no such file.
    PackagingError
        If something that is required isn't installed here.
    """
    if not file.is_file():
        raise AzureError(f"There is no script “{file}”.")
    own = file.parent / CONDA
    conda = own.read_text("utf-8") if own.is_file() else environment.conda_file(requires)
    return Script(file.absolute().parent, file.name, tuple(arguments), conda)


def script_of_module(
    spec: ModuleSpec,
    parameters: Mapping[str, Json],
    inputs: Mapping[str, Path],
    folder: Path,
) -> Script:
    """Describe one module as a script, with the step program that runs it everywhere.

    Parameters
    ----------
    parameters : mapping
        Plain JSON, as in a pipeline's file.
    inputs : mapping of str to Path
        Stored values by port, as a run leaves them.
    folder : Path
        A new folder, which gets all that travels.
    """
    requires = plug_ins.requirements(spec, parameters)
    snapshot.write_snapshot(folder, requires=requires)
    shutil.copyfile(Path(run_step.__file__), folder / "run_step.py")
    (folder / "parameters.json").write_text(json.dumps(dict(parameters)), "utf-8")
    arguments = [spec.function.__module__, "--parameters", "parameters.json"]
    for port, source in inputs.items():
        shutil.copytree(source, folder / "inputs" / port)
        arguments += ["--input", f"{port}=inputs/{port}"]
    for output in spec.outputs:
        arguments += ["--output", f"{output.name}={OUTPUTS}/{output.name}"]
    return Script(folder, "run_step.py", tuple(arguments), environment.conda_file(requires))
