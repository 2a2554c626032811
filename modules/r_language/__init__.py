"""Custom R code."""

from modules.contract import Category

CATEGORY = Category("R Language", 115, ("#4a6a8a", "#9fbad6"))
