"""Learners that predict classes."""

from modules.contract import Category

CATEGORY = Category("Classification", 70, ("#b8456a", "#f08fb0"), task="Classification")
