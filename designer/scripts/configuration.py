"""A run configuration: what to run, with what, on what, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from designer.pipeline.problem import near
from designer.scripts.problem import ScriptError
from designer.workspace import DATASET_PREFIX, Workspace

CURRENT = "current"
"""The environment that ModelDesk itself runs in."""

LOCAL = "local"
DASK = "dask"
AZURE = ("azureml-v1", "azureml-v2")

AT_AZURE = ("azureml:", "https://", "wasbs://", "abfss://")
"""How inputs begin that only a job on Azure can read."""

PLACEHOLDER = re.compile(r"\$\{\{\s*(inputs|outputs)\.([^{}\s]*)\s*\}\}")
"""Is replaced by the path of an input or output in an argument, as in jobs of Azure ML."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SUFFIXES = (".txt", ".yml", ".yaml")


@dataclass(frozen=True)
class ScriptConfiguration:
    """How a script is run.

    Parameters
    ----------
    script : Path
        The program; its folder is the working folder, and travels with it.
    arguments : tuple of str
        Its command line. ``${{inputs.NAME}}`` and ``${{outputs.NAME}}`` are replaced by
        paths.
    environment : str
        ``current``, or the path of a ``requirements.txt`` or a conda file.
    compute : str
        ``local``, ``dask:ADDRESS``, ``azureml-v1:NAME``, or ``azureml-v2:NAME``.
    experiment : str
        What its runs are listed under in MLflow and Azure ML; default: the script's name.
    inputs : mapping of str to str
        Files and folders that it reads, by name: absolute paths, ``dataset:NAME@VERSION``, or,
        on Azure, data that is there.
    outputs : mapping of str to str
        Folders that it writes, by name, relative to the script's. Empty: a new folder for each
        run, which an argument has to name.
    timeout : float or None
        Seconds after which it is ended.
    """

    script: Path
    arguments: tuple[str, ...] = ()
    environment: str = CURRENT
    compute: str = LOCAL
    experiment: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None

    @property
    def name(self) -> str:
        """The experiment, or else the script's name."""
        return self.experiment or self.script.stem

    @property
    def target(self) -> str:
        """The kind of the compute target."""
        return self.compute.partition(":")[0]

    @property
    def address(self) -> str:
        """The scheduler, or the compute target of the Azure ML workspace."""
        return self.compute.partition(":")[2]

    def command_line(self, path_of: Callable[[str, str], str]) -> list[str]:
        """Return the arguments with paths in place of the placeholders.

        Parameters
        ----------
        path_of : callable
            Returns the path for ``inputs`` or ``outputs`` and a name.
        """
        return [
            PLACEHOLDER.sub(lambda found: path_of(found[1], found[2]), each)
            for each in self.arguments
        ]

    def in_arguments(self, kind: str, name: str) -> bool:
        """Return whether an argument has a placeholder for an input or output."""
        return any(
            (kind, name) == found for each in self.arguments for found in PLACEHOLDER.findall(each)
        )


def check(configuration: ScriptConfiguration, workspace: Workspace) -> None:
    """Check what can be checked before anything runs; nothing of the script is executed.

    Raises
    ------
    ScriptError
        For the first thing that is wrong.
    """
    script = configuration.script
    if not script.is_file():
        what = "is a folder, not a script" if script.is_dir() else "doesn't exist"
        raise ScriptError(f"The script “{script}” {what}.", "Check the path of the script.")
    _check_environment(configuration.environment)
    _check_compute(configuration)
    for kind, names in (("input", configuration.inputs), ("output", configuration.outputs)):
        for name in names:
            if not _NAME.fullmatch(name):
                raise ScriptError(
                    f"“{name}” can't be the name of an {kind}.",
                    "Use letters a to z, digits, and underscores; begin with a letter.",
                )
    _check_placeholders(configuration)
    for name, value in configuration.inputs.items():
        _check_input(name, value, configuration.target in AZURE, workspace)
    for name, folder in configuration.outputs.items():
        _check_output(name, folder, configuration)
    if configuration.timeout is not None and not 0 < configuration.timeout < 1e9:
        raise ScriptError("The time limit isn't a number of seconds.", "Use a number above 0.")


def _check_environment(environment: str) -> None:
    if environment == CURRENT:
        return
    if not environment.endswith(_SUFFIXES):
        raise ScriptError(
            f"“{environment}” isn't an environment.",
            "Use current, a requirements.txt, or a conda file (.yml).",
        )
    if not Path(environment).is_file():
        raise ScriptError(
            f"The environment file “{environment}” doesn't exist.",
            "Check its path, or use current.",
        )


def _check_compute(configuration: ScriptConfiguration) -> None:
    target, address = configuration.target, configuration.address
    known = (target == LOCAL and ":" not in configuration.compute) or (
        target in (DASK, *AZURE) and bool(address)
    )
    if not known:
        raise ScriptError(
            f"“{configuration.compute}” isn't a compute target.",
            "Use local, dask:ADDRESS, azureml-v1:NAME, or azureml-v2:NAME.",
        )


def _check_placeholders(configuration: ScriptConfiguration) -> None:
    for each in configuration.arguments:
        if "\0" in each:
            raise ScriptError("An argument contains a NUL character.", "Remove it.")
        for kind, name in PLACEHOLDER.findall(each):
            names = configuration.inputs if kind == "inputs" else configuration.outputs
            if name not in names:
                raise ScriptError(
                    f"The argument “{each}” names the {kind[:-1]} “{name}”, which isn't declared.",
                    near(name, names, kind) or f"Add --{kind[:-1]} {name}=PATH.",
                )


def _check_input(name: str, value: str, azure: bool, workspace: Workspace) -> None:
    if not value:
        raise ScriptError(f"The input “{name}” has no path.", f"Use --input {name}=PATH.")
    if value.startswith(AT_AZURE):
        if not azure:
            raise ScriptError(
                f"The input “{name}” is data on Azure, which isn't available here.",
                "Use a file, or a compute target on Azure.",
            )
        return
    try:
        path = workspace.resolve(value, Path.cwd())
    except KeyError as error:
        raise ScriptError(
            f"The input “{name}”: {error.args[0]}", "See designer datasets list."
        ) from None
    if not path.exists():
        what = "dataset" if value.startswith(DATASET_PREFIX) else "file or folder"
        raise ScriptError(
            f"The input “{name}”: there is no {what} “{value}”.", "Check the path of the input."
        )


def _check_output(name: str, folder: str, configuration: ScriptConfiguration) -> None:
    if not folder:
        if not configuration.in_arguments("outputs", name):
            raise ScriptError(
                f"The output “{name}” has no folder, and no argument names it.",
                f"Use {name}=FOLDER, or pass ${{{{outputs.{name}}}}} in an argument.",
            )
        return
    path = PurePosixPath(folder.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", folder) or not path.name:
        raise ScriptError(
            f"The folder “{folder}” of the output “{name}” isn't inside the script's folder.",
            f"Use a relative path, or no folder and an argument with ${{{{outputs.{name}}}}}.",
        )
