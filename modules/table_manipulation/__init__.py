"""Sorting, grouping, and reshaping tables."""

from modules.contract import Category

CATEGORY = Category("Table Manipulation", 25)
