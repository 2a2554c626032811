"""How the window shows a spectrum."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel, QWidget

from designer.app.views.registry import Found, view
from modules.values import storage


def strongest(folder: Path) -> tuple[float, str]:
    """Return the wavelength of the highest intensity, with its unit."""
    found = storage.load(folder)
    return float(found.wavelengths[found.intensities.argmax()]), found.unit


@view("spectrum", read=strongest)
def show(found: Found) -> QWidget:
    """Show where a spectrum is strongest."""
    wavelength, unit = found.content
    label = QLabel(f"Strongest at {wavelength:g} {unit}")
    label.setObjectName("spectrum")
    return label
