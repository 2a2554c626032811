"""Learners that predict numbers."""

from modules.contract import Category

CATEGORY = Category("Regression", 50, ("#c25a12", "#f09a5c"), task="Regression")
