"""Automated ML."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    Needed,
    Serving,
    ValueOf,
    When,
    module,
)
from modules.contract.registry.discovery import automated_modules
from modules.learning.learner_parameters import Seed
from modules.values import TrainedModel
from modules.values.leaderboard import Leaderboard


@module(
    "Automated ML",
    outputs=("best_model", "leaderboard", "scored_folds"),
    keywords=(
        "automl",
        "auto",
        "best model",
        "model selection",
        "tune",
        "optimize",
        "ensemble",
        "search",
    ),
    requires=("numpy", "pandas", "scikit-learn", "optuna"),
    when_serving=Serving.AS_FITTED,
    code="it searches; run it, choose “Open as pipeline” for a trial, and export that",
    calls=automated_modules,
)
def automated_training(
    dataset: DataTable,
    validation_dataset: DataTable | None = None,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    task: Annotated[
        Literal["automatic", "classification", "regression"], Field(title="Task")
    ] = "automatic",
    classification_metric: Annotated[
        Literal[
            "AUC weighted",
            "Accuracy",
            "Average precision score weighted",
            "Norm macro recall",
            "Precision score weighted",
            "Log loss",
        ],
        Field(title="Primary metric for classification"),
        When(task=("automatic", "classification")),
    ] = "AUC weighted",
    regression_metric: Annotated[
        Literal[
            "Normalized root mean squared error",
            "R2 score",
            "Normalized mean absolute error",
            "Spearman correlation",
        ],
        Field(title="Primary metric for regression"),
        When(task=("automatic", "regression")),
    ] = "Normalized root mean squared error",
    positive_class: Annotated[
        str,
        Field(title="Positive class"),
        ValueOf("label_column"),
        When(task=("automatic", "classification")),
    ] = "",
    trials: Annotated[int, Field(ge=1, le=10_000, title="Number of trials")] = 30,
    minutes: Annotated[float, Field(ge=0, title="Time limit in minutes")] = 0.0,
    validation: Annotated[
        Literal["folds", "share of rows", "latest rows"], Field(title="Validate with")
    ] = "folds",
    folds: Annotated[
        int, Field(ge=2, le=100, title="Number of folds"), When(validation="folds")
    ] = 5,
    validation_share: Annotated[
        float,
        Field(gt=0, lt=1, title="Share of rows to validate with"),
        When(validation=("share of rows", "latest rows")),
    ] = 0.2,
    time_column: Annotated[
        ColumnSelector,
        Columns(of="dataset", single=True, kinds=("datetime", "integer", "number")),
        Needed(),
        When(validation="latest rows"),
    ] = ColumnSelector(),
    allowed_learners: Annotated[str, Field(title="Allowed learners")] = "",
    blocked_learners: Annotated[str, Field(title="Blocked learners")] = "",
    ensemble: Annotated[
        Literal["weighted average", "stacked models", "none"], Field(title="Combine the best")
    ] = "weighted average",
    balance_classes: Annotated[
        bool, Field(title="Balance classes"), When(task=("automatic", "classification"))
    ] = False,
    seed: Seed = 0,
) -> tuple[Annotated[TrainedModel, PREDICTING], Leaderboard, DataTable]:
    """Find the best learner and settings for a dataset, and train it.

    Settings that are good on many tables are tried first, then those that look best after the
    trials so far. Each trial is evaluated on rows that it wasn't trained on, and can be opened as
    a pipeline.

    Parameters
    ----------
    dataset : DataTable
        All rows, as they are: dates, text, categories, and missing values are prepared. Rows
        without a label are skipped. A column with the fold role determines the folds.
    validation_dataset : DataTable, optional
        Rows with the same columns to evaluate trials on, in place of folds or a share.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    task : str
        Whether the label is classes or a number. Automatic: text, booleans, and up to 20
        different integers are classes.
    classification_metric : str
        Decides which model is the best if the label is classes, under Azure's name.
    regression_metric : str
        Decides which model is the best if the label is a number, under Azure's name.
    positive_class : str
        Of two classes, the one that probabilities, precision and recall refer to. Empty for
        the second in sorted order, or in the order of a categorical label.
    trials : int
        How many learners with settings are tried.
    minutes : float
        After that time no further trial is started; 0 for no limit. The first trial is always
        finished. A run that is ended by the time can't be repeated exactly.
    validation : str
        Folds: each row is scored once, by a model trained on the other folds. Share of rows: some
        random rows are held out. Latest rows: the latest ones are, for models that will predict
        the future.
    folds : int
        Number of folds if the dataset doesn't have a fold column.
    validation_share : float
        Share of the rows to evaluate on.
    time_column : ColumnSelector
        The column that orders the rows. It is a feature, too.
    allowed_learners : str
        Try only these, separated by commas: LightGBM, Boosted Decision Tree, Decision Forest,
        Extra Trees, Logistic Regression or Linear Regression, Nearest Neighbors, Neural Network.
        Empty for all.
    blocked_learners : str
        Don't try these.
    ensemble : str
        Combine the best trials, unless the best of them is clearly better: by a weighted average
        of their predictions, or also by a learner on top of those of the best of each family,
        which takes as long as about 25 trials.
    balance_classes : bool
        Weight the classes inversely to their frequencies, if some are rare and matter as much as
        the others.
    seed : int
        Determines the folds, the order of the search, and the learners' own seeds.

    Returns
    -------
    best_model : TrainedModel
        The best model, trained on all rows of the dataset, with its preparation. For Score Model
        and for endpoints.
    leaderboard : Leaderboard
        A row for each trial, the best first. Each can be opened as a pipeline.
    scored_folds : DataTable
        The rows that were held out with the scores of the best model when it hadn't seen them,
        for Evaluate Model.

    Notes
    -----
    The portfolio follows AutoGluon's idea; what it leaves of the budget is for the tree-structured
    Parzen estimator of Optuna (Bergstra et al. 2011), for the three best learners. The average has
    up to ten members. Half of their weights are chosen greedily (Caruana et al. 2004); up to 10,000
    rows, they are the mean over up to five selections, each without some of the folds. The other
    half are equal weights of the best quarter of the trials, at most half of them of one learner.
    Trials that are no better than a constant are left out of it if any is better. It comes first on
    the leaderboard unless a trial is better by more than the standard error of the difference over
    the folds, because the best of many trials looks better than it is.
    A trial is stopped early if after some of the folds it gains less than 90% of what the best one
    gained there over a constant prediction.

    Columns with a single value, identifiers of rows, and a column that is the label in other values
    wherever it is known are left out, with a warning. Fewer than 50 evaluated rows lead to another
    warning. Dates get parts, texts their most frequent words (TF-IDF), and categories with many
    values their frequencies. This preparation doesn't use the label, so it is fitted before the
    rows are divided; learners encode categories and replace missing values within each fold. If
    there are categories with many values, each learner is also tried with target encoding, which is
    fitted within each fold.

    Trials run in separate processes, as many at once as the step has threads, with one thread
    each. The outputs are the same for any number. A trial that ends its process, or fails
    unexpectedly, is tried again alone with the memory of all; if it fails again, its row of the
    leaderboard has the reason. The scores of the best trial are slightly too good, because it was
    chosen by them.
    """
    from modules.automated_ml._training import Options, train
    from modules.automated_ml._validation import Validation
    from modules.learning.labels import label_to_predict
    from modules.learning.tuning.trials import warning_once

    label = label_to_predict(dataset, label_column)
    time = ""
    if validation == "latest rows":
        time = time_column.resolve_one(dataset.columns, parameter="time_column")
    options = Options(
        task=task,
        classification_metric=classification_metric,
        regression_metric=regression_metric,
        positive=positive_class.strip(),
        trials=trials,
        minutes=minutes,
        allowed=allowed_learners,
        blocked=blocked_learners,
        combine=ensemble,
        balance=balance_classes,
        seed=seed,
    )
    with warning_once():
        return train(
            dataset,
            validation_dataset,
            label,
            Validation(validation, folds, validation_share, time),
            options,
        )
