"""Extract N-Gram Features from Text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Serving,
    When,
    module,
    report_progress,
)
from modules.contract.columns import first_repeated
from modules.contract.value import Row, RowFunction
from modules.tables.frames import free_name, with_columns
from modules.text_analytics._texts import (
    as_text,
    check_text,
    text_columns,
    texts_of,
    too_many,
    word_n_grams,
    words,
)
from modules.values import Transformation

if TYPE_CHECKING:
    import pandas as pd

VOCABULARY = ("ID", "NGram", "DF", "IDF")
"""The columns of a vocabulary."""

_ROWS_PER_REPORT = 10_000


@module(
    "Extract N-Gram Features from Text",
    outputs=("results_dataset", "result_vocabulary", "n_gram_transformation"),
    keywords=("tf-idf", "bag of words", "tokenize", "vocabulary", "term frequency", "vectorize"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
)
def extract_n_gram_features_from_text(
    dataset: DataTable,
    input_vocabulary: DataTable | None = None,
    *,
    text_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, kinds=("string", "categorical"))
    ],
    vocabulary_mode: Literal["Create", "ReadOnly"] = "Create",
    n_grams_size: Annotated[int, Field(ge=1, le=20, title="N-Grams size")] = 1,
    weighting_function: Literal[
        "Binary Weight", "TF Weight", "IDF Weight", "TF-IDF Weight"
    ] = "Binary Weight",
    minimum_word_length: Annotated[int, Field(ge=1)] = 3,
    maximum_word_length: Annotated[int, Field(ge=2)] = 25,
    minimum_document_frequency: Annotated[
        int,
        Field(ge=1, title="Minimum n-gram document absolute frequency"),
        When(vocabulary_mode="Create"),
    ] = 5,
    maximum_document_ratio: Annotated[
        float,
        Field(ge=0.0001, le=1, title="Maximum n-gram document ratio"),
        When(vocabulary_mode="Create"),
    ] = 1.0,
    normalize: Annotated[bool, Field(title="Normalize n-gram feature vectors")] = False,
) -> tuple[DataTable, DataTable, Transformation]:
    """Convert text to one column for each word or sequence of words.

    Clean the text with Preprocess Text first. Remove the text column before training,
    because learners treat text as categories.

    The vocabulary is output as a table to look at, and with all parameters as a transformation, so
    that new data has the same features: link that to Apply Transformation for the test data.

    Parameters
    ----------
    dataset : DataTable
        A table with a text column.
    input_vocabulary : DataTable, optional
        For the mode ReadOnly: a vocabulary that this module created, with the columns
        ``NGram``, ``DF``, and ``IDF``.
    text_column : ColumnSelector
        The column that contains the text.
    vocabulary_mode : str
        Create: collect the n-grams of the dataset. ReadOnly: use those of the input vocabulary.
    n_grams_size : int
        Maximum number of words of an n-gram: 2 extracts words and pairs of successive words.
    weighting_function : str
        The values of the features; see the notes.
    minimum_word_length : int
        Words with fewer characters are skipped.
    maximum_word_length : int
        Words with more characters are skipped.
    minimum_document_frequency : int
        N-grams that occur in fewer rows are left out.
    maximum_document_ratio : float
        N-grams that occur in a larger share of the rows are left out: 0.9 drops what is in
        nearly every text.
    normalize : bool
        Divide the features of each row by their Euclidean (L2) norm, so that long and short texts
        have the same weight.

    Returns
    -------
    results_dataset : DataTable
        The dataset with one column ``COLUMN.[NGRAM]`` for each n-gram.
    result_vocabulary : DataTable
        The n-grams in alphabetical order: ``ID`` from 0, ``NGram``, ``DF`` (number of rows
        that contain it), and ``IDF``.
    n_gram_transformation : Transformation
        Extracts the same features from new data.

    Notes
    -----
    Words are runs of letters and digits, in lowercase. The words of an n-gram are joined
    by an underscore. With N rows, of which df contain the n-gram, which occurs tf times in
    the text:

    - Binary Weight: 1 if tf > 0, otherwise 0.
    - TF Weight: tf.
    - IDF Weight: ``ln(N / df)`` if tf > 0, otherwise 0.
    - TF-IDF Weight: ``tf ln(N / df)``.

    A missing text has no n-grams; it counts as a row.

    Unlike in Azure ML designer, the features are output as a transformation too: an endpoint uses
    the vocabulary of the training data without a manual step.
    """
    (name,) = text_columns(
        ColumnSelector.names(text_column.resolve_one(dataset.columns, parameter="text_column")),
        dataset,
        "text_column",
        "to extract n-grams from",
    )
    if minimum_word_length > maximum_word_length:
        raise ModuleError(
            "bad-range",
            f"The minimum word length {minimum_word_length} is above "
            f"the maximum {maximum_word_length}.",
            "Set the minimum to at most the maximum.",
            parameter="minimum_word_length",
        )
    tokens = NGramFeatures(
        column=name,
        longest=n_grams_size,
        word_lengths=[minimum_word_length, maximum_word_length],
        weighting=weighting_function,
        normalize=normalize,
        n_grams=[],
        frequencies=[],
        idf=[],
        outputs=[],
    )
    if vocabulary_mode == "Create":
        frequencies = _counted(tokens, dataset)
        limit = maximum_document_ratio * len(dataset)
        kept = sorted(
            each
            for each, count in frequencies.items()
            if minimum_document_frequency <= count <= limit
        )
        _reject_empty(kept, name, frequencies, minimum_document_frequency)
        found = [
            (each, frequencies[each], math.log(len(dataset) / frequencies[each])) for each in kept
        ]
    else:
        found = _read(input_vocabulary)
    remedy = "Raise the minimum document frequency, or use fewer words per n-gram."
    too_many(len(found), len(dataset), "minimum_document_frequency", remedy)
    taken = set(dataset.names)
    outputs = []
    for each, _, _ in found:
        outputs.append(free_name(f"{name}.[{each}]", taken))
        taken.add(outputs[-1])
    features = NGramFeatures(
        **vars(tokens)
        | {
            "n_grams": [each for each, _, _ in found],
            "frequencies": [count for _, count, _ in found],
            "idf": [idf for _, _, idf in found],
            "outputs": outputs,
        }
    )
    return features.apply(dataset), features.vocabulary(), features


@dataclass(frozen=True, eq=False)
class NGramFeatures(Transformation):
    """A vocabulary with the way in which texts are converted.

    Parameters
    ----------
    column : str
        The text column.
    longest : int
        Maximum number of words of an n-gram.
    word_lengths : list of int
        Minimum and maximum characters of a word.
    weighting : str
        As in the module.
    normalize : bool
        The features of a row are divided by their L2 norm.
    n_grams, frequencies, idf, outputs : list
        By feature: the n-gram, the number of rows that contain it, its inverse document
        frequency, and the name of its column.
    """

    title: ClassVar[str] = "N-gram features"

    column: str
    longest: int
    word_lengths: list[int]
    weighting: str
    normalize: bool
    n_grams: list[str]
    frequencies: list[int]
    idf: list[float]
    outputs: list[str]

    def tokens(self, text: str | None) -> list[str]:
        """Return all n-grams of a text."""
        return [] if text is None else word_n_grams(words(text, *self.word_lengths), self.longest)

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the features; see :class:`Transformation`."""
        import numpy as np

        table.require([self.column])
        check_text(table, self.column, "n-grams require text")
        weights = self._weights()
        matrix = np.zeros((len(self.outputs), len(table)))
        for row, text in enumerate(texts_of(table.frame[self.column])):
            for feature, value in weights(text).items():
                matrix[feature, row] = value
        return table.with_frame(with_columns(table.frame, matrix, self.outputs))

    def compile(self) -> RowFunction | None:
        """Return a row function on plain Python."""
        weights = self._weights()
        empty = dict.fromkeys(self.outputs, 0.0)

        def extract(row: Row) -> dict[str, Any]:
            result = dict(row) | empty
            for feature, value in weights(as_text(row[self.column])).items():
                result[self.outputs[feature]] = value
            return result

        return extract

    def vocabulary(self) -> DataTable:
        """Return the n-grams as a table."""
        import pandas as pd

        columns = (range(len(self.n_grams)), self.n_grams, self.frequencies, self.idf)
        frame = pd.DataFrame(dict(zip(VOCABULARY, columns, strict=True)))
        return DataTable(frame.astype(dict(zip(VOCABULARY, (int, "str", int, float), strict=True))))

    def describe(self) -> pd.DataFrame:
        """Return the vocabulary."""
        return self.vocabulary().frame

    def _weights(self) -> Callable[[str | None], dict[int, float]]:
        """Return the function from a text to its features that aren't zero.

        Tables and single rows use the same one, so that they agree to the bit.
        """
        index = {each: at for at, each in enumerate(self.n_grams)}
        factors = self.idf if "IDF" in self.weighting else [1.0] * len(self.n_grams)
        counts = self.weighting.startswith("TF")

        def weights(text: str | None) -> dict[int, float]:
            found = Counter(index[each] for each in self.tokens(text) if each in index)
            made = {at: factors[at] * (found[at] if counts else 1) for at in sorted(found)}
            norm = math.sqrt(math.fsum(value * value for value in made.values()))
            if self.normalize and norm:
                return {at: value / norm for at, value in made.items()}
            return made

        return weights


