"""Scoring with a fitted scikit-learn estimator: from the matrix of features to score columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable, Role, Scoring
from modules.learning.training_data import out_of_range_error
from modules.values.score_columns import (
    ASSIGNMENTS,
    DISTANCE,
    QUANTILE,
    SCORED_LABELS,
    SCORED_PROBABILITIES,
    probability_names,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from modules.learning.fitted_estimator import FittedEstimator


def score(model: FittedEstimator, table: DataTable) -> DataTable:
    """Return the score columns of a model; see :meth:`TrainedModel.score`."""
    import numpy as np

    names = [column.name for column in model.features]
    table.require(names, port="dataset")
    matrix = model.encoder.transform(table.frame[names])
    label = model.label if model.label in table.names else None
    overflows: list[str] = []
    try:
        # What follows from an overflow, infinite distances for example, ranks rows at random.
        with np.errstate(
            over="call", invalid="ignore", call=lambda error, _: overflows.append(error)
        ):
            scores = _scored(model, matrix, label)
    except ValueError as error:
        found = out_of_range_error(table, names, model.title)
        if found is None:
            raise
        raise found from error
    found = out_of_range_error(table, names, model.title) if overflows else None
    if found is not None:
        raise found
    return scores


def _scored(model: FittedEstimator, matrix: Any, label: str | None) -> DataTable:
    if model.task == "clustering":
        return _clustered(model, matrix)
    if model.task in ("two-class", "multiclass"):
        return _classified(model, matrix, label)
    if model.task == "anomaly":
        return _detected(model, matrix, label)
    return _estimated(model, matrix, label)


def _detected(model: FittedEstimator, matrix: Any, label: str | None) -> DataTable:
    import numpy as np
    import pandas as pd

    scores = model.estimator.predict_proba(matrix)[:, 1] if matrix.shape[0] else np.zeros(0)
    frame = pd.DataFrame(
        {
            SCORED_LABELS: (scores >= model.final_estimator.threshold).astype("int64"),
            SCORED_PROBABILITIES: scores,
        }
    )
    scoring = Scoring(
        model.task, SCORED_LABELS, label, (0, 1), (SCORED_PROBABILITIES,), 1, model.title
    )
    return _scores(frame, scoring)


def _estimated(model: FittedEstimator, matrix: Any, label: str | None) -> DataTable:
    import numpy as np
    import pandas as pd

    estimate = model.estimator.predict(matrix) if matrix.shape[0] else []
    frame = pd.DataFrame({SCORED_LABELS: pd.Series(estimate, dtype="float64")})
    if hasattr(model.final_estimator, "predict_quantiles"):
        quantiles = list(model.final_estimator.quantiles)
        found = np.zeros((0, len(quantiles)))
        if matrix.shape[0]:
            found = model.estimator.predict_quantiles(matrix, quantiles)
        for index, quantile in enumerate(quantiles):
            frame[f"{QUANTILE}{quantile:g}"] = found[:, index]
    scoring = Scoring(
        model.task,
        SCORED_LABELS,
        label,
        probabilities=tuple(frame.columns[1:]),
        learner=model.title,
    )
    return _scores(frame, scoring)


def _classified(model: FittedEstimator, matrix: Any, label: str | None) -> DataTable:
    import numpy as np
    import pandas as pd

    count = len(model.classes)
    empty = np.zeros((0, count))
    probabilities = model.estimator.predict_proba(matrix) if matrix.shape[0] else empty
    codes = probabilities.argmax(axis=1) if count else np.zeros(0, int)
    columns: dict[str, Any] = {SCORED_LABELS: class_values(model.classes, codes)}
    if model.task == "two-class":
        columns[SCORED_PROBABILITIES] = probabilities[:, model.classes.index(model.positive)]
        names: tuple[str, ...] = (SCORED_PROBABILITIES,)
    else:
        names = probability_names(model.classes)
        columns |= {name: probabilities[:, index] for index, name in enumerate(names)}
    scoring = Scoring(
        model.task, SCORED_LABELS, label, model.classes, names, model.positive, model.title
    )
    return _scores(pd.DataFrame(columns), scoring)


def class_values(classes: tuple[Any, ...], codes: np.ndarray) -> Any:
    """Return an array of the classes at the given positions, in a plain dtype."""
    import pandas as pd

    if all(isinstance(value, str) for value in classes):
        return pd.array(list(classes), dtype="str").take(codes)
    return pd.Series(list(classes)).to_numpy()[codes]


def _clustered(model: FittedEstimator, matrix: Any) -> DataTable:
    import numpy as np
    import pandas as pd

    count = model.final_estimator.n_clusters
    rows = matrix.shape[0]
    distances = model.estimator.transform(matrix) if rows else np.zeros((0, count))
    clusters = np.zeros(0, int)
    if rows:
        assigns = getattr(model.final_estimator, "assigns", False)
        clusters = model.estimator.predict(matrix) if assigns else distances.argmin(axis=1)
    frame = pd.DataFrame(
        {ASSIGNMENTS: clusters}
        | {f"{DISTANCE}{index}": distances[:, index] for index in range(count)}
    )
    scoring = Scoring(
        model.task, ASSIGNMENTS, probabilities=tuple(frame.columns[1:]), learner=model.title
    )
    return _scores(frame, scoring)


def _scores(frame: pd.DataFrame, scoring: Scoring) -> DataTable:
    return DataTable(frame, dict.fromkeys(frame.columns, Role.SCORE), scoring)
