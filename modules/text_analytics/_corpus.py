"""Texts as a sparse matrix of counts: what topic models are fitted to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError
from modules.text_analytics._murmur import murmur3
from modules.text_analytics._texts import as_text, check_text, texts_of, word_n_grams, words

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array


def counted(values: Iterable[Any], longest: int) -> Counter[str]:
    """Return how often each n-gram of words occurs in the text columns of a row."""
    texts = filter(None, map(as_text, values))
    return Counter(each for text in texts for each in word_n_grams(words(text), longest, " "))


def documents(frame: pd.DataFrame, columns: Sequence[str], longest: int) -> list[Counter[str]]:
    """Return the n-grams of every row."""
    texts = [texts_of(frame[name]) for name in columns]
    return [counted(row, longest) for row in zip(*texts, strict=True)]


def check_texts(table: DataTable, columns: Sequence[str]) -> None:
    """Check that columns exist and contain text.

    Raises
    ------
    ModuleError
        If one doesn't.
    """
    table.require(columns)
    for name in columns:
        check_text(table, name, "topics require text")


def most_frequent(rows: Sequence[Counter[str]], limit: int, columns: Sequence[str]) -> list[str]:
    """Return the n-grams that occur most often in all rows together, in alphabetical order.

    Raises
    ------
    ModuleError
        If there are none.
    """
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row)
    if not total:
        raise ModuleError(
            "no-words",
            f"Column “{columns[0]}” contains no words."
            if len(columns) == 1
            else f"None of the {len(columns)} selected columns contains any words.",
            "Choose a column that contains text.",
            column=columns[0] if len(columns) == 1 else None,
        )
    ranked = sorted(total, key=lambda each: (-total[each], each))
    return sorted(ranked[:limit])


def matrix(rows: Sequence[Counter[str]], vocabulary: Sequence[str], bits: int) -> csr_array:
    """Return the counts of shape (rows, n-grams of the vocabulary), or (rows, 2**bits) if hashed.

    Parameters
    ----------
    vocabulary : sequence of str
        Empty for hashing.
    """
    import numpy as np
    from scipy.sparse import csr_array

    index = {each: at for at, each in enumerate(vocabulary)}
    width = len(index) or 1 << bits
    starts, columns, counts = [0], [], []
    for row in rows:
        found: Counter[int] = Counter()
        for each, count in row.items():
            at = index.get(each, -1) if index else abs(murmur3(each)) % width
            if at >= 0:
                found[at] += count
        columns += sorted(found)
        counts += [found[at] for at in sorted(found)]
        starts.append(len(columns))
    parts = (np.asarray(counts, float), np.asarray(columns, np.int32), np.asarray(starts, np.int32))
    return csr_array(parts, shape=(len(rows), width))
