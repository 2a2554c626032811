"""Learners that predict numbers."""

from modules.contract import Category

CATEGORY = Category("Regression", 50, "Regression")
