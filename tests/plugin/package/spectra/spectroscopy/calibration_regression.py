"""Calibration Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from spectra.forms import Calibration


@learner(
    "Calibration Regression",
    task="regression",
    compiled=Calibration(),
    # Building it from a file sets its attributes.
    trusted=("spectra.estimators.CalibrationCurve",),
    requires=("numpy", "scikit-learn"),
)
def calibration_regression(
    *, levels: Annotated[int, Field(ge=1, le=100), Sweep(2, 4, 8)] = 4
) -> Any:
    """Predict the mean of the nearest of some levels.

    Parameters
    ----------
    levels : int
        Groups of equal size that the rows are put into, by their label.
    """
    from spectra.estimators import CalibrationCurve

    return CalibrationCurve(levels)
