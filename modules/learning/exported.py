"""What scripts without this project contain for learners: encoders, and the classes of a label.

Written with scikit-learn's own transformers, they encode like
:class:`modules.learning.features.FeatureEncoder`; tests compare them to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.learning.categories import CODES_LIMIT, SPARSE_ABOVE, scalar
from modules.learning.evaluation.scored import class_codes as codes_among
from modules.learning.importances import shows_use, summed_importances

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline


def one_hot_encoder(features: pd.DataFrame, fill_missing: bool = True) -> ColumnTransformer:
    """Return an encoder of text as one column per value, and of missing numbers as their mean."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

    values = {name: known_values(features[name]) for name in features if is_text(features[name])}
    # A wide matrix is mostly zeros.
    sparse = sum(map(len, values.values())) > SPARSE_ABOVE
    steps: list[tuple[str, Any, list[str]]] = []
    # One step per column, so that the columns keep their order.
    for name in features:
        step: Any = FunctionTransformer(as_floats)
        if fill_missing:
            step = make_pipeline(step, SimpleImputer())
        if name in values:
            step = OneHotEncoder(
                categories=[values[name]], handle_unknown="ignore", sparse_output=sparse
            )
        steps.append((f"column {len(steps) + 1}", step, [str(name)]))
    return ColumnTransformer(steps, sparse_threshold=float(sparse))


def ordinal_encoder(features: pd.DataFrame, fill_missing: bool = False) -> ColumnTransformer:
    """Return an encoder of text as the index of its value, for trees; numbers are unchanged."""
    import numpy as np
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

    steps: list[tuple[str, Any, list[str]]] = []
    for name in features:
        step: Any = FunctionTransformer(as_floats)
        if fill_missing:
            step = make_pipeline(step, SimpleImputer())
        if is_text(features[name]):
            step = OrdinalEncoder(
                categories=[known_values(features[name], CODES_LIMIT)],
                handle_unknown="use_encoded_value",
                unknown_value=np.nan,
                encoded_missing_value=np.nan,
            )
        steps.append((f"column {len(steps) + 1}", step, [str(name)]))
    return ColumnTransformer(steps)


def column_importances(model: Pipeline, frame: pd.DataFrame) -> dict[str, float]:
    """Return how much a fitted pipeline uses each column of its training rows.

    Of a linear model, the root of the sum of the squared weights of the column's features, in
    standardized features; of trees, the sum of the features' shares of the total gain.
    """
    encoder, learner = model[0], model[1]
    steps = [step for _, step in getattr(learner, "steps", [("", learner)])]
    if not shows_use(steps[-1]):
        raise ValueError("The model has neither weights nor trees.")
    matrix = encoder.transform(frame)
    for step in steps[:-1]:
        matrix = step.transform(matrix)
    columns = []
    for _, step, (name,) in encoder.transformers_:
        # A one-hot encoder makes a feature of each value.
        columns += [name] * (len(step.categories_[0]) if hasattr(step, "sparse_output") else 1)
    return summed_importances(steps[-1], matrix, columns)


def is_text(column: pd.Series) -> bool:
    """Return whether a column contains texts or categories."""
    return column.dtype.kind == "O"


def known_values(column: pd.Series, most: int | None = None) -> list[Any]:
    """Return the distinct values in their order; with a limit, the most frequent."""
    counts = column.value_counts()
    values = [scalar(value) for value in counts[counts > 0].index[:most]]
    return sorted(values, key=lambda value: (isinstance(value, str), value))


def as_floats(frame: pd.DataFrame) -> np.ndarray:
    """Return numbers and booleans as floats, and dates as days since 1970."""
    import numpy as np
    import pandas as pd

    columns = []
    for _, column in frame.items():
        if column.dtype.kind == "M":
            moments = column.dt.tz_convert(None) if column.dt.tz is not None else column
            seconds = moments.astype("datetime64[us]").to_numpy().astype("int64") / 1e6
            columns.append(np.where(moments.isna().to_numpy(), np.nan, seconds / 86_400.0))
        elif isinstance(column.dtype, pd.BooleanDtype):
            columns.append(column.to_numpy(dtype="float64", na_value=np.nan))
        else:
            columns.append(column.to_numpy(dtype="float64"))
    return np.column_stack(columns)


def class_codes(labels: pd.Series, positive: str = "") -> tuple[np.ndarray, pd.Index]:
    """Return the index of each row's class, and the classes in their order.

    Parameters
    ----------
    positive : str
        Of two classes the last, as text; empty to keep the order.
    """
    import pandas as pd

    if positive:
        last = [value for value in labels.unique() if str(value) == positive]
        others = sorted((value for value in labels.unique() if value not in last), key=str)
        labels = pd.Series(pd.Categorical(labels, categories=[*others, *last]))
    if isinstance(labels.dtype, pd.CategoricalDtype):
        labels = labels.cat.remove_unused_categories()
    codes, classes = pd.factorize(labels, sort=True)
    return codes, pd.Index([scalar(value) for value in classes])


def codes_of_two_classes(labels: pd.Series, classes: pd.Index) -> np.ndarray:
    """Return the index of each row's class, of the two that a model was trained on."""
    names = tuple(classes.tolist())
    codes = codes_among(labels, names)
    if (codes < 0).any():
        unknown = labels[codes < 0].iloc[0]
        raise ValueError(
            f"Column “{labels.name}” contains “{unknown}”; "
            f"the model was trained on “{names[0]}” and “{names[1]}”."
        )
    return codes
