"""Scoring in memory: an inference pipeline's folder as a function from rows to rows.

>>> scorer = Scorer(folder)
>>> scorer.score({"input1": [{"age": 41, "town": "Oslo"}]})
{'output1': [{'age': 41, 'town': 'Oslo', 'Scored Labels': 'yes', ...}]}

The folder is written by ``designer.pipeline.scoring.write_scoring_folder`` and finished by
:func:`prepare`. It stands alone: ``scoring.json`` names the steps, inputs and outputs,
``values/`` holds what was learnt, ``samples.json`` example rows. If every step has a
compiled form, ``compiled/`` holds it, and scoring imports numpy alone; otherwise the steps
run on tables, as they do in a run.

A scorer may be used by several threads. Everything that is wrong with a request is a
:class:`modules.contract.ModuleError` that names the column where there is one.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.compiled import reason_of
from modules.contract.errors import ModuleError
from modules.contract.requests import RequestSchema
from modules.contract.saved import inside, load_saved
from modules.contract.specification import Effects, ModuleSpec
from modules.step import error_of, load_specification

if TYPE_CHECKING:
    from modules.contract.data_table import DataTable
    from modules.contract.row_steps import RowStep

PLAN = "scoring.json"
SAMPLES = "samples.json"
COMPILED = "compiled"
FORMAT = 1

MANY_ROWS = 2_000
"""Rows of a request from which on tables are faster than a compiled row function."""

_TOLERANCE = 1e-9

Rows = Sequence[Mapping[str, Any]]


class Scorer:
    """Scores rows with an inference pipeline.

    Parameters
    ----------
    folder : Path
        The scoring folder.
    compiled : bool, optional
        True or False for one of the two ways; by default the compiled one where there is
        one.

    Attributes
    ----------
    inputs : dict of str to RequestSchema
        What the rows of each input hold.
    outputs : list of str
        The names of the outputs.
    parameters : dict
        Pipeline parameters with their defaults.
    compiled : bool
        Whether rows are scored without tables.

    Raises
    ------
    ModuleError
        If the folder is no scoring folder, or something in it is missing, damaged or not
        to be trusted.
    """

    def __init__(self, folder: Path | str, *, compiled: bool | None = None) -> None:
        self.folder = Path(folder).absolute()
        self._plan = _read_plan(self.folder)
        self.inputs = {
            name: RequestSchema.from_json(plain["columns"] or [], plain["unseen_values"])
            for name, plain in self._plan["inputs"].items()
        }
        self.outputs = list(self._plan["outputs"])
        self.parameters = {
            name: plain.get("default") for name, plain in self._plan["parameters"].items()
        }
        there = (self.folder / COMPILED / "program.json").is_file()
        self.compiled = there if compiled is None else compiled
        if self.compiled:
            self._rows = _RowProgram(self.folder, self._plan)
        else:
            self._tables.load()

    def score(
        self, inputs: Mapping[str, Rows], parameters: Mapping[str, Any] | None = None
    ) -> dict[str, list[dict[str, Any]]]:
        """Score the rows of a request.

        Parameters
        ----------
        inputs : mapping of str to list of dict
            The rows of each input, as JSON has them.
        parameters : mapping, optional
            Pipeline parameters that differ from their defaults.

        Returns
        -------
        dict of str to list of dict
            The rows of each output as plain JSON data.

        Raises
        ------
        ModuleError
            For the first thing that is wrong with the request.
        """
        given = self._changed(parameters or {})
        self._check_names(inputs)
        checked = {name: schema.read(inputs[name]) for name, schema in self.inputs.items()}
        longest = max((len(rows) for rows in checked.values()), default=0)
        if self.compiled and not given and longest < MANY_ROWS:
            return self._rows.score(checked)
        return self._score_by_tables(checked, given)

    def score_tables(
        self, tables: Mapping[str, DataTable], parameters: Mapping[str, Any] | None = None
    ) -> dict[str, DataTable]:
        """Score whole tables, a file for example; columns are not checked beforehand."""
        self._check_names(tables)
        return self._tables.score(tables, self._changed(parameters or {}))

    def values(self, tables: Mapping[str, DataTable]) -> dict[str, Any]:
        """Return every value that comes about in scoring, by ``node.port``."""
        return self._tables.run(tables)

    @cached_property
    def samples(self) -> dict[str, list[dict[str, Any]]]:
        """Example rows of each input, without what need not be sent."""
        try:
            found = json.loads((self.folder / SAMPLES).read_text("utf-8"))
        except (OSError, ValueError):
            return {name: [] for name in self.inputs}
        return found if isinstance(found, dict) else {}

    @cached_property
    def _tables(self) -> _TableProgram:
        return _TableProgram(self.folder, self._plan)

    def _score_by_tables(
        self, checked: Mapping[str, list[dict[str, Any]]], given: Mapping[str, Any]
    ) -> dict[str, list[dict[str, Any]]]:
        from modules.contract.requests import rows_of, table_of

        tables = {
            name: table_of(rows, self.inputs[name], self._tables.dtypes(name))
            for name, rows in checked.items()
        }
        results = self._tables.score(tables, given)
        return {name: rows_of(table) for name, table in results.items()}

    def _check_names(self, inputs: Mapping[str, Any]) -> None:
        for name in inputs:
            if name not in self.inputs:
                listed = ", ".join(f"“{known}”" for known in self.inputs)
                raise ModuleError(
                    "input-unknown", f"There is no input “{name}”.", f"Inputs are {listed}."
                )
        for name in self.inputs:
            if name not in inputs:
                raise ModuleError(
                    "input-missing", f"The input “{name}” is missing.", "Send its rows."
                )

    def _changed(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        for name in parameters:
            if name not in self.parameters:
                raise ModuleError(
                    "parameter-unknown",
                    f"There is no parameter “{name}”.",
                    "Leave it out.",
                    parameter=name,
                )
        return {name: value for name, value in parameters.items() if value != self.parameters[name]}


@dataclass(frozen=True)
class Prepared:
    """What came of preparing a scoring folder.

    Parameters
    ----------
    compiled : bool
        Every step has a compiled form, and its scores equal those of the tables.
    reasons : tuple of str
        If not: why, one sentence a step.
    """

    compiled: bool
    reasons: tuple[str, ...] = ()


def prepare(folder: Path | str) -> Prepared:
    """Finish a scoring folder: write example rows, and the compiled form if there is one.

    The compiled form is kept only if it equals the tables on the example rows.

    Raises
    ------
    ModuleError
        If the pipeline can't score its own example rows.
    """
    from modules.contract.requests import rows_of

    folder = Path(folder).absolute()
    shutil.rmtree(folder / COMPILED, ignore_errors=True)
    scorer = Scorer(folder, compiled=False)
    tables = scorer._tables.samples()
    samples = {}
    for name, table in tables.items():
        needed = {column.name for column in scorer.inputs[name].columns if not column.optional}
        rows = [row for row in rows_of(table) if _is_sound(scorer.inputs[name], row)]
        samples[name] = [
            {key: value for key, value in row.items() if key in needed or not needed}
            for row in rows
        ]
    # Inputs that belong together row by row need as many rows.
    count = min((len(rows) for rows in samples.values()), default=0)
    samples = {name: rows[:count] for name, rows in samples.items()}
    _write_json(folder / SAMPLES, {name: rows[:_EXAMPLES] for name, rows in samples.items()})
    if set(tables) != set(scorer.inputs) or not count:
        return Prepared(False, ("There are no example rows to compare with.",))
    reasons = _compile(scorer, tables)
    if not reasons:
        reasons = check(scorer, samples)
    if reasons:
        shutil.rmtree(folder / COMPILED, ignore_errors=True)
    return Prepared(not reasons, tuple(reasons))


def check(scorer: Scorer, inputs: Mapping[str, Rows]) -> list[str]:
    """Compare the compiled form of a scoring folder with the tables.

    Returns
    -------
    list of str
        What differs, in words; empty if all is equal (numbers to nine digits).
    """
    by_tables = Scorer(scorer.folder, compiled=False).score(inputs)
    by_rows = Scorer(scorer.folder, compiled=True).score(inputs)
    found = []
    for name, expected in by_tables.items():
        rows = by_rows[name]
        if len(rows) != len(expected):
            found.append(f"{name}: {len(rows)} rows instead of {len(expected)}.")
            continue
        for place, (one, two) in enumerate(zip(rows, expected, strict=True)):
            different = [key for key in {**one, **two} if not _same(one.get(key), two.get(key))]
            if list(one) != list(two):
                different = different or ["the order of the columns"]
            if different:
                key = different[0]
                shown = f"{one.get(key)!r} instead of {two.get(key)!r}"
                found.append(f"{name}, row {place + 1}: “{key}” is {shown}.")
                break
    return found


_EXAMPLES = 5
_user_code = threading.Lock()


class _Step:
    """A step of the plan, with its module."""

    def __init__(self, plain: Mapping[str, Any], folder: Path) -> None:
        self.node: str = plain["node"]
        self.inputs: dict[str, str] = plain["inputs"]
        self.paths: list[str] = plain["paths"]
        self.stored: dict[str, Any] = plain["parameters"]
        self._folder = folder
        file = inside(folder, plain["file"]) if plain.get("file") else None
        try:
            self.spec: ModuleSpec = load_specification(plain["module"], file, plain["function"])
        except (ImportError, AttributeError, TypeError) as error:
            raise ModuleError(
                "module-unknown",
                f"The module of “{self.node}” can't be loaded: {reason_of(error)}.",
                "Make the scoring package again with this version.",
            ) from error

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments, given the values of pipeline parameters."""
        plain = {}
        for name, value in self.stored.items():
            if isinstance(value, dict) and set(value) == {"$parameter"}:
                value = values[value["$parameter"]]
            plain[name] = str(inside(self._folder, value)) if name in self.paths else value
        try:
            return self.spec.read_parameters(plain)
        except ValueError as error:
            raise ModuleError("parameter-wrong", str(error)) from None

    @property
    def is_bound(self) -> bool:
        """Whether a pipeline parameter gives one of the parameters."""
        return any(isinstance(v, dict) and set(v) == {"$parameter"} for v in self.stored.values())

    def run(self, values: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs by endpoint."""
        inputs = [
            values.get(self.inputs[port.name]) if port.name in self.inputs else None
            for port in self.spec.inputs
        ]
        for port, value in zip(self.spec.inputs, inputs, strict=True):
            if value is None and not port.optional:
                raise ModuleError(
                    "input-missing", f"“{self.node}” has nothing to read at “{port.title}”."
                )
        try:
            with _surroundings(self.spec):
                results = self.spec(*inputs, **arguments)
        except ModuleError:
            raise
        except Exception as error:
            found = ModuleError.from_json(error_of(error, self.spec))
            raise found from error
        return {
            f"{self.node}.{port.name}": value
            for port, value in zip(self.spec.outputs, results, strict=True)
            if value is not None
        }


class _TableProgram:
    """The steps on tables, as in a run."""

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        self._plan = plan
        self._folder = folder
        self._inputs = {plain["endpoint"]: name for name, plain in plan["inputs"].items()}
        self._steps = [_Step(plain, folder) for plain in plan["steps"]]
        self._dtypes: dict[str, dict[str, Any]] = {}
        self._defaults = {name: plain.get("default") for name, plain in plan["parameters"].items()}

    def load(self) -> None:
        """Do what no request changes: read models and tables, look things up."""
        for name in self._plan["inputs"]:
            self.dtypes(name)
        self._constants  # noqa: B018

    def score(
        self, tables: Mapping[str, DataTable], given: Mapping[str, Any]
    ) -> dict[str, DataTable]:
        """Return the table of each output."""
        values = self.run(tables, given)
        return {name: values[endpoint] for name, endpoint in self._plan["outputs"].items()}

    def run(
        self, tables: Mapping[str, DataTable], given: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return every value by endpoint."""
        constants, arguments, changing = self._constants
        values = dict(constants)
        for endpoint, name in self._inputs.items():
            values[endpoint] = tables[name]
        defaults = self._defaults | dict(given or {})
        for step in self._steps if given else changing:
            known = step.arguments(defaults) if given and step.is_bound else arguments[step.node]
            values |= step.run(values, known)
        return values

    def samples(self) -> dict[str, DataTable]:
        """Return the example rows of each input that has some."""
        from modules.contract.values import Value

        found: dict[str, Any] = {}
        for name, plain in self._plan["inputs"].items():
            if plain.get("sample"):
                found[name] = load_saved(str(inside(self._folder, plain["sample"])), Value)
        return found

    def dtypes(self, name: str) -> dict[str, Any]:
        """Return the types of categorical columns, as the example rows have them."""
        if name not in self._dtypes:
            columns = self._plan["inputs"][name]["columns"] or []
            found: dict[str, Any] = {}
            if any(column["kind"] == "categorical" for column in columns):
                table = self.samples().get(name)
                if table is not None:
                    found = {
                        str(key): dtype
                        for key, dtype in table.frame.dtypes.items()
                        if str(dtype) == "category"
                    }
            self._dtypes[name] = found
        return self._dtypes[name]

    def form_inputs(self, values: Mapping[str, Any]) -> Iterator[tuple[_Step, Any]]:
        """Yield each step that a request changes with what its row form is made from."""
        from modules.contract.row_steps import StepInputs

        _, arguments, changing = self._constants
        kept = {
            f"{step.node}.{port.name}": step.stored["path"]
            for step in self._steps
            for port in step.spec.outputs
            if step.paths == ["path"] and isinstance(step.stored.get("path"), str)
        }
        for step in changing:
            entered = {port: values[source] for port, source in step.inputs.items()}
            result = values[f"{step.node}.{step.spec.outputs[0].name}"]
            places = {port: kept[source] for port, source in step.inputs.items() if source in kept}
            yield (
                step,
                StepInputs(step.spec.id, arguments[step.node], entered, result, places),
            )

    @cached_property
    def _constants(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]], list[_Step]]:
        """What no request changes, the arguments of all steps, and the steps that remain."""
        values: dict[str, Any] = {}
        arguments = {}
        changing = []
        waiting = set(self._inputs)
        for step in self._steps:
            arguments[step.node] = step.arguments(self._defaults)
            if waiting & set(step.inputs.values()):
                waiting |= {f"{step.node}.{port.name}" for port in step.spec.outputs}
                changing.append(step)
            else:
                values |= step.run(values, arguments[step.node])
        return values, arguments, changing


