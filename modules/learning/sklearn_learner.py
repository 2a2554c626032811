"""Learners that are scikit-learn estimators: one way of fitting for training and tuning."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract.columns import Column
from modules.contract.context import threads, warn
from modules.contract.data_table import DataTable, Role
from modules.contract.errors import ModuleError
from modules.contract.stored_fields import APART
from modules.learning.compiled.estimator_form import EstimatorForm
from modules.learning.fit_progress import reporting_fit
from modules.learning.labels import labeled, target_of, with_positive
from modules.learning.sklearn_model import SklearnModel, declared
from modules.learning.training_data import (
    check_weights,
    feature_names,
    out_of_range_error,
    reject_ids,
    weighted_parameters,
    with_sparse_scalers,
    with_values,
)
from modules.values.untrained_model import UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

_LEARNER_FILE = "estimator.skops"


@dataclass(frozen=True, eq=False)
class SklearnLearner(UntrainedModel):
    """An unfitted scikit-learn estimator with the options to fit it to a table.

    Parameters
    ----------
    estimator : object
        An unfitted scikit-learn estimator, or a ``Pipeline`` that ends in one.
    encoding : str
        How strings and categories are encoded: ``one-hot`` (for linear models, one
        column per value) or ``codes`` (for trees that support categories natively).
    takes_missing : bool
        The estimator handles missing numbers; otherwise they are replaced with
        the mean of the training rows.
    categorical_parameter : str
        Name of the estimator's parameter for the mask of categorical
        features, with ``codes``; empty if there is none.
    form : EstimatorForm, optional
        How its models are served without scikit-learn.
    trusted : frozenset of str
        Types that its stored estimators may contain beyond skops' own. Like ``form`` it isn't
        stored: the declaration of ``learner`` applies.
    """

    estimator: Any = field(kw_only=True, metadata=APART)
    encoding: str = "one-hot"
    takes_missing: bool = False
    categorical_parameter: str = ""
    form: EstimatorForm | None = field(default=None, metadata=APART)
    trusted: frozenset[str] = field(default=frozenset(), metadata=APART)

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> SklearnModel:
        """Train a learner on a table.

        Parameters
        ----------
        label : str, optional
            The column to predict; required for every task except clustering and anomaly.
        features : list of str, optional
            The columns to learn from; by default all with the feature role.
        positive : str
            The positive class of two, as text; empty for the second in their order.

        Raises
        ------
        ModuleError
            If the table doesn't fit the task: no rows, no features, one class only, a label of
            the wrong type, a text column that is different in every row, invalid
            weights, and infinite or too large values; the error names the column.

        Notes
        -----
        Rows without a label are skipped, with a warning, and so are features without any
        value. A weight column is used if the learner supports sample weights.
        """
        import numpy as np
        from sklearn.pipeline import Pipeline

        from modules.learning.features import FeatureEncoder

        check_weights(table, label)
        if positive and label in table.names:
            table = with_positive(table, str(label), positive, self)
        table.require_rows(1, port="dataset")
        frame = table.frame
        names = feature_names(table, label, features)
        classes: tuple[Any, ...] = ()
        target = None
        if label is not None:
            table.require([label], parameter="label_column")
            frame = labeled(frame, label)
            target, classes = target_of(frame[label], self.task)
        names = with_values(frame, names)
        reject_ids(frame, names)
        estimator = _configured(self)
        encoder = FeatureEncoder(self.encoding, fill_missing=not self.takes_missing)
        # Values out of range are reported below, with our own message.
        overflows: list[str] = []
        with (
            np.errstate(
                invalid="ignore", over="call", call=lambda error, _: overflows.append(error)
            ),
            _convergence(self),
        ):
            matrix = encoder.fit(frame[names]).transform(frame[names])
            if self.categorical_parameter:
                estimator.set_params(**{self.categorical_parameter: encoder.categorical_mask})
            estimator = with_sparse_scalers(estimator, matrix)
            weights = _weights(table, frame, estimator)
            try:
                with reporting_fit(estimator):
                    estimator.fit(matrix, target, **weights)
            except ValueError as error:
                raise _explained(error, self, table, label, features) from error
        if overflows and (found := out_of_range_error(table, names, self.title)):
            # The model couldn't score the rows that it was trained on.
            raise found
        _set_jobs(estimator, None)
        kinds = {column.name: column for column in table.columns}
        model = SklearnModel(
            title=self.title,
            task=self.task,
            pipeline=Pipeline([("features", encoder), ("learner", estimator)]),
            features=tuple(Column(name, kinds[name].kind, Role.FEATURE) for name in names),
            label=label,
            classes=classes,
            positive=classes[1] if self.task == "two-class" else None,
            learner=self.learner,
            parameters=dict(self.parameters),
            versions=_versions(),
            form=self.form,
            trusted=self.trusted,
        )
        _warn_of_divergence(model, table, label)
        return model

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the parameters as JSON, and the estimator with skops."""
        from modules.values.estimators import write_estimator

        write_estimator(self.estimator, folder / _LEARNER_FILE, self.trusted)
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        from modules.values.estimators import read_estimator

        plain = cls.read_fields(folder)
        known = declared(plain["learner"])
        path, trusted = folder / _LEARNER_FILE, known["trusted"]
        estimator = read_estimator(path, trusted, plain["learner"])
        return cls(estimator=estimator, **plain, **known)


