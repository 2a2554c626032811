"""Edit Metadata."""

from __future__ import annotations

import csv
from collections import Counter
from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    When,
    module,
    warn,
)
from modules.contract.code import CodeStep
from modules.data_transformation._code.metadata import write_metadata
from modules.data_transformation._metadata_rows import METADATA_ROWS
from modules.tables.conversions import retyped
from modules.tables.frames import rebuilt

_ROLES = {
    "feature": Role.FEATURE,
    "label": Role.LABEL,
    "weight": Role.WEIGHT,
    "clear feature": Role.NONE,
}
_CLEARED = {
    "clear label": Role.LABEL,
    "clear score": Role.SCORE,
    "clear weight": Role.WEIGHT,
}


def _code(step: CodeStep) -> None:
    write_metadata(step, roles=_ROLES, cleared=_CLEARED)


@module(
    "Edit Metadata",
    outputs=("results_dataset",),
    keywords=(
        "rename",
        "type",
        "cast",
        "convert",
        "label",
        "feature",
        "categorical",
        "role",
        "astype",
        "parse date",
    ),
    requires=("pandas", "numpy"),
    row=METADATA_ROWS,
    code=_code,
    gives_roles=True,
)
def edit_metadata(
    dataset: DataTable,
    *,
    columns: Annotated[ColumnSelector, Field(title="Columns"), Columns(of="dataset")],
    data_type: Literal[
        "unchanged", "string", "integer", "double", "boolean", "datetime"
    ] = "unchanged",
    datetime_format: Annotated[
        str, Field(title="Date and time format"), When(data_type="datetime")
    ] = "",
    categorical: Literal["unchanged", "categorical", "non-categorical"] = "unchanged",
    fields: Literal[
        "unchanged",
        "feature",
        "label",
        "weight",
        "clear feature",
        "clear label",
        "clear score",
        "clear weight",
    ] = "unchanged",
    new_column_names: Annotated[str, Field(title="New column names")] = "",
) -> DataTable:
    """Change the type, the role, or the names of columns.

    Mark the label, exclude ids from training, convert text to numbers or dates, and rename
    columns.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to change.
    data_type : str
        The type to convert the values to; a value that can't be converted is an error that
        shows it.
    datetime_format : str
        The format of dates, in Python's notation, ``%d.%m.%Y`` for example; also for the digits
        of numbers. Empty for ISO 8601 and for numbers in seconds since 1970.
    categorical : str
        Mark the columns as categorical, or convert categories to plain values.
    fields : str
        The role of the columns: feature to learn from, label to predict, weight of a row.
        Clear a feature to exclude a column, an id for example, from training.
    new_column_names : str
        New names, separated by commas or line breaks, one for each selected column in their
        order. Put a name with a comma in double quotes.

    Returns
    -------
    results_dataset : DataTable
        The same rows.

    Notes
    -----
    Booleans are converted from the text true, yes, and 1 or false, no, and 0, and from the
    numbers 1 and 0. Integers with missing values are stored as numbers; as text they don't
    have a fraction: ``1``, not ``1.0``. A table has one label: the previous label becomes a
    feature, with a warning.

    Without a format, a column whose numbers all look like dates such as 20240131 is read as
    dates. Other numbers are read as seconds since 1970, with a warning.

    Azure ML designer doesn't have a weight role.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    renamed = _renamed(dataset.names, names, new_column_names)
    changed = {}
    for name in names:
        column = dataset.frame[name]
        result = retyped(column, data_type, datetime_format.strip(), categorical)
        if result is not column:
            changed[name] = result
    frame = rebuilt(dataset.frame, changed=changed) if changed else dataset.frame
    table = dataset.with_frame(frame).with_roles(_roles(dataset, names, fields))
    if renamed:
        table = table.with_frame(table.frame.rename(columns=renamed), renamed=renamed)
    return table


def _renamed(all_names: list[str], names: list[str], text: str) -> dict[str, str]:
    if not text.strip():
        return {}
    lines = csv.reader(text.splitlines(), skipinitialspace=True)
    new = [name.strip() for line in lines for name in line]
    if len(new) != len(names):
        raise ModuleError(
            "names-do-not-match",
            f"{len(new)} new names are entered for {len(names)} columns.",
            "Enter one name for each selected column, separated by commas.",
            parameter="new_column_names",
        )
    renamed = dict(zip(names, new, strict=True))
    counts = Counter(renamed.get(name, name) for name in all_names)
    for name in new:
        if not name or counts[name] > 1:
            shown = f"Two columns have the name “{name}”." if name else "A new name is empty."
            raise ModuleError(
                "bad-name",
                shown,
                "Enter a different name for each column.",
                parameter="new_column_names",
            )
    return renamed


def _roles(dataset: DataTable, names: list[str], fields: str) -> dict[str, str]:
    if fields in _CLEARED:
        cleared = _CLEARED[fields]
        return {name: Role.FEATURE for name in names if dataset.roles.get(name) == cleared}
    if fields not in _ROLES:
        return {}
    roles = dict.fromkeys(names, _ROLES[fields])
    if fields in ("label", "weight"):
        if len(names) > 1:
            raise ModuleError(
                "several-columns-selected",
                f"{len(names)} columns are selected, but a table has only one {fields}.",
                "Choose a single column.",
                parameter="columns",
            )
        for name in dataset.having_role(_ROLES[fields]):
            if name not in names:
                warn(f"“{name}” is no longer the {fields}; it is a feature now.")
                roles[name] = Role.FEATURE
    return roles
