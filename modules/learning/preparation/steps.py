"""Modules that prepare rows before a model, as they ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from modules.contract import DataTable, ExampleStep, ModuleError, ModuleSpec, RowForm
from modules.contract.json_files import plain
from modules.contract.registry.automated import Preparation
from modules.values import Transformation


@dataclass(frozen=True)
class Step:
    """A module that prepares the table, as it ran.

    Parameters
    ----------
    module : str
        The module's id.
    source : str
        Its dotted name.
    parameters : mapping
        Plain JSON.
    fitted : Transformation or None
        What it learned; None if the output for a row depends on that row alone.
    port : str
        The output port of the transformation; empty if there is none.
    for_training : bool
        It adds what only training reads: weights.
    form : mapping or None
        How it works on one row, if it learned nothing and can; see
        :class:`modules.contract.RowForm`.
    """

    module: str
    source: str
    parameters: Mapping[str, Any]
    fitted: Transformation | None = None
    port: str = ""
    for_training: bool = False
    form: Mapping[str, Any] | None = None


def apply(steps: Sequence[Step], table: DataTable) -> DataTable:
    """Prepare another table in the same way; what is only for training is left out."""
    for step in steps:
        if step.for_training:
            continue
        if step.fitted is not None:
            table = step.fitted.apply(table)
        else:
            (table, *_) = _called(preparing_module(step.source), step.parameters, table)
    return table


def preparing_module(source: str) -> ModuleSpec:
    """Return the module that a stored preparation names.

    Raises
    ------
    ModuleError
        If it isn't one that prepares tables: another one could run code, or write files.
    """
    from modules.contract.installed import module_functions
    from modules.contract.specification import specification

    for function in module_functions(source)[:1]:
        spec = specification(function)
        if isinstance(spec.automated, Preparation):
            return spec
    raise ModuleError(
        "model-damaged",
        f"The model prepares rows with “{source}”, which isn't a module that prepares tables.",
        "Train the model again.",
    )


def run_step(
    spec: ModuleSpec, parameters: Mapping[str, Any], table: DataTable, for_training: bool = False
) -> tuple[DataTable, Step]:
    """Return a table as a module prepares it, and the step."""
    outputs = _called(spec, parameters, table)
    port, fitted = "", None
    for output, value in zip(spec.outputs, outputs, strict=True):
        if isinstance(value, Transformation):
            port, fitted = output.name, value
    form = _row_form(spec, parameters, table, outputs[0]) if fitted is None else None
    source = spec.function.__module__
    return outputs[0], Step(spec.id, source, parameters, fitted, port, for_training, form)


def _row_form(
    spec: ModuleSpec, parameters: Mapping[str, Any], table: DataTable, result: DataTable
) -> Mapping[str, Any] | None:
    """Return how a module works on one row; None if it can't, or needs files for that."""
    if not isinstance(spec.row, RowForm):
        return None

    def store(write: object) -> NoReturn:
        raise NotImplementedError

    arguments = spec.read_parameters(parameters)
    step = ExampleStep(arguments, {spec.inputs[0].name: table}, result, store)
    try:
        form = spec.row.make(step)
    except NotImplementedError:
        return None
    # As it comes back from a file, so that a stored model equals the one that was trained.
    return None if isinstance(form, str) else plain(form)


def _called(spec: ModuleSpec, parameters: Mapping[str, Any], table: DataTable) -> tuple[Any, ...]:
    optional = [None] * (len(spec.inputs) - 1)
    return spec(table, *optional, **spec.read_parameters(parameters))
