"""Explain Model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import PREDICTING, AsTables, DataTable, Serving, module, warn
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, TableFacts, literal
from modules.contract.context import part_of_progress
from modules.contract.sheet import Sheet
from modules.learning.explanation.importance import (
    AUTOMATIC,
    Metric,
    importance_table,
    judge_of,
    metric_for,
    sampled,
    shuffled,
)
from modules.values import Report, Section, TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from modules.learning.explanation.contributions import Contributions

_MOST_BARS = 30


def _code(step: CodeStep) -> None:
    from modules.learning.explanation.code import explained_model
    from modules.learning.explanation.exported import explanation

    model, (report, importance) = explained_model(step), step.outputs
    report = step.variable("explanation") if report == "_" else report
    metric = step.value("metric")
    if metric == "Automatic":
        metric = AUTOMATIC[model.facts.learner.task]
    classes = model.facts.classes or "()"
    given = [f"label={literal(model.facts.label)}", f"classes=list({classes})"]
    given += [f"metric={literal(metric)}"]
    given += [f"{name}={step.source(name)}" for name in ("repeats", "rows", "dependence")]
    call = f"{step.helper(explanation)}({model.arguments(step.inputs['dataset'])}"
    step.write(f"{report} = {call}, {', '.join(given)})")
    if importance != "_":
        step.write(f'{importance} = {report}["importance"]')
    step.know("importance", TableFacts())


@module(
    "Explain Model",
    outputs=("report", "importance"),
    keywords=(
        "SHAP",
        "Shapley",
        "interpret",
        "permutation importance",
        "partial dependence",
        "ICE",
        "responsible AI",
        "why",
    ),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def explain_model(
    trained_model: Annotated[TrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    metric: Annotated[Metric, Field(title="Metric for measuring performance")] = "Automatic",
    repeats: Annotated[int, Field(ge=1, le=100, title="Number of shuffles")] = 5,
    rows: Annotated[int, Field(ge=1, le=100_000, title="Maximum number of rows")] = 500,
    dependence: Annotated[
        int, Field(ge=0, le=50, title="Number of columns with a dependence chart")
    ] = 6,
    permutations: Annotated[
        int, Field(ge=2, le=10_000, title="Number of sampled permutations")
    ] = 32,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random seed")] = 0,
) -> tuple[Annotated[Report, AsTables()], DataTable]:
    """Show which columns a model uses, how much, and in which direction.

    Three views of the same model: how much worse it predicts if a column is shuffled, how much
    each column contributes to the predictions (Shapley values), and how the prediction depends
    on the most important columns.

    Parameters
    ----------
    trained_model : TrainedModel
        A classification or regression model.
    dataset : DataTable
        Rows with the columns of the model, best those that it wasn't trained on. Without the
        label, nothing is shuffled.
    metric : str
        What a shuffled column makes worse. “Automatic” is the AUC for two classes, the log loss
        for several, and the root mean squared error for numbers.
    repeats : int
        How often each column is shuffled.
    rows : int
        Of more rows, so many are drawn at random.
    dependence : int
        The prediction's dependence is shown for so many of the most important columns.
    permutations : int
        For models whose Shapley values must be sampled, if they read more than eight columns.
    seed : int
        Determines which rows are drawn and how columns are shuffled.

    Returns
    -------
    report : Report
        Charts and tables.
    importance : DataTable
        A row for each column of the model, the most important first: ``Feature``,
        ``Importance`` (how much worse the metric is without it) with its ``Standard
        deviation``, and ``Mean absolute contribution``.

    Notes
    -----
    Shapley values are exact for linear models and for trees, forests, and boosting
    (path-dependent TreeSHAP, Lundberg et al. 2020); LightGBM computes its own. For other models,
    a row is compared with the average training row: over all coalitions of up to eight columns,
    otherwise over sampled permutations and their reverses. Columns that a model encodes as
    several are added up. Of a model of explainable boosting, the report also shows its terms:
    the functions whose sum it is.

    Of columns with the same information, each may seem unimportant: the model uses the others.
    """
    from modules.learning.explanation.contributions import Explainer
    from modules.learning.explanation.dependence import DEPENDENCE_ROWS, dependence_chart
    from modules.learning.explanation.terms import term_sections

    names = [column.name for column in trained_model.features]
    dataset.require(names, port="dataset")
    dataset.require_rows(1, port="dataset")
    explainer = Explainer(trained_model, permutations=permutations, seed=seed)
    sample = dataset.with_frame(sampled(dataset.frame, trained_model.label, rows, seed))
    with part_of_progress(0.0, 0.4, "shuffling columns"):
        judged = _shuffled(trained_model, sample, metric, repeats, seed)
    with part_of_progress(0.4, 0.8, "computing contributions"):
        found = explainer.explain(sample.select(names))
    table = importance_table(names, None if judged is None else judged[2], found.values)
    sections = [_about(trained_model, dataset, sample, found)]
    if judged is not None:
        sections.append(_shuffling(table, *judged[:2]))
    sections.append(_contributing(found))
    sections += term_sections(trained_model, dependence)
    kinds = {column.name: column for column in sample.columns}
    shown = [str(name) for name in table["Feature"].head(dependence)]
    for number, name in enumerate(shown):
        with part_of_progress(0.8 + 0.2 * number / len(shown), 1.0, f"dependence on {name}"):
            few = sample.select(names).slice(0, DEPENDENCE_ROWS)
            chart = dependence_chart(trained_model, few, kinds[name])
        if chart is not None:
            sections.append(Section(chart.title, chart=chart))
    return Report(f"Explanation of {trained_model.title}", tuple(sections)), DataTable(table)


def _shuffled(
    model: TrainedModel, sample: DataTable, metric: Metric, repeats: int, seed: int
) -> tuple[str, float, np.ndarray] | None:
    name = metric_for(model, metric)
    label = model.label
    if label not in sample.names or sample.frame[str(label)].isna().all():
        warn("The dataset has no label, so columns weren't shuffled.")
        return None
    judge = judge_of(model, sample, name, "dataset")
    columns = [column.name for column in model.features]
    return (name, *shuffled(judge, sample.frame, columns, name, repeats, seed))


def _about(
    model: TrainedModel, dataset: DataTable, sample: DataTable, found: Contributions
) -> Section:
    used = f"{len(sample.frame):,}"
    if len(sample.frame) < len(dataset):
        used += f" of {len(dataset):,}"
    facts = [
        ("Model", model.title),
        ("Predicts", model.label or ""),
        ("Rows", used),
        ("Columns", f"{len(model.features):,}"),
        ("Shapley values", f"{found.method}, in {_unit(model, found.unit)}"),
    ]
    rows = tuple(fact for fact in facts if fact[1])
    return Section("Model", sheet=Sheet(("Fact", "Value"), rows))


def _shuffling(table: pd.DataFrame, metric: str, base: float) -> Section:
    shown = table.head(_MOST_BARS)
    mean, spread = shown["Importance"].to_numpy(), shown["Standard deviation"].to_numpy()
    series = Series("", (), mean, mean - spread, mean + spread)
    what = "increase" if metric in ("Log Loss",) or "Error" in metric else "decrease"
    chart = Chart(
        "bars", "", f"{metric}: {what}", "Column", [series], list(shown["Feature"]),
        "Lines: one standard deviation over the shuffles.",
    )  # fmt: skip
    text = (
        f"{metric} is {base:.4g}. The bars show its {what} if the values of a column are "
        "shuffled among the rows. About 0 means that the model doesn't need the column, or that "
        "other columns contain the same."
    )
    return Section("Importance by shuffling", text, Sheet.of(table), chart)


def _contributing(found: Contributions) -> Section:
    import numpy as np

    size = np.abs(found.values).mean(axis=0)
    order = np.argsort(-size.mean(axis=1), kind="stable")[:_MOST_BARS]
    several = len(found.outputs) > 1
    series = [
        Series(str(found.outputs[at]) if several else "", (), size[order, at])
        for at in range(size.shape[1])
    ]
    names = [found.columns[at] for at in order]
    chart = Chart("bars", "", "Mean absolute contribution", "Column", series, names)
    heads = ("Column", *(f"Contribution to {name}" for name in found.outputs or ("prediction",)))
    rows = tuple((found.columns[at], *size[at].tolist()) for at in order)
    text = (
        "A row's contributions and the base add up to its output. The bars are the averages of "
        "their absolute values over the rows."
    )
    return Section("Contributions (Shapley values)", text, Sheet(heads, rows), chart)


def _unit(model: TrainedModel, unit: str) -> str:
    if unit == "prediction":
        return f"units of {model.label}" if model.label else "units of the prediction"
    return unit
