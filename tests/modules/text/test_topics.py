"""Topic models equal scikit-learn called directly, and find the subjects of a corpus."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import LatentDirichletAllocation, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from text_corpus import corpus

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.text_analytics.latent_dirichlet_allocation import latent_dirichlet_allocation
from modules.text_analytics.latent_semantic_analysis import latent_semantic_analysis

TEXT = ColumnSelector.names("text")
PATTERN = r"[^\W_]+"


@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.proves("latent_dirichlet_allocation", by="scikit-learn")
def test_topics_equal_those_of_scikit_learn(dictionary: bool, normalize: bool) -> None:
    table = corpus()
    options = {"token_pattern": PATTERN, "ngram_range": (1, 2)}
    hashing = HashingVectorizer(n_features=2**8, alternate_sign=False, norm=None, **options)
    vectorizer = CountVectorizer(**options) if dictionary else hashing
    counts = vectorizer.fit_transform(table.frame["text"])
    model = LatentDirichletAllocation(
        2, doc_topic_prior=0.01, topic_word_prior=0.01, learning_method="online",
        learning_decay=0.5, learning_offset=10.0, max_iter=25, batch_size=32, random_state=7,
    )  # fmt: skip
    shares = model.fit_transform(counts)
    weights = model.components_.T

    result, features, _ = latent_dirichlet_allocation(
        table, target_columns=TEXT, topics=2, seed=7, normalize=normalize,
        build_dictionary=dictionary, hash_bits=8,
    )  # fmt: skip

    np.testing.assert_allclose(result.frame[["Topic 1", "Topic 2"]], shares, rtol=1e-9)
    if normalize:
        weights = weights / weights.sum(axis=0)
    np.testing.assert_allclose(features.frame[["Topic 1", "Topic 2"]], weights, rtol=1e-9)
    if dictionary:
        assert list(features.frame["Feature"]) == list(vectorizer.get_feature_names_out())


def test_topics_are_the_subjects_of_the_corpus() -> None:
    table = corpus()
    result, _, topics = latent_dirichlet_allocation(table, target_columns=TEXT, topics=2, n_grams=1)
    share = result.frame["Topic 1"].to_numpy()
    agree = ((share > 0.5) == (table.frame["subject"] == 0)).mean()
    assert max(agree, 1 - agree) > 0.95
    assert share[5] == 0.5  # Without words, every topic is equally likely.
    words = dict(topics.describe().itertuples(index=False))
    assert sum("violin" in each for each in words.values()) == 1


def test_the_dictionary_has_the_most_frequent_n_grams() -> None:
    texts = pd.Series(["b b a", "c c c", "d b"], dtype="str")
    _, features, _ = latent_dirichlet_allocation(
        DataTable(pd.DataFrame({"text": texts})), target_columns=TEXT, topics=1, n_grams=1,
        maximum_n_grams=3,
    )  # fmt: skip
    # a and d are equally frequent: the first in alphabetical order counts.
    assert list(features.frame["Feature"]) == ["a", "b", "c"]


@pytest.mark.parametrize("sublinear", [True, False])
@pytest.mark.proves("latent_semantic_analysis", by="scikit-learn")
def test_components_equal_those_of_scikit_learn(sublinear: bool) -> None:
    table = corpus()
    train, new = table.slice(0, 60), table.slice(60, 20)
    vectorizer = TfidfVectorizer(
        token_pattern=PATTERN, ngram_range=(1, 2), min_df=2, sublinear_tf=sublinear
    )
    decomposition = TruncatedSVD(5, n_iter=5, random_state=7)
    decomposition.fit(vectorizer.fit_transform(train.frame["text"]))

    result, transformation = latent_semantic_analysis(
        train, target_columns=TEXT, components=5, n_grams=2, sublinear=sublinear, seed=7
    )

    for found, source in ((result, train), (transformation.apply(new), new)):
        expected = decomposition.transform(vectorizer.transform(source.frame["text"]))
        np.testing.assert_allclose(found.frame.iloc[:, 2:], expected, rtol=1e-6, atol=1e-9)
    assert result.names[2:] == [f"Component {number}" for number in range(1, 6)]


def test_fewer_words_than_components_make_fewer_columns() -> None:
    texts = pd.Series(["red blue", "red", "blue", None, "red blue"], dtype="str")
    with pytest.warns(ModuleWarning, match="only 2 components"):
        result, _ = latent_semantic_analysis(
            DataTable(pd.DataFrame({"text": texts})), target_columns=TEXT
        )
    assert result.names == ["text", "Component 1", "Component 2"]
    assert result.frame.iloc[3, 1:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["red", None, "red red"], [[1.0], [0.0], [1.0]]),
        (["red"] * 3, [[1.0]] * 3),
        (["red blue"] * 3, [[1.0, 0.0]] * 3),
    ],
)
def test_texts_of_one_word_or_without_variance_have_components(
    texts: list[str | None], expected: list[list[float]]
) -> None:
    table = DataTable(pd.DataFrame({"text": pd.Series(texts, dtype="str")}))
    result, model = latent_semantic_analysis(
        table, target_columns=TEXT, n_grams=1, components=len(expected[0])
    )
    np.testing.assert_allclose(result.frame.iloc[:, 1:], expected, atol=1e-12)
    shares = model.describe()
    assert not shares.isna().any(axis=None)


def test_text_without_frequent_words_is_explained() -> None:
    texts = pd.Series(["red", "blue"], dtype="str")
    table = DataTable(pd.DataFrame({"text": texts}))
    with pytest.raises(ModuleError, match="No n-gram of column “text” occurs in at least 2"):
        latent_semantic_analysis(table, target_columns=TEXT)
    empty = DataTable(pd.DataFrame({"text": pd.Series(["", "!"], dtype="str")}))
    for module in (latent_semantic_analysis, latent_dirichlet_allocation):
        with pytest.raises(ModuleError, match="“text” contains no words") as caught:
            module(empty, target_columns=TEXT)
        assert caught.value.column == "text"
