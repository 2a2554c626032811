"""Learners with their parameters, ready to be trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from modules.contract.errors import ModuleError
from modules.contract.installed import module_functions
from modules.contract.json_files import read_json, write_json
from modules.contract.parameter import RangeToTry, Search, ValuesToTry
from modules.contract.sheet import Sheet, json_value
from modules.contract.stored_fields import APART
from modules.contract.value import Summary, Value

if TYPE_CHECKING:
    from modules.contract.data_table import DataTable
    from modules.contract.module_spec import ModuleSpec
    from modules.values.trained_model import TrainedModel


@dataclass(frozen=True, eq=False)
class UntrainedModel(
    Value,
    title="untrained model",
    description="A learner with its parameters, ready to be trained.",
    colors=("#c06a10", "#f0a355"),
    shape="diamond",
    icon="settings",
    view="learner",
):
    """A learner with its parameters, ready to be trained.

    A subclass implements :meth:`fit`. A learner that isn't for tables, a network for images
    for example, doesn't have to override ``fit``: the module that trains it handles the
    subclass.

    Parameters
    ----------
    title : str
        The learner's name for display.
    task : str
        The task of its models: ``regression``, ``two-class``, ``multiclass``,
        ``clustering``, ``anomaly``, or another name that modules agree on.
    learner : str
        Dotted name of the module that made it, to recreate it with other parameters.
    parameters : mapping
        Plain JSON parameters of that module.
    sweep : mapping of str to tuple
        The module's own values to try for each parameter.
    search : mapping of str to Search
        What to try instead, for the parameters that the user gave several values. Such a
        learner can't be trained before it is tuned.
    """

    title: str
    task: str
    learner: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sweep: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    search: Mapping[str, Search] = field(default_factory=dict, metadata=APART)

    fields_file = "learner.json"

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> TrainedModel:
        """Train on a table.

        Parameters
        ----------
        label : str, optional
            The column to predict; required for every task except clustering and anomaly.
        features : list of str, optional
            The columns to learn from; by default all with the feature role.
        positive : str
            The positive class of two, as text; empty for the second in their order.

        Raises
        ------
        ModuleError
            If the table doesn't fit the task.
        """
        raise NotImplementedError

    @property
    def specification(self) -> ModuleSpec:
        """The module that made it, with its parameters.

        Raises
        ------
        ModuleError
            If it isn't installed.
        """
        from modules.contract.specification import specification

        for function in module_functions(self.learner):
            return specification(function)
        raise ModuleError(
            "not-installed",
            f"The module of {self.title}, “{self.learner}”, isn't installed.",
            "Install it, or use another learner.",
            port="untrained_model",
        )

    def with_parameters(self, changes: Mapping[str, Any]) -> UntrainedModel:
        """Return the learner with other values for some of its parameters.

        Parameters
        ----------
        changes : mapping of str to object
            Plain JSON values by name.

        Raises
        ------
        ModuleError
            If a name or value isn't allowed.
        """
        (made,) = self.specification(**self.arguments_with(changes))
        return cast(UntrainedModel, made)

    def arguments_with(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters with some of them changed, as arguments of its module.

        Raises
        ------
        ModuleError
            If a name or value isn't allowed.
        """
        spec = self.specification
        try:
            return spec.read_parameters({**self.parameters, **changes})
        except ValueError as error:
            raise ModuleError(
                "wrong-parameter",
                str(error),
                f"Change the parameters of {spec.title}.",
                port="untrained_model",
            ) from None

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the parameters as JSON."""
        super().save(folder)
        if self.search:
            searched = {name: asdict(each) for name, each in self.search.items()}
            write_json(folder / _SEARCH_FILE, searched)
        return {"title": self.title}

    @classmethod
    def modules_named(cls, folder: Path) -> tuple[str, ...]:
        """Return the learner's module, which declares the types in a stored estimator."""
        learner = read_json(folder / cls.fields_file).get("learner")
        return (learner,) if isinstance(learner, str) and learner else ()

    @classmethod
    def read_fields(cls, folder: Path) -> dict[str, Any]:
        """Return the stored fields as keyword arguments."""
        plain = super().read_fields(folder)
        plain["sweep"] = {name: tuple(values) for name, values in plain["sweep"].items()}
        if (folder / _SEARCH_FILE).exists():
            searched = read_json(folder / _SEARCH_FILE)
            plain["search"] = {name: _search(each) for name, each in searched.items()}
        return plain

    def summary(self) -> LearnerSummary:
        """Return the parameters."""
        tried: dict[str, Search] = {name: ValuesToTry(each) for name, each in self.sweep.items()}
        fixed = {n: each for n, each in self.parameters.items() if n not in self.search}
        return LearnerSummary(self.title, {}, self.task, fixed, dict(self.search) or tried)


@dataclass(frozen=True)
class LearnerSummary(Summary):
    """An untrained model: its parameters, and the values that a sweep would try."""

    task: str
    parameters: Mapping[str, Any]
    search: Mapping[str, Search]

    def tables(self) -> Mapping[str, Sheet]:
        """Return the parameters."""
        rows = tuple((name, json_value(value)) for name, value in sorted(self.parameters.items()))
        return {self.title: Sheet(("parameter", "value"), rows)}

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer show --json`` prints."""
        parameters = {name: json_value(value) for name, value in self.parameters.items()}
        tried = {name: str(each) for name, each in self.search.items()}
        return {"title": self.title, "parameters": parameters, "values_to_try": tried}


def _search(fields: Mapping[str, Any]) -> Search:
    if "values" in fields:
        return ValuesToTry(tuple(fields["values"]))
    return RangeToTry(**fields)


_SEARCH_FILE = "search.json"
