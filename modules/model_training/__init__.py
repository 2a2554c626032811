"""Training learners."""

from modules.contract import Category

CATEGORY = Category("Model Training", 80, ("#2f8050", "#6fcf97"))
