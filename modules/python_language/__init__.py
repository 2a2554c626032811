"""Custom Python code."""

from modules.contract import Category

CATEGORY = Category("Python Language", 110)
