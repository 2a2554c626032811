"""Modules of the tests, small but with everything that a specification can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    AnyValue,
    Columns,
    ColumnSelector,
    DataTable,
    PathOf,
    Script,
    Secret,
    When,
    module,
)
from modules.contract.specification import ModuleSpec, specification
from modules.values import TrainedModel, UntrainedModel


@module("Dataset", outputs=("dataset",))
def dataset(*, path: Annotated[str, PathOf("read")]) -> DataTable:
    """Read a file."""
    raise NotImplementedError


@module("Split Data", outputs=("first", "second"))
def split_data(
    dataset: DataTable,
    *,
    mode: Literal["rows", "expression"] = "rows",
    fraction: Annotated[float, Field(ge=0, le=1, title="Fraction"), When(mode="rows")] = 0.5,
    expression: Annotated[str, When(mode="expression")],
    seed: int = 0,
) -> tuple[DataTable, DataTable]:
    """Divide rows."""
    raise NotImplementedError


@module("Select Columns", outputs=("dataset",))
def select(
    dataset: DataTable, *, columns: Annotated[ColumnSelector, Columns(of="dataset")]
) -> DataTable:
    """Keep some columns."""
    raise NotImplementedError


@module("Join Data", outputs=("dataset",))
def join(
    left: DataTable, right: DataTable | None = None, *, script: Annotated[str, Script("sql")] = ""
) -> DataTable:
    """Join two datasets."""
    raise NotImplementedError


@module("Learner", outputs=("untrained_model",))
def learner(*, trees: Annotated[int, Field(ge=1)] = 100) -> UntrainedModel:
    """Be a learner."""
    raise NotImplementedError


@module("Train Model", outputs=("trained_model",))
def train(
    untrained_model: UntrainedModel,
    dataset: DataTable,
    *,
    label: Annotated[
        ColumnSelector, Columns(of="dataset", single=True), Field(title="Label column")
    ],
) -> TrainedModel:
    """Train."""
    raise NotImplementedError


@module("Import Data", outputs=("dataset",))
def import_data(
    *,
    connection: str = "",
    password: Annotated[str, Secret()] = "",
    rows: int | None = None,
    header: bool = True,
) -> DataTable:
    """Read a database."""
    raise NotImplementedError


@module("Web Service Input", outputs=("dataset",))
def web_service_input(*, name: str = "input") -> DataTable:
    """Take a request."""
    raise NotImplementedError


@module("Web Service Output", outputs=())
def web_service_output(result: DataTable, *, name: str = "output") -> None:
    """Give an answer."""
    raise NotImplementedError


@module("Anything", outputs=("value",))
def anything(value: AnyValue) -> AnyValue:
    """Pass a value on."""
    raise NotImplementedError


def _renamed(parameters: dict[str, Any], version: int) -> dict[str, Any]:
    """Version 1 said ``old``, version 2 ``middle``, version 3 says ``new``."""
    for step, (before, after) in enumerate((("old", "middle"), ("middle", "new")), start=1):
        if version <= step and before in parameters:
            parameters[after] = parameters.pop(before)
    return parameters


@module("Renamed", outputs=(), version=3, migrate=_renamed)
def renamed(*, new: int = 0) -> None:
    """Had other parameters once."""


@module("Brittle", outputs=(), version=2, migrate=lambda parameters, version: 1 / 0)
def brittle(*, new: int = 0) -> None:
    """Has a migration that fails."""


@module("Unavailable", outputs=(), requires=("no-such-distribution-anywhere", "pytest"))
def unavailable() -> None:
    """Needs what nobody has."""


def _spec(function: Callable[..., Any]) -> ModuleSpec:
    return replace(specification(function), id=function.__name__)


SPECS = {
    function.__name__: _spec(function)
    for function in (
        dataset,
        split_data,
        select,
        join,
        learner,
        train,
        import_data,
        web_service_input,
        web_service_output,
        anything,
        renamed,
        brittle,
        unavailable,
    )
}
