"""Modules for the time until an event, which not every row has seen yet."""

from modules.contract import Category

CATEGORY = Category("Survival Analysis", 47, ("#8a4a5c", "#e0a0b4"), task="Survival")
