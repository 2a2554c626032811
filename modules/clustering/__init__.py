"""Learners that group rows."""

from modules.contract import Category

CATEGORY = Category("Clustering", 60, "Clustering")
