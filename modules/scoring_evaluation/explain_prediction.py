"""Explain Prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import PREDICTING, DataTable, Role, module, warn
from modules.values import TrainedModel
from modules.values.score_columns import BASE_VALUE, CONTRIBUTION, MAIN_REASONS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from modules.learning.explanation.contributions import Contributions


@module(
    "Explain Prediction",
    outputs=("explained_dataset",),
    keywords=("SHAP", "Shapley", "interpret", "local explanation", "reason codes", "why"),
    requires=("numpy", "pandas", "scikit-learn"),
    row="contributions are computed from tables",
    code="it compares rows with the average training row, which scikit-learn doesn't keep; "
    "use the library shap",
)
def explain_prediction(
    trained_model: Annotated[TrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    contributions: Annotated[bool, Field(title="Append the contribution of each column")] = True,
    reasons: Annotated[int, Field(ge=0, le=20, title="Number of main reasons")] = 3,
    permutations: Annotated[
        int, Field(ge=2, le=10_000, title="Number of sampled permutations")
    ] = 32,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random seed")] = 0,
) -> DataTable:
    """Add, to each row, how much each column contributes to its prediction.

    Base value and contributions of a row add up to the output of the model. Connect the model
    and the dataset of Score Model, or its scored dataset; in an inference pipeline, a Web Service
    Output behind this module returns the contributions to the client.

    Parameters
    ----------
    trained_model : TrainedModel
        A classification or regression model.
    dataset : DataTable
        Rows to explain, with the columns that the model was trained on.
    contributions : bool
        Add the columns ``Base Value`` and ``Contribution of COLUMN``.
    reasons : int
        The columns with the largest contributions, as text in ``Main Reasons``; 0 for none.
    permutations : int
        For models whose Shapley values must be sampled, if they read more than eight columns.
    seed : int
        Determines the sampled permutations.

    Returns
    -------
    explained_dataset : DataTable
        The dataset with the new columns. Of several classes, the predicted one is explained.

    Notes
    -----
    Contributions are Shapley values, computed as in Explain Model. Their unit is that of the
    prediction for most regressions, its logarithm for Poisson and Tweedie regression, a
    probability for forests and models without an exact way, and log-odds for logistic regression
    and boosting: 0 for a probability of one half.
    """
    from modules.learning.explanation.contributions import Explainer

    explainer = Explainer(trained_model, permutations=permutations, seed=seed)
    found = explainer.explain(dataset)
    return with_contributions(
        dataset, found, predicted_only(found), contributions=contributions, reasons=reasons
    )


def predicted_only(found: Contributions) -> tuple[np.ndarray, np.ndarray]:
    """Return the base, of shape (rows,), and the contributions (rows, columns) of one output.

    Of several classes, it is the predicted one of each row.
    """
    import numpy as np

    chosen = found.sums.argmax(axis=1) if len(found.outputs) > 1 else np.zeros(len(found.values))
    chosen = chosen.astype(int)
    rows = np.arange(len(found.values))
    return found.base[chosen], found.values[rows, :, chosen]


def with_contributions(
    dataset: DataTable,
    found: Contributions,
    explained: tuple[np.ndarray, np.ndarray],
    *,
    contributions: bool,
    reasons: int,
) -> DataTable:
    """Return a dataset with base, contributions and reasons, which have the score role."""
    import pandas as pd

    base, values = explained
    added: dict[str, Any] = {}
    if contributions:
        added[BASE_VALUE] = base
        added |= {f"{CONTRIBUTION}{name}": values[:, at] for at, name in enumerate(found.columns)}
    if reasons:
        texts = _reasons(dataset.frame[list(found.columns)], values, reasons)
        added[MAIN_REASONS] = pd.Series(texts, dtype="str")
    repeated = [name for name in added if name in dataset.names]
    if repeated:
        warn(f"Column “{repeated[0]}” of the dataset was replaced with the new contributions.")
    frame = pd.concat(
        [dataset.frame.drop(columns=repeated), pd.DataFrame(added, index=dataset.frame.index)],
        axis=1,
    )
    roles = {**dataset.roles, **dict.fromkeys(added, Role.SCORE)}
    return DataTable(frame, roles, dataset.scoring)


def _reasons(frame: pd.DataFrame, values: np.ndarray, count: int) -> list[str]:
    """Return the largest contributions of each row as text."""
    import numpy as np

    order = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :count]
    columns = [frame[name].tolist() for name in frame.columns]
    return [
        "; ".join(
            f"{frame.columns[at]} = {_shown(columns[at][row])} ({values[row, at]:+.3g})"
            for at in chosen
            if values[row, at] != 0
        )
        for row, chosen in enumerate(order)
    ]


def _shown(value: Any) -> str:
    if value is None or value != value:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
