"""Latent Semantic Analysis."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, module, warn
from modules.contract.code import CodeStep
from modules.contract.value import Row, RowFunction
from modules.tables.frames import numbered_names, with_columns
from modules.text_analytics._corpus import (
    Corpus,
    check_texts,
    counted,
    documents,
    most_frequent,
    norms_of,
    sparse,
)
from modules.text_analytics._exported import given, write_features
from modules.text_analytics._texts import text_columns, too_many
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from scipy.sparse import csr_array

_TOP_WORDS = 10


def _code(step: CodeStep) -> None:
    parameters = ("components", "n_grams", "minimum_rows", "maximum_n_grams", "sublinear")
    arguments = given(step, *parameters, "iterations", "seed")
    names = step.columns("target_columns", "dataset")
    write_features(
        step, fit_components, add_components, f"{names}, {arguments}", port="lsa_transformation"
    )


@module(
    "Latent Semantic Analysis",
    outputs=("transformed_dataset", "lsa_transformation"),
    keywords=("lsa", "lsi", "tf-idf", "truncated svd", "text", "embedding", "reduce"),
    requires=("pandas", "numpy", "scipy", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def latent_semantic_analysis(
    dataset: DataTable,
    *,
    target_columns: Annotated[
        ColumnSelector,
        Field(title="Target columns"),
        Columns(of="dataset", kinds=("string", "categorical")),
    ],
    components: Annotated[int, Field(ge=1, le=2_000, title="Number of components")] = 100,
    n_grams: Annotated[int, Field(ge=1, le=10, title="N-grams")] = 1,
    minimum_rows: Annotated[int, Field(ge=1, title="Minimum rows with an n-gram")] = 2,
    maximum_n_grams: Annotated[
        int, Field(ge=1, title="Maximum size of n-gram dictionary")
    ] = 50_000,
    sublinear: Annotated[bool, Field(title="Use the logarithm of the counts")] = True,
    iterations: Annotated[int, Field(ge=1, le=100, title="Power iterations")] = 5,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random number seed")] = 0,
) -> tuple[DataTable, Transformation]:
    """Convert text to a few numbers that describe its subject: TF-IDF with truncated SVD.

    Thousands of sparse word features become some dozens of dense ones, in which texts about the
    same subject are close even if they use different words. They suit any learner, and
    clustering. Clean the text with Preprocess Text first, and remove the text column before
    training.

    Parameters
    ----------
    dataset : DataTable
        A table with text columns.
    target_columns : ColumnSelector
        The text columns to convert. Several are treated as one text.
    components : int
        Number of columns to create. 100 is common for classification; fewer smooth more.
    n_grams : int
        Maximum number of successive words that are counted together.
    minimum_rows : int
        N-grams that occur in fewer rows are left out.
    maximum_n_grams : int
        Only as many of the most frequent n-grams are used.
    sublinear : bool
        Use 1 + ln tf in place of the count tf of an n-gram in a text.
    iterations : int
        More iterations make the components more exact.
    seed : int
        Determines the random start of the decomposition.

    Returns
    -------
    transformed_dataset : DataTable
        The dataset with the columns ``Component 1`` to ``Component k``.
    lsa_transformation : Transformation
        Converts new text in the same way.

    Notes
    -----
    Deerwester et al. (1990). The weights are those of scikit-learn's ``TfidfVectorizer``:
    ``tf (ln((1 + N) / (1 + df)) + 1)``, divided by the Euclidean norm of the row. They are
    projected on the components of its ``TruncatedSVD`` (randomized, Halko et al. 2009). Words are
    runs of letters and digits, in lowercase. A text without known words is 0 in every component.
    If there are fewer n-grams or rows than components, fewer columns are created, with a
    warning.
    """
    names = text_columns(target_columns, dataset, "target_columns", "to convert")
    fitted, weights = decomposed(
        dataset.frame,
        names,
        components=components,
        n_grams=n_grams,
        minimum_rows=minimum_rows,
        maximum_n_grams=maximum_n_grams,
        sublinear=sublinear,
        iterations=iterations,
        seed=seed,
    )
    frame = projected(dataset.frame, fitted, weights)
    return dataset.with_frame(frame), SemanticComponents(**fitted)


def fit_components(frame: pd.DataFrame, names: list[str], **settings: Any) -> dict[str, Any]:
    """Return a vocabulary with its weights, and the components of the texts."""
    return decomposed(frame, names, **settings)[0]


def decomposed(
    frame: pd.DataFrame,
    names: list[str],
    *,
    components: int,
    n_grams: int,
    minimum_rows: int,
    maximum_n_grams: int,
    sublinear: bool,
    iterations: int,
    seed: int,
) -> tuple[dict[str, Any], csr_array]:
    """Return a vocabulary with its weights and the components, and the weights of the texts."""
    import numpy as np
    from sklearn.decomposition import TruncatedSVD

    corpus = documents(frame, names, n_grams)
    vocabulary = most_frequent(corpus, maximum_n_grams, names, minimum_rows)
    if not vocabulary:
        raise _too_rare(names, minimum_rows)
    kept = min(components, len(vocabulary), len(frame))
    if kept < components:
        warn(f"There are only {kept} components: fewer n-grams or rows than {components}.")
    too_many(kept, max(len(frame), len(vocabulary)), "components", "Use fewer components.")
    frequencies = dict(zip(corpus.terms, corpus.frequencies().tolist(), strict=True))
    idf = [math.log((1 + len(frame)) / (1 + frequencies[each])) + 1 for each in vocabulary]
    decomposition = TruncatedSVD(kept, n_iter=iterations, random_state=seed)
    # It wants two columns. Its shares of a variance of 0 are no numbers.
    width = max(len(vocabulary), 2)
    weights = _weighted(corpus, vocabulary, idf, sublinear, width)
    with np.errstate(divide="ignore", invalid="ignore"):
        decomposition.fit(weights)
    shares = np.nan_to_num(decomposition.explained_variance_ratio_, posinf=0.0)
    fitted = {
        "columns": names,
        "longest": n_grams,
        "sublinear": sublinear,
        "vocabulary": vocabulary,
        "idf": idf,
        "outputs": numbered_names("Component", kept, list(frame.columns)),
        "components": np.ascontiguousarray(decomposition.components_.T[: len(vocabulary)]),
        "variance": shares.tolist(),
    }
    return fitted, weights


def add_components(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with the components of its texts."""
    corpus = documents(frame, fitted["columns"], fitted["longest"])
    vocabulary, idf, sublinear = fitted["vocabulary"], fitted["idf"], fitted["sublinear"]
    weights = _weighted(corpus, vocabulary, idf, sublinear, len(vocabulary))
    return projected(frame, fitted, weights)


