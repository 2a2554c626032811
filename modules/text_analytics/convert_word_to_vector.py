"""Convert Word to Vector."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Needed,
    PathOf,
    Serving,
    When,
    module,
)
from modules.contract.code import CodeStep
from modules.learning.learner_parameters import Seed
from modules.text_analytics._embeddings import FASTTEXT, GLOVE, word_vectors
from modules.text_analytics._texts import text_columns, texts_of

_LEARNED = ("Gensim Word2Vec", FASTTEXT)


def _code(step: CodeStep) -> None:
    names = {
        "algorithm": "training_algorithm",
        "length": "embedding_length",
        "window": "context_window",
        "epochs": "epochs",
        "vectors": "vectors",
        "maximum_vocabulary_size": "maximum_vocabulary_size",
        "minimum_word_count": "minimum_word_count",
        "seed": "seed",
    }
    given = ", ".join(f"{name}={step.source(parameter)}" for name, parameter in names.items())
    column = f"{step.columns('target_column', 'dataset')}[0]"
    texts = f"{step.helper(texts_of)}({step.inputs['dataset']}[{column}])"
    call = f"{step.helper(word_vectors)}({texts}, {step.source('strategy')}, {given})"
    step.write(f"{step.outputs[0]} = {call}")


@module(
    "Convert Word to Vector",
    outputs=("vocabulary_with_embeddings",),
    keywords=("word2vec", "fasttext", "glove", "embedding", "vocabulary", "nlp"),
    requires=("numpy", "pandas", "gensim"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def convert_word_to_vector(
    dataset: DataTable,
    *,
    target_column: Annotated[
        ColumnSelector,
        Columns(of="dataset", single=True, kinds=("string", "categorical")),
        Needed(),
    ],
    strategy: Annotated[
        Literal["GloVe pretrained English Model", "Gensim Word2Vec", "Gensim FastText"],
        Field(title="Word2Vec strategy"),
    ] = "Gensim Word2Vec",
    training_algorithm: Annotated[
        Literal["Skip_gram", "CBOW"],
        Field(title="Word2Vec training algorithm"),
        When(strategy=_LEARNED),
    ] = "Skip_gram",
    embedding_length: Annotated[
        int, Field(ge=10, le=2_000, title="Length of word embedding"), When(strategy=_LEARNED)
    ] = 100,
    context_window: Annotated[
        int, Field(ge=1, le=100, title="Context window size"), When(strategy=_LEARNED)
    ] = 5,
    epochs: Annotated[
        int, Field(ge=1, le=1_024, title="Number of epochs"), When(strategy=_LEARNED)
    ] = 5,
    vectors: Annotated[
        str,
        Field(title="File of pretrained vectors"),
        PathOf("read", suffixes=(".txt", ".vec", ".gz")),
        When(strategy=GLOVE),
        Needed(),
    ] = "",
    maximum_vocabulary_size: Annotated[
        int, Field(ge=10, le=2_147_483_647, title="Maximum vocabulary size")
    ] = 10_000,
    minimum_word_count: Annotated[int, Field(ge=1, le=100, title="Minimum word count")] = 5,
    seed: Annotated[Seed, When(strategy=_LEARNED)] = 0,
) -> DataTable:
    """Return the vocabulary of a text column with a vector for each word.

    Words that occur in similar contexts have similar vectors.

    Parameters
    ----------
    dataset : DataTable
        Texts, one in each row.
    target_column : ColumnSelector
        The column with the texts.
    strategy : str
        Learn the vectors from the texts, with Word2Vec or with FastText, which also uses the
        parts of words; or look them up in a file of pretrained ones.
    training_algorithm : str
        ``Skip_gram`` predicts the context from a word, which suits rare words; ``CBOW`` a word
        from its context, which is faster.
    embedding_length : int
        Number of dimensions of the vectors.
    context_window : int
        Maximum distance between a word and another in its context.
    epochs : int
        Passes over the texts.
    vectors : str
        A text file with a word and its numbers in each line, such as ``glove.6B.100d.txt``, also
        compressed as .gz.
    maximum_vocabulary_size : int
        The most frequent words are kept.
    minimum_word_count : int
        Words that occur less often are left out.
    seed : int
        Determines the initial vectors.

    Returns
    -------
    vocabulary_with_embeddings : DataTable
        ``Vocabulary``, the most frequent words first, and ``Embedding dim 0`` to
        ``Embedding dim n-1``.

    Notes
    -----
    Words are runs of letters and digits, in lowercase; use Preprocess Text before for lemmas and
    stop words. Word2Vec (Mikolov and others 2013) and FastText (Bojanowski and others 2017)
    are those of gensim, on one thread, so that results repeat. Word order is that of the texts,
    without the words that are left out.

    In Azure ML designer, the pretrained vectors are downloaded; here a file is chosen.
    """
    (name,) = text_columns(target_column, dataset, "target_column", "to convert")
    frame = word_vectors(
        texts_of(dataset.frame[name]),
        strategy,
        algorithm=training_algorithm,
        length=embedding_length,
        window=context_window,
        epochs=epochs,
        vectors=vectors,
        maximum_vocabulary_size=maximum_vocabulary_size,
        minimum_word_count=minimum_word_count,
        seed=seed,
    )
    return DataTable(frame)
