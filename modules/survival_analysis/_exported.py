"""A Cox model in scripts without this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator  # noqa: TID253

from modules.learning.estimators.dense import dense
from modules.learning.exported import is_text, known_values, one_hot_encoder
from modules.survival_analysis._cox import (
    RISK,
    fit_cox,
    indices_without_references,
    names_of_features,
    survival_scores,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd


class CoxRegression(BaseEstimator):
    """A Cox proportional hazards model of the columns of a frame."""

    def fit(self, features: pd.DataFrame, time: np.ndarray, happened: np.ndarray) -> CoxRegression:
        """Fit to the time until the event, or until the last time without it."""
        import numpy as np

        self.columns_ = [str(name) for name in features]
        values = [known_values(features[n]) if is_text(features[n]) else None for n in features]
        self.encoder_ = one_hot_encoder(features).fit(features)
        self.kept_ = indices_without_references(values)
        self.names_ = names_of_features(self.columns_, values)
        found = fit_cox(self._matrix(features), time, happened, self.names_)
        self.coefficients_, self.errors_ = found.coefficients, found.errors
        self.means_ = np.asarray(found.means)
        self.times_, self.hazards_ = found.times, found.hazards
        return self

    def _matrix(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the encoded columns without the first value of each column with text."""
        import numpy as np

        encoded: Any = dense(self.encoder_.transform(frame[self.columns_]))
        return np.asarray(encoded[:, self.kept_], dtype="float64")

    def scores(self, frame: pd.DataFrame, times: Sequence[float] = ()) -> pd.DataFrame:
        """Return risk scores, median times, and the survival at some times."""
        log_risk = (self._matrix(frame) - self.means_) @ self.coefficients_
        return survival_scores(log_risk, self.times_, self.hazards_, times)

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the hazard of each row relative to that of a row with the means."""
        return self.scores(frame)[RISK].to_numpy()
