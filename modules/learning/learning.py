"""Fitting and scoring: one implementation for training, validation, tuning and serving."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from modules.contract.columns import Column, ColumnSelector
from modules.contract.context import threads, warn
from modules.contract.data_table import DataTable, Role, Scoring
from modules.contract.errors import ModuleError
from modules.contract.value import RowFunction
from modules.learning.training_data import (
    explained,
    feature_names,
    labelled,
    refuse_ids,
    target_of,
    with_values,
)
from modules.values.values import TrainedModel, UntrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SCORED_LABELS = "Scored Labels"
SCORED_PROBABILITIES = "Scored Probabilities"
ASSIGNMENTS = "Assignments"
DISTANCE = "DistancesToClusterCenter no."


def fit(
    untrained: UntrainedModel,
    table: DataTable,
    label: str | None = None,
    *,
    features: list[str] | None = None,
) -> TrainedModel:
    """Train a learner on a table.

    Parameters
    ----------
    label : str, optional
        The column to predict; needed for every task but clustering and anomaly.
    features : list of str, optional
        The columns to learn from; by default all with the role of a feature.

    Raises
    ------
    ModuleError
        If the table does not fit the task: no rows, no features, one class only,
        a label of the wrong type, a text column that is different in every row.

    Notes
    -----
    Rows without a label are left out, with a warning, and so are features without any
    value. A weight column, if the
    learner takes weights, weighs the rows.
    """
    from sklearn.pipeline import Pipeline

    from modules.learning.features import FeatureEncoder
    from modules.learning.solver_choice import suited

    table.require_rows(1, port="dataset")
    frame = table.frame
    names = feature_names(table, label, features)
    classes: tuple[Any, ...] = ()
    target = None
    if label is not None:
        table.require([label], parameter="label_column")
        frame = labelled(frame, label)
        target, classes = target_of(frame[label], untrained.task)
    names = with_values(frame, names)
    refuse_ids(frame, names)
    estimator = _configured(untrained)
    encoder = FeatureEncoder(untrained.encoding, fill_missing=not untrained.takes_missing)
    inputs = frame[names]
    matrix = encoder.fit(inputs).transform(inputs)
    if untrained.categorical_parameter:
        estimator.set_params(**{untrained.categorical_parameter: encoder.categorical_mask})
    estimator = suited(estimator, matrix, len(classes))
    weights = _weights(table, frame, estimator)
    try:
        estimator.fit(matrix, target, **weights)
    except ValueError as error:
        raise explained(error, inputs, untrained.title) from error
    _one_thread(estimator)
    kinds = {column.name: column for column in table.columns}
    return TrainedModel(
        title=untrained.title,
        task=untrained.task,
        pipeline=Pipeline([("features", encoder), ("learner", estimator)]),
        features=tuple(Column(name, kinds[name].kind, Role.FEATURE) for name in names),
        label=label,
        classes=classes,
        positive=classes[1] if untrained.task == "two-class" else None,
        learner=untrained.learner,
        parameters=dict(untrained.parameters),
        versions=_versions(),
    )


def score(model: TrainedModel, table: DataTable) -> DataTable:
    """Return the score columns of a model for each row of a table; see TrainedModel.score."""
    matrix = _matrix(model, table)
    if model.task == "clustering":
        return _clustered(model, matrix)
    if model.task in ("two-class", "multiclass"):
        return _classified(model, matrix, table)
    import pandas as pd

    estimate = model.estimator.predict(matrix) if len(table) else []
    frame = pd.DataFrame({SCORED_LABELS: pd.Series(estimate, dtype="float64")})
    label = model.label if model.label in table.names else None
    scoring = Scoring("regression", SCORED_LABELS, label, learner=model.title)
    return DataTable(frame, {SCORED_LABELS: Role.SCORE}, scoring)


def compile_model(model: TrainedModel) -> RowFunction | None:
    """Return a row function on numpy alone, or None for a model that has none."""
    from modules.learning import compiled

    return compiled.compile_model(model)


def _configured(untrained: UntrainedModel) -> Any:
    """Return a fresh estimator that may use the step's threads while fitting."""
    from sklearn.base import clone

    estimator = clone(untrained.estimator)
    _set_jobs(estimator, threads())
    return estimator


def _one_thread(estimator: Any) -> None:
    """Let the fitted estimator predict with one thread.

    With more, scikit-learn's forests add up in an order that changes, so that
    predictions would not repeat to the bit.
    """
    _set_jobs(estimator, None)


def _set_jobs(estimator: Any, count: int | None) -> None:
    from sklearn.ensemble._forest import BaseForest

    for step in [step for _, step in getattr(estimator, "steps", [("", estimator)])]:
        if isinstance(step, BaseForest):
            step.set_params(n_jobs=count)