def _configured(learner: SklearnLearner) -> Any:
    """Return a new estimator that may use the step's threads while fitting."""
    from sklearn.base import clone

    estimator = clone(learner.estimator)
    _set_jobs(estimator, threads())
    return estimator


def _set_jobs(estimator: Any, count: int | None) -> None:
    """Set the threads of forests; None, for one, once they are fitted.

    With more, scikit-learn's forests sum up in varying order, so that
    predictions wouldn't be reproducible to the bit.
    """
    from sklearn.ensemble._forest import BaseForest

    for step in [step for _, step in getattr(estimator, "steps", [("", estimator)])]:
        if isinstance(step, BaseForest):
            step.set_params(n_jobs=count)


def _weights(table: DataTable, frame: pd.DataFrame, estimator: Any) -> dict[str, Any]:
    names = table.having_role(Role.WEIGHT)
    if not names:
        return {}
    parameters = weighted_parameters(estimator)
    if not parameters:
        warn(f"This learner doesn't support weights; column “{names[0]}” was ignored.")
    return dict.fromkeys(parameters, frame[names[0]].to_numpy("float64"))


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "pandas", "scikit-learn")}


@contextmanager
def _convergence(learner: SklearnLearner) -> Iterator[None]:
    """Warn with our own message if a fit didn't converge; pass on other warnings."""
    from scipy.linalg import LinAlgWarning
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
    unconverged = [
        each for each in found if issubclass(each.category, (ConvergenceWarning, LinAlgWarning))
    ]
    many = [each for each in found if "number of unique classes" in str(each.message)]
    if many:
        warn("The number of classes is more than half the number of rows. Check the label column.")
    for each in found:
        if each not in many and each not in unconverged:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if any("distinct clusters" in str(each.message) for each in unconverged):
        warn("There are fewer distinct rows than clusters; some clusters are empty.")
    elif unconverged:
        warn(
            f"{learner.title} didn't converge, so its weights aren't optimal. "
            f"{_remedy(learner.estimator)}"
        )


def _remedy(estimator: Any) -> str:
    """Return what to do if an estimator didn't converge; not to normalize where it does itself."""
    from modules.learning.solvers.gradient_descent import NormalizedSGDRegressor
    from modules.learning.solvers.logistic import PreconditionedLogisticRegression

    if isinstance(estimator, PreconditionedLogisticRegression):
        return "Set a larger L2 regularization weight or tolerance."
    if isinstance(estimator, NormalizedSGDRegressor):
        return "Set more epochs, or another learning rate."
    if hasattr(estimator, "eta0"):
        return "Normalize the features, or set a smaller learning rate."
    if hasattr(estimator, "steps"):
        if hasattr(estimator[-1], "momentum"):
            return "Set a smaller learning rate."
        return "Set a larger tolerance."
    return "Normalize the features, or set a larger tolerance."


def _explained(
    error: ValueError,
    learner: SklearnLearner,
    table: DataTable,
    label: str | None,
    features: list[str] | None,
) -> ModuleError:
    """Return an error that explains the problem in the data, if it can be determined."""
    columns = table.having_role(Role.FEATURE) if features is None else features
    names = [name for name in columns if name != label]
    found = out_of_range_error(table, [*names, *([label] if label else [])], learner.title)
    if found is not None:
        return found
    reason = str(error)
    final = learner.estimator[-1] if hasattr(learner.estimator, "steps") else learner.estimator
    clusters = getattr(final, "n_clusters", 0)
    if len(table) < clusters:
        return ModuleError(
            "too-few-rows",
            f"The dataset has {len(table)} rows, but {clusters} clusters require at least as many.",
            "Use fewer clusters, or add rows.",
            port="dataset",
        )
    if "overflow" in reason or "non-finite" in reason:
        return ModuleError(
            "training-diverged",
            f"{learner.title} can't be trained: it diverged (numeric overflow).",
            _remedy(learner.estimator),
            port="untrained_model",
        )
    first = reason.strip().splitlines()[0].removesuffix(".")
    return ModuleError(
        "training-failed",
        f"{learner.title} can't be trained: {first}.",
        "Check the input data, and the parameters of the learner.",
        port="dataset",
    )


def _warn_of_divergence(model: SklearnModel, table: DataTable, label: str | None) -> None:
    """Warn if gradient descent predicts the label worse than its mean does."""
    import numpy as np
    from sklearn.linear_model import SGDRegressor

    if label is None or not isinstance(model.final_estimator, SGDRegressor):
        return
    known = table.with_frame(table.frame[table.frame[label].notna()])
    actual: pd.Series = known.frame[label].astype("float64")
    error = np.square(model.score(known).frame.iloc[:, 0].to_numpy() - actual.to_numpy()).mean()
    spread = actual.var(ddof=0)
    if not error <= max(10 * spread, 1e-12):
        warn(
            "Training didn't converge: the model predicts worse than the mean of "
            f"“{label}”. {_remedy(model.final_estimator)}"
        )
