"""SMOTE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep, literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def _code(step: CodeStep) -> None:
    from modules.learning.code import label_of_training

    label = label_of_training(step, port="samples")
    given = ", ".join(step.source(name) for name in ("smote_percentage", "neighbors", "seed"))
    step.write(
        f"{step.outputs[0]} = {step.helper(oversampled)}("
        f"{step.inputs['samples']}, {literal(label)}, {given})"
    )


@module(
    "SMOTE",
    outputs=("table",),
    keywords=("imbalanced", "oversampling", "synthetic", "minority", "rare class"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def smote(
    samples: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector,
        Field(title="Label column"),
        Columns(of="samples", single=True, role="label"),
    ] = ColumnSelector(),
    smote_percentage: Annotated[int, Field(ge=0, title="SMOTE percentage")] = 100,
    neighbors: Annotated[int, Field(ge=1, title="Number of nearest neighbors")] = 1,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random seed")] = 0,
) -> DataTable:
    """Add synthetic rows of the rarer class of two.

    Use it on the training rows only, after Split Data: test rows must be as in reality.

    Parameters
    ----------
    samples : DataTable
        Training rows without missing values.
    label_column : ColumnSelector
        The column with two classes. By default the column with the label role.
    smote_percentage : int
        How many rows to add, as a percentage of the rows of the rarer class: 100 doubles
        it, 0 adds none.
    neighbors : int
        How many similar rows of the class a row can be mixed with. More give more varied rows.
    seed : int
        Determines the rows that are mixed, and how.

    Returns
    -------
    table : DataTable
        All rows, and the synthetic ones at the end.

    Notes
    -----
    SMOTE (Chawla et al. 2002): a synthetic row lies at a random point between a row of the class
    and one of its nearest neighbors there. Integers and dates are rounded. With columns of
    categories, text or booleans it is SMOTE-NC, of the same paper: where they differ, the
    distance grows by the median of the standard deviations of the numeric columns, and a
    synthetic row gets the most frequent value of the neighbors.

    Distances are Euclidean in the units of the columns; normalize them before, unless they are
    alike.

    Unlike in Azure ML designer, 0 is a fixed seed, and the label may be chosen by its role.
    """
    from modules.learning.labels import label_to_predict

    label = label_to_predict(samples, label_column)
    samples.require_rows(1, port="samples")
    made = oversampled(samples.frame, label, smote_percentage, neighbors, seed)
    return samples if made is samples.frame else samples.with_frame(made)


def oversampled(
    frame: pd.DataFrame, label: str, percentage: int, neighbors: int, seed: int
) -> pd.DataFrame:
    """Return the rows of a frame, and the synthetic ones after them."""
    import numpy as np
    import pandas as pd

    _check_label(frame[label])
    rare = _rare_rows(frame[label])
    count = int(len(rare) * percentage / 100)
    if not count:
        return frame
    if len(rare) <= neighbors:
        raise ModuleError(
            "too-few-rows",
            f"The rarer class of “{label}” has too few rows, {len(rare)}, for "
            f"{neighbors} nearest neighbors of each.",
            "Use fewer neighbors, or add rows.",
            parameter="neighbors",
            column=label,
        )
    minority = frame.iloc[rare].drop(columns=label).reset_index(drop=True)
    numeric = _numbers(minority, label)
    others = minority.drop(columns=list(numeric.columns))
    near = _neighbors(numeric, others, neighbors)
    random = np.random.RandomState(seed)
    # As in imbalanced-learn, so that equal seeds give equal rows.
    drawn = random.randint(low=0, high=near.size, size=count)
    steps = random.uniform(low=0.0, high=1.0, size=count)[:, np.newaxis]
    base, other = drawn // neighbors, near.ravel()[drawn]
    values = numeric.to_numpy("float64")
    mixed = values[base] + steps * (values[other] - values[base])
    made = {}
    for index, name in enumerate(numeric.columns):
        made[name] = _restored(mixed[:, index], minority[name])
    for name in others.columns:
        made[name] = others[name].take(_most_frequent(others[name], near)[base])
    made[label] = frame[label].take(np.repeat(rare[:1], count))
    new = pd.DataFrame({name: pd.Series(made[name]).array for name in frame.columns})
    return pd.concat([frame, new], ignore_index=True)


def _check_label(column: pd.Series) -> None:
    label = str(column.name)
    if column.isna().any():
        raise _missing(label)
    classes = column.nunique()
    if classes != 2:
        raise ModuleError(
            "not-two-classes",
            f"Column “{label}” contains {classes} {'class' if classes == 1 else 'classes'}; "
            "SMOTE requires two.",
            "Choose a label with two classes.",
            parameter="label_column",
            column=label,
        )


def _rare_rows(label: pd.Series) -> np.ndarray:
    """Return the rows of the rarer class; of two equal ones, the second in their order."""
    import numpy as np
    import pandas as pd

    codes, _ = pd.factorize(label, sort=True)
    first = int((codes == 0).sum())
    return np.flatnonzero(codes == (0 if first < len(codes) - first else 1))


def _numbers(minority: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return the numeric columns and dates as numbers, after a check of all columns."""
    import numpy as np
    import pandas as pd

    found = {}
    for name in minority.columns:
        column = minority[name]
        if column.isna().any():
            raise _missing(name)
        if column.dtype.kind in "iufM":
            if column.dtype.kind == "M":
                column = column.astype("int64")
            found[name] = column.to_numpy("float64")
            if np.isinf(found[name]).any():
                raise ModuleError(
                    "infinite-value",
                    f"Column “{name}” contains infinite values.",
                    "Limit them with Clip Values.",
                    port="samples",
                    column=name,
                )
    if not found:
        raise ModuleError(
            "no-features",
            f"The dataset has no numeric column besides the label “{label}”.",
            "Use a dataset with numeric columns.",
            port="samples",
        )
    return pd.DataFrame(found)