def projected(frame: pd.DataFrame, fitted: Mapping[str, Any], weights: csr_array) -> pd.DataFrame:
    """Return a frame with the components of the weights of its texts."""
    import numpy as np

    sizes = np.diff(weights.indptr)
    order = np.argsort(-sizes, kind="stable")
    starts, found = weights.indptr[order], np.zeros((len(frame), len(fitted["outputs"])))
    # The first n-gram of every row, then the second: the same sums as those of a single row.
    for place in range(sizes.max(initial=0)):
        at = starts[: np.count_nonzero(sizes > place)] + place
        shares = weights.data[at, None] * fitted["components"][weights.indices[at]]
        found[: len(at)] += shares
    matrix = np.empty_like(found.T, order="C")
    matrix[:, order] = found.T
    return with_columns(frame, matrix, fitted["outputs"])


@dataclass(frozen=True, eq=False)
class SemanticComponents(Transformation):
    """A vocabulary with its weights, and the components of the texts.

    Parameters
    ----------
    columns : list of str
        The text columns.
    longest : int
        Maximum number of words of an n-gram.
    sublinear : bool
        Counts are replaced by 1 plus their logarithm.
    vocabulary, idf : list
        The n-grams and their inverse document frequencies.
    outputs : list of str
        The names of the created columns.
    components : numpy.ndarray, shape (n-grams, components)
        The weight of each n-gram in each component.
    variance : list of float
        The share of the variance that each component explains.
    """

    title: ClassVar[str] = "Semantic components"

    columns: list[str]
    longest: int
    sublinear: bool
    vocabulary: list[str]
    idf: list[float]
    outputs: list[str]
    components: np.ndarray
    variance: list[float]

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the components; see :class:`Transformation`."""
        check_texts(table, self.columns)
        return table.with_frame(add_components(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function on numpy."""
        project = _projection(vars(self))

        def convert(row: Row) -> dict[str, Any]:
            found = project(counted((row[name] for name in self.columns), self.longest))
            return dict(row) | dict(zip(self.outputs, found.tolist(), strict=True))

        return convert

    def describe(self) -> pd.DataFrame:
        """Return the n-grams with the largest weights, one row per component."""
        import numpy as np
        import pandas as pd

        top = np.argsort(-np.abs(self.components), axis=0, kind="stable")[:_TOP_WORDS]
        listed = [
            ", ".join(f"{self.vocabulary[at]} {self.components[at, number]:+.2f}" for at in column)
            for number, column in enumerate(top.T)
        ]
        frame = pd.DataFrame(
            {"Component": self.outputs, "Explained variance": self.variance, "Largest": listed}
        )
        return frame.rename(columns={"Largest": "N-grams with the largest weights"})


