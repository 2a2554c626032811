"""Importing and exporting data."""

from modules.contract import Category

CATEGORY = Category("Data Input and Output", 10, ("#3b6fb5", "#7fb0f0"))
