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
    TriesValues,
    ValueOf,
    When,
    module,
)
from modules.contract.code import CodeStep, LearnerFacts
from modules.contract.context import part_of_progress
from modules.learning.learner_parameters import Seed
from modules.values import Report, TrainedModel, UntrainedModel

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


def _code(step: CodeStep) -> None:
    from modules.learning.tuning.code import write_tuning
    from modules.learning.tuning.trials import Aim

    facts = step.facts("untrained_model")
    if not isinstance(facts, LearnerFacts) or facts.task not in PREDICTING.tasks:
        step.refuse("its learner isn't known")
    chosen = [step.value(f"{task}_metric") for task in ("classification", "regression")]
    metric = _metric(facts.task, *chosen)
    write_tuning(step, Aim(metric, metric in _ERRORS))


@module(
    "Tune Model Hyperparameters",
    outputs=("sweep_results", "trained_best_model", "report"),
    keywords=(
        "tune",
        "sweep",
        "grid search",
        "random search",
        "Bayesian",
        "Optuna",
        "halving",
        "optimize",
        "parameters",
        "hyperparameter",
    ),
    requires=("numpy", "pandas", "scikit-learn", "optuna"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def tune_model_hyperparameters(
    untrained_model: Annotated[UntrainedModel, PREDICTING, TriesValues()],
    training_dataset: DataTable,
    validation_dataset: DataTable | None = None,
    *,
    mode: Annotated[
        Literal["entire grid", "random sweep", "random grid", "successive halving", "Bayesian"],
        Field(title="Parameter sweeping mode"),
    ] = "random sweep",
    runs: Annotated[
        int,
        Field(ge=1, le=10_000, title="Maximum number of runs"),
        When(mode=("random sweep", "random grid", "successive halving", "Bayesian")),
    ] = 5,
    label_column: Annotated[
        ColumnSelector, Columns(of="training_dataset", single=True, role="label")
    ] = ColumnSelector(),
    positive_class: Annotated[str, Field(title="Positive class"), ValueOf("label_column")] = "",
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
    stop_poor_settings: Annotated[bool, Field(title="Stop poor settings early")] = False,
    patience: Annotated[
        int,
        Field(ge=0, le=10_000, title="Runs without improvement before stopping"),
        When(mode=("entire grid", "random sweep", "random grid", "Bayesian")),
    ] = 0,
    seed: Seed = 0,
) -> tuple[DataTable, Annotated[TrainedModel, PREDICTING], Report]:
    """Find the parameters with which a learner predicts best, and train it with them.

    Enter a list or range of values to try for some parameters of the learner: the small button
    in a field changes between one value, a list, and a range. Each setting is evaluated on rows
    that it wasn't trained on: those of the validation dataset, or else each fold of the training
    dataset in turn.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A classification or regression learner. If none of its parameters has several values,
        the usual ones are tried for those that have their default.
    training_dataset : DataTable
        Training rows. Rows without a label are skipped. Without a validation dataset, a
        column with the fold role (from Partition and Sample) determines the folds.
    validation_dataset : DataTable, optional
        Rows with the same columns on which each setting is evaluated.
    mode : str
        Which settings are tried. ``entire grid``: all combinations; of a range, evenly spaced
        points. ``random sweep``: a random value for each parameter in each run. ``random grid``:
        random combinations of the grid, all different. ``successive halving``: random settings
        on few rows, and the best third of them on three times as many, until one in three is
        left for all rows. ``Bayesian``: the results so far determine what is tried next; useful
        from about 20 runs on.
    runs : int
        How many settings are tried.
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
    stop_poor_settings : bool
        Leave out the other folds of a setting as soon as it is worse than the median of those
        before it, on the same folds. At least five settings are evaluated in full.
    patience : int
        Stop if so many settings in a row were no better than the best one. 0 to try all.
    seed : int
        Determines the random combinations, and which row is in which fold.

    Returns
    -------
    sweep_results : DataTable
        A row for each setting, the best first: its parameters and the metrics of Evaluate
        Model, with folds their means. ``Problem`` contains the reason if training failed or was
        stopped. With successive halving, ``Share of rows`` is what a setting was trained on.
    trained_best_model : TrainedModel
        The learner with the best setting, trained on the whole training dataset.
    report : Report
        The best setting, a chart with a line for each setting, and the course of the search.

    Notes
    -----
    Every setting is evaluated on the same folds, those of Cross Validate Model with the same seed.
    Of equally good settings the one tried first is the best. A setting that is drawn again isn't
    trained again. Parameters without effect, because another one has a different value, aren't
    part of a setting. The grid and the random grid are scikit-learn's ``ParameterGrid`` and
    ``ParameterSampler``, the Bayesian search is Optuna's ``TPESampler``. Successive halving trains
    on 50 rows at least, and evaluates on all others. Precision, recall and F1 score that are
    undefined count as 0, as in scikit-learn.

    If training takes more than a few seconds, folds and settings are evaluated in as many processes
    as the step has threads, with one thread each. The results are the same for any number.

    Unlike in Azure ML designer, 0 is a fixed seed, the values to try are those of the learner's
    parameters, the number of folds can be set, several classes can be tuned by other metrics
    than accuracy, and there are searches that learn from earlier results.
    """
    from modules.learning.labels import label_to_predict
    from modules.learning.tuning.attempts import Attempts, LearnerOnParts
    from modules.learning.tuning.parts import Folds, Parts, Validation, at_port
    from modules.learning.tuning.report import report_of
    from modules.learning.tuning.searches import search
    from modules.learning.tuning.settings import space_of
    from modules.learning.tuning.trials import (
        Aim,
        best_first,
        check_trials,
        results_table,
        warning_once,
    )
    from modules.learning.tuning.tuner import SEARCHING, Tuner

    if untrained_model.task not in PREDICTING.tasks:
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} doesn't predict a label, so it can't be tuned.",
            "Use a classification or regression learner.",
            port="untrained_model",
        )
    metric = _metric(untrained_model.task, classification_metric, regression_metric)
    aim = Aim(metric, metric in _ERRORS)
    label = label_to_predict(training_dataset, label_column)
    positive = positive_class.strip()
    with warning_once(), at_port("training_dataset"):
        if validation_dataset is None:
            parts: Parts = Folds.of(training_dataset, label, untrained_model.task, folds, seed)
        else:
            parts = Validation.of(training_dataset, validation_dataset, label)
        space = space_of(untrained_model)
        problem = LearnerOnParts(untrained_model, parts, label, positive, seed)
        with Attempts(problem) as attempts:
            tuner = Tuner(attempts, aim, stop_poor=stop_poor_settings, patience=patience)
            search(tuner, space, mode, runs, seed)
        check_trials(tuner.trials, aim)
        ranked = best_first(tuner.trials, aim)
        frame = results_table(ranked, aim)
        with part_of_progress(SEARCHING, 1.0, "Training the best model"):
            best = untrained_model.with_parameters(ranked[0].setting)
            model = best.fit(training_dataset, label, positive=positive)
    report = report_of(
        untrained_model.title,
        untrained_model.specification,
        space.searches,
        tuner.trials,
        ranked[0],
        aim,
    )
    found = DataTable(frame, metrics={f"{metric} (best)": float(frame[metric].iloc[0])})
    return found, model, report


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
