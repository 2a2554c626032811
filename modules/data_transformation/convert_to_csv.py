"""Convert to CSV."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, Serving, module
from modules.contract.arrow_conversion import to_arrow
from modules.contract.code import CodeStep, FilesFacts, literal
from modules.values import Files

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "data.csv"


def _code(step: CodeStep) -> None:
    call = f"{step.helper(csv_of)}({step.helper(to_arrow)}({step.inputs['dataset']}))"
    step.write(f"{step.outputs[0]} = {{{literal(FILE)}: {call}}}")
    step.know("results_dataset", FilesFacts())


@module(
    "Convert to CSV",
    outputs=("results_dataset",),
    keywords=("comma", "text file", "download", "save", "export", "spreadsheet"),
    requires=("pandas", "pyarrow"),
    when_serving=Serving.DROP,
    code=_code,
)
def convert_to_csv(dataset: DataTable) -> Files:
    """Convert a dataset to a CSV file, to download or to share.

    To write a file at a path of your choice, use Export Data.

    Parameters
    ----------
    dataset : DataTable
        Any table.

    Returns
    -------
    results_dataset : Files
        A folder with the file ``data.csv``.

    Notes
    -----
    UTF-8 with a header row, as in RFC 4180: text is quoted, missing values are empty, and an
    empty text is a pair of quotation marks. Numbers are written so that reading restores
    them exactly.

    Unlike in Azure ML designer, the output is a file, not a dataset that is stored as one.
    """
    folder = Path(tempfile.mkdtemp(prefix="csv-"))
    write_csv(dataset.arrow, folder / FILE)
    files = Files(folder)
    weakref.finalize(files, shutil.rmtree, folder, ignore_errors=True)
    return files


def csv_of(data: pa.Table) -> bytes:
    """Return an Arrow table as a delimited text in UTF-8."""
    import io

    written = io.BytesIO()
    write_csv(data, written)
    return written.getvalue()


def write_csv(data: pa.Table, target: Any) -> None:
    """Write an Arrow table to a file, by path or open, as a delimited text in UTF-8."""
    import pyarrow as pa
    from pyarrow import csv

    for index, field in enumerate(data.schema):
        if pa.types.is_dictionary(field.type):
            values = field.type.value_type
            data = data.set_column(index, field.name, data.column(index).cast(values))
    csv.write_csv(data, target)
