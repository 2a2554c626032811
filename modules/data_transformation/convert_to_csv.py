"""Convert to CSV."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from modules.contract import DataTable, Serving, module
from modules.values import Files

FILE = "data.csv"


@module(
    "Convert to CSV",
    outputs=("results_dataset",),
    keywords=("comma", "text file", "download", "save", "export", "spreadsheet"),
    requires=("pandas", "pyarrow"),
    when_serving=Serving.DROP,
    code="its file is a result of a run; use Export Data to write one",
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
    """
    import pyarrow as pa
    from pyarrow import csv

    data = dataset.arrow
    for index, field in enumerate(data.schema):
        if pa.types.is_dictionary(field.type):
            values = field.type.value_type
            data = data.set_column(index, field.name, data.column(index).cast(values))
    folder = Path(tempfile.mkdtemp(prefix="csv-"))
    csv.write_csv(data, folder / FILE)
    files = Files(folder)
    weakref.finalize(files, shutil.rmtree, folder, ignore_errors=True)
    return files
