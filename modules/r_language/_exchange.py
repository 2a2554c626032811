"""Tables as files that R reads and writes without any package: a binary file for each column.

A folder contains ``names``, ``kinds``, and for each column a file named by its number, counted
from 1. Texts end with a zero byte and are UTF-8, numbers are little-endian.

========== ===============================================================================
kind       content
========== ===============================================================================
number     64-bit floating point; a missing value is NaN
integer    32-bit integers; a missing value is the lowest one, as in R
boolean    the same, with 0 and 1
string     texts, and a byte for each in ``N.missing``
factor     the position of the level, counted from 1, as integers; texts in ``N.levels``
ordered    the same, with an order
datetime   seconds since 1970 as numbers; the time zone in ``N.zone``, which is empty for UTC
========== ===============================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.data_table import kind_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_LARGEST = 2**31 - 1
_EXACT = 2**53
_ZONE_OF_UTC = "Etc/UTC"
"""Distinguishes a column in the time zone UTC from one without a time zone, which is UTC in R."""


def write_frame(frame: pd.DataFrame, folder: Path, port: str) -> None:
    """Write a frame for R.

    Raises
    ------
    ModuleError
        If a text contains a null character, which R doesn't support.
    """
    folder.mkdir()
    _write_texts([str(name) for name in frame.columns], folder / "names", str(frame.columns), port)
    kinds = []
    for number, name in enumerate(frame.columns, start=1):
        kinds.append(_write_column(frame[name], folder / str(number), port))
    _write_texts(kinds, folder / "kinds", "", port)
    (folder / "rows").write_text(str(len(frame)), "ascii")


def read_frame(folder: Path) -> pd.DataFrame:
    """Read a frame that R wrote."""
    import pandas as pd

    rows = int((folder / "rows").read_text("ascii"))
    names, kinds = _read_texts(folder / "names"), _read_texts(folder / "kinds")
    columns = [
        _read_column(folder / str(number), kind) for number, kind in enumerate(kinds, start=1)
    ]
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(rows))
    # Names may repeat; the table makes them unique.
    return frame.set_axis(names, axis=1)


def _write_column(column: pd.Series, path: Path, port: str) -> str:
    import numpy as np
    import pandas as pd

    name, kind, missing = str(column.name), kind_of(column.dtype), column.isna().to_numpy()
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype("int64") + 1
        _write_integers(codes, missing, path)
        levels = [str(value) for value in column.cat.categories]
        _write_texts(levels, path.with_name(f"{path.name}.levels"), name, port)
        return "ordered" if column.cat.ordered else "factor"
    if kind == "boolean":
        values = column.fillna(False).to_numpy(dtype="bool")
        _write_integers(values.astype("int64"), missing, path)
        return "boolean"
    if kind == "integer":
        whole = column.fillna(0).to_numpy()
        largest = max(abs(int(whole.max())), abs(int(whole.min()))) if len(whole) else 0
        if largest <= _LARGEST:
            _write_integers(whole.astype("int64"), missing, path)
            return "integer"
        if largest > _EXACT:
            warn(f"R can't represent all integers of column “{name}” exactly: they exceed 2^53.")
        kind = "number"
    if kind == "number":
        column.astype("float64").to_numpy("float64", na_value=np.nan).astype("<f8").tofile(path)
        return "number"
    if kind == "datetime":
        zone = getattr(column.dtype, "tz", None)
        plain = column.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else column
        moments = plain.astype("datetime64[us]").to_numpy()
        seconds = moments.astype("int64") / 1e6
        np.where(missing, np.nan, seconds).astype("<f8").tofile(path)
        text = "" if zone is None else _ZONE_OF_UTC if str(zone) == "UTC" else str(zone)
        path.with_name(f"{path.name}.zone").write_text(text, "utf-8")
        return "datetime"
    missing.astype("uint8").tofile(path.with_name(f"{path.name}.missing"))
    texts = ["" if gone else str(value) for value, gone in zip(column, missing, strict=True)]
    _write_texts(texts, path, name, port)
    return "string"


def _write_integers(values: np.ndarray, missing: np.ndarray, path: Path) -> None:
    import numpy as np

    np.where(missing, -_LARGEST - 1, values).astype("<i4").tofile(path)


def _write_texts(texts: Sequence[str], path: Path, name: str, port: str) -> None:
    joined = "".join(f"{text}\0" for text in texts)
    if joined.count("\0") != len(texts):
        raise ModuleError(
            "null-character",
            f"Column “{name}” contains a null character, which R doesn't support.",
            "Remove it first, with Apply SQL Transformation for example.",
            port=port,
            column=name,
        )
    path.write_bytes(joined.encode("utf-8", "surrogatepass"))


def _read_texts(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", "replace").split("\0")[:-1]


def _read_column(path: Path, kind: str) -> Any:
    import numpy as np
    import pandas as pd

    if kind == "number":
        return np.fromfile(path, "<f8").astype("float64")
    if kind == "datetime":
        seconds = np.fromfile(path, "<f8")
        lost = ~np.isfinite(seconds)
        micro = np.rint(np.where(lost, 0.0, seconds) * 1e6).astype("int64")
        moments = pd.Series(micro.astype("datetime64[us]")).mask(lost)
        zone = path.with_name(f"{path.name}.zone").read_text("utf-8").strip()
        if not zone or zone in ("UTC", "GMT"):
            return moments
        name = "UTC" if zone == _ZONE_OF_UTC else zone
        return moments.dt.tz_localize("UTC").dt.tz_convert(name)
    if kind == "string":
        missing = np.fromfile(path.with_name(f"{path.name}.missing"), "uint8").astype(bool)
        texts = np.array([*_read_texts(path), None], dtype=object)[:-1]
        texts[missing] = None
        return pd.Series(texts, dtype="str")
    values = np.fromfile(path, "<i4").astype("int64")
    missing = values == -_LARGEST - 1
    if kind in ("factor", "ordered"):
        levels = _read_texts(path.with_name(f"{path.name}.levels"))
        codes = np.where(missing, -1, values - 1)
        index = pd.Index(levels, dtype="str")
        return pd.Categorical.from_codes(codes, index, ordered=kind == "ordered")
    if kind == "boolean":
        truth = pd.Series(values == 1, dtype="boolean" if missing.any() else "bool")
        return truth.mask(missing, pd.NA) if missing.any() else truth
    whole = pd.Series(values, dtype="Int64" if missing.any() else "int64")
    return whole.mask(missing, pd.NA) if missing.any() else whole
