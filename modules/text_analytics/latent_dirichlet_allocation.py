"""Latent Dirichlet Allocation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Role, Serving, When, module
from modules.contract.code import CodeStep
from modules.contract.stored_fields import APART
from modules.tables.frames import numbered_names, with_columns
from modules.text_analytics._corpus import Corpus, check_texts, documents, matrix, most_frequent
from modules.text_analytics._exported import given, write_features
from modules.text_analytics._texts import text_columns, too_many
from modules.values import Transformation

if TYPE_CHECKING:
    import pandas as pd

_TOP_WORDS = 10

_Prior = Annotated[float, Field(ge=0.00001, le=1), When(show_all_options=True)]


_FITTED = (
    "topics",
    "n_grams",
    "rho",
    "alpha",
    "batch_rows",
    "learning_offset",
    "learning_decay",
    "passes",
    "build_dictionary",
    "maximum_n_grams",
    "hash_bits",
    "seed",
)


def _code(step: CodeStep) -> None:
    arguments = f"{step.columns('target_columns', 'dataset')}, {given(step, *_FITTED)}"
    fitted = write_features(step, fit_topics, add_topics, arguments, port="lda_transformation")
    if step.outputs[1] != "_":
        weights = f"{step.helper(topic_weights)}({fitted}, {step.source('normalize')})"
        step.write(f"{step.outputs[1]} = {weights}")


@module(
    "Latent Dirichlet Allocation",
    outputs=("transformed_dataset", "feature_topic_matrix", "lda_transformation"),
    keywords=("topic model", "lda", "text", "themes", "unsupervised"),
    requires=("pandas", "numpy", "scipy", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def latent_dirichlet_allocation(
    dataset: DataTable,
    *,
    target_columns: Annotated[
        ColumnSelector,
        Field(title="Target columns"),
        Columns(of="dataset", kinds=("string", "categorical")),
    ],
    topics: Annotated[int, Field(ge=1, le=1_000, title="Number of topics to model")] = 5,
    n_grams: Annotated[int, Field(ge=1, le=10, title="N-grams")] = 2,
    normalize: bool = True,
    show_all_options: bool = False,
    rho: Annotated[_Prior, Field(title="Rho parameter")] = 0.01,
    alpha: Annotated[_Prior, Field(title="Alpha parameter")] = 0.01,
    batch_rows: Annotated[
        int, Field(ge=1, le=1_024, title="Size of the batch"), When(show_all_options=True)
    ] = 32,
    learning_offset: Annotated[
        int,
        Field(ge=1, title="Initial value of iteration used in learning update schedule"),
        When(show_all_options=True),
    ] = 10,
    learning_decay: Annotated[
        float,
        Field(ge=0.5, le=1, title="Power applied to the iteration during updates"),
        When(show_all_options=True),
    ] = 0.5,
    passes: Annotated[
        int,
        Field(ge=1, le=1_024, title="Number of passes over the data"),
        When(show_all_options=True),
    ] = 25,
    build_dictionary: Annotated[bool, Field(title="Build dictionary of n-grams")] = True,
    maximum_n_grams: Annotated[
        int,
        Field(ge=1, title="Maximum size of n-gram dictionary"),
        When(build_dictionary=True),
    ] = 20_000,
    hash_bits: Annotated[
        int, Field(ge=1, le=31, title="Number of hash bits"), When(build_dictionary=False)
    ] = 12,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random number seed")] = 0,
) -> tuple[DataTable, DataTable, Transformation]:
    """Find topics in text: groups of words that tend to occur in the same rows.

    Clean the text with Preprocess Text first; otherwise stop words dominate the topics. The
    topics of a row can be features of a learner, or describe the row.

    Parameters
    ----------
    dataset : DataTable
        A table with text columns.
    target_columns : ColumnSelector
        The text columns to analyze. Several are treated as one text.
    topics : int
        Number of topics.
    n_grams : int
        Maximum number of successive words that are counted together.
    normalize : bool
        Convert the feature-topic matrix to probabilities: those of each topic add up to 1.
        Otherwise it contains the estimated numbers of assignments.
    show_all_options : bool
        Show the parameters of the optimization.
    rho : float
        Prior of the words of a topic. Smaller values concentrate a topic on fewer words.
    alpha : float
        Prior of the topics of a row. Smaller values concentrate a row on fewer topics.
    batch_rows : int
        Number of rows between two updates of the topics.
    learning_offset : int
        Larger values reduce the weight of the first updates.
    learning_decay : float
        How quickly the weight of later updates decreases.
    passes : int
        Number of passes over the dataset.
    build_dictionary : bool
        Collect the n-grams first, so that the topics can be read. Otherwise they are hashed,
        which needs less memory but merges some of them.
    maximum_n_grams : int
        Only as many of the most frequent n-grams are counted.
    hash_bits : int
        The n-grams are hashed to 2 to the power of this number.
    seed : int
        Determines the initial topics.

    Returns
    -------
    transformed_dataset : DataTable
        The dataset with the columns ``Topic 1`` to ``Topic k``: the share of each topic in a row.
    feature_topic_matrix : DataTable
        One row per n-gram: ``Feature``, and its weight in each topic.
    lda_transformation : Transformation
        Determines the topics of new rows.

    Notes
    -----
    Online variational Bayes (Hoffman, Blei and Bach 2010) with scikit-learn's
    ``LatentDirichletAllocation``; rho is its ``topic_word_prior``, alpha its ``doc_topic_prior``.
    Words are runs of letters and digits, in lowercase. A row without known words has the
    same share of every topic.

    Unlike in Azure ML designer, the seed is a parameter, and the number of rows doesn't have to be
    estimated.
    """
    names = text_columns(target_columns, dataset, "target_columns", "to find topics in")
    corpus = documents(dataset.frame, names, n_grams)
    fitted = fit_topics(
        dataset.frame,
        names,
        topics=topics,
        n_grams=n_grams,
        rho=rho,
        alpha=alpha,
        batch_rows=batch_rows,
        learning_offset=learning_offset,
        learning_decay=learning_decay,
        passes=passes,
        build_dictionary=build_dictionary,
        maximum_n_grams=maximum_n_grams,
        hash_bits=hash_bits,
        seed=seed,
        corpus=corpus,
    )
    table = dataset.with_frame(add_topics(dataset.frame, fitted, corpus))
    features = DataTable(topic_weights(fitted, normalize), {"Feature": Role.NONE})
    return table, features, TopicModel(**fitted)


def fit_topics(
    frame: pd.DataFrame,
    names: list[str],
    *,
    topics: int,
    n_grams: int,
    rho: float,
    alpha: float,
    batch_rows: int,
    learning_offset: int,
    learning_decay: float,
    passes: int,
    build_dictionary: bool,
    maximum_n_grams: int,
    hash_bits: int,
    seed: int,
    corpus: Corpus | None = None,
) -> dict[str, Any]:
    """Return the topics of texts, with what is counted in them.

    Parameters
    ----------
    corpus : Corpus, optional
        The n-grams of the texts, if they are counted already.
    """
    from sklearn.decomposition import LatentDirichletAllocation

    if corpus is None:
        corpus = documents(frame, names, n_grams)
    vocabulary = most_frequent(corpus, maximum_n_grams, names)
    if not build_dictionary:
        vocabulary = []
    width = len(vocabulary) or 1 << hash_bits
    too_many(width, topics, "topics", "Use fewer topics, n-grams, or hash bits.")
    too_many(topics, len(frame), "topics", "Use fewer topics.")
    estimator = LatentDirichletAllocation(
        topics,
        doc_topic_prior=alpha,
        topic_word_prior=rho,
        learning_method="online",
        learning_decay=learning_decay,
        learning_offset=float(learning_offset),
        max_iter=passes,
        batch_size=batch_rows,
        random_state=seed,
    ).fit(matrix(corpus, vocabulary, hash_bits))
    return {
        "columns": names,
        "longest": n_grams,
        "vocabulary": vocabulary,
        "hash_bits": hash_bits,
        "outputs": numbered_names("Topic", topics, list(frame.columns)),
        "estimator": estimator,
    }


def add_topics(
    frame: pd.DataFrame, fitted: Mapping[str, Any], corpus: Corpus | None = None
) -> pd.DataFrame:
    """Return a frame with the share of each topic in its rows.

    The n-grams of the texts may be counted already.
    """
    import numpy as np

    if corpus is None:
        corpus = documents(frame, fitted["columns"], fitted["longest"])
    shares = np.zeros((0, len(fitted["outputs"])))
    if corpus.length:
        counts = matrix(corpus, fitted["vocabulary"], fitted["hash_bits"])
        shares = fitted["estimator"].transform(counts)
    return with_columns(frame, np.ascontiguousarray(shares.T), fitted["outputs"])


def topic_weights(fitted: Mapping[str, Any], normalize: bool) -> pd.DataFrame:
    """Return the weight of each n-gram in each topic, as probabilities if normalized."""
    import pandas as pd

    weights = fitted["estimator"].components_.T
    if normalize:
        weights = weights / weights.sum(axis=0)
    names = fitted["vocabulary"] or [f"hash {number}" for number in range(len(weights))]
    topics = [f"Topic {number}" for number in range(1, weights.shape[1] + 1)]
    frame = pd.DataFrame(weights, columns=topics)
    frame.insert(0, "Feature", pd.Series(names, dtype="str"))
    return frame


@dataclass(frozen=True, eq=False)
class TopicModel(Transformation):
    """Topics as found by Latent Dirichlet Allocation.

    Parameters
    ----------
    columns : list of str
        The text columns.
    longest : int
        Maximum number of words of an n-gram.
    vocabulary : list of str
        The n-grams that are counted; empty if they are hashed.
    hash_bits : int
        Bits of the hash.
    outputs : list of str
        The names of the topic columns.
    estimator : sklearn.decomposition.LatentDirichletAllocation
        The fitted model.
    """

    title: ClassVar[str] = "Topics"

    columns: list[str]
    longest: int
    vocabulary: list[str]
    hash_bits: int
    outputs: list[str]
    estimator: Any = field(metadata=APART)

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the share of each topic; see :class:`Transformation`."""
        check_texts(table, self.columns)
        return table.with_frame(add_topics(table.frame, vars(self)))

    def describe(self) -> pd.DataFrame:
        """Return the n-grams with the largest weights, one row per topic."""
        import numpy as np
        import pandas as pd

        weights = topic_weights(vars(self), normalize=True)
        names = weights.pop("Feature").tolist()
        top = np.argsort(-weights.to_numpy(), axis=0, kind="stable")[:_TOP_WORDS]
        rows = [
            (output, ", ".join(names[at] for at in top[:, topic]))
            for topic, output in enumerate(self.outputs)
        ]
        return pd.DataFrame(rows, columns=["Topic", "Most probable n-grams"], dtype="str")
