"""Custom R code."""

from modules.contract import Category

CATEGORY = Category("R Language", 115, ("#3b6fb5", "#8fb6ec"))
