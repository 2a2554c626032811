"""Making and evaluating predictions."""

from modules.contract import Category

CATEGORY = Category("Model Scoring and Evaluation", 90, ("#6a5acd", "#b0a3ff"))
