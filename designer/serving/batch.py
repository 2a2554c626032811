"""Scores a whole file with a scoring package, without a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.pipeline.problem import near
from designer.serving.problem import ServingError

if TYPE_CHECKING:
    import pandas as pd

    from modules.contract import DataTable
    from modules.contract.requests import RequestColumn, RequestSchema

SUFFIXES = (".csv", ".tsv", ".parquet", ".jsonl")
"""What a file of scores can be."""


@dataclass(frozen=True)
class Batch:
    """A file that was scored.

    Parameters
    ----------
    rows : int
        Rows that were scored.
    left_out : int
        Rows that were not, since a value that the model needs is missing.
    """

    file: Path
    rows: int
    columns: int
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer score --json`` prints."""
        return {
            "file": str(self.file),
            "rows": self.rows,
            "columns": self.columns,
            "left_out": self.left_out,
        }


def score_file(
    package: Path,
    data: Path,
    target: Path,
    *,
    skip_incomplete: bool = False,
    allow_code: bool = False,
) -> Batch:
    """Score every row of a file.

    Parameters
    ----------
    package : Path
        A scoring package with one input and one output.
    data : Path
        The rows: CSV, TSV, Parquet, ARFF, JSON lines or Excel. Columns that the model does
        not know are not looked at; they are in the result.
    target : Path
        The file to write; its suffix, one of :data:`SUFFIXES`, says the format.
    skip_incomplete : bool
        Leave rows out where a value that the model needs is missing, instead of refusing
        the file.
    allow_code : bool
        Whether a person's own code in the package may run.

    Raises
    ------
    ServingError
        If the package or the file can't be used; it names the column.
    OSError
        If the result can't be written.
    """
    from modules.contract.errors import ModuleError

    if target.suffix.lower() not in SUFFIXES:
        raise ServingError(
            f"“{target.name}” has no suffix that says its format.",
            f"Scores are written as {', '.join(SUFFIXES)}.",
        )
    if not data.is_file():
        raise ServingError(f"There is no file “{data}”.")
    try:
        return _score(package, data, target, skip_incomplete, allow_code)
    except ModuleError as error:
        raise ServingError(error.message, error.hint) from error


def _score(
    package: Path, data: Path, target: Path, skip_incomplete: bool, allow_code: bool
) -> Batch:
    import pandas as pd

    from designer.catalog import load_catalog
    from modules.contract import DataTable
    from modules.contract.errors import ModuleError
    from modules.endpoint.package import MODEL, own_code, verify
    from modules.scorer import Scorer

    verify(package)
    if not allow_code and own_code(package / MODEL):
        raise ModuleError(
            "own-code",
            "The scoring package runs code of its author.",
            "If you trust the author, allow it with --allow-code.",
        )
    scorer = Scorer(package / MODEL, compiled=False)
    if len(scorer.inputs) != 1 or len(scorer.outputs) != 1:
        raise ServingError(
            "A file is scored by a package with one input and one output; this one has more.",
            "Send requests to its endpoint.",
        )
    ((name, schema),) = scorer.inputs.items()
    (read,) = load_catalog()["dataset"](path=str(data.absolute()))
    table, kept = _fitted(read, schema, skip_incomplete)
    (scored,) = scorer.score_tables({name: table}).values()
    frame = scored.frame
    others = [column for column in read.names if column not in table.names]
    if others and len(frame) == len(table):
        beside = read.frame.loc[kept, [name for name in others if name not in frame]]
        frame = pd.concat([beside.reset_index(drop=True), frame.reset_index(drop=True)], axis=1)
    assert isinstance(scored, DataTable)
    _write(frame, target)
    return Batch(target, len(frame), len(frame.columns), len(read) - len(table))