def _weights(table: DataTable, frame: pd.DataFrame, estimator: Any) -> dict[str, Any]:
    from sklearn.utils.validation import has_fit_parameter

    names = table.having_role(Role.WEIGHT)
    if not names:
        return {}
    name, final = "sample_weight", estimator
    if hasattr(estimator, "steps"):
        step, final = estimator.steps[-1]
        name = f"{step}__sample_weight"
    if not has_fit_parameter(final, "sample_weight"):
        warn(f"This learner takes no weights; column “{names[0]}” is not used.")
        return {}
    return {name: frame[names[0]].to_numpy("float64")}


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "pandas", "scikit-learn")}


def _matrix(model: TrainedModel, table: DataTable) -> Any:
    table.require([column.name for column in model.features], port="dataset")
    frame = table.frame[[column.name for column in model.features]]
    return model.encoder.transform(frame)


def _classified(model: TrainedModel, matrix: Any, table: DataTable) -> DataTable:
    import numpy as np
    import pandas as pd

    count = len(model.classes)
    empty = np.zeros((0, count))
    probabilities = model.estimator.predict_proba(matrix) if len(table) else empty
    codes = probabilities.argmax(axis=1) if count else np.zeros(0, int)
    columns: dict[str, Any] = {SCORED_LABELS: class_values(model.classes, codes)}
    if model.task == "two-class":
        place = model.classes.index(model.positive)
        columns[SCORED_PROBABILITIES] = probabilities[:, place]
        names: tuple[str, ...] = (SCORED_PROBABILITIES,)
    else:
        names = probability_names(model.classes)
        columns |= {name: probabilities[:, place] for place, name in enumerate(names)}
    label = model.label if model.label in table.names else None
    scoring = Scoring(
        model.task, SCORED_LABELS, label, model.classes, names, model.positive, model.title
    )
    frame = pd.DataFrame(columns)
    return DataTable(frame, dict.fromkeys(frame.columns, Role.SCORE), scoring)


def probability_names(classes: Iterable[Any]) -> tuple[str, ...]:
    """Return the columns with the probabilities of several classes."""
    from modules.contract.normalize_frame import unique_names

    # Two classes may differ in nothing but spaces.
    return tuple(unique_names([f"{SCORED_PROBABILITIES}_{value}" for value in classes]))


def class_values(classes: tuple[Any, ...], codes: np.ndarray) -> Any:
    """Return an array of the classes at the given positions, in a plain dtype."""
    import pandas as pd

    if all(isinstance(value, str) for value in classes):
        return pd.array(list(classes), dtype="str").take(codes)
    return pd.Series(list(classes)).to_numpy()[codes]


def _clustered(model: TrainedModel, matrix: Any) -> DataTable:
    import numpy as np
    import pandas as pd

    count = (
        model.estimator[-1].n_clusters
        if hasattr(model.estimator, "steps")
        else (model.estimator.n_clusters)
    )
    rows = matrix.shape[0]
    distances = model.estimator.transform(matrix) if rows else np.zeros((0, count))
    frame = pd.DataFrame(
        {ASSIGNMENTS: distances.argmin(axis=1) if rows else np.zeros(0, int)}
        | {f"{DISTANCE}{place}": distances[:, place] for place in range(count)}
    )
    scoring = Scoring(
        "clustering", ASSIGNMENTS, probabilities=tuple(frame.columns[1:]), learner=model.title
    )
    return DataTable(frame, dict.fromkeys(frame.columns, Role.SCORE), scoring)


def label_to_predict(table: DataTable, chosen: ColumnSelector) -> str:
    """Return the label column of a training table.

    Parameters
    ----------
    chosen : ColumnSelector
        The parameter ``label_column``; empty for the column with the role of the label.

    Raises
    ------
    ModuleError
        If none is chosen and not exactly one column has the role.
    """
    if not chosen.is_empty:
        return chosen.resolve_one(table.columns, parameter="label_column")
    labels = table.having_role(Role.LABEL)
    if len(labels) == 1:
        return labels[0]
    if labels:
        names = " and ".join(f"“{name}”" for name in labels)
        raise ModuleError(
            "many-labels",
            f"{len(labels)} columns have the role of the label: {names}.",
            "Choose the column to predict. Edit Metadata takes the role from a column.",
            parameter="label_column",
        )
    raise ModuleError(
        "no-label",
        "No label column is chosen.",
        "Choose the column to predict.",
        parameter="label_column",
    )


def label_of(table: DataTable) -> str | None:
    """Return the column with the role of the label, or None."""
    labels = table.having_role(Role.LABEL)
    return labels[0] if labels else None
