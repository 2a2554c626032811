"""List Peaks."""

from __future__ import annotations

from modules.contract import DataTable, module
from spectra.spectrum import Spectrum


@module("List Peaks", outputs=("peaks",), requires=("numpy", "pandas"))
def list_peaks(spectrum: Spectrum) -> DataTable:
    """List the wavelengths whose intensity exceeds that of both neighbors.

    Parameters
    ----------
    spectrum : Spectrum
        Intensities by wavelength.

    Returns
    -------
    peaks : DataTable
        Wavelength and intensity of each peak.
    """
    import pandas as pd

    heights = spectrum.intensities
    inside = (heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])
    columns = {
        "wavelength": spectrum.wavelengths[1:-1][inside],
        "intensity": heights[1:-1][inside],
    }
    return DataTable(pd.DataFrame(columns))
