"""Scores a whole file with a scoring package, without a server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment.batch.files import SUFFIXES, target_files, write_files
from designer.deployment.batch.rows import BAD_ROWS, BadRows, FittedRows, fit_rows
from designer.deployment.problem import ServingError, serving_error
from modules.contract.normalize_frame import set_columns

if TYPE_CHECKING:
    import pandas as pd

    from modules.contract import DataTable, ModuleSpec
    from modules.requests.schema import RequestSchema
    from modules.scoring import Scorer

REASON = "Not scored because"
"""The column with the reason why a kept row has no scores."""

CHUNK = 100_000
"""Rows per batch where a score depends on one row only."""

OnProgress = Callable[[int, int], object]
"""Called with the rows that are scored, and how many there are."""


@dataclass(frozen=True)
class Batch:
    """A file that was scored.

    Parameters
    ----------
    files : dict of str to Path
        The file of each output.
    rows : int
        Rows in the first of them.
    columns : int
        Columns in the first of them.
    bad_rows : int
        Rows that couldn't be scored; they were left out, or kept with the reason.
    """

    files: dict[str, Path]
    rows: int
    columns: int
    bad_rows: int = 0

    @property
    def file(self) -> Path:
        """The file of the first output."""
        return next(iter(self.files.values()))

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer score --json`` prints."""
        return {
            "file": str(self.file),
            "files": {name: str(path) for name, path in self.files.items()},
            "rows": self.rows,
            "columns": self.columns,
            "bad_rows": self.bad_rows,
        }


def score_file(
    package: Path,
    data: Path | Mapping[str, Path],
    target: Path,
    *,
    bad_rows: BadRows = "refuse",
    allowed: Collection[str] = (),
    on_progress: OnProgress = lambda done, count: None,
) -> Batch:
    """Score every row of a file.

    Parameters
    ----------
    package : Path
        A scoring package.
    data : Path or mapping of str to Path
        The rows: CSV, TSV, Parquet, ARFF, JSON lines or Excel; of a package with several
        inputs, one file for each. Columns unknown to the model are ignored;
        they are in the result.
    target : Path
        The file to write, in the format of its extension, one of :data:`SUFFIXES`. A package
        with several outputs writes one for each; see
        :func:`designer.deployment.batch.files.target_files`.
    bad_rows : str
        What to do with rows that can't be scored: ``refuse`` the file, ``leave-out`` or
        ``keep`` them with the reason.
    allowed : collection of str
        Effects that the package may have; see :data:`modules.scoring.ALLOWABLE`.

    Raises
    ------
    ServingError
        If the package or the file can't be used; it names the column.
    OSError
        If the result can't be written.
    """
    from modules.contract.errors import ModuleError
    from modules.endpoint.package import MODEL, verify
    from modules.scoring import Scorer

    if target.suffix.lower() not in SUFFIXES:
        raise ServingError(
            f"“{target.name}” has no supported file extension.",
            f"Use one of {', '.join(SUFFIXES)}.",
        )
    if bad_rows not in BAD_ROWS:
        raise ServingError(f"“{bad_rows}” isn't a way to handle rows.")
    try:
        verify(package)
        scorer = Scorer(package / MODEL, allowed=allowed)
        sources = _sources(scorer, data)
        files = target_files(target, scorer.outputs)
        _check_targets(sources, files)
        if len(sources) > 1 and bad_rows != "refuse":
            raise ServingError(
                "Rows of several inputs belong together, so none of them can be left out.",
                "Fix the files, and score them with every row.",
            )
        return _score(scorer, sources, files, bad_rows, on_progress)
    except ModuleError as error:
        raise serving_error(error) from error


def _sources(scorer: Scorer, data: Path | Mapping[str, Path]) -> dict[str, Path]:
    """Return the file of each input."""
    names = list(scorer.inputs)
    if not isinstance(data, Mapping):
        if len(names) != 1:
            raise ServingError(
                f"The model has {len(names)} inputs; one file contains the rows of one.",
                f"Specify a file for each of {_listed(names)}.",
            )
        data = {names[0]: data}
    for name, file in data.items():
        if name not in names:
            raise ServingError(f"The model has no input “{name}”.", f"Use {_listed(names)}.")
        if not file.is_file():
            raise ServingError(f"There is no file “{file}”.")
    missing = [name for name in names if name not in data]
    if missing:
        raise ServingError(f"The input “{missing[0]}” has no file.")
    return dict(data)


def _check_targets(sources: Mapping[str, Path], files: Mapping[str, Path]) -> None:
    read = {file.resolve() for file in sources.values()}
    for file in files.values():
        if file.resolve() in read:
            raise ServingError(f"The scores would overwrite the input file “{file.name}”.")
        if not file.absolute().parent.is_dir():
            raise ServingError(f"There is no folder “{file.absolute().parent}”.")


