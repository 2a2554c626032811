"""Modules that turn text into numbers."""

from modules.contract import Category

CATEGORY = Category("Text Analytics", 130, ("#5b62c4", "#a3a9f5"), task="Text")
