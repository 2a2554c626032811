"""Scoring row by row: the compiled steps, without tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError, reason_of
from modules.contract.json_files import read_json
from modules.contract.row_form import RowForm, RowStep
from modules.scoring.plan import COMPILED, PROGRAM, step_function


class NotByRows(Exception):
    """The rows of this request can't be scored one by one."""


class RowProgram:
    """The steps on single rows, without tables."""

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        try:
            program = read_json(folder / COMPILED / PROGRAM)
            modules = {step["node"]: step for step in plan["steps"]}
            names = {plain["endpoint"]: name for name, plain in plan["inputs"].items()}
            self._inputs = {name: endpoint for endpoint, name in names.items()}
            self.many_rows = int(program.get("many_rows", 2_000))
            self._outputs: dict[str, str] = dict(plan["outputs"])
            self._steps: list[tuple[RowStep, list[str], str]] = [
                (
                    _row_step(folder, modules[step["node"]], step["form"]),
                    step["inputs"],
                    step["output"],
                )
                for step in program["steps"]
            ]
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            AssertionError,
            RecursionError,
        ) as error:
            raise ModuleError(
                "package-damaged",
                f"The compiled form can't be read: {reason_of(error)}.",
                "Create the scoring package again.",
            ) from error
        self._chain = self._as_chain()

    def score(self, inputs: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of each output.

        Raises
        ------
        NotByRows
            If these rows need tables.
        """
        if self._chain is not None:
            (rows,) = inputs.values()
            (name,) = self._outputs
            answers = (self._through(row) for row in rows)
            return {name: [row for row in answers if row is not None]}
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in self._outputs}
        counts = {len(rows) for rows in inputs.values()}
        if len(counts) > 1:
            raise ModuleError(
                "row-counts-differ",
                "The inputs have different numbers of rows, but they are combined row by row.",
                "Send the same number of rows for each input.",
            )
        for index in range(max(counts, default=0)):
            values = {self._inputs[name]: rows[index] for name, rows in inputs.items()}
            for function, sources, output in self._steps:
                row = function(*(values[source] for source in sources))
                if row is None:
                    # Otherwise the rows of one branch would no longer match those of the other.
                    raise NotByRows
                values[output] = row
            for name, endpoint in self._outputs.items():
                results[name].append(_plain_row(values[endpoint]))
        return results

    def _through(self, row: dict[str, Any]) -> dict[str, Any] | None:
        assert self._chain is not None
        for function in self._chain:
            found = function(row)
            if found is None:
                return None
            row = found
        return _plain_row(row)

    def _as_chain(self) -> list[RowStep] | None:
        """Return the functions if each uses only the output of the previous one."""
        if len(self._inputs) != 1 or len(self._outputs) != 1:
            return None
        (last,) = self._inputs.values()
        chain = []
        for function, sources, output in self._steps:
            if sources != [last]:
                return None
            chain.append(function)
            last = output
        return chain if last == next(iter(self._outputs.values())) else None


def _row_step(folder: Path, step: Mapping[str, Any], form: Mapping[str, Any]) -> RowStep:
    """Return the function of a step's row form, which is declared by its module."""
    row = step_function(folder, step).__module_options__["row"]  # type: ignore[attr-defined]
    assert isinstance(row, RowForm)
    return row.load(form, folder)


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as plain JSON data; almost always it already is."""
    for name, value in row.items():
        kind = value.__class__
        if kind is str or kind is int or (kind is float and value == value) or kind is bool:
            continue
        if value is not None:
            row[name] = _plain(value)
    return row


def _plain(value: Any) -> Any:
    if value != value:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
