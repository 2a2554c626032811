"""Design time: the same modules on a small sample, so that ports know their columns.

The steps run one by one in a separate worker, which keeps their outputs: after
an edit only what changed is computed again. Nothing is stored.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from designer.engine.calls import Calls, MemoryLimitError
from designer.engine.executors import worker
from designer.engine.executors.exit_errors import memory_error
from designer.engine.executors.memory_watch import DESIGN_LIMIT
from designer.engine.fingerprints import digest, module_digest, module_file, value_digest
from designer.engine.fingerprints import step_fingerprint as fingerprint
from designer.engine.plan import Plan, Step
from designer.pipeline.model import Endpoint
from designer.pipeline.problem import Problem, Severity
from modules.contract import Effects
from modules.contract.columns import Column
from modules.runtime.step import preload

if TYPE_CHECKING:
    from modules.contract import DataTable

ROWS = 500
"""Rows that a sample has."""

PATIENCE = 10.0
"""Seconds that a step may take; one that takes longer is left out from then on."""

CLASSES = 20
"""Distinct values up to which a column's are reported: what is counted in classes."""

KEPT = 400
"""Steps whose values the worker keeps."""


class Sample(NamedTuple):
    """The facts about a pipeline from a sample.

    Parameters
    ----------
    columns : dict of Endpoint to list of Column
        The columns of tables at output ports, as far as they are known.
    problems : list of Problem
        What went wrong, as hints: it may be due to the sample. A warning where it can't: a
        file that can't be read.
    values : dict of Endpoint to dict of str to list of str
        The values of columns that have few, as text, by column; other columns are left out.
    """

    columns: dict[Endpoint, list[Column]]
    problems: list[Problem]
    values: dict[Endpoint, Mapping[str, list[str]]]


@dataclass(frozen=True)
class SampleTask:
    """One step for the worker; plain and picklable."""

    key: str
    module: str
    module_file: str | None
    function: str
    arguments: Mapping[str, Any]
    inputs: Mapping[str, tuple[str, str]]
    folder: str
    rows: int


@dataclass(frozen=True)
class SampleResult:
    """The outcome of a step: ``ports`` that have a value, ``columns`` of tables, an error.

    ``values`` has those of columns that have few.
    ``forgotten`` means that the worker no longer has an input, ``full`` that a table has all
    the rows that a sample may have, so that there may be more.
    """

    ports: frozenset[str] = frozenset()
    columns: Mapping[str, list[Column]] | None = None
    values: Mapping[str, Mapping[str, list[str]]] | None = None
    error: Mapping[str, Any] | None = None
    forgotten: bool = False
    full: bool = False


class Sampler:
    """Tries pipelines on samples, one after the other."""

    def __init__(
        self,
        store: Path,
        packages: Mapping[str, str] | None = None,
        *,
        memory_limit: int = DESIGN_LIMIT,
    ) -> None:
        self._calls = Calls(
            "sampler", store, packages, nice=10, patience=0, memory_limit=memory_limit
        )
        self._lock = threading.Lock()
        self._results: OrderedDict[str, SampleResult] = OrderedDict()
        # What isn't tried again, with the error if there is one to show.
        self._given_up: dict[str, Mapping[str, Any] | None] = {}
        self._ready = False

    def sample(self, plan: Plan, base: Path, rows: int) -> Sample:
        """Work out what can be known of a plan's outputs.

        Parameters
        ----------
        rows : int
            Rows of a sample.
        """
        with self._lock:
            for _ in range(3):
                found = self._try(plan, base, rows)
                if found is not None:
                    return found
                # The worker has lost its values: start from the beginning.
                self._results.clear()
        return Sample({}, [], {})

    def close(self) -> None:
        """End the worker."""
        self._calls.close()

    def _try(self, plan: Plan, base: Path, rows: int) -> Sample | None:
        columns: dict[Endpoint, list[Column]] = {}
        problems: list[Problem] = []
        values: dict[Endpoint, Mapping[str, list[str]]] = {}
        keys: dict[str, str] = {}
        # Nodes that may have had more rows to work on.
        parts: set[str] = set()
        for node, step in plan.steps.items():
            key = self._key(plan, step, keys, rows)
            if key is None:
                continue
            if key in self._given_up:
                error = self._given_up[key]
                if error is not None:
                    problems.append(_problem(step, error))
                continue
            result = self._results.get(key)
            if result is None:
                result = self._run(step, key, keys, base, rows)
                if result is None or result.forgotten:
                    return None
                self._results[key] = result
                while len(self._results) > KEPT:
                    self._results.popitem(last=False)
            self._results.move_to_end(key)
            keys[node] = key
            for port, found in (result.columns or {}).items():
                columns[Endpoint(node, port)] = list(found)
                values[Endpoint(node, port)] = (result.values or {}).get(port, {})
            if result.full or any(source.node in parts for source in step.inputs.values()):
                parts.add(node)
            code = result.error and result.error.get("code")
            if result.error is not None and not (code in _FROM_THE_CUT and node in parts):
                problems.append(_problem(step, result.error))
        return Sample(columns, problems, values)

    def _key(
        self,
        plan: Plan,
        step: Step,
        keys: Mapping[str, str],
        rows: int,
    ) -> str | None:
        """Return the fingerprint of a step on a sample; None if it isn't to be tried."""
        spec = step.spec
        if spec is None or step.problem is not None or step.node in plan.disabled:
            return None
        if spec.effects == Effects.WRITES:
            return None
        optional = {port.name for port in spec.inputs if port.optional}
        inputs = {}
        for port, source in step.inputs.items():
            key = keys.get(source.node)
            if key is not None and source.port in self._results[key].ports:
                inputs[port] = f"{key}:{source.port}"
            elif port not in optional or source.node not in plan.disabled:
                return None
        files = []
        for path in step.files:
            try:
                state = path.stat()
            except OSError:
                return None
            files.append(digest(str(path), str(state.st_size), str(state.st_mtime_ns)))
        if spec.value_path is not None:
            files += [value_digest(path) for path in step.files]
        code = module_digest(spec)
        return fingerprint(spec, code, step.parameters, inputs, files, sample=rows)

    def _run(
        self,
        step: Step,
        key: str,
        keys: Mapping[str, str],
        base: Path,
        rows: int,
    ) -> SampleResult | None:
        """Run a step; None if the worker was ended or crashed."""
        spec = step.spec
        assert spec is not None
        name = spec.function.__module__
        own = name.partition(".")[0] == "user_modules"
        task = SampleTask(
            key=key,
            module=name,
            module_file=str(module_file(spec)) if own else None,
            function=spec.function.__name__,
            arguments=step.arguments,
            inputs={
                port: (keys[source.node], source.port)
                for port, source in step.inputs.items()
                if source.node in keys
            },
            folder=str(base),
            rows=rows,
        )
        if not self._ready:
            try:
                self._calls.call(preload).result(12 * PATIENCE)
            except (RuntimeError, FutureTimeoutError):
                return None
            self._ready = True
        future = self._calls.call(run_sample, task)
        try:
            result = future.result(PATIENCE)
        except Exception as error:
            # Neither a step without an end nor one that ends its process is tried again.
            self._given_up[key] = (
                memory_error(step.node, error.limit)
                if isinstance(error, MemoryLimitError)
                else None
            )
            self._ready = False
            if isinstance(error, FutureTimeoutError):
                future.cancel()
            return None
        assert isinstance(result, SampleResult)
        return result


