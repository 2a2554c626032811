"""What a reader must know of a figure, in the language of the window."""

from __future__ import annotations

from designer.texts import filled, tr
from modules.tables.figures.figure import Figure
from modules.tables.figures.scatter import AT_EQUAL, DENSITY, IN_INTERVALS, MOST_STEPS

_NOTES = {
    DENSITY: tr("Too many rows for markers: the color shows how many there are."),
    AT_EQUAL: tr("The line is the mean of rows with equal x."),
    IN_INTERVALS: filled(
        tr("The line is the mean in {number:,} intervals of x."), number=MOST_STEPS
    ),
}


def figure_note(figure: Figure) -> str:
    """Return the notes of a figure, each once."""
    found = dict.fromkeys(_NOTES.get(panel.note, panel.note) for panel in figure.panels)
    if figure.size_title:
        low, high = figure.size_range
        size = filled(
            tr("The areas of markers show “{column}”, from {low:.4g} to {high:.4g}."),
            column=figure.size_title,
            low=low,
            high=high,
        )
        found = {size: None, **found}
    return " ".join(filter(None, found))
