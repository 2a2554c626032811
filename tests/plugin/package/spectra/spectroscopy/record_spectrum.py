"""Record Spectrum."""

from __future__ import annotations

from typing import Literal

from modules.contract import DataTable, ModuleError, module
from spectra.spectrum import Spectrum


@module("Record Spectrum", outputs=("spectrum",), requires=("numpy",))
def record_spectrum(dataset: DataTable, *, unit: Literal["nm", "cm⁻¹"] = "nm") -> Spectrum:
    """Turn two columns of numbers into a spectrum.

    Parameters
    ----------
    dataset : DataTable
        Wavelengths in the first column, intensities in the second.
    unit : str
        The unit of the wavelengths.

    Returns
    -------
    spectrum : Spectrum
        The intensities by wavelength.
    """
    if len(dataset.names) < 2:
        raise ModuleError("too-few-columns", "A spectrum takes two columns.", "Add a column.")
    frame = dataset.frame
    return Spectrum(frame.iloc[:, 0].to_numpy(float), frame.iloc[:, 1].to_numpy(float), unit)
