"""A port type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.contract import Value

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False)
class Spectrum(
    Value,
    title="spectrum",
    description="Intensities by wavelength.",
    colors=("#8a2be2", "#c9a2f0"),
    icon="chart",
    view="spectrum",
):
    """Intensities by wavelength.

    Parameters
    ----------
    wavelengths, intensities : numpy.ndarray
        Of equal length.
    unit : str
        The unit of the wavelengths.
    """

    wavelengths: np.ndarray
    intensities: np.ndarray
    unit: str = "nm"
