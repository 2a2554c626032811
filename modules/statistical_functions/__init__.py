"""Describing data."""