def run_sample(task: SampleTask) -> SampleResult:
    """Run a step on a sample, inside the worker."""
    import contextlib
    import os

    from modules.contract import DataTable
    from modules.contract.context import sampling
    from modules.runtime.step import StepFailed, error_of, load_specification, run_step

    inputs = {}
    for port, (key, source) in task.inputs.items():
        if key not in _values:
            return SampleResult(forgotten=True)
        _values.move_to_end(key)
        inputs[port] = _values[key][source]
    with contextlib.suppress(OSError):
        os.chdir(task.folder)
    try:
        file = Path(task.module_file) if task.module_file else None
        spec = load_specification(task.module, file, task.function)
        if spec.effects == Effects.USER_CODE:
            inputs = {
                port: value.with_frame(value.frame.copy())
                if isinstance(value, DataTable)
                else value
                for port, value in inputs.items()
            }
        with sampling(task.rows):
            outputs = run_step(spec, task.arguments, inputs, threads=1, on_warning=_ignore)
    except StepFailed as failure:
        return SampleResult(error=failure.error)
    except Exception as error:
        return SampleResult(error=error_of(error))
    finally:
        worker.leave_folder()
    columns, values = {}, {}
    full = False
    for port, value in outputs.items():
        if isinstance(value, DataTable):
            full = full or len(value) >= task.rows
            if len(value) > task.rows:
                outputs[port] = value = value.slice(0, task.rows)
            columns[port], values[port] = value.columns, _classes(value)
    _values[task.key] = outputs
    while len(_values) > KEPT:
        _values.popitem(last=False)
    return SampleResult(frozenset(outputs), columns, values, full=full)


def _classes(table: DataTable) -> dict[str, list[str]]:
    """Return the values of the columns that have few."""
    import pyarrow.compute as pc

    from designer.engine.stored_table import frequent_in

    found = {}
    for column in table.columns:
        cells = table.arrow.column(column.name)
        if column.kind != "datetime" and pc.count_distinct(cells).as_py() <= CLASSES:
            found[column.name] = frequent_in(cells)
    return found


def _ignore(text: str) -> None:
    """Ignore a warning: at design time it isn't shown."""


def _problem(step: Step, error: Mapping[str, Any]) -> Problem:
    # What isn't chosen isn't chosen on any number of rows; and what begins with a file has
    # no sample yet, but the first rows of all that a run will read.
    spec = step.spec
    begins = spec is not None and not spec.inputs and spec.effects == Effects.NONE
    certain = begins or error.get("code") in _CERTAIN
    severity: Severity = "warning" if certain else "hint"
    return Problem(
        severity,
        str(error.get("message", "")),
        str(error.get("hint", "")),
        node=step.node,
        port=error.get("port"),
        parameter=error.get("parameter"),
        code=str(error.get("code", "")),
    )


_CERTAIN = {"no-label", "no-features"}
"""Codes of errors that can't be caused by the sample."""

_FROM_THE_CUT = {"too-few-rows", "one-class"}
"""Codes of errors that are meaningless where the sample is only the beginning of a table."""

_values: OrderedDict[str, dict[str, Any]] = OrderedDict()
"""In the worker: the outputs of each step, by its key; used least recently first."""
