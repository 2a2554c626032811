"""From a table to a fitted model: encoders, fitting, compiled forms, and ``@learner``."""

from modules.learning.compiled.estimator_form import EstimatorForm
from modules.learning.learner import learner
from modules.learning.sklearn_learner import SklearnLearner
from modules.learning.sklearn_model import SklearnModel

__all__ = ["EstimatorForm", "SklearnLearner", "SklearnModel", "learner"]
