"""N-gram features equal scikit-learn's counts, weighted by the published formulas."""

from __future__ import annotations

import math
import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from text_corpus import corpus

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.text_analytics._n_grams import n_grams_of
from modules.text_analytics.extract_n_gram_features_from_text import (
    extract_n_gram_features_from_text,
)

TEXT = ColumnSelector.names("text")
PATTERN = r"(?<![^\W_])[^\W_]{3,25}(?![^\W_])"


def extracted(table: DataTable, **parameters: Any) -> tuple[Any, ...]:
    return extract_n_gram_features_from_text(table, text_column=TEXT, **parameters)


def counts_of_sklearn(table: DataTable, size: int, rows: int) -> tuple[list[str], np.ndarray]:
    vectorizer = CountVectorizer(token_pattern=PATTERN, ngram_range=(1, size), min_df=rows)
    counts = vectorizer.fit_transform(table.frame["text"]).toarray().astype(float)
    return [name.replace(" ", "_") for name in vectorizer.get_feature_names_out()], counts


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("weighting", ["Binary Weight", "TF Weight", "IDF Weight", "TF-IDF Weight"])
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.proves("extract_n_gram_features_from_text", by="scikit-learn")
def test_features_equal_those_of_scikit_learn(size: int, weighting: str, normalize: bool) -> None:
    table = corpus()
    names, counts = counts_of_sklearn(table, size, 5)
    present = (counts > 0).astype(float)
    idf = np.log(len(table) / present.sum(axis=0))
    expected = {
        "Binary Weight": present,
        "TF Weight": counts,
        "IDF Weight": present * idf,
        "TF-IDF Weight": counts * idf,
    }[weighting]
    if normalize:
        norm = np.linalg.norm(expected, axis=1, keepdims=True)
        expected = np.divide(expected, norm, out=np.zeros_like(expected), where=norm > 0)

    result, vocabulary, _ = extracted(
        table, n_grams_size=size, weighting_function=weighting, normalize=normalize
    )

    order = np.argsort(names)
    assert vocabulary.frame["NGram"].tolist() == [names[at] for at in order]
    assert vocabulary.frame["DF"].tolist() == present.sum(axis=0)[order].astype(int).tolist()
    np.testing.assert_allclose(vocabulary.frame["IDF"], idf[order], rtol=1e-14)
    assert result.names == [*table.names, *(f"text.[{names[at]}]" for at in order)]
    np.testing.assert_allclose(result.frame.iloc[:, 2:], expected[:, order], rtol=1e-12)


def test_many_texts_are_counted_as_by_scikit_learn() -> None:
    table = corpus(25_000)
    names, counts = counts_of_sklearn(table, 2, 100)

    result, _, _ = extracted(
        table, n_grams_size=2, weighting_function="TF Weight", minimum_document_frequency=100
    )

    expected = pd.DataFrame(counts, columns=[f"text.[{name}]" for name in names])
    assert len(names) > 20
    assert result.frame.iloc[:, 2:].sort_index(axis=1).equals(expected.sort_index(axis=1))


@pytest.mark.long
def test_counting_needs_little_memory_beside_its_result() -> None:
    texts = pd.concat([corpus().frame["text"]] * 1000)
    tracemalloc.start()
    try:
        found = n_grams_of(texts, 1, (3, 25))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * (found.rows.nbytes + found.numbers.nbytes + found.counts.nbytes)


def test_a_vocabulary_of_training_is_used_for_other_data() -> None:
    table = corpus()
    train, test = table.slice(0, 50), table.slice(50, 30)
    result, vocabulary, transformation = extracted(train, weighting_function="TF-IDF Weight")

    read_only, again, _ = extract_n_gram_features_from_text(
        test,
        vocabulary,
        text_column=TEXT,
        vocabulary_mode="ReadOnly",
        weighting_function="TF-IDF Weight",
    )

    assert read_only.names == result.names
    assert again.frame.equals(vocabulary.frame)
    assert read_only.frame.equals(transformation.apply(test).frame)


def test_words_are_limited_by_length_and_rows() -> None:
    texts = ["a bee sees extraordinarily", "bee bees", "bee x", None]
    table = DataTable(pd.DataFrame({"text": pd.Series(texts, dtype="str")}))

    def n_grams(**parameters: Any) -> list[str]:
        parameters = {"minimum_document_frequency": 1} | parameters
        return list(extracted(table, **parameters)[1].frame["NGram"])

    assert n_grams() == ["bee", "bees", "extraordinarily", "sees"]
    assert n_grams(minimum_word_length=1, maximum_word_length=3) == ["a", "bee", "x"]
    assert n_grams(maximum_document_ratio=0.5) == ["bees", "extraordinarily", "sees"]
    assert n_grams(minimum_document_frequency=3) == ["bee"]
    assert n_grams(n_grams_size=2, maximum_word_length=4) == [
        "bee", "bee_bees", "bee_sees", "bees", "sees",
    ]  # fmt: skip


def test_a_missing_text_counts_as_a_row_without_words() -> None:
    texts = ["red", "red", None]
    table = DataTable(pd.DataFrame({"text": pd.Series(texts, dtype="str")}))
    result, vocabulary, _ = extracted(table, minimum_document_frequency=1)
    assert vocabulary.frame["IDF"].tolist() == [math.log(3 / 2)]
    assert result.frame["text.[red]"].tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [
        (None, "needs an input vocabulary"),
        ({"NGram": ["a", "a"], "DF": [1, 2], "IDF": [0.5, 0.1]}, "“a” twice"),
        ({"NGram": ["a", None], "DF": [1, 2], "IDF": [0.5, 0.1]}, "a row without text"),
        ({"NGram": ["a"], "DF": [1], "IDF": [np.nan]}, "“IDF” must contain a number"),
        ({"NGram": ["a"], "DF": ["x"], "IDF": [0.5]}, "“DF” must contain a number"),
        ({"NGram": ["a"], "DF": [1]}, "“IDF” doesn't exist"),
        ({"NGram": [], "DF": [], "IDF": []}, "can't be used"),
    ],
)
def test_a_bad_vocabulary_is_rejected(vocabulary: dict[str, Any] | None, message: str) -> None:
    given = None if vocabulary is None else DataTable(pd.DataFrame(vocabulary))
    with pytest.raises(ModuleError, match=message) as caught:
        extract_n_gram_features_from_text(
            corpus(), given, text_column=TEXT, vocabulary_mode="ReadOnly"
        )
    assert caught.value.hint
    assert caught.value.port == "input_vocabulary"


@pytest.mark.parametrize(
    ("parameters", "message", "parameter"),
    [
        ({"minimum_document_frequency": 79}, "the most frequent occurs in", None),
        ({"minimum_word_length": 9, "maximum_word_length": 8}, "above the maximum 8", None),
        ({"minimum_word_length": 15}, "contains no words of the allowed lengths", "text_column"),
    ],
)
def test_limits_without_any_word_are_explained(
    parameters: dict[str, Any], message: str, parameter: str | None
) -> None:
    with pytest.raises(ModuleError, match=message) as caught:
        extracted(corpus(), **parameters)
    assert caught.value.parameter == (parameter or next(iter(parameters)))


def test_a_column_of_numbers_is_rejected() -> None:
    with pytest.raises(ModuleError, match="“subject” contains integers") as caught:
        extract_n_gram_features_from_text(corpus(), text_column=ColumnSelector.names("subject"))
    assert (caught.value.code, caught.value.column) == ("column-type", "subject")
