"""Bringing data in and out."""

from modules.contract import Category

CATEGORY = Category("Data Input and Output", 10)
