"""Target-Encoded Learner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from modules.contract import PREDICTING, DataTable, Role, Serving, TriesValues, module
from modules.contract.code import CodeStep
from modules.contract.registry.automated import InFolds
from modules.feature_engineering._targets import (
    TargetMeans,
    cross_fitted,
    kind_of_target,
    many_valued,
)
from modules.learning.ensembles.parts import LearnerOfOne
from modules.learning.labels import labeled, target_of, with_positive
from modules.learning.learner_parameters import Seed
from modules.learning.preparation.model import with_preparation
from modules.learning.preparation.steps import Step
from modules.tables.automated import MANY_VALUES, many_valued_features
from modules.tables.fitted_code import arguments
from modules.values import TrainedModel, UntrainedModel

_Learner = Annotated[UntrainedModel, PREDICTING]


def _plan(table: DataTable, label: str, seed: int) -> dict[str, Any] | None:
    """Return the parameters for a table; None if it has no category with many values."""
    return {"seed": seed} if many_valued_features(table, label) else None


def _code(step: CodeStep) -> None:
    from modules.feature_engineering._exported import TargetEncoded
    from modules.learning.ensembles.code import write_wrapped
    from modules.learning.evaluation.trained_code import learner_of

    kind, regression = step.helper(TargetEncoded), learner_of(step).task == "regression"
    options = f", regression={regression}" if regression else ""
    options += arguments(step, "more_than", "smoothing", "folds", "seed")
    write_wrapped(step, lambda learner: f"{kind}({learner}{options})", "{} with target encoding")


@module(
    "Target-Encoded Learner",
    outputs=("untrained_model",),
    keywords=("target encoding", "mean encoding", "high cardinality", "categorical", "leak"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    automated=InFolds("target encoding", _plan),
    code=_code,
)
def target_encoded_learner(
    untrained_model: Annotated[_Learner, TriesValues()],
    *,
    more_than: Annotated[
        int, Field(ge=1, title="Encode columns with more values than")
    ] = MANY_VALUES,
    smoothing: Annotated[float | None, Field(ge=0, title="Smoothing")] = None,
    folds: Annotated[int, Field(ge=2, le=100, title="Number of folds")] = 5,
    seed: Seed = 0,
) -> _Learner:
    """Train a learner on categories that are replaced with the mean of the label for each value.

    The means are fitted whenever the learner is trained. So Cross Validate Model, Tune Model
    Hyperparameters, and others never encode a row with its own label, or with labels of rows that
    it is evaluated on.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A classification or regression learner.
    more_than : int
        Text and categorical columns with more different values are encoded, others are left to
        the learner.
    smoothing : float, optional
        How many rows the overall mean counts as, which the mean of a rare value is drawn to. Not
        set: estimated for each value from the variances (empirical Bayes).
    folds : int
        Number of parts for cross fitting of the training rows.
    seed : int
        For the random parts.

    Returns
    -------
    untrained_model : UntrainedModel
        A learner that encodes and trains, for Train Model, Cross Validate Model, and so on.

    Notes
    -----
    As the module Target Encoding, on the training rows: these get the means of other rows, by
    cross fitting; rows to score get the means of all training rows. Of two classes the mean is
    the share of the positive one; of more, there is a column with the share of each.
    """
    options = {"more_than": more_than, "smoothing": smoothing, "folds": folds, "seed": seed}
    return TargetEncodedLearner(
        title=f"{untrained_model.title} with target encoding",
        task=untrained_model.task,
        learner=__name__,
        sweep=untrained_model.sweep,
        search=untrained_model.search,
        learners=(untrained_model,),
        options=options,
    )


@dataclass(frozen=True, eq=False)
class TargetEncodedLearner(LearnerOfOne):
    """A learner that encodes categories by the label before it trains another one.

    Parameters
    ----------
    options : mapping
        The parameters of the module.
    """

    options: Mapping[str, Any] = field(default_factory=dict)

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> TrainedModel:
        """Encode and train; see :meth:`modules.values.UntrainedModel.fit`."""
        assert label is not None
        table.require([label], parameter="label_column")
        given = table.having_role(Role.FEATURE) if features is None else features
        read = [name for name in given if name != label]
        if positive:
            table = with_positive(table, label, positive, self)
        rows = table.with_frame(labeled(table.frame, label))
        names = many_valued(rows.frame, read, self.options["more_than"])
        if not names:
            return self.base.fit(rows, label, features=features)
        target, classes = target_of(rows.frame[label], self.task)
        options = {name: self.options[name] for name in ("smoothing", "folds", "seed")}
        frame, fitted = cross_fitted(
            rows.frame,
            names,
            target,
            kind_of_target(target, self.task == "regression"),
            label=label,
            classes=classes,
            **options,
        )
        means = TargetMeans(**fitted)
        encoded = rows.with_frame(frame)
        added = [name for name in encoded.names if name not in table.names]
        inner = self.base.fit(
            encoded,
            label,
            features=[name for name in (*read, *added) if name in encoded.names],
        )
        source = self.learner
        step = Step(source.rpartition(".")[2], source, {"columns": names, **options}, means)
        return with_preparation(inner, [step], table, read)
