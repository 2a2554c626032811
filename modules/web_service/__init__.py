"""Inputs and outputs of an endpoint."""

from modules.contract import Category

CATEGORY = Category("Web Service", 170, ("#5f6b7a", "#a9b4c2"))
