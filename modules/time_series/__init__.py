"""Modules for data in the order of time, and forecasts."""

from modules.contract import Category

CATEGORY = Category("Time Series", 45, ("#1f6f6b", "#6fd0c8"), task="Forecasting")
