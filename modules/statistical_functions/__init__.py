"""Descriptive statistics."""

from modules.contract import Category

CATEGORY = Category("Statistical Functions", 40)
