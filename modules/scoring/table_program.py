"""Scoring with tables: the steps of the plan, executed like in a run."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError
from modules.contract.row_form import ExampleStep
from modules.contract.specification import Effects, ModuleSpec, specification
from modules.contract.value import Value
from modules.runtime.failures import error_of
from modules.scoring.plan import COMPILED, step_function
from modules.values.saved import inside, load_saved

if TYPE_CHECKING:
    from modules.contract.data_table import DataTable


class TableProgram:
    """The steps on tables, as in a run."""

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        self._plan = plan
        self._folder = folder
        self._inputs = {plain["endpoint"]: name for name, plain in plan["inputs"].items()}
        self._steps = [Step(plain, folder) for plain in plan["steps"]]
        self._dtypes: dict[str, dict[str, Any]] = {}
        self._defaults = {name: plain.get("default") for name, plain in plan["parameters"].items()}

    def load(self) -> None:
        """Load everything that doesn't depend on requests, such as models and tables."""
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
        from modules.contract.value import Value

        found: dict[str, Any] = {}
        for name, plain in self._plan["inputs"].items():
            if plain.get("sample"):
                found[name] = load_saved(str(inside(self._folder, plain["sample"])), Value)
        return found

    def kept_tables(self) -> dict[str, DataTable]:
        """Return the tables in the folder that the steps use, by the step that reads them."""
        from modules.contract.data_table import DataTable

        constants, _, _ = self._constants
        found = {}
        for step in self._steps:
            for port in step.spec.outputs if step.paths else ():
                value = constants.get(f"{step.node}.{port.name}")
                if isinstance(value, DataTable):
                    found[step.node] = value
        return found

    def dtypes(self, name: str) -> dict[str, Any]:
        """Return the types of categorical columns in the example rows."""
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

    def examples(
        self, values: Mapping[str, Any]
    ) -> Iterator[tuple[Step, ExampleStep, frozenset[str]]]:
        """Yield each step that depends on requests, with its example, and its fixed inputs.

        Parameters
        ----------
        values : mapping of str to Value
            From :meth:`run` with example rows.
        """
        constants, arguments, changing = self._constants
        stored = {
            f"{step.node}.{port.name}": step.stored[step.spec.value_path.name]
            for step in self._steps
            for port in step.spec.outputs
            if step.spec.value_path is not None and step.spec.value_path.name in step.paths
        }
        for step in changing:
            sources = step.inputs
            example = ExampleStep(
                arguments=arguments[step.node],
                inputs={port: values[source] for port, source in sources.items()},
                result=values.get(f"{step.node}.{step.spec.outputs[0].name}"),
                store=partial(self._store, step.node.replace("/", ".")),
                stored={port: stored[each] for port, each in sources.items() if each in stored},
            )
            yield step, example, frozenset(p for p, each in sources.items() if each in constants)

    def _store(self, name: str, save: Callable[[Path], object]) -> str:
        save(self._folder / COMPILED / name)
        return f"{COMPILED}/{name}"

    @cached_property
    def _constants(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]], list[Step]]:
        """Values that don't depend on requests, the arguments of all steps, and the other steps."""
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


class Step:
    """A step of the plan, with its module."""

    def __init__(self, plain: Mapping[str, Any], folder: Path) -> None:
        self.node: str = plain["node"]
        self.inputs: dict[str, str] = plain["inputs"]
        self.paths: list[str] = plain["paths"]
        self.stored: dict[str, Any] = plain["parameters"]
        self._folder = folder
        self.spec = specification(step_function(folder, plain))

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
        """Whether one of the parameters is bound to a pipeline parameter."""
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
                    "input-missing", f"“{self.node}” doesn't have an input at “{port.title}”."
                )
        try:
            with _isolated(self.spec, inputs):
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


_user_code = threading.Lock()


@contextmanager
def _isolated(spec: ModuleSpec, inputs: Sequence[Value | None]) -> Iterator[None]:
    """Run custom code in isolation, with the same random state as in a run."""
    stored = any(value is not None and value.contains_code for value in inputs)
    if spec.effects != Effects.USER_CODE and not stored:
        yield
        return
    with _user_code:
        random.seed(0)
        if "numpy" in sys.modules:
            import numpy as np

            np.random.seed(0)
        yield
