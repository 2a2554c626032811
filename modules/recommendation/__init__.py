"""Modules that recommend items to users."""

from modules.contract import Category

CATEGORY = Category("Recommendation", 150, "Recommendation")
