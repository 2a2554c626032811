"""The modules, in a category of their own; icon.svg is its icon."""

from modules.contract import Category

CATEGORY = Category("Spectroscopy", 500, ("#8a2be2", "#c9a2f0"))
