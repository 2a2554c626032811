"""Finish a scoring folder: the compiled form if it is equal, and example rows."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.row_form import ExampleStep, RowForm
from modules.contract.specification import ModuleSpec
from modules.requests.tables import RequestSchema
from modules.scoring.effects import EVERYTHING
from modules.scoring.own_rows import leave_out_labels, make_up_examples
from modules.scoring.plan import COMPILED, PROGRAM, write_json
from modules.scoring.scorer import Rows, Scorer


@dataclass(frozen=True)
class Prepared:
    """The result of preparing a scoring folder.

    Parameters
    ----------
    compiled : bool
        Every step has a compiled form, and its scores equal those of the tables.
    reasons : tuple of str
        If not: why, one sentence per step.
    tables : mapping of str to (int, int)
        The rows and columns of each table of the user's that scoring needs, by its step.
    """

    compiled: bool
    reasons: tuple[str, ...] = ()
    tables: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def prepare(folder: Path | str) -> Prepared:
    """Finish a scoring folder: add the compiled form if there is one, and replace example rows.

    The compiled form is kept only if it equals the tables on the example rows. These don't stay
    in the folder: made-up ones replace them. All of the pipeline is run, so it must be the user's
    own.

    Raises
    ------
    ModuleError
        If the pipeline can't score its own example rows.
    """
    from modules.requests.tables import rows_of

    folder = Path(folder).absolute()
    shutil.rmtree(folder / COMPILED, ignore_errors=True)
    scorer = Scorer(folder, compiled=False, allowed=EVERYTHING)
    tables = scorer.tables.samples()
    samples = {}
    for name, table in tables.items():
        needed = {column.name for column in scorer.inputs[name].columns if not column.optional}
        rows = [row for row in rows_of(table) if _is_sound(scorer.inputs[name], row)]
        samples[name] = [
            {key: value for key, value in row.items() if key in needed or not needed}
            for row in rows
        ]
    # Inputs that are combined row by row need the same number of rows.
    count = min((len(rows) for rows in samples.values()), default=0)
    samples = {name: rows[:count] for name, rows in samples.items()}
    reasons = ["There are no example rows to compare with."]
    if set(tables) == set(scorer.inputs) and count:
        scorer = leave_out_labels(scorer, samples, lambda one, two: not _differences(one, two))
        reasons = _compile(scorer, tables) or check(scorer, samples)
    if reasons:
        shutil.rmtree(folder / COMPILED, ignore_errors=True)
    kept = {
        node: (len(table), len(table.names)) for node, table in scorer.tables.kept_tables().items()
    }
    make_up_examples(scorer, tables)
    return Prepared(not reasons, tuple(reasons), kept)


def check(scorer: Scorer, inputs: Mapping[str, Rows]) -> list[str]:
    """Compare the compiled form of a scoring folder with the tables.

    All rows are scored together, and some of them individually, like in most requests.

    Returns
    -------
    list of str
        Descriptions of the differences; empty if all is equal (numbers to nine digits).
    """
    by_tables = Scorer(scorer.folder, compiled=False, allowed=scorer.allowed)
    by_rows = Scorer(scorer.folder, compiled=True, allowed=scorer.allowed)
    found = _differences(by_rows.score(inputs), by_tables.score(inputs))
    count = min((len(rows) for rows in inputs.values()), default=0)
    for index in range(min(count, _ALONE) if not found else 0):
        alone = {name: rows[index : index + 1] for name, rows in inputs.items()}
        found += _differences(by_rows.score(alone), by_tables.score(alone))
    return found


def _differences(by_rows: Mapping[str, Rows], by_tables: Mapping[str, Rows]) -> list[str]:
    found = []
    for name, expected in by_tables.items():
        rows = by_rows[name]
        if len(rows) != len(expected):
            found.append(f"{name}: {len(rows)} rows instead of {len(expected)}.")
            continue
        for index, (one, two) in enumerate(zip(rows, expected, strict=True)):
            different = [key for key in {**one, **two} if not _same(one.get(key), two.get(key))]
            if list(one) != list(two):
                different = different or ["the order of the columns"]
            if different:
                key = different[0]
                shown = f"{one.get(key)!r} instead of {two.get(key)!r}"
                found.append(f"{name}, row {index + 1}: “{key}” is {shown}.")
                break
    return found


_ALONE = 10
_STEP = 1.5
"""Time of a step per row in microseconds, unless its form has ``microseconds``."""
_TOLERANCE = 1e-9
_PATIENCE = 100_000.0
"""Maximum time for scoring row by row in microseconds. Tables need half of it, but the first
request that uses them waits for pandas and scikit-learn, which then stay in memory.
(Measured with a linear model: one by one 7.5 µs a row, with tables 5 ms and 5 µs a row.)"""


def _compile(scorer: Scorer, tables: Mapping[str, DataTable]) -> list[str]:
    """Write the compiled form; return the reasons if there is none."""
    program = scorer.tables
    reasons = []
    steps = []
    microseconds = 2.0
    for step, example, fixed in program.examples(program.run(tables)):
        form = _row_form(step.spec, example, fixed)
        if isinstance(form, str):
            problem = f"{step.spec.title} (“{step.node}”) doesn't have a compiled form"
            reasons.append(f"{problem}: {form}." if form else f"{problem}.")
            continue
        ports = [port.name for port in step.spec.inputs if port.name in step.inputs]
        rows = [step.inputs[port] for port in ports if port not in fixed]
        output = f"{step.node}.{step.spec.outputs[0].name}"
        steps.append({"node": step.node, "form": form, "inputs": rows, "output": output})
        microseconds += form.get("microseconds", _STEP)
    if not reasons:
        (scorer.folder / COMPILED).mkdir(exist_ok=True)
        content = {"many_rows": int(_PATIENCE / microseconds), "steps": steps}
        write_json(scorer.folder / COMPILED / PROGRAM, content)
    return reasons


def _row_form(
    spec: ModuleSpec, example: ExampleStep, fixed: frozenset[str]
) -> Mapping[str, Any] | str:
    """Return the row form of a step as plain JSON, or why it has none."""
    row = spec.row
    if not isinstance(row, RowForm):
        return row or ""
    for port, value in example.inputs.items():
        title = spec.input_by_name[port].title
        from_request = isinstance(value, DataTable) and port not in row.fixed
        if from_request and port in fixed:
            return f"the table at “{title}” doesn't come from the request"
        if not from_request and port not in fixed:
            return f"the value at “{title}” changes with every request"
    return row.make(example)


def _is_sound(schema: RequestSchema, row: Mapping[str, Any]) -> bool:
    try:
        schema.read([row])
    except ModuleError:
        return False
    return True


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, (int, float)) and not isinstance(two, bool):
        return math.isclose(one, two, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return bool(one == two)
