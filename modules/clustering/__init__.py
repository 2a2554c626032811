"""Learners that group rows."""

from modules.contract import Category

CATEGORY = Category("Clustering", 60, ("#8a55b8", "#c49af0"), task="Clustering")
