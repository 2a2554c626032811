"""Training learners."""

from modules.contract import Category

CATEGORY = Category("Model Training", 80)
