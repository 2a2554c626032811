"""Lineage: from a result, model, or endpoint back to the exact data and code, and forth."""
