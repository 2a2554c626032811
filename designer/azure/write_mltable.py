"""Writes tables as Azure's automated ML job reads them; it is beside ``modules`` in a job.

``python write_mltable.py TABLE FOLDER [TABLE FOLDER]`` writes the features and the label of each
stored table as a Parquet file with the description that makes the folder an MLTable.
"""

from __future__ import annotations

import sys
from pathlib import Path

DESCRIPTION = """\
type: mltable
paths:
  - file: ./data.parquet
transformations:
  - read_parquet
"""


def main(arguments: list[str]) -> int:
    """Write each table; return the exit status."""
    for table, folder in zip(arguments[::2], arguments[1::2], strict=True):
        write(Path(table), Path(folder))
    return 0


def write(table: Path, folder: Path) -> None:
    """Write a stored table into a folder."""
    import pyarrow as pa
    from pyarrow import parquet

    from modules.contract import DataTable, Role
    from modules.values import storage

    found = storage.load(table)
    assert isinstance(found, DataTable)
    kept = [each.name for each in found.columns if each.role in (Role.FEATURE, Role.LABEL)]
    left_out = [each.name for each in found.columns if each.name not in kept]
    if left_out:
        sys.stdout.write(f"Left out, as neither feature nor label: {', '.join(left_out)}\n")
    data = found.arrow.select(kept)
    for index, field in enumerate(data.schema):
        if pa.types.is_dictionary(field.type):
            values = data.column(index).cast(field.type.value_type)
            data = data.set_column(index, field.name, values)
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(data.replace_schema_metadata(None), folder / "data.parquet")
    (folder / "MLTable").write_text(DESCRIPTION, "utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
