"""Fitted changes of features that learners can use better."""

from modules.contract import Category

CATEGORY = Category("Feature Engineering", 27, ("#3f5fa8", "#94b2ee"))
