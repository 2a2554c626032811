"""Python of the person's own."""

from modules.contract import Category

CATEGORY = Category("Python Language", 110)
