"""The samples that are compiled and run in these tests."""

from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
CHOSEN = ("automobile_price", "credit_risk", "iris_clustering", "training_size")
