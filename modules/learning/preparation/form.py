"""A model with the preparation of its rows, for serving with numpy only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError
from modules.contract.installed import declarations, load_class
from modules.contract.registry.automated import Preparation
from modules.contract.row_form import RowForm
from modules.contract.value import Row, RowFunction
from modules.values.compiled_model import CompiledForm, CompiledModel
from modules.values.transformation import Transformation

_STEP = 2.0
"""Time of a step per row in microseconds."""


class PreparedForm(CompiledForm):
    """Each step of the preparation on one row, then the compiled form of the model.

    ``facts`` has the ``form`` of the model with its own facts as ``model``, and the ``steps``:
    ``class`` and ``fields`` of a transformation, or ``module`` and ``form`` of a module that works
    row by row. The arrays are those of the model.
    """

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function from a row, as it comes, to its score columns."""
        steps = [_function(step) for step in compiled.facts["steps"]]
        score = _inner(compiled).row_function()

        def row_function(row: Row) -> dict[str, Any]:
            for step in steps:
                row = step(row)
            return score(row)

        return row_function

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the time of the model, and of each step."""
        return _inner(compiled).microseconds + _STEP * len(compiled.facts["steps"])


def _inner(compiled: CompiledModel) -> CompiledModel:
    form = load_class(compiled.facts["form_of_model"], CompiledForm)
    return CompiledModel(form(), compiled.facts["model"], compiled.arrays)


def _function(step: Mapping[str, Any]) -> Callable[[Row], dict[str, Any]]:
    function: Any = None
    if "class" in step:
        function = load_class(step["class"], Transformation)(**step["fields"]).compile()
    else:
        options = next(iter(declarations(step["module"])), {})
        # A file must not choose another one: its form could read files.
        row = options["row"] if isinstance(options.get("automated"), Preparation) else None
        function = row.load(step["form"], Path()) if isinstance(row, RowForm) else None
    if function is None:
        raise ModuleError(
            "model-damaged",
            "A step of the preparation has no form for one row.",
            "Create the scoring package again.",
        )
    found: Callable[[Row], dict[str, Any]] = function
    return found
