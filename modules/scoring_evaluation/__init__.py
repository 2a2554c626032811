"""Making and evaluating predictions."""

from modules.contract import Category

CATEGORY = Category("Model Scoring and Evaluation", 90)
