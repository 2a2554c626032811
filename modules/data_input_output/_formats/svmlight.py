"""Read SVMLight, rows of a label and numbered features, into a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modules.contract import ModuleError

if TYPE_CHECKING:
    import pandas as pd

MOST_FEATURES = 10_000
"""Maximum number of features: each becomes a column."""

_HOW = "Write rows of a label and FEATURE:VALUE, such as 1 1:0.5 3:2."


def read_svmlight(data: str) -> pd.DataFrame:
    """Parse SVMLight text.

    Returns
    -------
    pandas.DataFrame
        Columns Col1, Col2, ... and Labels.

    Raises
    ------
    ModuleError
        If it isn't SVMLight; the error names the line.
    """
    import io

    import pandas as pd
    from sklearn.datasets import load_svmlight_file

    for number, line in enumerate(data.splitlines(), start=1):
        _check(number, line.partition("#")[0].split())
    try:
        matrix, labels = load_svmlight_file(io.BytesIO(data.strip().encode()), zero_based=False)
    except (ValueError, OverflowError) as error:
        raise _not_svmlight("The data can't be read as SVMLight") from error
    if matrix.shape[1] > MOST_FEATURES:
        raise ModuleError(
            "too-many-columns",
            f"The data has features up to number {matrix.shape[1]:,}; each becomes a column.",
            "Number the features from 1 without gaps.",
        )
    frame = pd.DataFrame(matrix.toarray())
    frame.columns = pd.Index([f"Col{number}" for number in range(1, matrix.shape[1] + 1)])
    return frame.assign(Labels=labels)


def _check(number: int, fields: list[str]) -> None:
    """Raise the error of a line, split at its spaces."""
    if not fields:
        return
    label, *features = fields
    if not _is_number(label):
        raise _not_svmlight(
            f"Line {number} starts with “{label[:40]}”; a numeric label is expected"
        )
    last = 0
    for word in features:
        name, colon, value = word.partition(":")
        if colon and name == "qid":
            continue
        if not colon or not re.fullmatch("[0-9]{1,18}", name) or not _is_number(value):
            raise _not_svmlight(
                f"Line {number} has “{word[:40]}”; FEATURE:VALUE, such as 3:0.5, is expected"
            )
        feature = int(name)
        if feature < 1:
            raise _not_svmlight(f"Line {number} has feature 0; they are numbered from 1")
        if feature <= last:
            raise _not_svmlight(
                f"Line {number} has feature {feature} after feature {last}; they are expected in "
                "ascending order, each once"
            )
        last = feature


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _not_svmlight(reason: str) -> ModuleError:
    return ModuleError("not-the-format", f"{reason}.", _HOW)
