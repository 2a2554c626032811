"""Predicting and judging predictions."""