def _missing(name: str) -> ModuleError:
    return ModuleError(
        "missing-values",
        f"Column “{name}” has missing values.",
        "Replace them, or remove the rows, with Clean Missing Data.",
        port="samples",
        column=name,
    )


def _neighbors(numeric: pd.DataFrame, others: pd.DataFrame, count: int) -> np.ndarray:
    """Return the nearest other rows of each row, of shape (rows, count)."""
    import numpy as np
    import pandas as pd
    from sklearn.neighbors import NearestNeighbors

    matrix = numeric.to_numpy("float64")
    if others.shape[1]:
        deviation = float(np.median(matrix.std(axis=0)))
        # Two rows that differ have a 1 in two columns, so that half of the square is in each.
        ones = pd.get_dummies(others.astype("str")).to_numpy("float64") * deviation / np.sqrt(2)
        matrix = np.hstack([matrix, ones])
    search = NearestNeighbors(n_neighbors=count + 1).fit(matrix)
    found: np.ndarray = search.kneighbors(matrix, return_distance=False)[:, 1:]
    return found


def _most_frequent(column: pd.Series, near: np.ndarray) -> np.ndarray:
    """Return for each row the index of a row with the most frequent value of the neighbors."""
    import numpy as np
    import pandas as pd

    codes, values = pd.factorize(column, sort=True)
    counts = np.zeros((len(codes), len(values)), dtype=np.int64)
    np.add.at(counts, (np.arange(len(codes))[:, np.newaxis], codes[near]), 1)
    rows = np.zeros(len(values), dtype=np.int64)
    rows[codes[::-1]] = np.arange(len(codes))[::-1]
    found: np.ndarray = rows[counts.argmax(axis=1)]
    return found


def _restored(values: np.ndarray, column: pd.Series) -> Any:
    """Return mixed numbers in the type of the column."""
    import numpy as np
    import pandas as pd

    if column.dtype.kind == "f":
        return pd.Series(values).astype(column.dtype)
    whole = np.rint(values).astype("int64")
    if column.dtype.kind == "M":
        return pd.Series(whole).astype(column.dtype)
    return whole.astype(column.dtype)
