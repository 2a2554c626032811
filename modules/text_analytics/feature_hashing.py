"""Feature Hashing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ExampleStep,
    RowForm,
    RowStep,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.value import Row
from modules.tables.frames import free_name, with_columns
from modules.text_analytics._corpus import n_grams_in
from modules.text_analytics._exported import given
from modules.text_analytics._murmur import murmur3
from modules.text_analytics._texts import text_columns, texts_of, too_many

if TYPE_CHECKING:
    import pandas as pd

_MOST = 32_767
"""Counts are 16-bit integers."""


def _make(step: ExampleStep) -> dict[str, Any]:
    table, size = step.inputs["dataset"], 1 << step.arguments["hashing_bitsize"]
    names = step.arguments["target_columns"].resolve_each(table.columns)
    return {
        "columns": names,
        "outputs": _outputs(table.names, names, size),
        "size": size,
        "n_grams": step.arguments["n_grams"],
        "microseconds": 20.0 + 0.05 * size * len(names),
    }


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    outputs, size = form["outputs"], form["size"]
    empty = dict.fromkeys(outputs, 0)

    def hashed(row: Row) -> dict[str, Any]:
        result = dict(row) | empty
        for block, name in enumerate(form["columns"]):
            for feature, count in _counts(row[name], size, form["n_grams"]).items():
                result[outputs[block * size + feature]] = count
        return result

    return hashed


def _code(step: CodeStep) -> None:
    frame, names = step.inputs["dataset"], step.columns("target_columns", "dataset")
    arguments = given(step, "hashing_bitsize", "n_grams")
    step.write(f"{step.outputs[0]} = {step.helper(add_hashes)}({frame}, {names}, {arguments})")


@module(
    "Feature Hashing",
    outputs=("transformed_dataset",),
    keywords=("hashing trick", "vectorize", "bag of words", "n-gram", "text", "murmur"),
    requires=("pandas", "numpy", "scikit-learn"),
    reads="rows",
    row=RowForm(_make, _load),
    code=_code,
)
def feature_hashing(
    dataset: DataTable,
    *,
    target_columns: Annotated[
        ColumnSelector,
        Field(title="Target columns"),
        Columns(of="dataset", kinds=("string", "categorical")),
    ],
    hashing_bitsize: Annotated[int, Field(ge=1, le=31)] = 10,
    n_grams: Annotated[int, Field(ge=1, le=10, title="N-grams")] = 2,
) -> DataTable:
    """Convert text to a fixed number of columns by hashing its words.

    There is no vocabulary to store, and new words need no retraining. In return, different
    words may share a column, and a column can't be traced back to a word; use Extract N-Gram
    Features from Text to see the words. Remove the text column before training.

    Parameters
    ----------
    dataset : DataTable
        A table with text columns.
    target_columns : ColumnSelector
        The text columns to hash.
    hashing_bitsize : int
        Number of bits b of the hash: each text column becomes 2**b columns. More bits mean fewer
        words that share a column, but need more memory.
    n_grams : int
        Maximum number of successive words that are hashed together: 2 hashes words and pairs
        of words.

    Returns
    -------
    transformed_dataset : DataTable
        The dataset with the columns ``COLUMN - Hashing feature 0`` to
        ``COLUMN - Hashing feature 2**b - 1``, which count the n-grams in them.

    Notes
    -----
    Words are runs of letters and digits, in lowercase; the words of an n-gram are joined by a
    space. An n-gram belongs to the column ``abs(h) mod 2**b``, h its 32-bit MurmurHash3, as in
    scikit-learn's ``HashingVectorizer`` with ``alternate_sign=False``. A missing text has no
    n-grams. Counts are 16-bit integers and stop at 32,767.

    Azure ML designer uses another seed for the hash, and marks the module as deprecated. A
    maximum of 0 n-grams, which it accepts, isn't allowed here.
    """
    names = text_columns(target_columns, dataset, "target_columns", "to hash")
    frame = add_hashes(dataset.frame, names, hashing_bitsize=hashing_bitsize, n_grams=n_grams)
    return dataset.with_frame(frame)


def add_hashes(
    frame: pd.DataFrame, names: Sequence[str], *, hashing_bitsize: int, n_grams: int
) -> pd.DataFrame:
    """Return a frame with the counts of the hashed n-grams of its text columns."""
    import numpy as np
    from sklearn.feature_extraction import FeatureHasher

    size = 1 << hashing_bitsize
    too_many(size * len(names), len(frame), "hashing_bitsize", "Set a smaller bit size.")
    hasher = FeatureHasher(size, input_type="string", alternate_sign=False)
    matrix = np.zeros((size * len(names), len(frame)), dtype=np.int16)
    for block, name in enumerate(names):
        texts = texts_of(frame[name])
        if texts:
            counts = hasher.transform(n_grams_in([text], n_grams) for text in texts)
            rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
            matrix[block * size + counts.indices, rows] = np.minimum(counts.data, _MOST)
    return with_columns(frame, matrix, _outputs(list(frame.columns), names, size))


def _counts(text: Any, size: int, longest: int) -> dict[int, int]:
    """Return how many n-grams of a text belong to each column."""
    counts = Counter(abs(murmur3(each)) % size for each in n_grams_in([text], longest))
    return {feature: min(count, _MOST) for feature, count in counts.items()}


def _outputs(taken: Sequence[str], names: Sequence[str], size: int) -> list[str]:
    known, found = set(taken), []
    for name in names:
        for feature in range(size):
            found.append(free_name(f"{name} - Hashing feature {feature}", known))
            known.add(found[-1])
    return found
