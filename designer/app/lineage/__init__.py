"""Lineage in the window: drawn, and as text."""
