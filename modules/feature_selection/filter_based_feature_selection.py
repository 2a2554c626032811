"""Filter Based Feature Selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Role, Serving, module, warn
from modules.contract.code import CodeStep, TableFacts, literal
from modules.contract.data_table import kind_of
from modules.tables.column_selection import ColumnSelection
from modules.tables.fitted_code import facts_of
from modules.tables.frames import wrong_kind
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_BINS = 10
_MOST_CLASSES = 20

_Method = Literal[
    "PearsonCorrelation",
    "SpearmanCorrelation",
    "KendallCorrelation",
    "ChiSquared",
    "MutualInformation",
    "FScore",
]


def _code(step: CodeStep) -> None:
    from modules.learning.code import label_of_training

    frame, (target, ranking, fitted) = step.inputs["dataset"], step.outputs
    label = label_of_training(step, "target_column")
    facts: TableFacts = step.facts("dataset")
    others = [name for name in facts.roles if name != label and step.value("feature_columns_only")]
    away = literal([label, *others])
    ranking = step.variable("ranking") if ranking == "_" else ranking
    fitted = step.variable("fitted") if fitted == "_" else fitted
    kept = step.variable("kept")
    selection = facts_of(ColumnSelection)
    assert selection is not None
    step.write(
        f"{ranking} = {step.helper(feature_ranking)}({frame}, {literal(label)}, "
        f"[name for name in {frame} if name not in {away}], {step.source('method')})",
        f'{kept} = {{{literal(label)}, *{ranking}["Feature"].head('
        f"{step.source('number_of_features')})}}",
        f'{fitted} = {{"columns": [name for name in {frame} if name in {kept}], '
        f'"labels": [{literal(label)}]}}',
    )
    if target != "_":
        step.write(f"{target} = {selection.apply(step, fitted, frame)}")
    step.know("selection_transformation", selection)
    step.know("features", TableFacts())


@module(
    "Filter Based Feature Selection",
    outputs=("filtered_dataset", "features", "selection_transformation"),
    keywords=("correlation", "chi-squared", "mutual information", "anova", "relevance", "rank"),
    requires=("numpy", "pandas", "scipy", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def filter_based_feature_selection(
    dataset: DataTable,
    *,
    feature_columns_only: Annotated[bool, Field(title="Operate on feature columns only")] = True,
    target_column: Annotated[
        ColumnSelector,
        Field(title="Target column"),
        Columns(of="dataset", single=True, role="label"),
    ] = ColumnSelector(),
    number_of_features: Annotated[int, Field(ge=1, title="Number of desired features")] = 1,
    method: Annotated[_Method, Field(title="Feature scoring method")] = "PearsonCorrelation",
) -> tuple[DataTable, DataTable, Transformation]:
    """Keep the columns that are most related to the label, each judged on its own.

    Parameters
    ----------
    dataset : DataTable
        Training rows.
    feature_columns_only : bool
        Consider only columns with the feature role; otherwise all except the target.
    target_column : ColumnSelector
        The column to predict. By default the column with the label role.
    number_of_features : int
        How many columns to keep besides the target.
    method : str
        How the relation is measured; see the notes.

    Returns
    -------
    filtered_dataset : DataTable
        The target and the best columns, in their order.
    features : DataTable
        ``Feature`` and ``Score`` of every column, the best first.
    selection_transformation : Transformation
        Keeps the same columns of new data.

    Notes
    -----
    A row counts for a column if neither the column nor the target is missing. A column
    without values, or with a single one, scores 0.

    - PearsonCorrelation, SpearmanCorrelation and KendallCorrelation (tau-b): the absolute value.
      Text and categories are replaced by the mean of the target for each value, and a target of
      classes by the mean of the column for each class, so that the order of categories doesn't
      matter. Kendall's correlation is slow on more than 100,000 rows.
    - ChiSquared: the statistic of independence of column and target.
    - MutualInformation: in nats, between column and target.
    - FScore: for a numeric column, the F statistic of a linear regression on it if the target is
      numeric, otherwise of a one-way analysis of variance of the column between the classes of
      the target. For text and categories the two change roles: the analysis of variance is that
      of the target between the values of the column, and classes count by their index, sorted.

    ChiSquared and MutualInformation count values: those of a numeric column with more than 20
    distinct values are first grouped into 10 bins with equal numbers of rows.

    Unlike in Azure ML designer, the selection is output as a transformation, so that new data
    keeps its columns, and there are more methods.
    """
    from modules.learning.labels import label_to_predict

    target = label_to_predict(dataset, target_column, "target_column")
    dataset.require([target], parameter="target_column")
    dataset.require_rows(1, port="dataset")
    candidates = [
        column.name
        for column in dataset.columns
        if column.name != target and (column.role == Role.FEATURE or not feature_columns_only)
    ]
    if not candidates:
        from modules.learning.training_data import feature_names

        feature_names(dataset, target, candidates)
    frame = dataset.frame
    if kind_of(frame[target].dtype) == "datetime":
        raise wrong_kind(
            target, "datetime", "scores need numbers or classes", parameter="target_column"
        )
    ranking = feature_ranking(frame, target, candidates, method)
    if number_of_features > len(candidates):
        warn(f"The dataset only has {len(candidates)} columns to select from; all were kept.")
    kept = {target, *ranking["Feature"].head(number_of_features)}
    names = [name for name in dataset.names if name in kept]
    selection = ColumnSelection(columns=names, labels=[target])
    return selection.apply(dataset), DataTable(ranking), selection


def feature_ranking(
    frame: pd.DataFrame, target: str, candidates: list[str], method: str
) -> pd.DataFrame:
    """Return the feature columns and their scores, the best first."""
    import pandas as pd

    scores = {name: _score(frame[name], frame[target], method) for name in candidates}
    ranked = sorted(candidates, key=lambda name: -scores[name])
    values = pd.Series([scores[name] for name in ranked], dtype="float64")
    return pd.DataFrame({"Feature": pd.Series(ranked, dtype="str"), "Score": values})


def _score(column: pd.Series, target: pd.Series, method: str) -> float:
    """Return the score of a column; 0 if there is none."""
    import numpy as np

    if column.hasnans or target.hasnans:
        known = (column.notna() & target.notna()).to_numpy()
        column, target = column[known], target[known]
    if not (_varies(column) and _varies(target)):
        return 0.0
    if method in ("ChiSquared", "MutualInformation"):
        table = _contingency(_groups(column), _groups(target))
        score = _chi_squared(table) if method == "ChiSquared" else _information(table)
    elif method == "FScore":
        score = _f_score(column, target)
    else:
        usable = np.ones(len(column), dtype=bool)
        for each in (column, target):
            if _is_numeric(each):
                usable &= np.isfinite(_numbers(each))
        column, target = column[usable], target[usable]
        first, second = _as_numbers(column, target), _as_numbers(target, column)
        score = abs(_correlation(first, second, method))
    return float(score) if np.isfinite(score) else 0.0


def _varies(column: pd.Series) -> bool:
    """Return whether a column has two values at least; none is missing."""
    return bool(len(column)) and bool((column != column.iloc[0]).any())


def _is_numeric(column: pd.Series) -> bool:
    return kind_of(column.dtype) in ("integer", "number", "boolean", "datetime")


def _numbers(column: pd.Series) -> np.ndarray:
    if kind_of(column.dtype) == "datetime":
        return column.astype("int64").to_numpy("float64")
    return column.to_numpy("float64")


def _as_numbers(column: pd.Series, other: pd.Series) -> np.ndarray:
    """Return a column as numbers: for text and categories the mean of the other per value."""
    import numpy as np
    import pandas as pd

    if _is_numeric(column):
        return _numbers(column)
    codes, _ = pd.factorize(column)
    numeric = _is_numeric(other)
    values = _scaled(_numbers(other)) if numeric else pd.factorize(other, sort=True)[0]
    means = np.bincount(codes, values) / np.bincount(codes)
    found: np.ndarray = means[codes]
    return found


def _correlation(first: np.ndarray, second: np.ndarray, method: str) -> float:
    import numpy as np
    from scipy import stats

    # A difference of the largest numbers overflows.
    if len(first) < 2 or any(values.min() == values.max() for values in (first, second)):
        return 0.0
    with np.errstate(all="ignore"):
        if method == "PearsonCorrelation":
            parts = [_scaled(values) for values in (first, second)]
            scaled = [(v - v.mean()) / (np.abs(v - v.mean()).max() or 1.0) for v in parts]
            return float(np.corrcoef(*scaled)[0, 1])
        function = stats.spearmanr if method == "SpearmanCorrelation" else stats.kendalltau
        return float(function(first, second).statistic)


def _scaled(values: np.ndarray) -> np.ndarray:
    """Return the values divided by a power of 2, which is exact, so that their sum is finite."""
    import numpy as np

    scaled: np.ndarray = np.ldexp(values, -np.frexp(np.abs(values).max(initial=0.0))[1])
    return scaled


def _groups(column: pd.Series) -> np.ndarray:
    """Return codes of the values, of bins with equal numbers of rows if there are many numbers."""
    import numpy as np
    import pandas as pd

    if _is_numeric(column) and column.nunique() > _MOST_CLASSES:
        values = _numbers(column)
        edges = np.quantile(values, np.arange(1, _BINS) / _BINS, method="lower")
        return np.unique(edges).searchsorted(values, side="left")
    codes, _ = pd.factorize(column)
    return codes


def _contingency(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the counts of each pair, without empty rows and columns."""
    import numpy as np

    width = int(columns.max()) + 1
    counts = np.bincount(rows * width + columns, minlength=(int(rows.max()) + 1) * width)
    table = counts.reshape(-1, width)
    return table[table.any(axis=1)][:, table.any(axis=0)]


def _chi_squared(table: np.ndarray) -> float:
    import numpy as np

    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(((table - expected) ** 2 / expected).sum())


def _information(table: np.ndarray) -> float:
    from sklearn.metrics import mutual_info_score

    return float(mutual_info_score(None, None, contingency=table))


def _f_score(column: pd.Series, target: pd.Series) -> float:
    import numpy as np
    import pandas as pd
    from sklearn.feature_selection import f_classif, f_regression

    if not _is_numeric(column) and not _is_numeric(target):
        target = pd.Series(pd.factorize(target, sort=True)[0])
    if not _is_numeric(column):
        column, target = target, column
    values = _numbers(column)
    others = _numbers(target) if _is_numeric(target) else pd.factorize(target)[0]
    usable = np.isfinite(values)
    if not usable.all():
        values, others = values[usable], others[usable]
    if not len(values) or values.min() == values.max():
        return 0.0
    with np.errstate(all="ignore"):
        matrix = _scaled(values).reshape(-1, 1)
        if _is_numeric(target):
            return float(f_regression(matrix, _scaled(others))[0][0])
        return float(f_classif(matrix, others)[0][0])
