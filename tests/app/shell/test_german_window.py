"""The window in German: no English text is left in it, nor in results and messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DESK = ROOT / "tests" / "app" / "german_desk.py"

NAMES = (
    "Python 3.",
    "DistancesToClusterCenter no.",
    "yes von no und yes",
    "GloVe",
    "avg(price) from t1",
    "Contribution of COLUMN",
    "zum Beispiel the.",
    "Aus wouldn't wird",
    "https://example.org/",
    "a model with a very long name",
    "Column types",
    "evaluate_model.Coefficient of determination",
    # Numbers of doors and of cylinders, described if their charts are ready in time.
    "two · Zeilen: ",
)
"""What texts contain that only seem to be English: columns, values, and products."""

pytestmark = pytest.mark.long


def english(tmp_path: Path, *pipelines: str) -> dict[str, list[str]]:
    """Return the English texts that a window in German shows, by place."""
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "GSETTINGS_BACKEND": "memory"}
    surroundings.setdefault("QT_QPA_PLATFORM", "offscreen")
    surroundings["MODELDESK_WORKSPACE"] = str(tmp_path / "user")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        surroundings[name] = str(tmp_path / name)
    paths = [str(ROOT / "samples" / f"{each}.pipeline.json") for each in pipelines]
    done = subprocess.run(
        [sys.executable, str(DESK), str(tmp_path), *paths],
        capture_output=True,
        text=True,
        env=surroundings,
    )
    assert done.returncode == 0, done.stderr
    found = {
        place: [text for text in texts if not any(name in text for name in NAMES)]
        for place, texts in json.loads(done.stdout).items()
    }
    return {place: texts for place, texts in found.items() if texts}


def test_dialogs_and_properties_are_german(tmp_path):
    assert english(tmp_path) == {}


@pytest.mark.parametrize("sample", ["automobile_price_compare", "iris_clustering"])
def test_results_are_german(tmp_path, sample):
    assert english(tmp_path, sample) == {}