class _RowProgram:
    """The steps on single rows, without tables."""

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        from modules.contract.row_steps import load_row_step

        try:
            program = json.loads((folder / COMPILED / "program.json").read_text("utf-8"))
            places = {plain["endpoint"]: name for name, plain in plan["inputs"].items()}
            self._inputs = {name: endpoint for endpoint, name in places.items()}
            self._outputs: dict[str, str] = dict(plan["outputs"])
            self._steps: list[tuple[RowStep, list[str], str]] = [
                (load_row_step(step["form"], folder), step["inputs"], step["output"])
                for step in program["steps"]
            ]
        except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
            raise ModuleError(
                "package-damaged",
                f"The compiled form can't be read: {reason_of(error)}.",
                "Make the scoring package again.",
            ) from error
        self._chain = self._as_chain()

    def score(self, inputs: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of each output."""
        if self._chain is not None:
            (rows,) = inputs.values()
            (name,) = self._outputs
            return {name: [self._through(row) for row in rows]}
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in self._outputs}
        counts = {len(rows) for rows in inputs.values()}
        if len(counts) > 1:
            raise ModuleError(
                "row-counts-differ",
                "The inputs have different numbers of rows; they belong together row by row.",
                "Send as many rows for each input.",
            )
        for place in range(max(counts, default=0)):
            values = {self._inputs[name]: rows[place] for name, rows in inputs.items()}
            for function, sources, output in self._steps:
                values[output] = function(*(values[source] for source in sources))
            for name, endpoint in self._outputs.items():
                results[name].append(_plain_row(values[endpoint]))
        return results

    def _through(self, row: dict[str, Any]) -> dict[str, Any]:
        assert self._chain is not None
        for function in self._chain:
            row = function(row)
        return _plain_row(row)

    def _as_chain(self) -> list[RowStep] | None:
        """Return the functions where each takes what the one before it gave."""
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


def _compile(scorer: Scorer, tables: Mapping[str, DataTable]) -> list[str]:
    """Write the compiled form; return why there is none, in words."""
    from modules.contract.compiled import compile_trained, save_compiled
    from modules.contract.row_steps import row_form
    from modules.contract.values import TrainedModel

    program = scorer._tables
    values = program.run(tables)
    reasons = []
    steps = []
    models = 0

    def keep(model: TrainedModel) -> str | None:
        nonlocal models
        compiled = compile_trained(model)
        if compiled is None:
            return None
        models += 1
        save_compiled(compiled, scorer.folder / COMPILED / f"model{models}")
        return f"{COMPILED}/model{models}"

    for step, entered in program.form_inputs(values):
        form = row_form(entered, keep)
        if form is None:
            reasons.append(f"{step.spec.title} (“{step.node}”) has no compiled form.")
            continue
        sources = [
            source
            for port, source in step.inputs.items()
            if type(entered.values[port]).__name__ == "DataTable"
        ]
        output = f"{step.node}.{step.spec.outputs[0].name}"
        steps.append({"form": form, "inputs": sources, "output": output})
    if not reasons:
        (scorer.folder / COMPILED).mkdir(exist_ok=True)
        _write_json(scorer.folder / COMPILED / "program.json", {"steps": steps})
    return reasons


@contextmanager
def _surroundings(spec: ModuleSpec) -> Iterator[None]:
    """Let a person's code run alone, with the random start that it has in a run."""
    if spec.effects != Effects.USER_CODE:
        yield
        return
    with _user_code:
        random.seed(0)
        if "numpy" in sys.modules:
            import numpy as np

            np.random.seed(0)
        yield


def _is_sound(schema: RequestSchema, row: Mapping[str, Any]) -> bool:
    try:
        schema.read([row])
    except ModuleError:
        return False
    return True


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as plain JSON data; almost always it is that already."""
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


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, (int, float)) and not isinstance(two, bool):
        return abs(one - two) <= _TOLERANCE * max(1.0, abs(one), abs(two))
    return bool(one == two)


def _read_plan(folder: Path) -> dict[str, Any]:
    try:
        plan = json.loads((folder / PLAN).read_text("utf-8"))
        if not isinstance(plan, dict) or "format" not in plan:
            raise ValueError(f"{PLAN} does not hold a plan")
        version = plan["format"]
    except FileNotFoundError:
        raise ModuleError(
            "not-a-package",
            f"“{folder.name}” is no scoring package: it has no {PLAN}.",
            "Deploy an inference pipeline to make one.",
        ) from None
    except (OSError, ValueError) as error:
        raise ModuleError(
            "package-damaged",
            f"The scoring package “{folder.name}” can't be read: {reason_of(error)}.",
            "Make the scoring package again.",
        ) from error
    if version != FORMAT:
        raise ModuleError(
            "package-too-new",
            f"The scoring package “{folder.name}” is of format {version}; this version reads "
            f"{FORMAT}.",
            "Update ModelDesk, or make the scoring package again.",
        )
    missing = [key for key in ("inputs", "outputs", "parameters", "steps") if key not in plan]
    if missing:
        raise ModuleError(
            "package-damaged",
            f"The scoring package “{folder.name}” has no {missing[0]}.",
            "Make the scoring package again.",
        )
    found: dict[str, Any] = plan
    return found


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")
