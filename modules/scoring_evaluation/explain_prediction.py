"""Explain Prediction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import PREDICTING, DataTable, Role, module, warn
from modules.contract.code import CodeStep, TableFacts
from modules.values import TrainedModel
from modules.values.score_columns import BASE_VALUE, CONTRIBUTION, MAIN_REASONS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_LONGEST = 60
"""Characters of a value in a reason."""


def _code(step: CodeStep) -> None:
    from modules.learning.explanation.code import explained_model
    from modules.learning.explanation.exported import shapley_values

    model = explained_model(step)
    frame, shapley = step.inputs["dataset"], step.helper(shapley_values)
    base, values, added = map(step.variable, ("base", "contributions", "explained"))
    columns = f"{frame}[list({model.source}[0].feature_names_in_)]"
    given = f"contributions={step.source('contributions')}, reasons={step.source('reasons')}"
    concat = f"{step.module('pandas', 'pd')}.concat"
    step.write(
        f"{base}, {values} = {shapley}({model.arguments(frame)})",
        f"{added} = {step.helper(explained_columns)}({columns}, {base}, {values}, {given})",
        f"{step.outputs[0]} = {concat}([{frame}.drop(columns=list({added}), "
        f'errors="ignore"), {added}], axis=1)',
    )
    facts: TableFacts = step.facts("dataset")
    known = replace(facts, score_prefixes=(*facts.score_prefixes, CONTRIBUTION))
    scores = dict.fromkeys((BASE_VALUE, MAIN_REASONS), Role.SCORE)
    step.know("explained_dataset", known.with_roles(scores))


@module(
    "Explain Prediction",
    outputs=("explained_dataset",),
    keywords=("SHAP", "Shapley", "interpret", "local explanation", "reason codes", "why"),
    requires=("numpy", "pandas", "scikit-learn"),
    row="contributions are computed from tables",
    code=_code,
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
    import pandas as pd

    from modules.learning.explanation.contributions import Explainer

    explainer = Explainer(trained_model, permutations=permutations, seed=seed)
    found = explainer.explain(dataset)
    added = explained_columns(
        dataset.frame[list(found.columns)],
        found.base,
        found.values,
        contributions=contributions,
        reasons=reasons,
    )
    repeated = [name for name in added.columns if name in dataset.names]
    if repeated:
        warn(f"Column “{repeated[0]}” of the dataset was replaced with the new contributions.")
    roles = {**dataset.roles, **dict.fromkeys(added.columns, Role.SCORE)}
    frame = pd.concat([dataset.frame.drop(columns=repeated), added], axis=1)
    return DataTable(frame, roles, dataset.scoring)


def explained_columns(
    frame: pd.DataFrame, base: np.ndarray, values: np.ndarray, *, contributions: bool, reasons: int
) -> pd.DataFrame:
    """Return the base, the contributions, and the main reasons of each row.

    Of several classes, the predicted one of each row is explained.

    Parameters
    ----------
    frame : pandas.DataFrame
        The columns that are explained.
    base : numpy.ndarray, shape (outputs,)
    values : numpy.ndarray, shape (rows, columns, outputs)
    """
    import numpy as np
    import pandas as pd

    chosen = np.zeros(len(values), int)
    if len(base) > 1:
        chosen = (base + values.sum(axis=1)).argmax(axis=1)
    shown = values[np.arange(len(values)), :, chosen]
    added: dict[str, Any] = {}
    if contributions:
        added[BASE_VALUE] = base[chosen]
        added |= {f"{CONTRIBUTION}{name}": shown[:, at] for at, name in enumerate(frame.columns)}
    if reasons:
        added[MAIN_REASONS] = pd.Series(_reasons(frame, shown, reasons), dtype="str")
    return pd.DataFrame(added, index=frame.index)


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
    """Return a value in a reason: a date without midnight, the beginning of a long text."""
    if value is None or value != value:
        return "missing"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    if isinstance(value, datetime):
        text = text.removesuffix(" 00:00:00")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