def _fitted(
    read: DataTable, schema: RequestSchema, skip_incomplete: bool
) -> tuple[DataTable, pd.Series]:
    """Return the columns that the model knows, with their types, and which rows are in."""
    import pandas as pd

    from modules.contract import DataTable

    frame = read.frame
    kept = pd.Series(True, frame.index)
    if not schema.columns:
        return read, kept
    kinds = {column.name: column.kind for column in read.columns}
    found: dict[str, pd.Series] = {}
    for column in schema.columns:
        if column.name not in kinds:
            if column.optional:
                continue
            hint = near(column.name, list(kinds), "columns")
            raise ServingError(f"The file has no column “{column.name}”.", hint)
        values = _converted(frame[column.name], kinds[column.name], column)
        if not (column.missing or column.optional):
            empty = values.isna()
            if empty.any() and not skip_incomplete:
                row = int(empty.to_numpy().argmax()) + 1
                raise ServingError(
                    f"The column “{column.name}” has no value in row {row}"
                    f"{f' and {int(empty.sum()) - 1} more' if empty.sum() > 1 else ''}.",
                    "Fill it, or leave such rows out with --skip-incomplete.",
                )
            kept &= ~empty
        found[column.name] = values
    made = pd.DataFrame(found)
    if not kept.all():
        made = made.loc[kept].reset_index(drop=True)
        for column in schema.columns:
            # Without the missing values, whole numbers are whole again.
            whole = made.get(column.name) if column.kind == "integer" else None
            if whole is not None and not whole.isna().any():
                made[column.name] = whole.astype("int64")
    if not len(made):
        raise ServingError("The file has no rows that can be scored.")
    roles = {column.name: column.role for column in schema.columns if column.name in made}
    return DataTable(made, roles), kept


def _converted(values: pd.Series, kind: str, column: RequestColumn) -> pd.Series:
    """Return a column with the type that the model learnt it with."""
    if kind == column.kind:
        return values
    try:
        return _CONVERSIONS[column.kind](values)
    except (KeyError, TypeError, ValueError) as error:
        raise ServingError(
            f"The column “{column.name}” holds {_WORDS.get(kind, kind)}; "
            f"the model takes {_WORDS.get(column.kind, column.kind)}."
        ) from error


def _numbers(values: pd.Series) -> pd.Series:
    import pandas as pd

    if isinstance(values.dtype, pd.BooleanDtype) or values.dtype == bool:
        raise TypeError
    return values.astype("float64")


def _whole(values: pd.Series) -> pd.Series:
    numbers = _numbers(values)
    present = numbers.dropna()
    if not (present == present.round()).all():
        raise ValueError
    return numbers if len(present) < len(numbers) else numbers.astype("int64")


def _texts(values: pd.Series) -> pd.Series:
    return values.map(str, na_action="ignore").astype("str")


def _moments(values: pd.Series) -> pd.Series:
    import pandas as pd

    return pd.to_datetime(values, format="ISO8601").astype("datetime64[us]")


def _booleans(values: pd.Series) -> pd.Series:
    if not values.isna().all():
        raise TypeError
    return values.astype("boolean")


_CONVERSIONS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "number": _numbers,
    "integer": _whole,
    "string": _texts,
    "datetime": _moments,
    "boolean": _booleans,
    "categorical": lambda values: values.astype("category"),
}

_WORDS = {
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "true and false",
    "string": "texts",
    "datetime": "dates",
    "categorical": "categories",
}


def _write(frame: pd.DataFrame, target: Path) -> None:
    suffix = target.suffix.lower()
    if suffix == ".parquet":
        frame.to_parquet(target, index=False)
    elif suffix == ".jsonl":
        frame.to_json(target, orient="records", lines=True, date_format="iso", force_ascii=False)
    else:
        _write_text(frame, target, "\t" if suffix == ".tsv" else ",")


def _write_text(frame: pd.DataFrame, target: Path, delimiter: str) -> None:
    """Write CSV with pyarrow, which is several times as fast as pandas."""
    import pyarrow as pa
    import pyarrow.csv

    plain = frame.copy(deep=False)
    for name, dtype in frame.dtypes.items():
        if str(dtype) == "category":
            plain[name] = frame[name].astype(frame[name].cat.categories.dtype)
    table = pa.Table.from_pandas(plain, preserve_index=False)
    options = pyarrow.csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
    pyarrow.csv.write_csv(table, target, options)