def _projection(fitted: Mapping[str, Any]) -> Callable[[Counter[str]], np.ndarray]:
    """Return the function from the n-grams of a row to its components.

    It sums in the order of :func:`projected`, so that they agree to the bit.
    """
    import numpy as np

    weights = _weighting(fitted["vocabulary"], fitted["idf"], fitted["sublinear"])
    components = fitted["components"]

    def project(row: Counter[str]) -> np.ndarray:
        total = np.zeros(components.shape[1])
        for at, weight in weights(row).items():
            total += weight * components[at]
        return total

    return project


def _weighting(
    vocabulary: Sequence[str], idf: Sequence[float], sublinear: bool
) -> Callable[[Counter[str]], dict[int, float]]:
    """Return the function from the n-grams of a row to its TF-IDF weights by n-gram."""
    index = {each: at for at, each in enumerate(vocabulary)}

    def weights(row: Counter[str]) -> dict[int, float]:
        found = {
            index[each]: (1 + math.log(count) if sublinear else count) * idf[index[each]]
            for each, count in row.items()
            if each in index
        }
        norm = math.sqrt(math.fsum(weight * weight for weight in found.values()))
        return {at: found[at] / norm for at in sorted(found)}

    return weights


def _weighted(
    corpus: Corpus, vocabulary: Sequence[str], idf: Sequence[float], sublinear: bool, width: int
) -> csr_array:
    """Return the TF-IDF weights of the rows; the same as those of :func:`_weighting`."""
    import numpy as np

    rows, features, counts = corpus.features(vocabulary)
    if sublinear:
        # NumPy's logarithm may differ in the last bit.
        logarithms = [1 + math.log(count) for count in range(1, counts.max(initial=0) + 1)]
        counts = np.array([0.0, *logarithms])[counts]
    weights = counts * np.asarray(idf)[features]
    weights = weights / norms_of(weights, rows, corpus.length)[rows]
    return sparse(corpus.length, width, rows, features, weights)


def _too_rare(names: Sequence[str], minimum: int) -> ModuleError:
    return ModuleError(
        "no-words",
        f"No n-gram of column “{names[0]}” occurs in at least {minimum} rows.",
        "Set a smaller minimum, or add rows.",
        parameter="minimum_rows",
        column=names[0],
    )
