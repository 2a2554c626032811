"""The modules, in a category of their own."""

from modules.contract import Category

CATEGORY = Category("Spectroscopy", 500)
