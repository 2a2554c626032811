"""Descriptive statistics."""

from modules.contract import Category

CATEGORY = Category("Statistical Functions", 40, ("#7a6a12", "#d3c05a"))
