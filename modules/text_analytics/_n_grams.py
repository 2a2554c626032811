"""N-grams of a column of texts, in functions of frames."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.tables.frames import free_name, with_columns
from modules.text_analytics._corpus import Corpus, corpus_of, norms_of
from modules.text_analytics._texts import texts_of, too_many, word_n_grams, words

if TYPE_CHECKING:
    import pandas as pd


def fit_n_grams(
    frame: pd.DataFrame,
    vocabulary: pd.DataFrame | None,
    name: str,
    *,
    n_grams_size: int,
    weighting_function: str,
    minimum_word_length: int,
    maximum_word_length: int,
    minimum_document_frequency: int,
    maximum_document_ratio: float,
    normalize: bool,
    corpus: Corpus | None = None,
) -> dict[str, Any]:
    """Return a vocabulary with the way in which texts are converted.

    Parameters
    ----------
    corpus : Corpus, optional
        The n-grams of the texts, if they are counted already; see :func:`n_grams_of`.
    """
    if minimum_word_length > maximum_word_length:
        raise ModuleError(
            "bad-range",
            f"The minimum word length {minimum_word_length} is above "
            f"the maximum {maximum_word_length}.",
            "Set the minimum to at most the maximum.",
            parameter="minimum_word_length",
        )
    fitted: dict[str, Any] = {
        "column": name,
        "longest": n_grams_size,
        "word_lengths": [minimum_word_length, maximum_word_length],
        "weighting": weighting_function,
        "normalize": normalize,
    }
    if vocabulary is None:
        if corpus is None:
            corpus = n_grams_of(frame[name], n_grams_size, fitted["word_lengths"])
        frequencies = _frequencies(corpus)
        limit = maximum_document_ratio * len(frame)
        kept = sorted(
            each
            for each, count in frequencies.items()
            if minimum_document_frequency <= count <= limit
        )
        _reject_empty(kept, name, frequencies, minimum_document_frequency)
        fitted["n_grams"] = kept
        fitted["frequencies"] = [frequencies[each] for each in kept]
        fitted["idf"] = [math.log(len(frame) / frequencies[each]) for each in kept]
    else:
        fitted["n_grams"] = vocabulary["NGram"].astype(str).tolist()
        fitted["frequencies"] = [int(count) for count in vocabulary["DF"]]
        fitted["idf"] = [float(idf) for idf in vocabulary["IDF"]]
    remedy = "Raise the minimum document frequency, or use fewer words per n-gram."
    too_many(len(fitted["n_grams"]), len(frame), "minimum_document_frequency", remedy)
    taken = set(frame.columns)
    fitted["outputs"] = []
    for each in fitted["n_grams"]:
        fitted["outputs"].append(free_name(f"{name}.[{each}]", taken))
        taken.add(fitted["outputs"][-1])
    return fitted


def frequency_of_rarest(column: pd.Series, most: int) -> int:
    """Return the lowest document frequency that at most so many words have; 0 without words.

    Words have three to 25 letters, the defaults of the module, and occur twice at least.
    """
    counts = sorted(_frequencies(n_grams_of(column, 1, (3, 25))).values())[::-1]
    if not counts or counts[0] < 2:
        return 0
    if len(counts) <= most:
        return 2
    # With as many words as the limit and one more of the same frequency, neither is kept.
    lowest = counts[most - 1] if counts[most] < counts[most - 1] else counts[most] + 1
    return min(max(lowest, 2), counts[0])


def n_grams_of(column: pd.Series, longest: int, word_lengths: Sequence[int]) -> Corpus:
    """Return the n-grams of every text.

    Parameters
    ----------
    word_lengths : sequence of int
        Minimum and maximum characters of a word.
    """
    texts = texts_of(column)
    return corpus_of((_tokens(text, longest, word_lengths) for text in texts), len(texts))


def add_n_grams(
    frame: pd.DataFrame, fitted: Mapping[str, Any], corpus: Corpus | None = None
) -> pd.DataFrame:
    """Return a frame with the features of its text column.

    Parameters
    ----------
    corpus : Corpus, optional
        The n-grams of the texts, if they are counted already; see :func:`n_grams_of`.
    """
    import numpy as np

    if corpus is None:
        corpus = n_grams_of(frame[fitted["column"]], fitted["longest"], fitted["word_lengths"])
    rows, features, counts = corpus.features(fitted["n_grams"])
    values = np.asarray(_factors(fitted))[features]
    if fitted["weighting"].startswith("TF"):
        values = values * counts
    if fitted["normalize"]:
        norms = norms_of(values, rows, len(frame))
        values = values / np.where(norms == 0, 1, norms)[rows]
    matrix = np.zeros((len(fitted["outputs"]), len(frame)))
    matrix[features, rows] = values
    return with_columns(frame, matrix, fitted["outputs"])


def vocabulary_of(fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the n-grams as a frame."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "ID": range(len(fitted["n_grams"])),
            "NGram": fitted["n_grams"],
            "DF": fitted["frequencies"],
            "IDF": fitted["idf"],
        }
    )
    return frame.astype({"ID": int, "NGram": "str", "DF": int, "IDF": float})


def weights_of(fitted: Mapping[str, Any]) -> Callable[[str | None], dict[int, float]]:
    """Return the function from a text to its features that aren't zero, for single rows.

    It multiplies and divides as :func:`add_n_grams`, so that they agree to the bit.
    """
    index = {each: at for at, each in enumerate(fitted["n_grams"])}
    factors = _factors(fitted)
    counts = fitted["weighting"].startswith("TF")

    def weights(text: str | None) -> dict[int, float]:
        tokens = _tokens(text, fitted["longest"], fitted["word_lengths"])
        found = Counter(index[each] for each in tokens if each in index)
        made = {at: factors[at] * (count if counts else 1) for at, count in found.items()}
        if fitted["normalize"] and (norm := math.sqrt(math.fsum(v * v for v in made.values()))):
            return {at: value / norm for at, value in made.items()}
        return made

    return weights


def _factors(fitted: Mapping[str, Any]) -> list[float]:
    """Return what an occurrence of each n-gram counts."""
    factors: list[float] = fitted["idf"]
    return factors if "IDF" in fitted["weighting"] else [1.0] * len(factors)


def _tokens(text: str | None, longest: int, word_lengths: Sequence[int]) -> list[str]:
    """Return all n-grams of a text."""
    return [] if text is None else word_n_grams(words(text, *word_lengths), longest)


def _frequencies(corpus: Corpus) -> dict[str, int]:
    """Return the number of rows that contain each n-gram."""
    return dict(zip(corpus.terms, corpus.frequencies().tolist(), strict=True))


def _reject_empty(kept: list[str], name: str, all_found: Mapping[str, int], minimum: int) -> None:
    if kept:
        return
    if not all_found:
        raise ModuleError(
            "no-n-grams",
            f"Column “{name}” contains no words of the allowed lengths.",
            "Choose another column, or allow shorter words.",
            parameter="text_column",
            column=name,
        )
    raise ModuleError(
        "no-n-grams",
        f"No n-gram of column “{name}” is within the limits: the most frequent occurs in "
        f"{max(all_found.values()):,} rows.",
        f"Set the minimum document frequency below {minimum}, or raise the maximum ratio."
        if minimum > 1
        else "Raise the maximum document ratio.",
        parameter="minimum_document_frequency",
        column=name,
    )
