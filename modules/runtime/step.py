"""One step: a module called with values or, as a program, from folders to folders.

``python -m modules.step MODULE --parameters FILE.json --input PORT=DIR --output PORT=DIR``
runs anywhere that ``modules`` is installed: the local engine's workers, a cluster and an
Azure ML job call the same function.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from modules.contract.context import (
    Stop,
    Trial,
    listening,
    listening_to_trials,
    stopping,
    using_failure_folder,
)
from modules.contract.errors import ModuleError
from modules.contract.secrets import masked, withhold_environment
from modules.contract.specification import ModuleSpec
from modules.runtime.arguments import folders, parse_value, parser, read_parameters
from modules.runtime.failures import Error, error_of, traceback_of
from modules.runtime.isolation import (
    isolated_state,
    limit_memory,
    limited_threads,
    preload,
    reported_warnings,
)
from modules.runtime.loading import find_module, load_specification
from modules.runtime.masked_output import masked_output

__all__ = [
    "StepFailed",
    "error_of",
    "find_module",
    "load_specification",
    "main",
    "parse_value",
    "preload",
    "run_step",
]


ABSENT = "absent.txt"
"""The only file in the folder of an output that has no value."""


class StepFailed(Exception):
    """A step has failed.

    Parameters
    ----------
    error : dict
        As in ``error.json``.
    details : str
        The traceback, for the log.
    """

    def __init__(self, error: Error, details: str) -> None:
        super().__init__(error.get("message", ""))
        self.error = error
        self.details = details


def run_step(
    spec: ModuleSpec,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    threads: int | None = None,
    on_progress: Callable[[float, str], None] | None = None,
    on_warning: Callable[[str], None] | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    stop: Stop | None = None,
    failure_folder: Path | None = None,
) -> dict[str, Any]:
    """Call a module in isolation and catch everything that it raises.

    Parameters
    ----------
    parameters : mapping
        Plain JSON; missing parameters have their default.
    inputs : mapping of str to Value
        By port; an optional one may be missing.
    threads : int, optional
        Maximum threads of numeric libraries; None doesn't change them.
    on_progress, on_warning, on_trial : callable, optional
        Called with progress, warnings, and trials from the module.
    stop : Stop, optional
        The user's wish that the module stops and keeps what it has.
    failure_folder : Path, optional
        Where the module may store files for debugging if it fails.

    Returns
    -------
    dict of str to Value
        The outputs by port; an absent optional output is omitted.

    Raises
    ------
    StepFailed
        For any error, including ``exit()`` in a script.
    """
    try:
        arguments = _inputs(spec, inputs)
        with ExitStack() as stack:
            if on_progress is not None:
                report = on_progress
                stack.enter_context(listening(lambda share, text: report(share, masked(text))))
            stack.enter_context(listening_to_trials(on_trial))
            stack.enter_context(stopping(stop))
            stack.enter_context(using_failure_folder(failure_folder))
            stack.enter_context(reported_warnings(on_warning))
            stack.enter_context(limited_threads(threads))
            stack.enter_context(isolated_state())
            keywords = _parameters(spec, parameters)
            values = spec(*arguments, **keywords)
            return _outputs(spec, values)
    except BaseException as error:
        raise StepFailed(_masked(error_of(error, spec)), masked(traceback_of(error))) from None


def main(arguments: list[str] | None = None) -> int:
    """Run the step program; see ``--help``.

    Returns
    -------
    int
        0, or 1 if the step failed, or 2 for wrong arguments.
    """
    options = parser().parse_args(arguments)
    withhold_environment()
    with masked_output():
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        spec = find_module(options.module)
        parameters = read_parameters(options.values, options.inside, spec)
        inputs = folders(options.input, "input")
        outputs = folders(options.output, "output")
        _check_ports(spec, inputs, outputs)
    except (LookupError, ValueError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    try:
        limit_memory(options.memory_limit)
        failure_folder = Path(options.error).absolute().with_suffix(".pictures")
        _run_on_folders(spec, parameters, inputs, outputs, options.threads, failure_folder)
    except StepFailed as failure:
        if options.memory_limit is not None and failure.error["code"] == "out-of-memory":
            failure.error["message"] = (
                f"{spec.title} needed more than {options.memory_limit:g} GB of memory."
            )
        content = json.dumps(failure.error, indent=1, ensure_ascii=False) + "\n"
        Path(options.error).parent.mkdir(parents=True, exist_ok=True)
        Path(options.error).write_text(content, "utf-8")
        print(failure.details, file=sys.stderr)  # noqa: T201
        print(failure.error["message"], file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _masked(error: Error) -> Error:
    return {name: masked(text) if isinstance(text, str) else text for name, text in error.items()}


def _run_on_folders(
    spec: ModuleSpec,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Path],
    outputs: Mapping[str, Path],
    threads: int | None,
    failure_folder: Path,
) -> None:
    from modules.values import storage

    try:
        values = {
            port: storage.load(folder) for port, folder in inputs.items() if not _is_absent(folder)
        }
    except (ModuleError, OSError) as error:
        raise StepFailed(error_of(error, spec), traceback_of(error)) from None
    results = run_step(
        spec,
        parameters,
        values,
        threads=threads,
        failure_folder=failure_folder,
        on_warning=lambda text: print(f"Warning: {text}", file=sys.stderr),  # noqa: T201
    )
    try:
        for port, folder in outputs.items():
            # In an Azure job the output folders already exist.
            if folder.exists():
                for old in folder.iterdir():
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
            if port in results:
                storage.save(results[port], folder)
            else:
                # A blob store keeps no empty folder, and the next step would find none.
                folder.mkdir(parents=True, exist_ok=True)
                (folder / ABSENT).write_text("The module returned no value.\n", "utf-8")
    except (ModuleError, OSError) as error:
        raise StepFailed(error_of(error, spec), traceback_of(error)) from None


def _is_absent(folder: Path) -> bool:
    """Return whether a step has written that it has no value for an output."""
    return {path.name for path in folder.iterdir()} <= {ABSENT}


def _check_ports(spec: ModuleSpec, inputs: Mapping[str, Path], outputs: Mapping[str, Path]) -> None:
    for what, given, ports in (
        ("input", inputs, spec.input_by_name),
        ("output", outputs, spec.output_by_name),
    ):
        for name in given:
            if name not in ports:
                raise ValueError(f"{spec.title} has no {what} “{name}”.")
    for port in spec.inputs:
        if not port.optional and port.name not in inputs:
            raise ValueError(f"The input “{port.name}” is missing.")
    for name, folder in inputs.items():
        if not folder.is_dir():
            raise ValueError(f"Folder “{folder}” for the input “{name}” doesn't exist.")


def _inputs(spec: ModuleSpec, inputs: Mapping[str, Any]) -> list[Any]:
    from modules.values.untrained_model import UntrainedModel

    arguments = []
    for port in spec.inputs:
        value = inputs.get(port.name)
        if value is None and not port.optional:
            raise ModuleError(
                "input-missing",
                f"The input “{port.title}” doesn't have a value.",
                "Link it to an output that has a value.",
                port=port.name,
            )
        if isinstance(value, UntrainedModel) and value.search and not port.tries_values:
            raise ModuleError(
                "several-values",
                f"{value.title} has several values to try, but {spec.title} needs one of each.",
                "Use Tune Model Hyperparameters, or enter single values for the learner.",
                port=port.name,
            )
        arguments.append(value)
    return arguments


def _parameters(spec: ModuleSpec, parameters: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return spec.read_parameters(parameters)
    except ValueError as error:
        raise ModuleError(
            "parameter-wrong", str(error), "Correct the parameter of the module."
        ) from None


def _outputs(spec: ModuleSpec, values: tuple[Any, ...]) -> dict[str, Any]:
    if len(values) != len(spec.outputs):
        raise ModuleError(
            "outputs-wrong",
            f"{spec.title} returned {len(values)} results instead of {len(spec.outputs)}.",
        )
    from modules.contract.port_type import AnyValue
    from modules.contract.value import Value

    outputs: dict[str, Any] = {}
    for port, value in zip(spec.outputs, values, strict=True):
        if value is None and port.optional:
            continue
        accepted = (Value,) if AnyValue in port.types else port.types
        if not isinstance(value, accepted):
            raise ModuleError(
                "output-wrong",
                f"{spec.title} returned a {type(value).__name__} at “{port.title}” "
                f"instead of a {port.type_name}.",
                port=port.name,
            )
        outputs[port.name] = value
    return outputs
