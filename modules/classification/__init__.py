"""Learners that predict classes."""

from modules.contract import Category

CATEGORY = Category("Classification", 70, "Classification")
