"""Custom Python code."""

from modules.contract import Category

CATEGORY = Category("Python Language", 110, ("#4a6a8a", "#9fbad6"))
