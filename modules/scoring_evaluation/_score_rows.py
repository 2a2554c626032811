"""Score one row with the compiled form of a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from modules.contract import ExampleStep, RowForm, RowStep
from modules.contract.value import Row
from modules.values import TrainedModel


def scoring_form(append: str) -> RowForm:
    """Return the row form of a scoring module.

    Parameters
    ----------
    append : str
        Its parameter for appending the scores to the columns of the dataset.
    """
    return RowForm(partial(_make, append), _load)


def _make(append: str, step: ExampleStep) -> dict[str, Any] | str:
    model = next(value for value in step.inputs.values() if isinstance(value, TrainedModel))
    compiled = model.compile()
    if compiled is None:
        return "the learner doesn't have one"
    return {
        "model": step.store(compiled.save),
        "append": bool(step.arguments[append]),
        "label": model.label,
        "microseconds": compiled.microseconds + 1.5,
    }


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    from modules.values.compiled_model import CompiledModel
    from modules.values.saved import inside

    score = CompiledModel.load(inside(folder, form["model"])).row_function()
    label = form["label"]
    if form["append"]:

        def append(row: Row) -> dict[str, Any]:
            scores = score(row)
            return {name: value for name, value in row.items() if name not in scores} | scores

        return append

    def alone(row: Row) -> dict[str, Any]:
        scores = score(row)
        if label in row and label not in scores:
            return {label: row[label], **scores}
        return scores

    return alone