def _score(
    scorer: Scorer,
    sources: Mapping[str, Path],
    files: Mapping[str, Path],
    bad_rows: BadRows,
    on_progress: OnProgress,
) -> Batch:
    from designer.catalog import load_catalog
    from designer.pipeline.own_modules import DATASET

    dataset = load_catalog()[DATASET]
    read: dict[str, DataTable] = {}
    fitted: dict[str, FittedRows] = {}
    for name, file in sources.items():
        (table,) = dataset(path=str(file.absolute()))
        read[name] = _with_texts(table, scorer.inputs[name], dataset, file)
        try:
            fitted[name] = fit_rows(
                read[name], scorer.inputs[name], bad_rows, scorer.tables.dtypes(name)
            )
        except ServingError as error:
            if len(sources) == 1:
                raise
            raise ServingError(f"“{file.name}”: {error.message}", error.hint) from error
    tables = {name: rows.table for name, rows in fitted.items()}
    scored = _scored_frames(scorer, tables, on_progress)
    refused = 0
    if len(read) == 1:
        ((name, rows),) = fitted.items()
        refused = len(rows.reasons)
        keep = bad_rows == "keep"
        scored = {
            output: _with_input_columns(frame, read[name], rows, keep)
            for output, frame in scored.items()
        }
    write_files({files[output]: frame for output, frame in scored.items()})
    first = next(iter(scored.values()))
    return Batch(dict(files), len(first), len(first.columns), refused)


def _with_texts(
    read: DataTable, schema: RequestSchema, dataset: ModuleSpec, file: Path
) -> DataTable:
    """Return a table with values as they are in the file where the model knows them as text.

    A code such as 01067 stays one even if no other code of the file starts with a zero, and
    None is a value if it is one in the training data.
    """
    kinds = {column.name: column.kind for column in read.columns}
    texts = {
        column.name: column.values or ()
        for column in schema.columns
        if column.kind == "string"
        and column.name in kinds
        and (kinds[column.name] != "string" or read.frame[column.name].isna().any())
    }
    if not texts:
        return read
    (whole,) = dataset(path=str(file.absolute()), column_types=dict.fromkeys(texts, "string"))
    fixed = {}
    for name, known in texts.items():
        text = whole.frame[name]
        fixed[name] = text.where(read.frame[name].notna() | text.isin(list(known)))
    return read.with_frame(set_columns(read.frame, fixed))


def _scored_frames(
    scorer: Scorer, tables: Mapping[str, DataTable], on_progress: OnProgress
) -> dict[str, pd.DataFrame]:
    import pandas as pd

    from modules.contract import DataTable

    counts = {len(table) for table in tables.values()}
    count = max(counts)
    # A row form scores every row separately; other steps may use all of them.
    alone = scorer.compiled and len(counts) == 1
    size = CHUNK if alone else count
    on_progress(0, count)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in scorer.outputs}
    for begin in range(0, count, size):
        some = tables
        if size < count:
            some = {
                name: DataTable(
                    table.frame.iloc[begin : begin + size].reset_index(drop=True), table.roles
                )
                for name, table in tables.items()
            }
        for name, table in scorer.score_tables(some).items():
            parts[name].append(table.frame)
        on_progress(min(begin + size, count), count)
    return {
        name: found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)
        for name, found in parts.items()
    }


def _with_input_columns(
    scored: pd.DataFrame, read: DataTable, rows: FittedRows, keep: bool
) -> pd.DataFrame:
    """Return scores beside columns unknown to the model, an id for example."""
    import pandas as pd

    if len(scored) != len(rows.table):
        return scored
    others = [name for name in read.names if name not in rows.whole and name not in scored]
    beside = read.frame[others]
    bad = not rows.sound.all()
    if not bad or not keep:
        beside = beside.loc[rows.sound].reset_index(drop=True) if bad else beside
        whole = pd.concat([beside, scored], axis=1) if others else scored
        return whole[_ordered(read.names, whole)]
    spread = _without_whole_numbers(scored)
    spread.index = pd.Index(rows.sound.nonzero()[0])
    spread = spread.reindex(range(len(read)))
    for name in rows.whole:
        # Where the pipeline changes a column, what was sent would look like a result.
        if name in spread and scored[name].equals(rows.table.frame[name]):
            spread[name] = rows.whole[name]
    whole = pd.concat([beside, spread], axis=1)
    whole = whole[_ordered(read.names, whole)]
    whole[REASON] = rows.reasons.reindex(range(len(read)))
    return whole


def _without_whole_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert columns to nullable types."""
    wide = {"b": "boolean", "i": "Int64", "u": "UInt64"}
    types = {name: wide[dtype.kind] for name, dtype in frame.dtypes.items() if dtype.kind in wide}
    return frame.astype(types)


def _ordered(first: list[str], frame: pd.DataFrame) -> list[str]:
    """Return the columns as the file has them, then what is new."""
    known = set(first)
    there = [name for name in first if name in frame.columns]
    return [*there, *(name for name in frame.columns if name not in known)]


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
