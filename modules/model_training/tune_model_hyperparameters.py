"""Tune Model Hyperparameters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Serving,
    Text,
    When,
    module,
)
from modules.contract.context import part_of_progress
from modules.learning.learner_parameters import Seed
from modules.values import TrainedModel, UntrainedModel

_MULTICLASS = {
    "Accuracy": "Overall accuracy",
    "Precision": "Macro-averaged precision",
    "Recall": "Macro-averaged recall",
    "Average log loss": "Average log loss",
}
"""What metrics of two classes are called for several."""

_ERRORS = frozenset(
    {
        "Average log loss",
        "Mean absolute error",
        "Root mean squared error",
        "Relative absolute error",
        "Relative squared error",
    }
)
"""Metrics of which lower values are better."""


@module(
    "Tune Model Hyperparameters",
    outputs=("sweep_results", "trained_best_model"),
    keywords=("sweep", "grid search", "random search", "optimize", "parameters", "hyperparameter"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code="it trains its learner with many settings; use Train Model with the best of them",
)
def tune_model_hyperparameters(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    training_dataset: DataTable,
    validation_dataset: DataTable | None = None,
    *,
    mode: Annotated[
        Literal["entire grid", "random sweep", "random grid"],
        Field(title="Parameter sweeping mode"),
    ] = "random sweep",
    runs: Annotated[
        int,
        Field(ge=1, le=10_000, title="Maximum number of runs"),
        When(mode=("random sweep", "random grid")),
    ] = 5,
    values: Annotated[str, Text(), Field(title="Values to try")] = "",
    label_column: Annotated[
        ColumnSelector, Columns(of="training_dataset", single=True, role="label")
    ] = ColumnSelector(),
    positive_class: Annotated[str, Field(title="Positive class")] = "",
    classification_metric: Annotated[
        Literal["Accuracy", "Precision", "Recall", "F1 score", "AUC", "Average log loss"],
        Field(title="Metric for classification"),
    ] = "Accuracy",
    regression_metric: Annotated[
        Literal[
            "Mean absolute error",
            "Root mean squared error",
            "Relative absolute error",
            "Relative squared error",
            "Coefficient of determination",
        ],
        Field(title="Metric for regression"),
    ] = "Mean absolute error",
    folds: Annotated[int, Field(ge=2, title="Number of folds")] = 10,
    seed: Seed = 0,
) -> tuple[DataTable, Annotated[TrainedModel, PREDICTING]]:
    """Find the parameters with which a learner predicts best, and train it with them.

    Each setting is evaluated on rows that it wasn't trained on: those of the validation
    dataset, or else each fold of the training dataset in turn.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A classification or regression learner; parameters that aren't tuned keep their values.
    training_dataset : DataTable
        Training rows. Rows without a label are skipped. Without a validation dataset, a
        column with the fold role (from Partition and Sample) determines the folds.
    validation_dataset : DataTable, optional
        Rows with the same columns on which each setting is evaluated.
    mode : str
        Which combinations of the values are tried: all of them (``entire grid``), a random
        value for each parameter in each run (``random sweep``), or different random
        combinations (``random grid``).
    runs : int
        How many combinations are drawn.
    values : str
        A line ``parameter: value, value`` for each parameter whose values differ from the
        learner's own, with its name as in ``designer modules``. One value fixes a parameter.
        Values that contain commas are separated by semicolons.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    positive_class : str
        Of two classes, the one that probabilities, precision and recall refer to. Empty for
        the second in sorted order, or in the order of a categorical label.
    classification_metric : str
        Decides which setting of a classification learner is the best. Of several classes,
        accuracy is the overall one, and precision and recall are averaged over the classes.
    regression_metric : str
        Decides which setting of a regression learner is the best.
    folds : int
        Number of folds if there isn't a validation dataset and the training dataset doesn't
        have a fold column.
    seed : int
        Determines the random combinations, and which row is in which fold.

    Returns
    -------
    sweep_results : DataTable
        A row for each setting, the best first: its parameters and the metrics of Evaluate
        Model, with folds their means. If training failed, ``Problem`` contains the reason.
    trained_best_model : TrainedModel
        The learner with the best setting, trained on the whole training dataset.

    Notes
    -----
    Every setting is evaluated on the same folds, those of Cross Validate Model with the same seed.
    Of equally good settings the one tried first is the best. The grid and the random grid are
    scikit-learn's ``ParameterGrid`` and ``ParameterSampler``; a combination that the random
    sweep draws again isn't trained again. Precision, recall and F1 score that are undefined count
    as 0, as in scikit-learn.

    Unlike in Azure ML designer, 0 is a fixed seed, the values to try are part of the learner's
    parameters and can be changed here, the number of folds can be set, and several classes can be
    tuned by other metrics than accuracy.
    """
    from modules.learning.labels import label_to_predict
    from modules.learning.tuning.settings import settings_to_try, values_to_try
    from modules.learning.tuning.trials import (
        Folds,
        Parts,
        Trial,
        Validation,
        at_port,
        check_trials,
        ranked,
        warning_once,
    )

    if untrained_model.task not in PREDICTING.tasks:
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} doesn't predict a label, so it can't be tuned.",
            "Use a classification or regression learner.",
            port="untrained_model",
        )
    metric = _metric(untrained_model.task, classification_metric, regression_metric)
    settings = settings_to_try(values_to_try(untrained_model, values), mode, runs, seed)
    label = label_to_predict(training_dataset, label_column)
    positive = positive_class.strip()
    trials = [Trial(setting) for setting in settings]
    with warning_once(), at_port("training_dataset"):
        if validation_dataset is None:
            parts: Parts = Folds(training_dataset, label, untrained_model.task, folds, seed)
        else:
            parts = Validation(training_dataset, validation_dataset, label)
        step = 1 / (len(trials) + 1)
        for index, trial in enumerate(trials):
            text = f"Setting {index + 1} of {len(trials)}"
            with part_of_progress(index * step, (index + 1) * step, text):
                trial.evaluate(untrained_model, parts, label, positive)
        check_trials(trials, metric)
        frame, first = ranked(trials, metric, lower_is_better=metric in _ERRORS)
        best = untrained_model.with_parameters(trials[first].setting)
        with part_of_progress(1 - step, 1.0, "Training the best model"):
            model = best.fit(training_dataset, label, positive=positive)
    return DataTable(frame, metrics={f"{metric} (best)": float(frame[metric].iloc[0])}), model


def _metric(task: str, classification: str, regression: str) -> str:
    """Return the metric that decides, by its name in the metrics of the task."""
    if task == "regression":
        return regression
    if task == "two-class":
        return classification
    if classification not in _MULTICLASS:
        raise ModuleError(
            "wrong-metric",
            f"{classification} is a metric for two classes.",
            f"Choose one of {', '.join(_MULTICLASS)}.",
            parameter="classification_metric",
        )
    return _MULTICLASS[classification]
