"""Hashed features equal those of scikit-learn's HashingVectorizer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32
from text_corpus import corpus

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.text_analytics._murmur import murmur3
from modules.text_analytics.feature_hashing import feature_hashing


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_the_hash_equals_that_of_scikit_learn(text: str) -> None:
    assert murmur3(text) == murmurhash3_32(text)


@pytest.mark.parametrize(("bits", "size"), [(10, 2), (3, 1), (6, 4)])
@pytest.mark.proves("feature_hashing", by="scikit-learn")
def test_features_equal_those_of_scikit_learn(bits: int, size: int) -> None:
    table = corpus()
    vectorizer = HashingVectorizer(
        n_features=2**bits,
        ngram_range=(1, size),
        token_pattern=r"[^\W_]+",
        alternate_sign=False,
        norm=None,
    )
    expected = vectorizer.transform(table.frame["text"]).toarray()
    names = ColumnSelector.names("text")
    result = feature_hashing(table, target_columns=names, hashing_bitsize=bits, n_grams=size)
    assert result.names[2:] == [f"text - Hashing feature {at}" for at in range(2**bits)]
    np.testing.assert_array_equal(result.frame.iloc[:, 2:], expected)


def test_each_column_has_features_of_its_own() -> None:
    frame = pd.DataFrame({"a": ["red", None], "b": ["red", "red red"]}, dtype="str")
    both = ColumnSelector.names("a", "b")
    result = feature_hashing(DataTable(frame), target_columns=both, hashing_bitsize=2, n_grams=1)
    at = abs(murmurhash3_32("red")) % 4
    assert result.frame[f"a - Hashing feature {at}"].tolist() == [1, 0]
    assert result.frame[f"b - Hashing feature {at}"].tolist() == [1, 2]
    assert int(result.frame.iloc[:, 2:].to_numpy().sum()) == 4


def test_more_columns_than_memory_are_rejected() -> None:
    with pytest.raises(ModuleError, match="don't fit in memory") as caught:
        feature_hashing(corpus(), target_columns=ColumnSelector.names("text"), hashing_bitsize=31)
    assert caught.value.parameter == "hashing_bitsize"
