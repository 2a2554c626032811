"""Predicting and judging predictions."""

from modules.contract import Category

CATEGORY = Category("Model Scoring and Evaluation", 90)
