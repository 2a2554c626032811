"""The scorer; see :mod:`modules.scoring`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError
from modules.contract.json_files import read_json
from modules.requests.tables import RequestSchema
from modules.scoring.effects import check_effects
from modules.scoring.plan import COMPILED, PROGRAM, SAMPLES, load_packages, read_plan
from modules.scoring.row_program import NotByRows, RowProgram
from modules.scoring.table_program import TableProgram
from modules.values.saved import check_self_contained

if TYPE_CHECKING:
    from modules.contract.data_table import DataTable

Rows = Sequence[Mapping[str, Any]]


class Scorer:
    """Scores rows with an inference pipeline.

    Parameters
    ----------
    folder : Path
        The scoring folder.
    compiled : bool, optional
        True or False to choose the program; by default the compiled one if there is
        one.
    allowed : collection of str
        Effects that it may have; see :data:`modules.scoring.effects.ALLOWABLE`. Without any,
        it only computes from requests and its own files.

    Attributes
    ----------
    inputs : dict of str to RequestSchema
        The schema of the rows of each input.
    outputs : list of str
        The names of the outputs.
    parameters : dict
        Pipeline parameters with their defaults.
    compiled : bool
        Whether rows are scored without tables.
    many_rows : int
        Minimum rows of a request that are scored with tables even if compiled.

    Raises
    ------
    EffectsNotAllowed
        If it has another effect.
    ModuleError
        If the folder isn't a scoring folder, or something in it is missing, damaged or not
        trusted.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        compiled: bool | None = None,
        allowed: Collection[str] = (),
    ) -> None:
        self.folder = Path(folder).absolute()
        self.allowed = frozenset(allowed)
        check_self_contained(self.folder)
        self._plan = read_plan(self.folder)
        check_effects(self.folder, self._plan, self.allowed)
        load_packages(self.folder, self._plan)
        self.inputs = {
            name: RequestSchema.from_json(plain["columns"] or [], plain["unseen_values"])
            for name, plain in self._plan["inputs"].items()
        }
        self.outputs = list(self._plan["outputs"])
        self.parameters = {
            name: plain.get("default") for name, plain in self._plan["parameters"].items()
        }
        there = (self.folder / COMPILED / PROGRAM).is_file()
        self.compiled = there if compiled is None else compiled
        self.many_rows = 0
        if self.compiled:
            self._rows = RowProgram(self.folder, self._plan)
            self.many_rows = self._rows.many_rows
        else:
            self.tables.load()

    def score(
        self,
        inputs: Mapping[str, Rows],
        parameters: Mapping[str, Any] | None = None,
        *,
        tables: bool = True,
    ) -> dict[str, list[dict[str, Any]]]:
        """Score the rows of a request.

        Parameters
        ----------
        inputs : mapping of str to list of dict
            The rows of each input as plain JSON data.
        parameters : mapping, optional
            Pipeline parameters that differ from their defaults.
        tables : bool
            Whether tables may be used, which can take seconds.

        Returns
        -------
        dict of str to list of dict
            The rows of each output as plain JSON data.

        Raises
        ------
        ModuleError
            For the first problem in the request.
        NotByRows
            If these rows need tables, and they may not be used.
        """
        given = self._changed(parameters or {})
        self._check_names(inputs)
        checked = {name: schema.read(inputs[name]) for name, schema in self.inputs.items()}
        longest = max((len(rows) for rows in checked.values()), default=0)
        if self.compiled and not given and longest < self.many_rows:
            with suppress(NotByRows):
                return self._rows.score(checked)
        if not tables:
            raise NotByRows
        return self._score_by_tables(checked, given)

    def score_tables(
        self, tables: Mapping[str, DataTable], parameters: Mapping[str, Any] | None = None
    ) -> dict[str, DataTable]:
        """Score whole tables, a file for example; columns aren't validated."""
        self._check_names(tables)
        return self.tables.score(tables, self._changed(parameters or {}))

    def values(self, tables: Mapping[str, DataTable]) -> dict[str, Any]:
        """Return every intermediate value of scoring, by ``node.port``."""
        return self.tables.run(tables)

    @property
    def modules(self) -> list[str]:
        """The dotted names of the modules of its steps."""
        return [step["module"] for step in self._plan["steps"]]

    @cached_property
    def samples(self) -> dict[str, list[dict[str, Any]]]:
        """Example rows of each input, without optional columns."""
        try:
            return read_json(self.folder / SAMPLES)
        except (OSError, ValueError, RecursionError):
            return {name: [] for name in self.inputs}

    @cached_property
    def tables(self) -> TableProgram:
        """The steps on tables; created on first access."""
        return TableProgram(self.folder, self._plan)

    def _score_by_tables(
        self, checked: Mapping[str, list[dict[str, Any]]], given: Mapping[str, Any]
    ) -> dict[str, list[dict[str, Any]]]:
        from modules.requests.tables import rows_of, table_of

        tables = {
            name: table_of(rows, self.inputs[name], self.tables.dtypes(name))
            for name, rows in checked.items()
        }
        results = self.tables.score(tables, given)
        return {name: rows_of(table) for name, table in results.items()}

    def _check_names(self, inputs: Mapping[str, Any]) -> None:
        for name in inputs:
            if name not in self.inputs:
                listed = ", ".join(f"“{known}”" for known in self.inputs)
                raise ModuleError(
                    "input-unknown", f"Input “{name}” doesn't exist.", f"Send the inputs {listed}."
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
                    f"Parameter “{name}” doesn't exist.",
                    "Remove it.",
                    parameter=name,
                )
        return {name: value for name, value in parameters.items() if value != self.parameters[name]}
