"""Sorting, grouping, and reshaping tables."""

from modules.contract import Category

CATEGORY = Category("Table Manipulation", 25, ("#2f7a5b", "#74cfa6"))
