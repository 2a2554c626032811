"""Modules that recommend items to users."""

from modules.contract import Category

CATEGORY = Category("Recommendation", 150, ("#a34a96", "#e39ad8"), task="Recommendation")
