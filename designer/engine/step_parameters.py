"""The parameters of a step: checked, with pipeline parameters and paths resolved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.pipeline.migration import migrated_node
from designer.pipeline.model import Node
from designer.pipeline.parameters import bound_parameter, named_secret, with_values
from designer.workspace import Workspace
from modules.contract import ModuleSpec, PathOf


class StepProblem(Exception):
    """Why a step can't run, as plain data in ``error``."""

    def __init__(self, code: str, message: str, **where: str) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, **where}


def given_parameters(node: Node, spec: ModuleSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameter values of a node, resolved; none without effect."""
    if node.version > spec.version:
        raise StepProblem(
            "module-too-old",
            f"The pipeline needs version {node.version} of {spec.title}; "
            f"version {spec.version} is installed.",
            hint="Update the application.",
        )
    migrated = migrated_node(node, spec) if node.version < spec.version else node
    if migrated is None:
        raise StepProblem(
            "migration-failed",
            f"The parameters of version {node.version} can't be migrated.",
        )
    known = with_values(migrated.parameters, values)
    given = {}
    for name, value in known.items():
        parameter = spec.parameter_by_name.get(name)
        if parameter is None:
            raise StepProblem(
                "parameter-unknown", f"{spec.title} has no parameter “{name}”.", parameter=name
            )
        if not spec.applies(parameter, known):
            # What has no effect must neither fail the step nor make it run again.
            continue
        missing = bound_parameter(value)
        if missing is not None:
            raise StepProblem(
                "parameter-unknown", f"The pipeline has no parameter “{missing}”.", parameter=name
            )
        source = bound_parameter(migrated.parameters[name])
        if source is not None and value is None and not parameter.optional:
            raise StepProblem(
                "parameter-unset",
                f"The pipeline parameter “{source}” has no value.",
                hint="It has no default. Set a value for this run.",
                parameter=name,
            )
        try:
            spec.read(parameter, _plain(value))
        except ValueError as error:
            raise StepProblem("parameter-wrong", str(error), parameter=name) from None
        given[name] = value
    for parameter in spec.parameters:
        if parameter.required and parameter.name not in given and spec.applies(parameter, known):
            raise StepProblem(
                "parameter-missing", f"{parameter.title} is required.", parameter=parameter.name
            )
    return given


def _plain(value: Any) -> Any:
    """Return the name of a secret as plain text."""
    named = named_secret(value)
    return value if named is None else named


def arguments_of(
    spec: ModuleSpec,
    given: Mapping[str, Any],
    parameters: Mapping[str, Any],
    base: Path,
    workspace: Workspace,
) -> tuple[dict[str, Any], dict[str, Path], dict[str, Any]]:
    """Return what the module is called with.

    Returns
    -------
    (arguments, files, datasets)
        The files that it reads, and which versions of registered datasets they are (``name``,
        ``version``, and ``hash``), by parameter.
    """
    arguments = {name: _plain(value) for name, value in given.items()}
    files = {}
    datasets = {}
    for parameter in spec.parameters:
        marker = parameter.marker
        value = parameters.get(parameter.name)
        if not isinstance(marker, PathOf) or not isinstance(value, str) or not value:
            continue
        if "://" in value or not spec.applies(parameter, parameters):
            continue
        try:
            # Once: a newer version could come between two looks.
            found = workspace.find_dataset(value)
            path = workspace.resolve(value, base) if found is None else found.path
        except KeyError as error:
            raise StepProblem(
                "dataset-unknown", str(error.args[0]), parameter=parameter.name
            ) from None
        if found is not None:
            datasets[parameter.name] = found.to_json()
        arguments[parameter.name] = str(path)
        if marker.mode == "read":
            if not path.exists():
                raise StepProblem(
                    "file-not-found",
                    f"There is no file “{value}”.",
                    hint=f"Its full path is “{path}”.",
                    parameter=parameter.name,
                )
            files[parameter.name] = path
    return arguments, files, datasets
