"""Transforming tables."""

from modules.contract import Category

CATEGORY = Category("Data Transformation", 20, ("#16808a", "#58c4cc"))
