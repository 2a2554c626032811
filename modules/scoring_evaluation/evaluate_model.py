"""Evaluate Model."""

from __future__ import annotations

from dataclasses import replace

from modules.contract import DataTable, ModuleError, Serving, module
from modules.scoring_evaluation._evaluation_code import write_evaluation
from modules.values import Evaluation


@module(
    "Evaluate Model",
    outputs=("evaluation_results",),
    keywords=(
        "metrics",
        "accuracy",
        "auc",
        "roc",
        "confusion matrix",
        "error",
        "compare",
        "scorer",
        "lift",
    ),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=write_evaluation,
)
def evaluate_model(
    scored_dataset: DataTable, scored_dataset_to_compare: DataTable | None = None
) -> Evaluation:
    """Evaluate the predictions of a model, or compare two models.

    Parameters
    ----------
    scored_dataset : DataTable
        From Score Model or Assign Data to Clusters, with the label.
    scored_dataset_to_compare : DataTable, optional
        Scores of another model of the same kind.

    Returns
    -------
    evaluation_results : Evaluation
        Metrics, and by task the ROC, precision-recall, lift and calibration curves, the
        confusion matrix (a row for each actual class, a column for each predicted one), the
        metrics of each class or cluster, predicted against actual values and residuals, also by
        feature, or a map of the clusters with silhouettes.

    Notes
    -----
    Regression: mean absolute error, root mean squared error, and the sums of absolute and of
    squared errors relative to those of always predicting the mean; the coefficient of determination
    is 1 minus the relative squared error; for quantile regression also the mean pinball loss of
    each quantile. Two classes, and anomalies (1) among normal rows (0): accuracy, balanced
    accuracy, precision, recall, F1 score and Matthews correlation coefficient of the scored labels,
    the area under the ROC curve, the average log loss, and the Brier score (the mean squared error
    of the probabilities). Several classes: accuracies and averages as in Sokolova and Lapalme
    (2009), and the Matthews correlation coefficient as in Gorodkin (2004). Clusters: distances of
    the points to the center of their own cluster and, on average, to those of the others; and the
    mean silhouette (Rousseeuw 1987) of at most 2,000 rows, evenly chosen, by the features that are
    numbers or Booleans, standardized.

    The calibration curve has ten bins of equal width. Scatter plots show at most 2,000 rows,
    evenly chosen, and residuals by the first 30 features.

    Scores from other sources are recognized by their column names: the true values in
    ``Labels`` (or the column with the label role), the scores in
    ``Regression Scored Labels``; in ``Binary Class Scored Labels`` and
    ``Binary Class Scored Probabilities``; or in ``Multi Class Scored Labels``. Of two
    classes the second in sorted order is the positive one.

    Every row counts once; weights are used for training only.

    Unlike in Azure ML designer, the axes of the confusion matrix are labeled correctly, and
    multiclass models have metrics besides it.
    """
    from modules.learning.evaluation.diagnostics import with_diagnostics
    from modules.learning.evaluation.reports import report_on
    from modules.learning.evaluation.scored import recognize
    from modules.learning.evaluation.undefined import warn_of_undefined

    given = {"scored_dataset": scored_dataset}
    if scored_dataset_to_compare is not None:
        given["scored_dataset_to_compare"] = scored_dataset_to_compare
    scorings = {port: recognize(table, port) for port, table in given.items()}
    if len({scoring.task for scoring in scorings.values()}) > 1:
        first, second = (scoring.task for scoring in scorings.values())
        raise ModuleError(
            "different-tasks",
            f"A {first} model can't be compared with a {second} model.",
            "Connect the scores of two models of the same kind.",
            port="scored_dataset_to_compare",
        )
    learners = {port: scoring.learner for port, scoring in scorings.items()}
    names = _names(learners)
    reports = []
    for port, table in given.items():
        report = report_on(table, scorings[port], names[port], port)
        report = with_diagnostics(report, table, scorings[port])
        reports.append(replace(report, learner=learners[port], port=port))
    for report in reports:
        warn_of_undefined(report)
    return Evaluation(tuple(reports))


def _names(learners: dict[str, str]) -> dict[str, str]:
    """Return a distinct name for each port."""
    ports = {port: port[:1].upper() + port[1:].replace("_", " ") for port in learners}
    if len(set(learners.values())) == len(learners) and all(learners.values()):
        return learners
    return {
        port: f"{learner} ({ports[port].lower()})" if learner and len(learners) > 1 else ports[port]
        for port, learner in learners.items()
    }
