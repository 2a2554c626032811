"""Transforming tables."""

from modules.contract import Category

CATEGORY = Category("Data Transformation", 20)
