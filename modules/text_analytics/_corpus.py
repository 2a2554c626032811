"""Texts as counts of n-grams: what text features and topic models are fitted to."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, report_progress
from modules.text_analytics._texts import as_text, check_text, texts_of, word_n_grams, words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from scipy.sparse import csr_array

_BATCH_ROWS = 10_000
"""Rows counted together; arrays for all rows would take long to get from the system."""


@dataclass(frozen=True)
class Corpus:
    """How often each n-gram occurs in each row.

    Parameters
    ----------
    length : int
        Number of rows.
    terms : list of str
        The different n-grams, in the order of their first occurrence.
    rows, numbers, counts : numpy.ndarray
        Row, index of the n-gram, and how often it occurs there: entries ordered by row.
    """

    length: int
    terms: list[str]
    rows: np.ndarray
    numbers: np.ndarray
    counts: np.ndarray

    def frequencies(self) -> np.ndarray:
        """Return the number of rows that contain each n-gram."""
        import numpy as np

        return np.bincount(self.numbers, minlength=len(self.terms))

    def features(self, known: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return row, feature and count of the entries that have one.

        Parameters
        ----------
        known : sequence of str
            The n-gram of each feature.
        """
        import numpy as np

        index = {each: at for at, each in enumerate(known)}
        features = np.array([index.get(each, -1) for each in self.terms], dtype=np.int64)
        found = features[self.numbers]
        kept = found >= 0
        return self.rows[kept], found[kept], self.counts[kept]


def corpus_of(documents: Iterable[Sequence[str]], length: int) -> Corpus:
    """Return the counts of the n-grams of each row.

    Parameters
    ----------
    documents : iterable of sequence of str
        All n-grams of each row.
    length : int
        Number of rows.
    """
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    remaining = iter(documents)
    parts: tuple[list[np.ndarray], ...] = ([], [], [])
    for start in range(0, max(length, 1), _BATCH_ROWS):
        if length:
            report_progress(start / length, f"row {start:,} of {length:,}")
        rows, numbers, counts = _counts(islice(remaining, _BATCH_ROWS), index)
        for field, values in zip(parts, (start + rows, numbers, counts), strict=True):
            field.append(values)
    return Corpus(length, list(index), *map(_joined, parts))


def counted(values: Iterable[Any], longest: int) -> Counter[str]:
    """Return how often each n-gram of words occurs in the text columns of a row."""
    return Counter(n_grams_in(values, longest))


def documents(frame: pd.DataFrame, columns: Sequence[str], longest: int) -> Corpus:
    """Return the n-grams of every row."""
    texts = [texts_of(frame[name]) for name in columns]
    return corpus_of((n_grams_in(row, longest) for row in zip(*texts, strict=True)), len(frame))


def n_grams_in(values: Iterable[Any], longest: int) -> list[str]:
    """Return all n-grams of words in the text columns of a row."""
    found = []
    for text in filter(None, map(as_text, values)):
        found += word_n_grams(words(text), longest, " ")
    return found


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


def most_frequent(
    corpus: Corpus, limit: int, columns: Sequence[str], minimum_rows: int = 1
) -> list[str]:
    """Return the n-grams that occur most often in all rows together, in alphabetical order.

    Parameters
    ----------
    minimum_rows : int
        Leave out n-grams that occur in fewer rows; then there may be none.

    Raises
    ------
    ModuleError
        If there are no words.
    """
    import numpy as np

    if not corpus.terms:
        raise ModuleError(
            "no-words",
            f"Column “{columns[0]}” contains no words."
            if len(columns) == 1
            else f"None of the {len(columns)} selected columns contains any words.",
            "Choose a column that contains text.",
            column=columns[0] if len(columns) == 1 else None,
        )
    total = np.bincount(corpus.numbers, corpus.counts, len(corpus.terms)).tolist()
    frequent = (corpus.frequencies() >= minimum_rows).nonzero()[0].tolist()
    if len(frequent) > limit:
        frequent = sorted(frequent, key=lambda at: (-total[at], corpus.terms[at]))[:limit]
    return sorted(corpus.terms[at] for at in frequent)


def matrix(corpus: Corpus, vocabulary: Sequence[str], bits: int) -> csr_array:
    """Return the counts of shape (rows, n-grams of the vocabulary), or (rows, 2**bits) if hashed.

    Parameters
    ----------
    vocabulary : sequence of str
        Empty for hashing.
    """
    if vocabulary:
        return sparse(corpus.length, len(vocabulary), *corpus.features(vocabulary))
    rows, features, counts = hashed(corpus, 1 << bits)
    return sparse(corpus.length, 1 << bits, rows, features, counts)


def hashed(corpus: Corpus, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row, feature and count of the n-grams hashed to a number of features."""
    import numpy as np
    from sklearn.utils import murmurhash3_32

    features = np.array([abs(murmurhash3_32(each)) % width for each in corpus.terms], np.int64)
    pairs = corpus.rows * width + features[corpus.numbers]
    pairs, counts = np.unique(np.repeat(pairs, corpus.counts), return_counts=True)
    return *np.divmod(pairs, width), counts


def norms_of(values: np.ndarray, rows: np.ndarray, length: int) -> np.ndarray:
    """Return the Euclidean norm of the values of each row, rounded once.

    Exact sums don't depend on the order, so that a single row has the same norm.

    Parameters
    ----------
    rows : numpy.ndarray
        The row of each value, ordered.
    length : int
        Number of rows.
    """
    import numpy as np

    squares = (values * values).tolist()
    ends = np.cumsum(np.bincount(rows, minlength=length)).tolist()
    sums = [math.fsum(squares[start:end]) for start, end in pairwise([0, *ends])]
    return np.sqrt(sums)


def sparse(
    length: int, width: int, rows: np.ndarray, columns: np.ndarray, values: np.ndarray
) -> csr_array:
    """Return a sparse matrix of numbers, ordered in each row; those given are ordered by row."""
    import numpy as np
    from scipy.sparse import csr_array

    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=length))])
    parts = (values.astype(float), columns.astype(np.int32), starts.astype(np.int32))
    made = csr_array(parts, shape=(length, width))
    made.sort_indices()
    return made


def _counts(
    documents: Iterable[Sequence[str]], index: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the row, number and count of the n-grams of some rows, ordered by row and number.

    Parameters
    ----------
    index : mapping of str to int
        The number of each n-gram; it numbers new ones.
    """
    import numpy as np

    found, sizes = array("q"), array("q")
    for document in documents:
        found.extend([index[each] for each in document])
        sizes.append(len(document))
    width = max(len(index), 1)
    rows = np.repeat(np.arange(len(sizes)), np.asarray(sizes))
    pairs, counts = np.unique(rows * width + np.asarray(found), return_counts=True)
    return *np.divmod(pairs, width), counts


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """Return the parts as one array, and free them."""
    import numpy as np

    whole = np.concatenate(parts)
    parts.clear()
    return whole