def _counted(tokens: NGramFeatures, dataset: DataTable) -> Counter[str]:
    """Return the number of rows that contain each n-gram."""
    frequencies: Counter[str] = Counter()
    for row, text in enumerate(texts_of(dataset.frame[tokens.column])):
        frequencies.update(set(tokens.tokens(text)))
        if row % _ROWS_PER_REPORT == 0:
            report_progress(row / len(dataset), f"row {row:,} of {len(dataset):,}")
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


def _read(vocabulary: DataTable | None) -> list[tuple[str, int, float]]:
    """Return n-grams, frequencies and inverse document frequencies of an input vocabulary."""
    if vocabulary is None:
        raise ModuleError(
            "vocabulary-missing",
            "The mode ReadOnly needs an input vocabulary.",
            "Link the vocabulary of another Extract N-Gram Features from Text.",
            port="input_vocabulary",
        )
    vocabulary.require(VOCABULARY[1:], port="input_vocabulary")
    kinds = {column.name: column.kind for column in vocabulary.columns}
    for name in ("DF", "IDF"):
        values = vocabulary.frame[name]
        if kinds[name] not in ("integer", "number") or not values.abs().lt(math.inf).all():
            raise _bad_vocabulary(f"column “{name}” must contain a number in every row", name)
    found = texts_of(vocabulary.frame["NGram"])
    known = [each for each in found if each]
    if not known:
        raise _bad_vocabulary("it has no n-grams")
    if len(known) < len(found):
        raise _bad_vocabulary("column “NGram” has a row without text", "NGram")
    repeated = first_repeated(known)
    if repeated is not None:
        raise _bad_vocabulary(f"column “NGram” contains “{repeated}” twice", "NGram")
    numbers = (vocabulary.frame[name].tolist() for name in ("DF", "IDF"))
    return [(each, int(df), float(idf)) for each, df, idf in zip(known, *numbers, strict=True)]


def _bad_vocabulary(reason: str, column: str | None = None) -> ModuleError:
    return ModuleError(
        "bad-vocabulary",
        f"The vocabulary can't be used: {reason}.",
        "Use a vocabulary that Extract N-Gram Features from Text created.",
        port="input_vocabulary",
        column=column,
    )
