"""Convert Word to Vector, against gensim and against a file of vectors."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.contract.context import ModuleWarning, listening
from modules.text_analytics.convert_word_to_vector import convert_word_to_vector

models = pytest.importorskip("gensim.models", reason="gensim isn't installed")

SENTENCES = [
    "The king rules the land; the queen rules too.",
    "A dog chases the cat, a cat chases the mouse.",
    None,
    "King and queen live in the castle.",
    "Dog and cat live in the house!",
] * 8
TABLE = DataTable(pd.DataFrame({"text": pd.Series(SENTENCES, dtype="str"), "n": range(40)}))
TEXT = ColumnSelector.names("text")


def tokens() -> list[list[str]]:
    plain = [text for text in SENTENCES if text]
    return [[word.strip(";,.!").lower() for word in text.split()] for text in plain]


@pytest.mark.parametrize("strategy", ["Gensim Word2Vec", "Gensim FastText"])
@pytest.mark.parametrize("algorithm", ["Skip_gram", "CBOW"])
@pytest.mark.proves("convert_word_to_vector", by="gensim")
def test_vectors_are_those_of_gensim(strategy: str, algorithm: str) -> None:
    found = convert_word_to_vector(
        TABLE,
        target_column=TEXT,
        strategy=strategy,  # type: ignore[arg-type]
        training_algorithm=algorithm,  # type: ignore[arg-type]
        embedding_length=12,
        context_window=3,
        epochs=2,
        seed=5,
        minimum_word_count=9,
    ).frame
    counts = Counter(word for sentence in tokens() for word in sentence)
    frequent = {word for word, count in counts.items() if count >= 9}
    kind = models.FastText if strategy.endswith("FastText") else models.Word2Vec
    known = kind(
        [[word for word in sentence if word in frequent] for sentence in tokens()],
        sg=int(algorithm == "Skip_gram"),
        vector_size=12,
        window=3,
        epochs=2,
        seed=5,
        min_count=1,
        workers=1,
    )
    assert set(found["Vocabulary"]) == frequent
    order = [counts[word] for word in found["Vocabulary"]]
    assert order == sorted(order, reverse=True)
    vectors = found.drop(columns="Vocabulary")
    assert vectors.columns.tolist() == [f"Embedding dim {index}" for index in range(12)]
    np.testing.assert_array_equal(
        vectors.to_numpy("float32"), known.wv[found["Vocabulary"].tolist()]
    )


def test_the_most_frequent_words_are_kept() -> None:
    found = convert_word_to_vector(
        TABLE, target_column=TEXT, embedding_length=10, maximum_vocabulary_size=10, epochs=1
    ).frame
    counts = Counter(word for sentence in tokens() for word in sentence)
    least = sorted(counts.values(), reverse=True)[9]
    assert len(found) == 10
    assert min(counts[word] for word in found["Vocabulary"]) == least


def test_pretrained_vectors_are_looked_up(tmp_path: Path) -> None:
    text = "400000 3\nking 1 2 3\nqueen 0.5 -1e-3 4\nunused 9 9 9\ncat 7 8 9\n"
    (tmp_path / "glove.txt").write_text(text, "utf-8")
    (tmp_path / "glove.txt.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("glove.txt", "glove.txt.gz"):
        with pytest.warns(ModuleWarning, match="words have no vector"):
            found = convert_word_to_vector(
                TABLE,
                target_column=TEXT,
                strategy="GloVe pretrained English Model",
                vectors=str(tmp_path / name),
            ).frame.set_index("Vocabulary")
        assert set(found.index) == {"king", "queen", "cat"}
        assert found.loc["queen"].tolist() == pytest.approx([0.5, -0.001, 4])


def test_progress_is_told() -> None:
    told: list[str] = []
    with listening(lambda _, text: told.append(text)):
        convert_word_to_vector(TABLE, target_column=TEXT, embedding_length=10, epochs=3)
    assert told == ["Epoch 1 of 3", "Epoch 2 of 3", "Epoch 3 of 3"]


def test_mistakes_are_explained(tmp_path: Path) -> None:
    glove = "GloVe pretrained English Model"
    (tmp_path / "bad.txt").write_text("king 1 2 x\n")
    (tmp_path / "uneven.txt").write_text("king 1 2 3\ncat 1 2 3 4\n")
    (tmp_path / "none.txt").write_text("roi 1 2 3\n")
    for options, code in (
        ({"minimum_word_count": 100}, "no-words"),
        ({"strategy": glove, "vectors": str(tmp_path / "missing.txt")}, "vectors-unreadable"),
        ({"strategy": glove, "vectors": str(tmp_path / "bad.txt")}, "vectors-unreadable"),
        ({"strategy": glove, "vectors": str(tmp_path / "uneven.txt")}, "vectors-unreadable"),
        ({"strategy": glove, "vectors": str(tmp_path / "none.txt")}, "no-words"),
    ):
        with pytest.raises(ModuleError) as caught:
            convert_word_to_vector(TABLE, target_column=TEXT, **options)  # type: ignore[arg-type]
        assert caught.value.code == code
        assert caught.value.hint
    with pytest.raises(ModuleError):
        convert_word_to_vector(TABLE, target_column=ColumnSelector.names("n"))
