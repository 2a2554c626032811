"""Inputs and outputs of an endpoint."""

from modules.contract import Category

CATEGORY = Category("Web Service", 170)
