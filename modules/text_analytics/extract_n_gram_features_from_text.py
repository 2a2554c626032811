"""Extract N-Gram Features from Text."""

from __future__ import annotations

import math
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
)
from modules.contract.code import CodeStep
from modules.contract.columns import first_repeated
from modules.contract.registry.automated import Preparation
from modules.contract.value import Row, RowFunction
from modules.tables.automated import text_features
from modules.text_analytics._exported import given, write_features
from modules.text_analytics._n_grams import (
    add_n_grams,
    fit_n_grams,
    frequency_of_rarest,
    n_grams_of,
    vocabulary_of,
    weights_of,
)
from modules.text_analytics._texts import (
    as_text,
    check_text,
    text_columns,
    texts_of,
)
from modules.values import Transformation

if TYPE_CHECKING:
    import pandas as pd

_AUTOMATED_WORDS = 200
"""Words of a text that Automated ML uses."""


def _automated(table: DataTable, label: str) -> list[dict[str, Any]]:
    """Return TF-IDF of the most frequent words of each text."""
    found = []
    for name in text_features(table, label):
        minimum = frequency_of_rarest(table.frame[name], _AUTOMATED_WORDS)
        if minimum:
            found.append(
                {
                    "text_column": [name],
                    "weighting_function": "TF-IDF Weight",
                    "minimum_document_frequency": minimum,
                    "normalize": True,
                }
            )
    return found


def _code(step: CodeStep) -> None:
    vocabulary = step.inputs.get("input_vocabulary", "None")
    if step.value("vocabulary_mode") == "Create":
        vocabulary = "None"
    name = f"{step.columns('text_column', 'dataset')}[0]"
    parameters = given(
        step,
        "n_grams_size",
        "weighting_function",
        "minimum_word_length",
        "maximum_word_length",
        "minimum_document_frequency",
        "maximum_document_ratio",
        "normalize",
    )
    arguments = f"{vocabulary}, {name}, {parameters}"
    fitted = write_features(step, fit_n_grams, add_n_grams, arguments, port="n_gram_transformation")
    if step.outputs[1] != "_":
        step.write(f"{step.outputs[1]} = {step.helper(vocabulary_of)}({fitted})")


@module(
    "Extract N-Gram Features from Text",
    outputs=("results_dataset", "result_vocabulary", "n_gram_transformation"),
    keywords=("tf-idf", "bag of words", "tokenize", "vocabulary", "term frequency", "vectorize"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
    code=_code,
    automated=Preparation(30, _automated),
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
    vocabulary = _read(input_vocabulary) if vocabulary_mode == "ReadOnly" else None
    lengths = [minimum_word_length, maximum_word_length]
    corpus = n_grams_of(dataset.frame[name], n_grams_size, lengths)
    fitted = fit_n_grams(
        dataset.frame,
        vocabulary,
        name,
        n_grams_size=n_grams_size,
        weighting_function=weighting_function,
        minimum_word_length=minimum_word_length,
        maximum_word_length=maximum_word_length,
        minimum_document_frequency=minimum_document_frequency,
        maximum_document_ratio=maximum_document_ratio,
        normalize=normalize,
        corpus=corpus,
    )
    table = dataset.with_frame(add_n_grams(dataset.frame, fitted, corpus))
    return table, DataTable(vocabulary_of(fitted)), NGramFeatures(**fitted)


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

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the features; see :class:`Transformation`."""
        table.require([self.column])
        check_text(table, self.column, "n-grams require text")
        return table.with_frame(add_n_grams(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function on plain Python."""
        weights = weights_of(vars(self))
        empty = dict.fromkeys(self.outputs, 0.0)

        def extract(row: Row) -> dict[str, Any]:
            result = dict(row) | empty
            for feature, value in weights(as_text(row[self.column])).items():
                result[self.outputs[feature]] = value
            return result

        return extract

    def describe(self) -> pd.DataFrame:
        """Return the vocabulary."""
        return vocabulary_of(vars(self))


def _read(vocabulary: DataTable | None) -> pd.DataFrame:
    """Return an input vocabulary after its checks."""
    if vocabulary is None:
        raise ModuleError(
            "vocabulary-missing",
            "The mode ReadOnly needs an input vocabulary.",
            "Link the vocabulary of another Extract N-Gram Features from Text.",
            port="input_vocabulary",
        )
    vocabulary.require(("NGram", "DF", "IDF"), port="input_vocabulary")
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
    return vocabulary.frame


def _bad_vocabulary(reason: str, column: str | None = None) -> ModuleError:
    return ModuleError(
        "bad-vocabulary",
        f"The vocabulary can't be used: {reason}.",
        "Use a vocabulary that Extract N-Gram Features from Text created.",
        port="input_vocabulary",
        column=column,
    )
