"""N-grams of a column of texts, in functions of frames."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, report_progress
from modules.tables.frames import free_name, with_columns
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
) -> dict[str, Any]:
    """Return a vocabulary with the way in which texts are converted."""
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
        frequencies = _counted(frame[name], fitted)
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
    counts = sorted(_counted(column, {"word_lengths": [3, 25], "longest": 1}).values())[::-1]
    if not counts or counts[0] < 2:
        return 0
    if len(counts) <= most:
        return 2
    # With as many words as the limit and one more of the same frequency, neither is kept.
    lowest = counts[most - 1] if counts[most] < counts[most - 1] else counts[most] + 1
    return min(max(lowest, 2), counts[0])


def add_n_grams(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with the features of its text column."""
    import numpy as np

    weights = weights_of(fitted)
    features: list[int] = []
    values: list[float] = []
    lengths = []
    for text in texts_of(frame[fitted["column"]]):
        found = weights(text)
        features += found.keys()
        values += found.values()
        lengths.append(len(found))
    matrix = np.zeros((len(fitted["outputs"]), len(frame)))
    matrix[features, np.repeat(np.arange(len(frame)), lengths)] = values
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


def _tokens(text: str | None, fitted: Mapping[str, Any]) -> list[str]:
    """Return all n-grams of a text."""
    if text is None:
        return []
    return word_n_grams(words(text, *fitted["word_lengths"]), fitted["longest"])


def weights_of(fitted: Mapping[str, Any]) -> Callable[[str | None], dict[int, float]]:
    """Return the function from a text to its features that aren't zero.

    Tables and single rows use the same one, so that they agree to the bit.
    """
    index = {each: at for at, each in enumerate(fitted["n_grams"])}
    factors = fitted["idf"] if "IDF" in fitted["weighting"] else [1.0] * len(index)
    counts = fitted["weighting"].startswith("TF")

    def weights(text: str | None) -> dict[int, float]:
        found = [index[each] for each in _tokens(text, fitted) if each in index]
        if counts:
            made = {at: factors[at] * count for at, count in sorted(Counter(found).items())}
        else:
            made = {at: factors[at] for at in sorted(set(found))}
        if fitted["normalize"] and (norm := math.sqrt(math.fsum(v * v for v in made.values()))):
            return {at: value / norm for at, value in made.items()}
        return made

    return weights


def _counted(column: pd.Series, fitted: Mapping[str, Any]) -> Counter[str]:
    """Return the number of rows that contain each n-gram."""
    frequencies: Counter[str] = Counter()
    for row, text in enumerate(texts_of(column)):
        frequencies.update(set(_tokens(text, fitted)))
        if row % 10_000 == 0:
            report_progress(row / len(column), f"row {row:,} of {len(column):,}")
    return frequencies


def _reject_empty(kept: list[str], name: str, all_found: Counter[str], minimum: int) -> None:
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
