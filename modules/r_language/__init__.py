"""Custom R code."""

from modules.contract import Category

CATEGORY = Category("R Language", 115)
