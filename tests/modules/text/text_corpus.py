"""A small corpus of two subjects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modules.contract import DataTable

_SUBJECTS = (
    "the orchestra played a symphony and the violin sang with the piano",
    "the goalkeeper saved a penalty and the striker scored for the team",
)


def corpus(rows: int = 80) -> DataTable:
    """Return texts of ten words each, drawn from one of two subjects, and the subject."""
    rng = np.random.default_rng(3)
    subjects = rng.integers(0, 2, rows)
    texts = [" ".join(rng.choice(_SUBJECTS[each].split(), 10)) for each in subjects]
    texts[5], texts[11] = "", "Symphony, PENALTY: symphony!"
    frame = pd.DataFrame({"text": pd.Series(texts, dtype="str"), "subject": subjects})
    return DataTable(frame)
